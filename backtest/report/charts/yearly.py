"""The returns of calendar years as bars."""

from __future__ import annotations

import numpy as np

from backtest.report.charts.panel import Group, Mark, Panel, bar, level
from backtest.report.charts.plot import WIDE, heights, upwards
from backtest.report.content.years import years
from backtest.report.numbers import RunNumbers
from backtest.report.scales import fit
from backtest.report.words import percent, plural

MOST_LABELS = 12


def yearly_panel(run: RunNumbers) -> Panel:
    """Draw a bar a year from zero, the benchmark's beside it."""
    found = years(run)
    sides = [("Strategy", "strategy", found.own)]
    if found.benchmark is not None:
        sides.append(("Benchmark", "benchmark", found.benchmark))
    scale = fit(np.concatenate([values for _, _, values in sides]), zero=True)
    slot = WIDE / found.years.size
    width, foot = slot * 0.8 / len(sides), int(upwards(scale, np.zeros(1))[0])
    groups = []
    for k, (name, ink, values) in enumerate(sides):
        tops = upwards(scale, values)
        marks = []
        for place, (year, value) in enumerate(zip(found.years.tolist(), values.tolist(), strict=True)):
            if value == value:
                left = round(slot * (place + 0.1) + k * width)
                path = bar(left, left + round(width * 0.94), foot, int(tops[place]))
                marks.append(Mark("bars", path, f"{name} {year}: {percent(value, 2, sign=True)}"))
        groups.append(Group(name, ink, marks))
    groups.append(Group("", "", [Mark("rule", level(foot))]))
    step = -(-found.years.size // MOST_LABELS)
    ticks = [
        ((place + 0.5) * slot / WIDE * 100.0, str(found.years[place])) for place in range(0, found.years.size, step)
    ]
    gained = int(np.count_nonzero(found.own > 0.0))
    return Panel(
        key="yearly",
        title="Year by year",
        note="Compound return of each calendar year; the first and the last may be incomplete.",
        description=f"Bar chart of yearly returns: {gained} of {plural(found.years.size, 'year')} gained.",
        groups=groups,
        x_ticks=[(round(place, 3), label) for place, label in ticks],
        y_ticks=heights(scale, scale.percents()),
    )

"""The returns of bars as a histogram."""

from __future__ import annotations

import numpy as np

from backtest.report.charts.panel import Group, Mark, Panel, bar, rightwards, upright
from backtest.report.charts.plot import heights, polyline, upwards
from backtest.report.content.distribution import Distribution, distribution
from backtest.report.numbers import RunNumbers
from backtest.report.scales import Scale, fit
from backtest.report.words import count, percent, plural

LABELS = 8


def distribution_panel(run: RunNumbers) -> Panel | None:
    """Draw the counts, those at or beyond the 95 % value at risk apart, and a normal distribution's as a line."""
    found = distribution(run)
    if found is None:
        return None
    across = Scale(float(found.edges[0]), float(found.edges[-1]), ())
    scale = fit(np.concatenate((found.counts, found.normal)), zero=True, count=4)
    rules = [(name, value) for name, value in _rules(found) if across.low < value < across.high]
    groups = [
        *_bars(found, across, scale),
        Group("Normal of the same mean and deviation", "ink", [Mark("line", _line(found, across, scale))]),
        *(Group(f"{name} {percent(value, 2)}", "loss", [Mark("rule", _rule(across, value))]) for name, value in rules),
    ]
    return Panel(
        key="distribution",
        title="Returns of bars",
        note=_note(found),
        description=_words(run, found),
        groups=groups,
        x_ticks=_ticks(across),
        y_ticks=heights(scale, [count(tick) for tick in scale.ticks]),
        x_name="Return of one bar",
    )


def _bars(found: Distribution, across: Scale, scale: Scale) -> list[Group]:
    sides, tops = rightwards(across, found.edges), upwards(scale, found.counts.astype(np.float64))
    foot = int(upwards(scale, np.zeros(1))[0])
    middle = (found.edges[1:] + found.edges[:-1]) / 2.0
    groups = {False: Group("Bars", "strategy", []), True: Group("Worst 5%", "loss", [])}
    for k in np.flatnonzero(found.counts).tolist():
        between = f"{percent(found.edges[k], 2)} to {percent(found.edges[k + 1], 2)}"
        path = bar(int(sides[k]) + 15, int(sides[k + 1]) - 15, foot, int(tops[k]))
        told = f"{between}: {plural(int(found.counts[k]), 'bar')}"
        groups[bool(middle[k] <= found.value_at_risk)].marks.append(Mark("bars", path, told))
    return [group for group in groups.values() if group.marks]


def _line(found: Distribution, across: Scale, scale: Scale) -> str:
    middle = (found.edges[1:] + found.edges[:-1]) / 2.0
    return polyline(rightwards(across, middle), upwards(scale, found.normal))


def _rules(found: Distribution) -> list[tuple[str, float]]:
    return [("Value at risk, 95%:", found.value_at_risk), ("Expected shortfall:", found.shortfall)]


def _rule(across: Scale, value: float) -> str:
    return upright(int(rightwards(across, np.array([value]))[0]))


def _ticks(across: Scale) -> list[tuple[float, str]]:
    scale = fit(np.array([across.low, across.high]), count=LABELS)
    pairs = zip(scale.ticks, scale.percents(), strict=True)
    return [(round(across.share(tick) * 100.0, 3), label) for tick, label in pairs if across.low <= tick <= across.high]


def _note(found: Distribution) -> str:
    note = "How often a bar brought which return. The dashed lines: 5% of bars were worse than the value at risk, and "
    note += "the expected shortfall is their mean."
    beyond = found.below + found.above
    return f"{note} The outermost bars also count the {plural(beyond, 'bar')} beyond them." if beyond else note


def _words(run: RunNumbers, found: Distribution) -> str:
    total = int(found.counts.sum())
    return (
        f"Histogram of the returns of {plural(total, 'bar')}: mean {percent(found.mean, 3)}, deviation "
        f"{percent(found.deviation, 2)}; worst {percent(run.value('worst_bar'), 2)}, best "
        f"{percent(run.value('best_bar'), 2)}."
    )

"""Each trade as a dot."""

from __future__ import annotations

import numpy as np

from backtest.report.charts.panel import Group, Mark, Panel, dot, feet, level, rightwards
from backtest.report.charts.plot import heights, upwards
from backtest.report.content.trips import Trips, trips
from backtest.report.numbers import RunNumbers
from backtest.report.scales import Scale, fit
from backtest.report.words import count, percent, plural
from backtest.types import Floats

MOST_DOTS = 400


def trade_panels(run: RunNumbers) -> list[Panel]:
    """Draw the return of each trade against the days it was held, and against the worst loss on the way."""
    found = trips(run, MOST_DOTS)
    if found is None:
        return []
    scale, days = fit(found.returns, zero=True), fit(found.days, zero=True)
    worst = fit(np.append(found.worst, -0.01), zero=True)
    note = "Return after costs of each position from nothing back to nothing, over all the money that ever went in. "
    note += "Pale: still open, at the last mark."
    if found.total > len(found.symbols):
        note += f" The {len(found.symbols):,} of {found.total:,} that won or lost most."
    won = int(np.count_nonzero(found.returns > 0.0))
    words = f"Scatter of {plural(len(found.symbols), 'trade')}, {won} of them won"
    return [
        _panel("trades-days", "Trades by time held", note, f"{words}, by days held.", found, found.days, days,
               [count(tick) for tick in days.ticks], "Days held", scale),
        _panel("trades-worst", "Trades by worst loss on the way", note, f"{words}, by worst loss on the way.", found,
               found.worst, worst, worst.percents(), "Worst loss on the way", scale),
    ]  # fmt: skip


def _panel(
    key: str, title: str, note: str, words: str, found: Trips, along: Floats, across: Scale, labels: list[str],
    x_name: str, scale: Scale,
) -> Panel:  # fmt: skip
    x, y = rightwards(across, along), upwards(scale, found.returns)
    groups = {True: Group("Won", "gain", []), False: Group("Lost", "loss", [])}
    for k, symbol in enumerate(found.symbols):
        value, is_open = float(found.returns[k]), bool(found.is_open[k])
        told = (
            f"{symbol}: {percent(value, 1, sign=True)} in {found.days[k]:,.0f} days, "
            f"worst {percent(float(found.worst[k]))}{', still open' if is_open else ''}"
        )
        groups[value > 0.0].marks.append(Mark("faint" if is_open else "dots", dot(int(x[k]), int(y[k])), told))
    zero = Group("", "", [Mark("rule", level(int(upwards(scale, np.zeros(1))[0])))])
    shown = [group for group in groups.values() if group.marks]
    return Panel(
        key, title, note, words, [*shown, zero], feet(across, labels), heights(scale, scale.percents()), x_name
    )

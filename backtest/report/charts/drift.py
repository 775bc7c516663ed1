"""How far weights strayed between rebalances."""

from __future__ import annotations

import numpy as np

from backtest.report.charts.plot import Layer, Plot, across, filled, polyline, rounded, upwards
from backtest.report.content.drift import Drift, drift
from backtest.report.numbers import RunNumbers
from backtest.report.scales import TimeAxis, fit
from backtest.report.thin import keep_extremes
from backtest.report.words import count, listed, percent, plural

MOST_POINTS = 1_600
MOST_MARKS = 400


def drift_plot(run: RunNumbers, axis: TimeAxis) -> Plot | None:
    """Draw the largest distance of any weight from its attained one, bands as dashed lines, rebalances at the top."""
    found = drift(run)
    seen = np.isfinite(found.drift)
    if not seen.any() or not found.largest:
        return None
    rows = np.flatnonzero(seen)[keep_extremes([found.drift[seen]], MOST_POINTS)]
    scale = fit(np.concatenate((found.drift[rows], found.bands)), zero=True, count=3)
    x, y = across(axis, found.times[rows]), upwards(scale, found.drift[rows])
    foot = int(upwards(scale, np.zeros(1))[0])
    marks = across(axis, found.rebalances) if found.rebalances.size <= MOST_MARKS else np.empty(0, np.int64)
    values = rounded(found.drift[rows], 5)
    layer = Layer("Largest drift", "area", "strategy", filled(x, y, foot), values, polyline(x, y))
    return Plot(
        key="drift",
        title="Drift and rebalances",
        note=_note(found, bool(marks.size)),
        description=_words(found),
        form="percent",
        layers=[layer],
        axis=axis,
        scale=scale,
        clock="drift",
        moments=found.times[rows],
        levels=found.bands,
        small=True,
        ticks=marks.tolist(),
    )


def _note(found: Drift, marked: bool) -> str:
    note = "Largest distance of any weight from what the last rebalance attained, at each close."
    if found.bands:
        note += f" Dashed: beyond {listed([percent(band) for band in found.bands])} it triggers a rebalance."
    return note + (" Small marks at the top: decisions." if marked else "")


def _words(found: Drift) -> str:
    causes = [f"{kind} ({count(found.causes.count(kind))})" for kind in found.kinds]
    return (
        f"Area chart. The largest drift was {percent(found.largest, 2)}. "
        f"{plural(found.rebalances.size, 'decision')}, by cause: {listed(causes, 6)}."
    )

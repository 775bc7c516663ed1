"""Shares of risk against weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report.colours import LOSS, OTHER
from backtest.report.content.risk import risk as shares
from backtest.report.figures.canvas import (
    LEGEND_LINE,
    SOFT,
    TITLE_ROOM,
    legend,
    new_axes,
    new_figure,
    set_across,
    write,
)
from backtest.report.figures.contributions import label
from backtest.report.figures.empty import say_nothing
from backtest.report.numbers import RunNumbers
from backtest.report.scales import fit
from backtest.report.words import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROW = 0.28  # inches


def risk(run: RunNumbers) -> Figure:
    """Draw two bars an asset: what was held of it at the end, and what part of the deviation comes from it."""
    found = shares(run)
    if found is None:
        return say_nothing(run, "Risk against weight", "Nothing was held at the end, so nothing carries risk.")
    count = len(found.names)
    figure = new_figure(run, "Risk against weight, at the end", TITLE_ROOM + LEGEND_LINE + 0.45 + ROW * count)
    axes = new_axes(figure, 0.3, ROW * count, left=0.16, right=0.90)
    rows = np.arange(count)
    weights, held = found.weights[: found.named], found.shares[: found.named]
    axes.barh(rows[: found.named] - 0.19, weights, height=0.34, color=OTHER)
    axes.barh(rows[: found.named] + 0.19, held, height=0.34, color=LOSS)
    axes.axvline(0.0, color=SOFT, linewidth=0.7)
    scale = fit(np.concatenate((weights, held)), zero=True)
    set_across(axes, scale, scale.percents())
    axes.set_ylim(count - 0.5, -0.5)
    for row, (name, weight, share) in enumerate(zip(found.names, found.weights, found.shares, strict=True)):
        label(axes, row, name[:18], percent(share), quiet=found.others and row == count - 1)
        write(axes, 1.045, row, percent(weight), color=SOFT, ha="right", va="center",
              transform=axes.get_yaxis_transform())  # fmt: skip
    legend(axes, [("Weight", OTHER), ("Share of the risk", LOSS)])
    return figure

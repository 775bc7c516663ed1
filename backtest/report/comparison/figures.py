"""Pictures of a comparison: one function a figure, numbers in, figure out. The name here is the file's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report import colours
from backtest.report.charts.growth import drawdown_scale
from backtest.report.comparison.bars import ranking as ranked
from backtest.report.comparison.charts import drawn_rows
from backtest.report.comparison.held import side_by_side
from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.comparison.paid import only_costs
from backtest.report.comparison.scatter import COVERED, clouds, name_of, scales
from backtest.report.comparison.tables import differences as grid_of
from backtest.report.comparison.verdict import headline
from backtest.report.figures.canvas import (
    INK,
    LEFT,
    LEGEND_LINE,
    PAPER,
    RIGHT,
    SOFT,
    TITLE_ROOM,
    WIDTH,
    across,
    beside,
    blank_figure,
    broken,
    legend,
    new_axes,
    set_across,
    set_height,
    set_time,
    write,
)
from backtest.report.figures.mesh import mesh
from backtest.report.figures.weights import draw_stack, entries_of
from backtest.report.scales import Scale, TimeAxis, fit
from backtest.report.words import percent, plural
from backtest.types import Floats

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEIGHT = 5.6
ROW = 0.32  # inches
MOST_LETTERS = 24
LETTER = 0.056  # inches that a letter of such a head takes
ABREAST = 3
CELL = 2.2  # inches from one row of small charts to the next
BETWEEN = 0.03  # of the width
CELL_WIDTH = (RIGHT - LEFT + BETWEEN) / ABREAST - BETWEEN
BENCHMARK = "Benchmark"
STRENGTH = 0.6


def equity(study: StudyNumbers) -> Figure:
    """Draw the growth of 1 of every run, with the drawdowns below."""
    entries = [(study.names[k], study.colour(k)) for k in study.ranked]
    if study.benchmark is not None:
        entries.append((BENCHMARK, INK))
    lines = len(broken(entries))
    figure = _blank(study, "Growth of 1", HEIGHT + LEGEND_LINE * lines)
    axis, rows = TimeAxis.of(study.times), drawn_rows(study)
    x = axis.share(study.times[rows])
    upper = new_axes(figure, 2.0, HEIGHT - TITLE_ROOM - 2.0)
    curves = [study.growth[:, k] for k in study.ranked]
    curves += [] if study.benchmark is None else [study.benchmark]
    scale = fit(np.concatenate([[1.0], *curves]))
    for (name, colour), values in reversed(list(zip(entries, curves, strict=True))):
        dashes = (5, 3) if name == BENCHMARK else (None, None)
        upper.plot(x, values[rows], color=colour, linewidth=1.1, solid_joinstyle="round", dashes=dashes)
    upper.axhline(1.0, color=SOFT, linewidth=0.7, dashes=(4, 4))
    set_time(upper, axis, labels=False)
    set_height(upper, scale, scale.ratios())
    legend(upper, entries)
    _fall(figure, study, axis, x, rows)
    return figure


def _fall(figure: Figure, study: StudyNumbers, axis: TimeAxis, x: Floats, rows: np.ndarray) -> None:
    lower = new_axes(figure, 0.32, 1.45)
    curves = [(study.colour(k), study.drawdown[:, k]) for k in study.ranked]
    if study.benchmark_drawdown is not None:
        curves.append((INK, study.benchmark_drawdown))
    scale = drawdown_scale([values for _, values in curves], count=3)
    for colour, values in reversed(curves):
        lower.plot(x, values[rows], color=colour, linewidth=0.8)
    set_time(lower, axis)
    set_height(lower, scale, scale.percents())


def weights(study: StudyNumbers) -> Figure:
    """Draw the weights of each run over time, side by side, to one scale."""
    found = side_by_side(study)
    if found is None:
        return _blank(study, "Weights over time", TITLE_ROOM)
    entries = entries_of(found.stack)
    rows, head = -(-len(found.runs) // ABREAST), TITLE_ROOM + LEGEND_LINE * len(broken(entries))
    figure = _blank(study, found.title, head + rows * CELL + 0.1)
    axis = TimeAxis.of(study.times)
    for k, held in enumerate(found.runs):
        row, column = divmod(k, ABREAST)
        left = LEFT + column * (RIGHT - LEFT + BETWEEN) / ABREAST
        axes = new_axes(figure, 0.35 + (rows - 1 - row) * CELL, CELL - 0.62, left, left + CELL_WIDTH)
        draw_stack(axes, axis.share(held.times), held.weights, [colour for _, colour in entries[:-1]])
        set_time(axes, axis, count=4)
        set_height(axes, found.scale, found.scale.percents() if column == 0 else [""] * len(found.scale.ticks))
        write(axes, 0.0, 1.05, study.names[held.place][:30], size=8.5, weight="bold", transform=axes.transAxes)
    legend(new_axes(figure, 0.1 + rows * CELL, 0.01), entries)
    return figure


def ranking(study: StudyNumbers) -> Figure:
    """Draw the Sharpe ratios with their intervals; open circles are not in the confidence set, if any is asked for."""
    found = ranked(study)
    count, level = len(found.rows), percent(study.facts["span"]["level"], 0)
    figure = _blank(study, f"Sharpe ratio, with its {level} interval", TITLE_ROOM + 0.45 + ROW * count)
    axes = new_axes(figure, 0.38, ROW * count, left=0.24, right=0.93)
    for row, (k, each) in enumerate(zip(study.ranked, found.rows, strict=True)):
        colour = study.colour(k)
        if each.low is not None and each.high is not None:
            axes.plot([each.low, each.high], [row, row], color=colour, linewidth=2.2, solid_capstyle="round")
        if each.point is not None:
            face = colour if each.inside else PAPER
            axes.plot([each.point], [row], "o", color=colour, markerfacecolor=face, markersize=7, markeredgewidth=1.6)
        write(axes, 1.09, row, each.value, ha="right", va="center", weight="bold", transform=axes.get_yaxis_transform())
    axes.axvline(found.zero, color=SOFT, linewidth=0.7)
    axes.set_ylim(count - 0.5, -0.5)
    places = tuple(place for place, _ in found.ticks)
    set_across(axes, Scale(0.0, 100.0, places), [label for _, label in found.ticks])
    beside(axes, [(row, each.name[:30]) for row, each in enumerate(found.rows)], color=INK)
    return figure


def risk_return(study: StudyNumbers) -> Figure:
    """Draw mean return against volatility with an ellipse around each."""
    from matplotlib.patches import Polygon

    found = clouds(study)
    x, y = scales(found)
    colours = [INK if cloud.place is None else study.colour(cloud.place) for cloud in found]
    entries = [(name_of(study, cloud), colour) for cloud, colour in zip(found, colours, strict=True)]
    lines = len(broken(entries))
    figure = _blank(study, f"Risk and return, ellipses hold {percent(COVERED, 0)}", HEIGHT + LEGEND_LINE * lines)
    axes = new_axes(figure, 0.55, HEIGHT - TITLE_ROOM - 0.55)
    for cloud, colour in zip(found, colours, strict=True):
        if cloud.corners is not None:
            axes.add_patch(Polygon(cloud.corners, closed=True, facecolor=colour, alpha=0.08, linewidth=0.0))
            axes.add_patch(Polygon(cloud.corners, closed=True, fill=False, edgecolor=colour, linewidth=0.8))
        axes.plot(
            [cloud.risk],
            [cloud.mean],
            "D" if cloud.place is None else "o",
            color=colour,
            markersize=7,
            markeredgecolor=PAPER,
        )
    set_across(axes, x, x.percents())
    set_height(axes, y, y.percents())
    write(
        axes,
        0.5,
        -0.11,
        "Volatility a year; upwards: mean return a year",
        color=SOFT,
        ha="center",
        transform=axes.transAxes,
    )
    legend(axes, entries)
    return figure


def differences(study: StudyNumbers) -> Figure:
    """Draw the matrix of differences of Sharpe ratios, row less column."""
    found = grid_of(study)
    count = len(found.rows)
    names = [name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}…" for name, _ in found.columns]
    tilted = max(map(len, names)) * LETTER > (0.98 - 0.22) * WIDTH / count
    title = f"Differences of Sharpe ratios, row less column{'' if only_costs(study.facts) else ', and p'}"
    head = 0.45 + (0.5 * LETTER * MOST_LETTERS if tilted else 0.0)
    figure = _blank(study, title, TITLE_ROOM + head + ROW * count)
    axes = new_axes(figure, 0.15, ROW * count, left=0.22, right=0.90 if tilted else 0.98)
    axes.set_xlim(-0.5, count - 0.5)
    axes.set_ylim(count - 0.5, -0.5)
    turned = {"rotation": 30.0, "ha": "left"} if tilted else {}
    across(axes, list(enumerate(names)), above=True, size=7.0, **turned)
    beside(axes, [(k, name[:30]) for k, (name, _, _) in enumerate(found.rows)], color=INK)
    tints = np.array([[cell.tint for cell in cells] for _, _, cells in found.rows])
    mesh(axes, tints * STRENGTH, colours.GAIN, colours.LOSS)
    for i, (_, _, cells) in enumerate(found.rows):
        for j, cell in enumerate(cells):
            weight = "bold" if cell.strong else "normal"
            write(axes, j, i, cell.text, size=7.5 if count < 9 else 5.5, ha="center", va="center", weight=weight)
    return figure


def _blank(study: StudyNumbers, title: str, height: float) -> Figure:
    span = study.facts["span"]
    below = f"{plural(len(study.names), 'run')}  ·  {span['first']} to {span['last']}  ·  net of every cost"
    return blank_figure(f"{title} · {study.name}", f"{below}  ·  {headline(study.facts)}", height)

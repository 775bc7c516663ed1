"""What all pictures share: size, type, axes, and how they become PNG.

Figures are drawn on their own canvas, never through pyplot, whose state is global. Margins are set by hand: a layout
engine costs a quarter of the time. matplotlib is imported inside functions, as a run without pictures does not need it.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from backtest.report.figures.encode import encode
from backtest.report.numbers import RunNumbers
from backtest.report.scales import Scale, TimeAxis
from backtest.report.words import percent, ratio

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, GRID, PAPER = "#15191e", "#59626d", "#e4e7eb", "#ffffff"
DPI = 200  # twice the usual 100
WIDTH = 9.0  # inches
LEFT, RIGHT = 0.075, 0.975
TITLE_ROOM = 0.75  # inches above the axes for title and subtitle
LEGEND_LINE = 0.19  # inches
LONGEST_NAME = 60


def new_figure(run: RunNumbers, title: str, height: float = 5.0) -> Figure:
    """Return an empty figure with a title, and the headline numbers of the run below it."""
    return blank_figure(f"{title} · {run.name}", _headline(run), height)


def blank_figure(title: str, below: str, height: float = 5.0) -> Figure:
    """Return an empty figure of `height` inches with a title and a line of text below it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    top = 1.0 - 0.20 / height
    write(figure, 0.02, top, title[:90], size=12, weight="bold", va="top")
    write(figure, 0.02, top - 0.24 / height, below, size=8.5, color=SOFT, va="top")
    return figure


def new_axes(figure: Figure, bottom: float, height: float, left: float = LEFT, right: float = RIGHT) -> Axes:
    """Return axes over a band of the figure, places and sizes in inches from the foot, without frame and ticks.

    Ticks of matplotlib's own cost a third of the time of a picture: `set_time`, `set_height` and `set_across` draw grid
    lines as one collection and labels as plain text.
    """
    tall = figure.get_figheight()
    axes = figure.add_axes((left, bottom / tall, right - left, height / tall))
    axes.set_axis_off()
    return axes


def set_time(axes: Axes, axis: TimeAxis, labels: bool = True, count: int = 10) -> None:
    """Put the page's time axis, whose places run from 0 to 1, below `axes`, with about `count` labels."""
    ticks = axis.ticks(count)
    axes.set_xlim(0.0, 1.0)
    _grid(axes, [place for place, _ in ticks], upright=True)
    if labels:
        across(axes, ticks)


def set_height(axes: Axes, scale: Scale, labels: Sequence[str]) -> None:
    """Give `axes` a vertical scale with its labels and grid lines."""
    axes.set_ylim(scale.low, scale.high)
    _grid(axes, scale.ticks, upright=False)
    beside(axes, list(zip(scale.ticks, labels, strict=True)))


def set_across(axes: Axes, scale: Scale, labels: Sequence[str]) -> None:
    """Give `axes` a horizontal scale with its labels and grid lines."""
    axes.set_xlim(scale.low, scale.high)
    _grid(axes, scale.ticks, upright=True)
    across(axes, list(zip(scale.ticks, labels, strict=True)))


def across(axes: Axes, labels: Sequence[tuple[float, str]], above: bool = False, **more: Any) -> None:
    """Write labels below `axes`, or above them, at places of the horizontal scale."""
    gap = 0.06 / _inches(axes)[1]
    at, side = (1.0 + gap, "bottom") if above else (-gap, "top")
    settings = {"ha": "center", "va": side, "color": SOFT, "transform": axes.get_xaxis_transform(), **more}
    for place, text in labels:
        write(axes, place, at, text, **settings)


def beside(axes: Axes, labels: Sequence[tuple[float, str]], **more: Any) -> None:
    """Write labels at the left of `axes`, at places of the vertical scale."""
    at = -0.06 / _inches(axes)[0]
    settings = {"ha": "right", "va": "center", "color": SOFT, "transform": axes.get_yaxis_transform(), **more}
    for place, text in labels:
        write(axes, at, place, text, **settings)


def _grid(axes: Axes, places: Sequence[float], upright: bool) -> None:
    from matplotlib.collections import LineCollection

    lines = [((place, 0.0), (place, 1.0)) if upright else ((0.0, place), (1.0, place)) for place in places]
    over = axes.get_xaxis_transform() if upright else axes.get_yaxis_transform()
    axes.add_collection(LineCollection(lines, colors=GRID, linewidths=0.6, transform=over, zorder=0.4), autolim=False)


def write(
    where: Axes | Figure, x: float, y: float, text: str, size: float = 8.0, color: str = INK, **more: Any
) -> None:
    """Write plain text: a dollar sign in a name must not start a formula.

    On `where`, at places of its data when it is axes. The text belongs to the figure all the same: text of axes is
    clipped, and setting that up takes longer than drawing it.
    """
    from matplotlib.axes import Axes

    if isinstance(where, Axes):
        more.setdefault("transform", where.transData)
    figure = _figure(where) if isinstance(where, Axes) else where
    figure.text(x, y, text, fontsize=size, color=color, parse_math=False, **more)


def legend(axes: Axes, entries: Sequence[tuple[str, str]], left: float = 0.0) -> None:
    """Write (name, colour) over `axes`, from `left` on in parts of its width, in as many lines as they need."""
    from matplotlib.collections import PolyCollection

    squares, colours = [], []
    wide, tall = _inches(axes)
    lines = broken(entries, wide * (1.0 - left))
    for k, line in enumerate(lines):
        x, y = left * wide, tall + 0.1 + (len(lines) - 1 - k) * LEGEND_LINE
        for name, colour in line:
            (left_edge, foot), (right_edge, top) = (x / wide, y / tall), ((x + 0.1) / wide, (y + 0.1) / tall)
            squares.append([(left_edge, foot), (right_edge, foot), (right_edge, top), (left_edge, top)])
            colours.append(colour)
            at = ((x + 0.15) / wide, (y + 0.045) / tall)
            write(axes, *at, name, color=SOFT, va="center", transform=axes.transAxes)
            x += _width(name)
    drawn = PolyCollection(squares, facecolors=colours, transform=axes.transAxes, clip_on=False)
    axes.add_collection(drawn, autolim=False)


def broken(entries: Sequence[tuple[str, str]], wide: float = WIDTH * (RIGHT - LEFT)) -> list[list[tuple[str, str]]]:
    """Break the entries of a legend into lines of at most `wide` inches, long names shortened."""
    lines: list[list[tuple[str, str]]] = [[]]
    taken = 0.0
    for name, colour in entries:
        short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
        if lines[-1] and taken + _width(short) > wide:
            lines.append([])
            taken = 0.0
        lines[-1].append((short, colour))
        taken += _width(short)
    return lines


def _width(name: str) -> float:
    """Return about how many inches an entry of a legend takes; letters beyond Latin are twice as wide."""
    return 0.34 + 0.066 * sum(1 if ord(letter) < 0x2E80 else 2 for letter in name)


def _inches(axes: Axes) -> tuple[float, float]:
    box, figure = axes.get_position(), _figure(axes)
    return float(box.width * figure.get_figwidth()), float(box.height * figure.get_figheight())


def _figure(axes: Axes) -> Figure:
    return cast("Figure", axes.figure)


def png(figure: Figure) -> bytes:
    """Return the figure as PNG, the same bytes for the same numbers: no date and no version inside."""
    canvas: Any = figure.canvas
    with warnings.catch_warnings():
        # A symbol may be written in a script that the font lacks; it shows as a box, which is no reason to alarm.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing")
        canvas.draw()
    return encode(np.asarray(canvas.buffer_rgba())[..., :3])


def _headline(run: RunNumbers) -> str:
    parts = [
        f"{run.value('start')} to {run.value('end')}",
        f"{percent(run.value('total_return'), sign=True)} in all{', time-weighted' if run.has_flows else ''}",
        f"{percent(run.value('annual_return'), sign=True)} a year",
        f"volatility {percent(run.value('volatility'))}",
        f"Sharpe {ratio(run.value('sharpe'))}",
        f"deepest drawdown {percent(run.value('max_drawdown'))}",
    ]
    return "  ·  ".join(parts)

"""What all pictures share: size, type, axes, and how they become PNG.

Figures are drawn on their own canvas, never through pyplot, whose state is global. Margins are set by hand: a layout
engine costs a quarter of the time. matplotlib is imported inside functions, as a run without pictures does not need it.
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

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


def new_figure(run: RunNumbers, title: str, height: float = 5.0) -> Figure:
    """Return an empty figure with a title, and the headline numbers of the run below it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    top = 1.0 - 0.20 / height
    write(figure, 0.02, top, f"{title} · {run.name}"[:90], size=12, weight="bold", va="top")
    write(figure, 0.02, top - 0.24 / height, _headline(run), size=8.5, color=SOFT, va="top")
    return figure


def new_axes(figure: Figure, bottom: float, height: float, left: float = LEFT, right: float = RIGHT) -> Axes:
    """Return axes over a band of the figure, places and sizes in inches from the foot, without a frame."""
    tall = figure.get_figheight()
    axes = figure.add_axes((left, bottom / tall, right - left, height / tall))
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=8, labelcolor=SOFT, pad=4)
    axes.set_axisbelow(True)
    return axes


def set_time(axes: Axes, axis: TimeAxis, labels: bool = True) -> None:
    """Put the page's time axis, whose places run from 0 to 1, below `axes`."""
    ticks = axis.ticks()
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([place for place, _ in ticks], [label if labels else "" for _, label in ticks])
    axes.grid(axis="x", color=GRID, linewidth=0.6)


def set_height(axes: Axes, scale: Scale, labels: list[str]) -> None:
    """Give `axes` a vertical scale with its labels and grid lines."""
    axes.set_ylim(scale.low, scale.high)
    axes.set_yticks(scale.ticks, labels)
    axes.grid(axis="y", color=GRID, linewidth=0.6)


def write(where: Any, x: float, y: float, text: str, size: float = 8.0, color: str = INK, **more: Any) -> None:
    """Write plain text: a dollar sign in a name must not start a formula."""
    where.text(x, y, text, fontsize=size, color=color, parse_math=False, **more)


def name_colours(axes: Axes, entries: list[tuple[str, str]], y: float, columns: int = 7) -> None:
    """Write a legend of (name, colour) below or above `axes`; `y` in parts of the axes' height."""
    from matplotlib.patches import Patch

    handles = [Patch(facecolor=colour, label=name[:16]) for name, colour in entries]
    legend = axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(-0.005, y),
        ncols=columns,
        frameon=False,
        fontsize=8,
        handlelength=0.9,
        handleheight=0.9,
        columnspacing=1.1,
        borderpad=0.0,
        labelcolor=SOFT,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def png(figure: Figure) -> bytes:
    """Return the figure as PNG, the same bytes for the same numbers: no date and no version inside."""
    target = io.BytesIO()
    with warnings.catch_warnings():
        # A symbol may be written in a script that the font lacks; it shows as a box, which is no reason to alarm.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing")
        figure.savefig(target, format="png", metadata={"Software": None}, pil_kwargs={"compress_level": 3})
    return target.getvalue()


def _headline(run: RunNumbers) -> str:
    parts = [
        f"{run.value('start')} to {run.value('end')}",
        f"{percent(run.value('total_return'), sign=True)} in all",
        f"{percent(run.value('annual_return'), sign=True)} a year",
        f"volatility {percent(run.value('volatility'))}",
        f"Sharpe {ratio(run.value('sharpe'))}",
        f"deepest drawdown {percent(run.value('max_drawdown'))}",
    ]
    return "  ·  ".join(parts)

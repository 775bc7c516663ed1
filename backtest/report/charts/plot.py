"""The parts that every chart on the time axis is made of.

A plot is drawn in a box of `WIDE` × `TALL` units that is stretched over whatever room the page has: strokes keep their
width, and grid lines and labels lie in HTML around it. So one drawing serves a wide screen, a phone and paper, and the
script zooms by moving the window on the box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from backtest.report.scales import Scale, TimeAxis
from backtest.report.words import compact
from backtest.types import Floats, Ints

WIDE, TALL = 20_000, 6_000
Shape = Literal["line", "area", "bars", "step"]
Form = Literal["money", "percent", "ratio"]


@dataclass(frozen=True)
class Layer:
    """One drawn series. `ink` is the CSS class that colours it; `values` are what the crosshair reads."""

    name: str
    shape: Shape
    ink: str
    path: str
    values: list[float | None]
    edge: str = ""  # a second outline, stroked only: the upper edge of an area


@dataclass(frozen=True)
class Plot:
    """A chart on the page's time axis, ready for the template."""

    key: str
    title: str
    note: str
    description: str
    form: Form
    layers: list[Layer]
    axis: TimeAxis
    scale: Scale
    clock: str  # name of the moments at which the layers have their values
    moments: Ints  # those moments
    levels: tuple[float, ...] = ()  # values at which reference lines are drawn
    fixed: bool = False  # the vertical axis stays when the script zooms
    log: bool = False  # offer a logarithmic axis
    small: bool = False
    ticks: list[int] = field(default_factory=list)  # x of small marks at the foot

    @property
    def y_ticks(self) -> list[tuple[float, str]]:
        """Labelled ticks of the vertical axis, in percent from the top."""
        return heights(self.scale, ticks_by_form(self.scale, self.form))

    @property
    def x_ticks(self) -> list[tuple[float, str]]:
        """Labelled ticks of the time axis, in percent from the left; no label hangs over the right end."""
        return [(round(share * 100.0, 3), label if share < 0.98 else "") for share, label in self.axis.ticks()]

    @property
    def rules(self) -> list[int]:
        """Heights of the reference lines, in units of the box."""
        return [int(height) for height in upwards(self.scale, np.array(self.levels))]

    def script(self) -> dict[str, Any]:
        """Return what the script needs to zoom and to read values."""
        return {
            "form": self.form,
            "low": self.scale.low,
            "high": self.scale.high,
            "fixed": self.fixed,
            "clock": self.clock,
            "layers": [layer.values for layer in self.layers],
            "shape": self.layers[0].shape,
        }


def across(axis: TimeAxis, times: Ints) -> Ints:
    """Return moments as x in units of the box."""
    return np.rint(axis.share(times) * WIDE).astype(np.int64)


def upwards(scale: Scale, values: Floats) -> Ints:
    """Return values as y in units of the box; y grows downwards, as in SVG. NaN becomes the foot."""
    share = (np.nan_to_num(values, nan=scale.low) - scale.low) / (scale.high - scale.low)
    return np.rint((1.0 - share) * TALL).astype(np.int64)


def polyline(x: Ints, y: Ints) -> str:
    """Return the path through points, as steps from one to the next: half as long as absolute places.

    A single point, which would be invisible, becomes a level line.
    """
    if x.size == 1:
        return f"M0 {y[0]}H{WIDE}"
    steps = np.column_stack((np.diff(x), np.diff(y))).ravel().tolist()
    return f"M{x[0]} {y[0]}l" + " ".join(map(str, steps))


def filled(x: Ints, y: Ints, foot: int) -> str:
    """Return the area between points and a level."""
    if x.size == 1:
        return f"M0 {foot}V{y[0]}H{WIDE}V{foot}z"
    return f"{polyline(x, y)}V{foot}H{x[0]}z"


def staircase(x: Ints, y: Ints) -> str:
    """Return the path that keeps each height until the next point, and the last one to the end of the axis."""
    parts = [f"M{x[0]} {y[0]}"]
    parts += [f"H{a}V{b}" for a, b in zip(x[1:].tolist(), y[1:].tolist(), strict=True)]
    return "".join(parts) + f"H{WIDE}"


def needles(x: Ints, y: Ints, foot: int) -> str:
    """Return one upright stroke for each point."""
    return "".join(f"M{a} {foot}V{b}" for a, b in zip(x.tolist(), y.tolist(), strict=True))


def heights(scale: Scale, labels: Sequence[str]) -> list[tuple[float, str]]:
    """Return the labelled ticks of a vertical axis, in percent from the top."""
    return [
        (round((1.0 - scale.share(tick)) * 100.0, 3), label) for tick, label in zip(scale.ticks, labels, strict=True)
    ]


def ticks_by_form(scale: Scale, form: Form) -> list[str]:
    """Return the labels of the ticks of a scale as what it measures is written."""
    if form == "money":
        return [compact(tick) for tick in scale.ticks]
    return scale.percents() if form == "percent" else scale.ratios()


def line(name: str, ink: str, x: Ints, scale: Scale, values: Floats, digits: int) -> Layer:
    """Return values as a line, those under the cursor rounded to `digits`; nothing where there are no values."""
    path = polyline(x, upwards(scale, values)) if x.size else ""
    return Layer(name, "line", ink, path, rounded(values, digits))


def rounded(values: Floats, digits: int) -> list[float | None]:
    """Return values for the script, null for NaN."""
    return [None if value != value else round(value, digits) for value in values.tolist()]

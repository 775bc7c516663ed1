"""Charts without a time axis: the same box as a `Plot`, with an axis of its own below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from backtest.report.charts.plot import TALL, WIDE
from backtest.report.scales import Scale
from backtest.types import Floats, Ints

Kind = Literal["bars", "dots", "faint", "line", "rule"]


@dataclass(frozen=True)
class Mark:
    """One path of a kind; `told` is what pointing at it says."""

    kind: Kind
    path: str
    told: str = ""


@dataclass(frozen=True)
class Group:
    """Marks of one name and colour, which the legend shows and hides together. `ink` is a CSS class."""

    name: str
    ink: str
    marks: list[Mark]


@dataclass(frozen=True)
class Panel:
    """A chart ready for the template. Ticks are (percent from the left or top, label)."""

    key: str
    title: str
    note: str
    description: str
    groups: list[Group]
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    x_name: str = ""
    y_name: str = ""


def rightwards(scale: Scale, values: Floats) -> Ints:
    """Return values as x in units of the box."""
    return np.rint((values - scale.low) / (scale.high - scale.low) * WIDE).astype(np.int64)


def feet(scale: Scale, labels: Sequence[str]) -> list[tuple[float, str]]:
    """Return the labelled ticks of a horizontal axis, in percent from the left."""
    return [(round(scale.share(tick) * 100.0, 3), label) for tick, label in zip(scale.ticks, labels, strict=True)]


def bar(left: int, right: int, foot: int, top: int) -> str:
    """Return an upright bar."""
    return f"M{left} {foot}V{top}H{right}V{foot}z"


def dot(x: int, y: int) -> str:
    """Return a dot: a stroke of no length with round ends, which stays round however the box is stretched."""
    return f"M{x} {y}h1"


def upright(x: int) -> str:
    """Return a line from the foot to the top."""
    return f"M{x} 0V{TALL}"


def level(y: int) -> str:
    """Return a line from side to side."""
    return f"M0 {y}H{WIDE}"

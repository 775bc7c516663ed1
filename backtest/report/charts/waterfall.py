"""Bars that add up, each beginning where the one before it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest.report.words import money, percent
from backtest.types import Floats


@dataclass(frozen=True)
class Bar:
    """One bar: from `left` over `width`, in percent of the room. `kind` and `ink` are classes of the style sheet."""

    name: str
    kind: str
    ink: str
    left: float
    width: float
    points: str
    profit: str


@dataclass(frozen=True)
class Waterfall:
    """Bars whose last is the sum of the others, and where zero lies, in percent of the room."""

    bars: list[Bar]
    zero: float
    description: str


def waterfall(parts: Sequence[tuple[str, str, str]], values: Floats, profit: Floats, about: str) -> Waterfall:
    """Lay out parts (name, kind, ink) of `values`, with their money; `about` says what it is a bar chart of."""
    ends = stretches(values)
    low, high = min(ends.min(initial=0.0), 0.0), max(ends.max(initial=0.0), 0.0)
    room = (high - low) or 1.0
    bars = [
        Bar(
            name=name,
            kind=kind,
            ink=ink,
            left=round((min(begin, end) - low) / room * 100.0, 3),
            width=round(abs(end - begin) / room * 100.0, 3),
            points=percent(value, 2, sign=True),
            profit=money(earned, sign=True),
        )
        for (name, kind, ink), value, earned, (begin, end) in zip(
            parts, values.tolist(), profit.tolist(), ends.tolist(), strict=True
        )
    ]
    spoken = ", ".join(f"{bar.name} {bar.points}" for bar in bars)
    return Waterfall(bars, round(-low / room * 100.0, 3), f"Bar chart of {about}: {spoken}.")


def stretches(values: Floats) -> Floats:
    """Return begin and end of each bar, `(B, 2)`: each starts where the one before ended, the last at 0.

    The last value is the sum of all others.
    """
    ends = np.cumsum(values)
    begins = np.concatenate(([0.0], ends[:-1]))[: values.size]
    if values.size:
        begins[-1], ends[-1] = 0.0, values[-1]
    return np.column_stack((begins, ends))

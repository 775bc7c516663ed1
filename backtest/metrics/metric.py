"""A number with everything needed to read it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Unit = Literal["fraction", "money", "ratio", "count", "days", "years", "date"]
"""How `Metric.value` is meant: 0.12 as a fraction is shown as 12 %; a date is a text in ISO form."""


@dataclass(frozen=True)
class Metric:
    """One labelled number. `value` is None where it is not defined, never NaN; `convention` says how it counts."""

    key: str
    label: str
    value: float | int | str | None
    unit: Unit
    convention: str


def number(key: str, label: str, value: float, unit: Unit, convention: str) -> Metric:
    """Make a metric of a float, with None for NaN and the infinities."""
    return Metric(key, label, float(value) if math.isfinite(value) else None, unit, convention)

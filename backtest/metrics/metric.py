"""A number with everything needed to read it, and what defines it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Unit = Literal["fraction", "money", "ratio", "count", "days", "years", "date"]
"""How `Metric.value` is meant: 0.12 as a fraction is shown as 12 %; a date is a text in ISO form."""

Value = float | int | str | None


@dataclass(frozen=True)
class Interval:
    """How far off a metric may be: its standard error, and bounds that hold at `level` where they were made.

    What is not defined is None. `convention` says what kind of error or range this is.
    """

    error: float | None
    low: float | None
    high: float | None
    level: float | None
    convention: str


@dataclass(frozen=True)
class Metric:
    """One labelled number. `value` is None where it is not defined, never NaN; `convention` says how it counts.

    `interval` stands beside headline numbers only, where it was asked for or costs nothing.
    """

    key: str
    label: str
    value: Value
    unit: Unit
    convention: str
    interval: Interval | None = None


@dataclass(frozen=True)
class Definition:
    """What a metric is, apart from any value: the line of it in docs/metrics.md.

    `convention` may have places for words that depend on the record, such as the bars in a year: `{root}`. `source`
    names who defined it, or whose choice among rivals this is.
    """

    key: str
    label: str
    unit: Unit
    formula: str
    convention: str
    source: str

    def of(self, value: Value, **words: object) -> Metric:
        """Make a metric of a value, with None for NaN and the infinities."""
        undefined = isinstance(value, float) and not math.isfinite(value)
        said = self.convention.format(**words) if "{" in self.convention else self.convention
        return Metric(self.key, self.label, None if undefined else value, self.unit, said)


def number(key: str, label: str, value: float, unit: Unit, convention: str) -> Metric:
    """Make a metric of a float, with None for NaN and the infinities."""
    return Metric(key, label, float(value) if math.isfinite(value) else None, unit, convention)

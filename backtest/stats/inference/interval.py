"""A number and how far off it may be."""

from __future__ import annotations

import math
from typing import NamedTuple


class Interval(NamedTuple):
    """An estimate, its standard error and the bounds; NaN where undefined, infinite where the record sets none."""

    value: float
    error: float
    low: float
    high: float


UNDEFINED = Interval(math.nan, math.nan, math.nan, math.nan)

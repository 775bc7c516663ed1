"""What the functions here take: levels, options, and tables of strategies."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pandas as pd

from backtest.errors import InputError, unknown
from backtest.types import Floats

FEWEST_ROWS = 10


def share(name: str, value: float) -> None:
    """Refuse a level or a probability that is not between 0 and 1."""
    if not 0.0 < value < 1.0:
        raise InputError(f"{name}: expected a number between 0 and 1; received {value}")


def choice(name: str, value: str, allowed: Any) -> None:
    """Refuse what is not one of the choices of a Literal."""
    if value not in get_args(allowed):
        raise InputError(unknown(name, value, get_args(allowed)))


def resampling(draws: int, block: float | None) -> None:
    """Refuse too few resamples to have a tail, and blocks shorter than a bar."""
    if draws < 99:
        raise InputError(f"draws: expected at least 99 resamples; received {draws}")
    if block is not None and not block >= 1.0:
        raise InputError(f"block: expected a length of at least 1 bar; received {block}")


def table(returns: pd.DataFrame, fewest: int = 2) -> Floats:
    """Return the returns `(T, N)` of a table with one column a strategy; NaN stays."""
    values: Floats = np.array(returns, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] < fewest:
        raise InputError(f"returns: expected a table of at least {fewest} columns; received shape {values.shape}")
    if np.isinf(values).any():
        raise InputError(f"returns: column {int(np.isinf(values).any(axis=0).argmax())} has an infinite value")
    return values


def complete(values: Floats) -> Floats:
    """Return the rows without gaps, as tests of many at once need all strategies in the same bars."""
    found = np.ascontiguousarray(values[~np.isnan(values).any(axis=1)])
    if len(found) < FEWEST_ROWS:
        raise InputError(
            f"returns: expected at least {FEWEST_ROWS} rows in which every strategy has a return; found {len(found)} "
            f"of {len(values)}"
        )
    return found

"""Returns of an account that money moves into and out of."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from backtest import stats
from backtest.errors import InputError


def money_weighted(amounts: ArrayLike | pd.Series, times: pd.DatetimeIndex | None = None) -> float:
    """Return the annual rate at which all amounts together are worth nothing: the internal rate of return, XIRR.

    Money paid in is negative, money taken out and the final value are positive; a Series brings its times along, any
    order. Σ aᵢ (1 + r)^(−days / 365) = 0. Unit: fraction a year. NaN where no rate exists. Microsoft Excel, XIRR.
    """
    index = amounts.index if times is None and isinstance(amounts, pd.Series) else times
    if not isinstance(index, pd.DatetimeIndex):
        raise InputError("times: expected the dates of the amounts; give a Series with dates, or `times`")
    values = np.asarray(amounts, dtype=np.float64)
    if values.shape != (len(index),) or not np.isfinite(values).all():
        raise InputError(f"amounts: expected one finite number a time, {len(index)}; received shape {values.shape}")
    order = np.argsort(index.asi8, kind="stable")
    return stats.xirr(values[order], index.as_unit("ns").asi8[order])


def time_weighted(values: ArrayLike | pd.Series, flows: ArrayLike | pd.Series) -> float:
    """Return the compound return of an account as if no money had moved: Π (vₜ − fₜ) / vₜ₋₁ − 1.

    `values` are the account after the flow of the same row, `flows` what was paid in (+) or taken out (−) at its end.
    Unit: fraction, over the whole record. NaN when the account was at or below zero. Bacon (2008).
    """
    account, moved = np.asarray(values, dtype=np.float64), np.asarray(flows, dtype=np.float64)
    if account.ndim != 1 or account.shape != moved.shape:
        raise InputError(f"flows: expected one a value, {account.shape}; received {moved.shape}")
    return stats.time_weighted(account, moved)

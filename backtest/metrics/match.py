"""Bringing a second series, or a table of them, to the bars of the first."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from backtest.errors import InputError
from backtest.types import Floats

Table = pd.DataFrame | ArrayLike
"""Returns, one column an asset; the columns of an array go by their numbers."""


def clock_of(given: object) -> pd.DatetimeIndex | None:
    """Return the times that a Series or a frame brings along; None where it has none.

    A period stands for its end: the last day of it, or the last moment of one shorter than a day.
    """
    index = given.index if isinstance(given, pd.Series | pd.DataFrame) else None
    if isinstance(index, pd.PeriodIndex):
        ends = index.to_timestamp(how="end")
        whole = bool((ends - index.to_timestamp(how="start") > pd.Timedelta(hours=23)).all())
        return ends.normalize() if whole else ends
    return index if isinstance(index, pd.DatetimeIndex) else None


def numbers(name: str, given: object) -> Floats:
    """Return whatever holds numbers as floats, missing ones as NaN; one error for what holds none."""
    try:
        if isinstance(given, pd.Series | pd.DataFrame):
            return np.asarray(given.to_numpy(np.float64, na_value=np.nan))
        return np.asarray(given, dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise InputError(f"{name}: expected numbers; {error}") from None


def matched(name: str, given: Any, size: int, index: pd.DatetimeIndex | None) -> Floats:
    """Return a series `(R,)`, or a frame `(R, K)`, on `size` bars: by time where both have one, else by place.

    Naive stamps are read as UTC, or, where then nothing is in common, in the zone of the other side. Bars that it lacks
    become NaN; one error when its times and the bars have nothing in common.
    """
    clock = clock_of(given)
    if index is not None and clock is not None:
        return _by_time(name, given, clock, index)
    values = numbers(name, given)
    wanted = "one return a bar" if values.ndim == 1 else "one row a bar"
    if not values.ndim or len(values) != size:
        raise InputError(f"{name}: expected {wanted}, {size}; received {len(values) if values.ndim else given!r}")
    return values


def _by_time(name: str, given: pd.Series | pd.DataFrame, clock: pd.DatetimeIndex, index: pd.DatetimeIndex) -> Floats:
    if not clock.is_unique:
        raise InputError(f"{name}: expected each time once; {clock[clock.duplicated()][0]} comes more than once")
    values = numbers(name, given)
    place = _utc(clock, None).get_indexer(_utc(index, None))
    if (place < 0).all():
        place = _utc(clock, index.tz).get_indexer(_utc(index, clock.tz))
    if (place < 0).all():
        raise InputError(
            f"{name}: none of its times is one of a bar; bars are at {index[0]} … {index[-1]}, its times are "
            f"{clock[0]} … {clock[-1]}; stamps must be equal, hour and zone included"
        )
    return np.where((place >= 0).reshape(-1, *[1] * (values.ndim - 1)), values[place], np.nan)


def _utc(index: pd.DatetimeIndex, zone: tzinfo | None) -> pd.DatetimeIndex:
    """Return times as UTC, naive ones being of `zone`; hours that its clock skips or repeats are nowhere."""
    if index.tz is not None:
        return index.tz_convert("UTC")
    return index.tz_localize(zone or "UTC", ambiguous="NaT", nonexistent="NaT").tz_convert("UTC")


def table_of(returns: Table) -> pd.DataFrame:
    """Return returns as a table; an array has its columns by number."""
    if isinstance(returns, pd.DataFrame):
        return returns
    values = numbers("returns", returns)
    if values.ndim != 2:
        raise InputError(f"returns: expected one column an asset; received shape {values.shape}")
    return pd.DataFrame(values)


def matrix_of(returns: pd.DataFrame) -> Floats:
    """Return the numbers of a table that has some; gaps stay, an infinite one is an error."""
    values = numbers("returns", returns)
    if values.size == 0:
        raise InputError(f"returns: expected rows and columns; received shape {values.shape}")
    if np.isinf(values).any():
        raise InputError(f"returns: column {int(np.isinf(values).any(axis=0).argmax())} has an infinite value")
    return values

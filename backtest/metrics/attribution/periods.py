"""Cutting the rows of a record into calendar periods, and linking effects within and over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from backtest import stats
from backtest.errors import InputError, unknown
from backtest.stats.linking import LINKINGS, Linking
from backtest.types import Floats, Ints

Every = Literal["bar", "month", "quarter", "year", "all"]
FREQUENCIES = {"month": "M", "quarter": "Q", "year": "Y"}
EVERY: tuple[Every, ...] = ("bar", "month", "quarter", "year", "all")


class Cut(NamedTuple):
    """Where each period begins among the rows, and what it is called."""

    starts: Ints
    labels: pd.Index

    def over(self, size: int, function: Callable[[slice], Floats]) -> Floats:
        """Apply a function to the rows of each period and put the answers under one another."""
        stops = [*self.starts[1:].tolist(), size]
        rows = [slice(start, stop) for start, stop in zip(self.starts.tolist(), stops, strict=True)]
        return np.array([function(row) for row in rows])


def cut(index: pd.Index, every: Every, dated: bool = False) -> Cut:
    """Cut rows by calendar periods. A bar that ends at midnight belongs to the day before, a date to itself.

    Dates are what is `dated`, and naive stamps that are all midnight.
    """
    if every not in EVERY:
        raise InputError(f"every: {unknown('period', every, EVERY)}")
    if every == "bar":
        return Cut(np.arange(len(index)), index)
    if every == "all":
        return Cut(np.zeros(1, np.int64), pd.Index(["all"]))
    if not isinstance(index, pd.DatetimeIndex):
        raise InputError(f"every: a {every} needs the times of the rows; give frames with dates, or 'bar' or 'all'")
    labels = _wall(index, dated).to_period(FREQUENCIES[every])
    starts = np.flatnonzero(np.append(True, labels[1:] != labels[:-1]))
    return Cut(starts, labels[starts].rename("period"))


def same_days(a: pd.Index, b: pd.Index, a_dated: bool = False, b_dated: bool = False) -> bool:
    """Say whether two records have rows of the same days; without times, equally many."""
    if len(a) != len(b):
        return False
    if not (isinstance(a, pd.DatetimeIndex) and isinstance(b, pd.DatetimeIndex)):
        return True
    return bool((_wall(a, a_dated).normalize() == _wall(b, b_dated).normalize()).all())


def _wall(index: pd.DatetimeIndex, dated: bool) -> pd.DatetimeIndex:
    """Return times that lie within the day they belong to: dates as they are, ends of bars a moment earlier."""
    wall = index.tz_localize(None)
    bare = dated or (index.tz is None and bool((wall == wall.normalize()).all()))
    return wall if bare else wall - pd.Timedelta(1, "ns")


def check_linking(method: Linking) -> None:
    """Raise for a linking method that is not one."""
    if method not in LINKINGS:
        raise InputError(f"linking: {unknown('linking method', method, LINKINGS)}")


def linked_within(effects: Floats, mine: Floats, other: Floats | None, periods: Cut, method: Linking) -> Floats:
    """Return the effects `(R, …)` of rows, linked within each period, `(P, …)`."""
    if len(periods.starts) == len(mine):
        return effects

    def whole(rows: slice) -> Floats:
        factors = stats.linking_factors(mine[rows], None if other is None else other[rows], method)
        return stats.link(effects[rows], factors)

    return periods.over(len(mine), whole)


def compounded(returns: Floats, periods: Cut) -> Floats:
    """Return the compound return of each period, `(P,)`."""
    return periods.over(len(returns), lambda rows: np.asarray(stats.compound(returns[rows])))

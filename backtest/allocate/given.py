"""What a caller gives to `allocate`, frames or arrays, as the `History` of a decision."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from backtest.allocate.base import Forecast, History
from backtest.costs import Costs
from backtest.errors import InputError, nearest
from backtest.stats.periods import periods_per_year
from backtest.types import Floats, Strings

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Vector = pd.Series | Mapping[str, float] | Sequence[float] | Floats
"""One number a symbol: by name, or in the order of the symbols."""


@dataclass(frozen=True)
class Given:
    """The arguments of `allocate` that make up a history; see there."""

    returns: pd.DataFrame | Floats | None
    covariance: pd.DataFrame | Floats | None
    mean: Vector | None
    views: Any
    confidences: Any
    current: Vector | None
    caps: Vector | None
    groups: Any
    periods_per_year: float | None
    risk_free: float
    prices: Vector | None
    costs: Costs | Mapping[str, float] | None

    def history(self) -> History:
        """Return the history, every number checked and every vector in the order of the symbols."""
        from backtest.allocate.given_views import views_of

        names = self._names()
        returns = np.zeros((0, len(names))) if self.returns is None else numbers(self.returns)
        if isinstance(self.returns, pd.DataFrame):
            refuse_disorder(self.returns.index)
        covariance = None if self.covariance is None else square(self.covariance, names)
        mean = None if self.mean is None else vector("mean", self.mean, names, may_miss=True)
        current = None if self.current is None else vector("current", self.current, names, others=0.0)
        return History(
            np.array(names, np.str_),
            returns,
            current=current,
            outside=_outside(self.current, names),
            prices=self._prices(names),
            caps=None if self.caps is None else vector("caps", self.caps, names, others=np.nan, may_miss=True),
            groups=_groups(self.groups, names),
            periods_per_year=self._periods(),
            risk_free=self._cash(),
            costs=self.costs if self.costs is None or isinstance(self.costs, Costs) else Costs(**self.costs),
            forecast=Forecast(mean, covariance, views_of(self.views, self.confidences, names)),
        )

    def _prices(self, names: Sequence[str]) -> Floats | None:
        if self.prices is None:
            return None
        prices = vector("prices", self.prices, names)
        if not (prices > 0.0).all():
            k = int(np.argmin(prices))
            raise InputError(f"prices: {names[k]}: received {prices[k]:g}; allowed: a number > 0")
        return prices

    def _cash(self) -> float:
        if not -1.0 < self.risk_free < np.inf:
            raise InputError(f"risk_free: received {self.risk_free}; allowed: a rate a year above -1, 0.02 is 2 %")
        return float(self.risk_free)

    def _names(self) -> list[str]:
        if self.returns is None and self.covariance is None:
            raise InputError("allocate: nothing to go by: give returns, or covariance (and mean) in place of them")
        frame: Any = self.covariance if self.returns is None else self.returns
        values = numbers(frame, "covariance" if self.returns is None else "returns")
        columns = frame.columns if isinstance(frame, pd.DataFrame) else range(values.shape[1])
        names = [str(name) for name in columns]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError(f"returns: the column {twice!r} is there more than once")
        return names

    def _periods(self) -> float | None:
        if self.periods_per_year is not None:
            if not 0.0 < self.periods_per_year < np.inf:
                raise InputError(f"periods_per_year: received {self.periods_per_year}; allowed: a number > 0")
            return float(self.periods_per_year)
        index = self.returns.index if isinstance(self.returns, pd.DataFrame) else None
        if not isinstance(index, pd.DatetimeIndex):
            return None
        counted = periods_per_year(index.as_unit("ns").asi8).per_year
        return counted if np.isfinite(counted) else None


def refuse_disorder(index: pd.Index) -> None:
    """Refuse rows whose times do not ascend: the last row would be taken for the latest. Other labels say no order."""
    if isinstance(index, pd.RangeIndex) and index.step > 0:
        return
    timed = isinstance(index, pd.DatetimeIndex | pd.PeriodIndex) or index.dtype.kind in "iuf"
    if not timed and len(index):
        first = index[0]
        timed = isinstance(first, date) or (isinstance(first, str) and ISO_DAY.match(first) is not None)
    if not timed or (index.is_monotonic_increasing and index.is_unique):
        return
    row = next(k for k in range(1, len(index)) if not index[k] > index[k - 1])
    raise InputError(
        f"returns: the index does not ascend: row {row} is {index[row]}, after {index[row - 1]}; "
        "the oldest row comes first, each once"
    )


def numbers(given: Any, what: str = "returns") -> Floats:
    """Return the values `(n, N)`, finite or NaN."""
    try:
        values = np.asarray(given, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what}: not numbers: {error}") from error
    if values.ndim != 2:
        raise InputError(f"{what}: expected two dimensions (bars, assets); received shape {values.shape}")
    if np.isinf(values).any():
        row, column = np.argwhere(np.isinf(values))[0]
        raise InputError(f"{what}: row {row}, column {column}: received {values[row, column]}; allowed: finite, or NaN")
    return values


def square(given: pd.DataFrame | Floats, names: Sequence[str]) -> Floats:
    """Return a covariance `(N, N)` in the order of `names`: symmetric, no variance below 0.

    A symbol without a variance (NaN) is as one that never moves: methods leave it out.
    """
    if isinstance(given, pd.DataFrame):
        labels = [str(name) for name in given.columns]
        if [str(name) for name in given.index] != labels:
            raise InputError("covariance: the names of its rows are not those of its columns")
        refuse_others("covariance", labels, names)
        if labels != list(names):
            given = given.set_axis(labels, axis=0).set_axis(labels, axis=1).loc[list(names), list(names)]
    values, n = numbers(given, "covariance"), len(names)
    if values.shape != (n, n):
        raise InputError(f"covariance: expected shape {(n, n)}; received {values.shape}")
    known = ~np.isnan(values.diagonal())
    if np.isnan(values[np.ix_(known, known)]).any():
        row, column = np.argwhere(np.isnan(values) & known & known[:, np.newaxis])[0]
        raise InputError(f"covariance: row {row}, column {column}: received nan, and both have a variance")
    values = np.where(np.isnan(values) & ~(known & known[:, np.newaxis]), 0.0, values)
    apart = np.abs(values - values.T)
    if n and apart.max() > 1e-10 * np.abs(values).max():
        row, column = np.unravel_index(int(apart.argmax()), apart.shape)
        raise InputError(
            f"covariance: not symmetric: row {row}, column {column} is {values[row, column]:g}, "
            f"row {column}, column {row} is {values[column, row]:g}"
        )
    if n and values.diagonal().min() < 0.0:
        raise InputError(f"covariance: the variance of {names[int(values.diagonal().argmin())]} is below 0")
    symmetric: Floats = (values + values.T) / 2.0
    return symmetric


def vector(what: str, given: Any, names: Sequence[str], others: float | None = None, may_miss: bool = False) -> Floats:
    """Return one number a symbol `(N,)`, from a mapping or Series by name, from a sequence by order.

    `others` is for symbols that are not named; None: each must be.
    """
    if isinstance(given, pd.Series | Mapping):
        by_name = {str(name): value for name, value in given.items()}
        absent = [name for name in names if name not in by_name]
        if absent and others is None:
            raise InputError(f"{what}: nothing is said of {absent[0]!r}")
        given = [by_name.get(name, others) for name in names]
    try:
        values = np.array(given, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what}: not numbers: {error}") from error
    if values.shape != (len(names),):
        raise InputError(f"{what}: expected {len(names)} numbers, one a symbol; received shape {values.shape}")
    bad = np.isinf(values) | (np.isnan(values) & (not may_miss))
    if bad.any():
        k = int(np.argmax(bad))
        raise InputError(
            f"{what}: {names[k]}: received {values[k]}; allowed: finite" + (", or NaN" if may_miss else "")
        )
    return values


def _groups(given: Any, names: Sequence[str]) -> dict[str, Strings]:
    """Return property → labels `(N,)`; a symbol without a label has an empty one."""
    if given is None:
        return {}
    if isinstance(given, pd.DataFrame):
        given = {str(key): given[key] for key in given.columns}
    found = {}
    for key, labels in given.items():
        if isinstance(labels, pd.Series | Mapping):
            by_name = {str(name): label for name, label in labels.items()}
            labels = ["" if by_name.get(name) is None else by_name[name] for name in names]
        values = np.array([str(label) for label in labels], np.str_)
        if values.shape != (len(names),):
            raise InputError(f"groups.{key}: expected {len(names)} labels, one a symbol; received {len(values)}")
        found[str(key)] = values
    return found


def _outside(current: Any, names: Sequence[str]) -> float:
    """Return what is held in symbols that are not there any more."""
    if not isinstance(current, pd.Series | Mapping):
        return 0.0
    return float(sum(abs(float(weight)) for name, weight in current.items() if str(name) not in set(names)))


def refuse_others(what: str, labels: Sequence[Any], names: Sequence[str], all_needed: bool = True) -> None:
    for label in labels:
        if str(label) not in names:
            close = nearest(label, names)
            raise InputError(f"{what}: {label!r} is not a symbol" + (f"; did you mean {close!r}?" if close else ""))
    absent = [name for name in names if name not in set(map(str, labels))]
    if all_needed and absent:
        raise InputError(f"{what}: nothing is said of {absent[0]!r}")

"""What a caller gives to `allocate`, frames or arrays, as the `History` of a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from backtest.allocate.base import Forecast, History
from backtest.allocate.given_covariance import square
from backtest.allocate.given_returns import returns_of
from backtest.allocate.given_vectors import Vector, groups_of, held, held_outside, mean_of, vector
from backtest.allocate.given_views import views_of
from backtest.allocate.real import number, table
from backtest.costs import Costs
from backtest.errors import InputError
from backtest.stats.periods import periods_per_year
from backtest.types import Floats

RETURNS = "a pandas DataFrame with one column a symbol, or an array (bars, symbols), of simple returns"
MATRIX = "a pandas DataFrame or an array (symbols, symbols)"
COVARIANCE = f"{MATRIX}, or how to estimate one: a name, {{estimator: NAME}}"


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
    costs: Costs | None

    def history(self) -> History:
        """Return the history, every number checked and every vector in the order of the symbols."""
        given = None if self.returns is None else table("returns", self.returns, RETURNS)
        matrix = None if self.covariance is None else table("covariance", self.covariance, COVARIANCE)
        names = _names(given, matrix)
        returns = np.zeros((0, len(names))) if given is None else returns_of(given)
        covariance = None if matrix is None else square(matrix, names)
        mean = None if self.mean is None else mean_of(self.mean, names)
        current = None if self.current is None else held(self.current, names)
        return History(
            np.array(names, np.str_),
            returns,
            current=current,
            outside=float(sum(held_outside(self.current, names).values())),
            prices=self._prices(names),
            caps=None if self.caps is None else vector("caps", self.caps, names, others=np.nan, may_miss=True),
            groups=groups_of(self.groups, names),
            periods_per_year=self._periods(),
            risk_free=self._cash(),
            costs=self.costs,
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
        allowed = "a rate a year above -1, 0.02 is 2 %"
        rate = number("risk_free", self.risk_free, allowed)
        if not -1.0 < rate < np.inf:
            raise InputError(f"risk_free: received {self.risk_free}; allowed: {allowed}")
        return rate

    def _periods(self) -> float | None:
        if self.periods_per_year is not None:
            periods = number("periods_per_year", self.periods_per_year, "a number > 0")
            if not 0.0 < periods < np.inf:
                raise InputError(f"periods_per_year: received {self.periods_per_year}; allowed: a number > 0")
            return periods
        index = self.returns.index if isinstance(self.returns, pd.DataFrame) else None
        if not isinstance(index, pd.DatetimeIndex):
            return None
        try:
            counted = periods_per_year(index.as_unit("ns").asi8).per_year
        except pd.errors.OutOfBoundsDatetime as error:
            raise InputError(f"returns: the index has times that nobody can count: {error}") from error
        return counted if np.isfinite(counted) else None


def _names(returns: Any, covariance: Any) -> list[str]:
    """Return the symbols: the columns of the returns, or of the covariance where there are none."""
    what, given = ("covariance", covariance) if returns is None else ("returns", returns)
    if given is None:
        raise InputError("allocate: nothing to go by: give returns, or covariance (and mean) in place of them")
    names = [str(name) for name in (given.columns if isinstance(given, pd.DataFrame) else range(given.shape[1]))]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{what}: the column {twice!r} is there more than once")
    return names

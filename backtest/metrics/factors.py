"""What given series explain of a return series."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backtest import stats
from backtest.errors import InputError
from backtest.metrics.series import Returns, Times, index_of, track_of
from backtest.types import Floats


@dataclass(frozen=True)
class Exposures:
    """A regression on factors. `table` has a row "alpha" (per year) and one a factor: exposure, error, t."""

    table: pd.DataFrame
    r_squared: float
    residual_volatility: float  # per year
    bars: int


def factor_exposures(
    returns: Returns,
    factors: pd.DataFrame,
    *,
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    times: Times = None,
) -> Exposures:
    """Regress the excess returns on factor returns: r − f = α + Σ βₖ Fₖ + ε, ordinary least squares.

    Factors are taken as they are (excess returns or long–short) and matched by time when both have one, else by place;
    rows with a gap are left out. Alpha is arithmetic, per bar times the bars in a year. Errors are classical. NaN when
    factors are dependent or bars too few. Sharpe (1992), "Asset Allocation"; Fama and French (1993).
    """
    track = track_of(returns, risk_free, periods_per_year, times)
    n = track.periods.per_year
    found = stats.regress(track.returns - track.cash_rate, _rows(factors, index_of(returns, times), track.returns.size))
    exposure = np.concatenate(([found.alpha * n], found.betas))
    error = np.concatenate(([found.alpha_error * n], found.beta_errors))
    t = np.divide(exposure, error, out=np.full_like(error, np.nan), where=error > 0.0)
    names = pd.Index(["alpha", *map(str, factors.columns)], name="factor")
    table = pd.DataFrame({"exposure": exposure, "error": error, "t": t}, index=names)
    return Exposures(table, found.r_squared, found.residual_deviation * math.sqrt(n), found.n)


def _rows(factors: pd.DataFrame, index: pd.DatetimeIndex | None, size: int) -> Floats:
    if index is not None and isinstance(factors.index, pd.DatetimeIndex):
        moved = factors.set_axis(factors.index.tz_localize("UTC") if factors.index.tz is None else factors.index)
        factors = moved.reindex(index.tz_localize("UTC") if index.tz is None else index)
    if len(factors) != size:
        raise InputError(f"factors: expected one row a bar, {size}; received {len(factors)}")
    return np.asarray(factors.to_numpy(np.float64))

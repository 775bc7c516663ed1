"""What given series explain of a return series."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from backtest import stats
from backtest.errors import InputError, unknown
from backtest.metrics.match import matched
from backtest.metrics.series import Returns, Times, index_of, track_of
from backtest.stats import Regression
from backtest.stats.inference import long_run_variance
from backtest.types import Floats

Errors = Literal["hac", "classical"]


@dataclass(frozen=True)
class Exposures:
    """A regression on factors. `table` has a row "alpha" (per year) and one a factor: exposure, error, t."""

    table: pd.DataFrame
    r_squared: float
    residual_volatility: float  # per year
    bars: int


def factor_exposures(
    returns: Returns,
    factors: pd.DataFrame | pd.Series,
    *,
    errors: Errors = "hac",
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    times: Times = None,
) -> Exposures:
    """Regress the excess returns on factor returns: r − f = α + Σ βₖ Fₖ + ε, ordinary least squares.

    Factors are taken as they are (excess returns or long–short) and matched by time when both have one, else by place;
    rows with a gap are left out. Alpha is arithmetic, per bar times the bars in a year. Errors: "hac" allow for
    dependence from bar to bar and changing volatility, √(V / (n − K − 1)) with V the long-run variance of what each bar
    adds to the coefficient, the larger of Newey and West's (1987, 1994) and the prewhitened quadratic-spectral one of
    Andrews and Monahan (1992); "classical" allow for neither. NaN when factors are dependent or bars too few. Sharpe
    (1992), "Asset Allocation"; Fama and French (1993).
    """
    if errors not in get_args(Errors):
        raise InputError(f"factor_exposures: {unknown('errors', errors, get_args(Errors))}")
    track = track_of(returns, risk_free, periods_per_year, times)
    n, table = track.periods.per_year, factor_table(factors)
    x = matched("factors", table, track.returns.size, index_of(returns, times))
    found = stats.regress(track.returns - track.cash_rate, x)
    scale = np.array([n, *np.ones(len(table.columns))])
    exposure, error = scale * [found.alpha, *found.betas], scale * _errors(found, errors)
    t = np.divide(exposure, error, out=np.full_like(error, np.nan), where=error > 0.0)
    names = pd.Index(["alpha", *map(str, table.columns)], name="factor")
    frame = pd.DataFrame({"exposure": exposure, "error": error, "t": t}, index=names)
    return Exposures(frame, found.r_squared, found.residual_deviation * math.sqrt(n), found.n)


def factor_table(factors: pd.DataFrame | pd.Series) -> pd.DataFrame:
    """Return factors as a table, one column a factor; one error for what is none."""
    table = factors.to_frame() if isinstance(factors, pd.Series) else pd.DataFrame(factors)
    if not len(table.columns):
        raise InputError("factors: expected at least one column; received none")
    return table


def _errors(found: Regression, errors: Errors) -> Floats:
    """Return the standard errors of alpha and the betas per bar, `(1 + K,)`."""
    if errors == "classical" or np.isnan(found.influence).any():
        return np.array([found.alpha_error, *found.beta_errors])
    variance = [
        max(long_run_variance(each, "bartlett"), long_run_variance(each, "quadratic_spectral"), 0.0)
        for each in found.influence
    ]
    return np.asarray(np.sqrt(np.array(variance) / (found.n - len(found.influence))))

"""How sure a Sharpe ratio is. Everything here is *per period*: an annual ratio is √periods times as large.

`sharpe` is mean over sample deviation of the excess returns, `skew` and `excess_kurtosis` are population moments (0 for
a normal; the papers' γ₄ is excess kurtosis plus 3). NaN returns are no observations. Undefined answers are NaN.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Literal

import numpy as np

from backtest.stats.inference.hac import autocovariances, long_run_variance
from backtest.stats.moments import kurtosis, skewness
from backtest.stats.ratios import deviation
from backtest.stats.ratios import sharpe as sharpe_ratio
from backtest.types import Floats

ErrorOf = Literal["normal", "moments", "hac"]
"""What a standard error allows for. `normal`: nothing, Lo's first formula. `moments`: skewness and kurtosis, the error
inside the probabilistic Sharpe ratio. `hac`: also dependence from bar to bar, and changing volatility."""

_NORMAL = NormalDist()


def sharpe_error(returns: Floats, method: ErrorOf = "hac", lags: int | None = None) -> float:
    """Return the standard error of the Sharpe ratio of excess `returns`, per period.

    normal: √((1 + S²/2) / n), Lo (2002), equation 9. moments: √((1 − γ₃S + (γ₄ − 1)S²/4) / (n − 1)), Mertens (2002),
    Opdyke (2007), with n − 1 as Bailey and López de Prado (2012). hac: √(V/n), V the long-run variance of the influence
    of each bar (`sharpe_influence`) with Newey and West's window, Lo (2002), section "Non-IID Returns"; `lags` are
    automatic unless given. NaN with fewer than two observations or no variance.
    """
    seen = returns[~np.isnan(returns)]
    ratio = sharpe_ratio(seen, 1.0)
    if math.isnan(ratio):
        return math.nan
    if method == "normal":
        return math.sqrt((1.0 + 0.5 * ratio**2) / seen.size)
    if method == "moments":
        return _error(ratio, seen.size, *shape(seen))
    return math.sqrt(long_run_variance(sharpe_influence(seen), "bartlett", lags) / seen.size)


def sharpe_influence(returns: Floats) -> Floats:
    """Return what each bar adds to the Sharpe ratio, to first order: z − S(z² − 1)/2, z = (r − mean)/deviation.

    The mean of it is zero; the delta method in one series, so that its long-run variance over n is the squared error.
    """
    mean, spread = returns.mean(), returns.std()
    z = (returns - mean) / spread
    return np.asarray(z - 0.5 * mean / spread * (z * z - 1.0))


def aggregation_factor(returns: Floats, periods: int, lags: int | None = None) -> float:
    """Return η(q) = q / √(q + 2 Σ (q − k) ρ(k)), k < q: what turns a Sharpe ratio per period into one of q periods.

    It is √q for returns that do not depend on one another, smaller where they smooth. `lags` limits the sum (all of
    q − 1 by default): with q = 252 the sum is mostly noise. NaN where the variance of q periods comes out negative, and
    with no more observations than lags. Lo (2002), equation 20.
    """
    seen = returns[~np.isnan(returns)]
    most = min(periods - 1, periods - 1 if lags is None else lags)
    if seen.size <= most or not deviation(seen) > 0.0:
        return math.nan
    gamma = autocovariances(seen)
    lag = np.arange(1, most + 1)
    variance = periods + 2.0 * float((periods - lag) @ gamma[1 : most + 1]) / float(gamma[0])
    return periods / math.sqrt(variance) if variance > 0.0 else math.nan


def probabilistic_sharpe(
    sharpe: float, n: int, skew: float = 0.0, excess_kurtosis: float = 0.0, benchmark: float = 0.0
) -> float:
    """Return the probability that the true Sharpe ratio is above `benchmark`: Φ((S − S*) / error).

    The error is √((1 − γ₃S + (γ₄ − 1)S²/4) / (n − 1)) with γ₄ = excess kurtosis + 3. All ratios per period. Bailey and
    López de Prado (2012), "The Sharpe Ratio Efficient Frontier". NaN with fewer than two observations.
    """
    return exceedance(sharpe, _error(sharpe, n, skew, excess_kurtosis), benchmark)


def exceedance(sharpe: float, error: float, benchmark: float = 0.0) -> float:
    """Return Φ((S − S*) / error): the probabilistic Sharpe ratio with any standard error, such as a HAC one."""
    return _NORMAL.cdf((sharpe - benchmark) / error) if error > 0.0 and math.isfinite(sharpe) else math.nan


def min_track_record_length(
    sharpe: float, skew: float = 0.0, excess_kurtosis: float = 0.0, benchmark: float = 0.0, confidence: float = 0.95
) -> float:
    """Return the observations needed before `probabilistic_sharpe` reaches `confidence`, were the moments to stay.

    1 + (1 − γ₃S + (γ₄ − 1)S²/4)(z / (S − S*))²; infinite where S is not above `benchmark`. Bailey and López de Prado
    (2012).
    """
    if math.isnan(sharpe):
        return math.nan
    if sharpe <= benchmark:
        return math.inf
    z = _NORMAL.inv_cdf(confidence)
    return 1.0 + _spread(sharpe, skew, excess_kurtosis) * (z / (sharpe - benchmark)) ** 2


def shape(returns: Floats) -> tuple[float, float]:
    """Return population skewness and excess kurtosis, 0 where there are too few observations to have them."""
    found = skewness(returns, "population"), kurtosis(returns, "population")
    return (0.0, 0.0) if math.isnan(sum(found)) else found


def _error(sharpe: float, n: int, skew: float, excess_kurtosis: float) -> float:
    spread = _spread(sharpe, skew, excess_kurtosis)
    return math.sqrt(spread / (n - 1.0)) if n > 1 and spread > 0.0 else math.nan


def _spread(sharpe: float, skew: float, excess_kurtosis: float) -> float:
    return 1.0 - skew * sharpe + 0.25 * (excess_kurtosis + 2.0) * sharpe**2

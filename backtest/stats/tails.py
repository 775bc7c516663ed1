"""Value at risk, expected shortfall and the weight of the tails.

Both are *returns*, so a loss is negative: −0.02 at level 0.95 says that one bar in twenty loses 2 % or more. `level` is
the confidence, one less the share of bars in the tail. NaN returns are no observations; without any the answer is NaN.

The methods: `historical` takes the empirical distribution; `gaussian` a normal with the sample's mean and *population*
deviation (ddof = 0), as PerformanceAnalytics does; `cornish_fisher` corrects that for the population skewness and
excess kurtosis.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Literal

import numpy as np

from backtest.stats.moments import kurtosis, skewness
from backtest.types import Floats

Tail = Literal["historical", "gaussian", "cornish_fisher"]

ROUNDING = 1e-14
"""What lies closer to a quantile than this share of the largest value is at it."""

_NORMAL = NormalDist()


def value_at_risk(returns: Floats, level: float = 0.95, method: Tail = "historical") -> float:
    """Return the (1 − level) quantile of the returns, a number that is usually negative.

    historical: linear between order statistics (Hyndman and Fan's type 7). gaussian: μ + σz, z the normal quantile.
    cornish_fisher: μ + σ(z + (z² − 1)S/6 + (z³ − 3z)K/24 − (2z³ − 5z)S²/36): Zangari (1996), Favre and Galeano (2002).
    """
    seen = returns[~np.isnan(returns)]
    if not seen.size:
        return float("nan")
    if method == "historical":
        return float(np.quantile(seen, 1.0 - level))
    z = _NORMAL.inv_cdf(1.0 - level)
    return _placed(seen, z if method == "gaussian" else _corrected(z, *_shape(seen)))


def expected_shortfall(returns: Floats, level: float = 0.95, method: Tail = "historical") -> float:
    """Return the mean return in the tail beyond the value at risk; never above it.

    historical: mean of the returns at or below the quantile. gaussian: μ − σφ(z)/(1 − level). cornish_fisher: the mean
    below the Cornish–Fisher quantile h under the second-order Edgeworth density, after Boudt, Peterson and Croux
    (2008), "Estimation and decomposition of downside risk": with probabilists' Hermite polynomials Heₙ,
    μ − σφ(h)/(1 − level) · [1 + (He₃ + 3He₁)S/6 + (He₄ + 4He₂)K/24 + (He₆ + 6He₄)S²/72](h); where the expansion
    breaks down and comes out milder than the value at risk, the value at risk stands in, as they advise.
    """
    seen = returns[~np.isnan(returns)]
    if not seen.size:
        return float("nan")
    if method == "historical":
        return tail_mean(seen, level)
    z, share = _NORMAL.inv_cdf(1.0 - level), 1.0 - level
    if method == "gaussian":
        return _placed(seen, -_NORMAL.pdf(z) / share)
    skew, excess = _shape(seen)
    h = _corrected(z, skew, excess)
    return _placed(seen, min(-_edgeworth(h, skew, excess) / share, h))


def tail_mean(values: Floats, level: float) -> float:
    """Return the mean of the values at or below their linear (1 − level) quantile; no NaN among them.

    Where the quantile falls on one of the values it takes part, whatever rounding makes of 1 − level: 1 − 0.9 is less
    than 0.1.
    """
    edge, reach = float(np.quantile(values, 1.0 - level)), float(np.abs(values).max())
    return float(values[values <= edge + ROUNDING * reach].mean())


def tail_ratio(returns: Floats, level: float = 0.95) -> float:
    """Return |quantile(level)| / |quantile(1 − level)|: above 1 the best bars are larger than the worst ones.

    Linear quantiles (type 7), as in empyrical and quantstats; NaN where the lower quantile is zero.
    """
    seen = returns[~np.isnan(returns)]
    if not seen.size:
        return float("nan")
    low, high = np.abs(np.quantile(seen, [1.0 - level, level]))
    return float(high / low) if low > 0.0 else float("nan")


def _placed(seen: Floats, z: float) -> float:
    return float(seen.mean()) + float(seen.std()) * z


def _shape(seen: Floats) -> tuple[float, float]:
    """Return population skewness and excess kurtosis; 0 where there is no shape, so that the normal remains."""
    shape = skewness(seen, "population"), kurtosis(seen, "population")
    return (0.0, 0.0) if math.isnan(shape[0] + shape[1]) else shape


def _corrected(z: float, skew: float, excess: float) -> float:
    return z + (z**2 - 1.0) * skew / 6.0 + (z**3 - 3.0 * z) * excess / 24.0 - (2.0 * z**3 - 5.0 * z) * skew**2 / 36.0


def _edgeworth(h: float, skew: float, excess: float) -> float:
    """Return −∫ z g(z) dz up to h, g the second-order Edgeworth density; from (φ Heₙ₋₁)′ = −φ Heₙ."""
    he2, he3, he4 = h**2 - 1.0, h**3 - 3.0 * h, h**4 - 6.0 * h**2 + 3.0
    he6 = h**6 - 15.0 * h**4 + 45.0 * h**2 - 15.0
    third = (he3 + 3.0 * h) * skew / 6.0
    fourth = (he4 + 4.0 * he2) * excess / 24.0
    sixth = (he6 + 6.0 * he4) * skew**2 / 72.0
    return _NORMAL.pdf(h) * (1.0 + third + fourth + sixth)

"""What the best of many trials is worth: luck grows with their number. Sharpe ratios are *per period*, never annual."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Literal

import numpy as np

from backtest.stats.correlate import correlation_matrix
from backtest.stats.inference.sharpe import probabilistic_sharpe
from backtest.types import Floats

EULER = 0.5772156649015329
Effective = Literal["average_correlation", "participation", "entropy"]
"""How correlated trials are counted. `average_correlation`: ρ̄ + (1 − ρ̄)N, Bailey and López de Prado (2014).
`participation`: N² / Σ ρᵢⱼ². `entropy`: exp(−Σ p ln p) of the eigenvalues' shares p, Roy and Vetterli (2007)."""

_NORMAL = NormalDist()


def expected_maximum(trials: float) -> float:
    """Return the expected maximum of N independent standard normals: (1 − γ)Φ⁻¹(1 − 1/N) + γΦ⁻¹(1 − 1/(eN)).

    γ is the Euler–Mascheroni constant. An approximation for large N (at 100: 2.531 for 2.508), which is what the
    deflated Sharpe ratio is defined with; 0 for one trial, interpolated up to two. Bailey et al. (2014), "Pseudo-
    Mathematics and Financial Charlatanism", proposition 1.
    """
    if not trials >= 1.0:
        return math.nan
    if trials < 2.0:
        return (trials - 1.0) * expected_maximum(2.0)
    first, second = _NORMAL.inv_cdf(1.0 - 1.0 / trials), _NORMAL.inv_cdf(1.0 - 1.0 / (math.e * trials))
    return (1.0 - EULER) * first + EULER * second


def luck(trials: float, variance: float) -> float:
    """Return the Sharpe ratio that the best of `trials` worthless ones is expected to show: √V · expected maximum.

    `variance` is that of the Sharpe ratios per period across the trials. NaN when it is negative or unknown.
    """
    return math.sqrt(variance) * expected_maximum(trials) if variance >= 0.0 else math.nan


def deflated_sharpe(
    sharpe: float, n: int, trials: float, variance: float, skew: float = 0.0, excess_kurtosis: float = 0.0
) -> float:
    """Return the probability that the true Sharpe ratio is above what luck alone gives the best of `trials`.

    The probabilistic Sharpe ratio with `luck(trials, variance)` as its benchmark. `sharpe` and `variance` are per
    period, of returns over `n` bars. One trial makes it the probabilistic Sharpe ratio against 0. Bailey and López de
    Prado (2014), "The Deflated Sharpe Ratio".
    """
    return probabilistic_sharpe(sharpe, n, skew, excess_kurtosis, luck(trials, variance))


def effective_trials(returns: Floats, method: Effective = "average_correlation") -> float:
    """Return how many independent trials the columns of `returns` `(T, N)` are worth, 1 … N.

    Correlations of each pair over common rows, those that are not defined left out as 0. A sample correlation of
    independent columns squares to 1/(T − 1) on average; `participation` takes that off, the other two need no such
    correction or have none. The *variance* of Sharpe ratios across correlated trials is smaller too: see `luck`, which
    needs one of the two, not both.
    """
    matrix = np.nan_to_num(correlation_matrix(returns), nan=0.0)
    return effective_number_of_trials(matrix, len(returns), method)


def effective_number_of_trials(matrix: Floats, rows: int, method: Effective = "average_correlation") -> float:
    """Return the same from a correlation matrix `(N, N)` that was estimated on `rows` rows."""
    n = len(matrix)
    if n < 2:
        return float(n)
    off = matrix[~np.eye(n, dtype=np.bool_)]
    if method == "average_correlation":
        mean = float(np.clip(off.mean(), 0.0, 1.0))
        return mean + (1.0 - mean) * n
    if method == "participation":
        noise = (1.0 - off**2) / max(rows - 2, 1)
        return n * n / (n + max(float((off**2 - noise).sum()), 0.0))
    share = np.clip(np.linalg.eigvalsh(matrix), 0.0, None) / n
    seen = share[share > 0.0] / share.sum()
    return float(np.exp(-(seen * np.log(seen)).sum()))


def min_backtest_length(trials: float, sharpe_annual: float = 1.0) -> float:
    """Return the years below which the best of `trials` worthless ones is expected to show `sharpe_annual`.

    (expected maximum / S)², smaller than 2 ln N / S². Bailey, Borwein, López de Prado and Zhu (2014), theorem 1. NaN
    for a ratio that is not positive.
    """
    return (expected_maximum(trials) / sharpe_annual) ** 2 if sharpe_annual > 0.0 else math.nan

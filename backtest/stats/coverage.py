"""Tests of a value at risk: does it fail as often as it says, and not in clusters?

A breach is a bar whose return lies below its value at risk. The p-values are of the chi-squared law, which needs no
library for one and two degrees of freedom: erfc(√(x/2)) and exp(−x/2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from backtest.types import Bools


@dataclass(frozen=True)
class LikelihoodRatio:
    """A likelihood-ratio statistic, and how likely one as large is when the value at risk is right."""

    statistic: float
    p_value: float


def kupiec(breaches: int, bars: int, share: float) -> LikelihoodRatio:
    """Test the *number* of breaches: 2 ln[π̂ˣ(1 − π̂)ⁿ⁻ˣ / pˣ(1 − p)ⁿ⁻ˣ] with π̂ = x/n, chi-squared(1).

    `share` p is what was promised, 0.05 for a level of 95 %. Two-sided: too few breaches count against it too. NaN
    without bars. Kupiec (1995), "Techniques for Verifying the Accuracy of Risk Measurement Models".
    """
    if bars < 1:
        return LikelihoodRatio(math.nan, math.nan)
    free, bound = _likelihood(breaches, bars, breaches / bars), _likelihood(breaches, bars, share)
    return _one(2.0 * (free - bound))


def christoffersen(breached: Bools) -> LikelihoodRatio:
    """Test that a breach says nothing about the next bar: a Markov chain against independence, chi-squared(1).

    2[ln L(π₀₁, π₁₁) − ln L(π)] over the n − 1 transitions, in time order. NaN with fewer than two bars; a sequence
    without any breach, or of breaches only, is as independent as it could be (0). Christoffersen (1998), "Evaluating
    Interval Forecasts".
    """
    if breached.size < 2:
        return LikelihoodRatio(math.nan, math.nan)
    before, after = breached[:-1], breached[1:]
    from_calm, from_breach = int((~before).sum()), int(before.sum())
    n01, n11 = int((~before & after).sum()), int((before & after).sum())
    chain = _free(n01, from_calm) + _free(n11, from_breach)
    return _one(2.0 * (chain - _free(n01 + n11, from_calm + from_breach)))


def conditional_coverage(breached: Bools, share: float) -> LikelihoodRatio:
    """Test number and independence at once: the sum of both statistics, chi-squared(2). Christoffersen (1998)."""
    both = kupiec(int(np.count_nonzero(breached)), breached.size, share).statistic + christoffersen(breached).statistic
    return LikelihoodRatio(both, math.exp(-both / 2.0))


def _one(statistic: float) -> LikelihoodRatio:
    statistic = max(statistic, 0.0) if not math.isnan(statistic) else statistic
    return LikelihoodRatio(statistic, math.erfc(math.sqrt(statistic / 2.0)))


def _free(hits: int, trials: int) -> float:
    return _likelihood(hits, trials, hits / trials) if trials else 0.0


def _likelihood(hits: int, trials: int, share: float) -> float:
    """Return x ln p + (n − x) ln(1 − p), with 0 ln 0 = 0 and −inf for what cannot have happened."""
    return _term(hits, share) + _term(trials - hits, 1.0 - share)


def _term(count: int, share: float) -> float:
    if count == 0:
        return 0.0
    return count * math.log(share) if share > 0.0 else -math.inf

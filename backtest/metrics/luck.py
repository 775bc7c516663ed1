"""How much of a run's Sharpe ratio the luckiest of all trials on its data would show: probabilistic and deflated."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from backtest.metrics.inference.selection import Trials
from backtest.metrics.metric import Definition, Metric
from backtest.stats import inference, sharpe
from backtest.types import Floats

_PER_BAR = "Sharpe ratio per bar, never annualised, skewness and kurtosis over n, n − 1 in the error"


@dataclass(frozen=True)
class Moments:
    """What the probability of a Sharpe ratio is made of, per bar: NaN where a series has none.

    `kurtosis` is 3 for a normal distribution; it and `skewness` are population moments.
    """

    sharpe: float
    observations: int
    skewness: float
    kurtosis: float


ALONE = Trials(1, 0.0, 1.0)
"""A series that nothing else was tried beside."""

LUCK = (
    Definition(
        "trials",
        "Trials on these data",
        "count",
        "N",
        "configurations evaluated on the same data set over dates that overlap, this one included, repeats once; as "
        "the trial register had it at this run",
        "this package, docs/trials.md",
    ),
    Definition(
        "effective_trials",
        "Effective trials",
        "ratio",
        "ρ̄ + (1 − ρ̄)N",
        "ρ̄ is the mean correlation of the trials' daily returns, pairs without common days as 0",
        "Bailey and López de Prado (2014), The Deflated Sharpe Ratio, appendix 3",
    ),
    Definition(
        "probabilistic_sharpe",
        "Probabilistic Sharpe ratio",
        "fraction",
        "Φ(S √(n − 1) / √(1 − γ₃S + (γ₄ − 1)S²/4))",
        f"probability that the true ratio is above 0, whatever else was tried; {_PER_BAR}",
        "Bailey and López de Prado (2012), The Sharpe Ratio Efficient Frontier",
    ),
    Definition(
        "deflated_sharpe",
        "Deflated Sharpe ratio",
        "fraction",
        "Φ((S − S₀) √(n − 1) / √(1 − γ₃S + (γ₄ − 1)S²/4)), S₀ = √V ((1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(eN)))",
        "probability that the true ratio is above what the best of N worthless trials would show; N trials and the "
        f"variance V of their ratios from the trial register; one trial: the probabilistic ratio; {_PER_BAR}",
        "Bailey and López de Prado (2014), The Deflated Sharpe Ratio",
    ),
    Definition(
        "deflated_sharpe_effective",
        "Deflated Sharpe ratio, effective trials",
        "fraction",
        "as above, N the effective trials",
        f"a bound from above: V is smaller already where trials are alike, so that some of it counts twice; {_PER_BAR}",
        "Bailey and López de Prado (2014), The Deflated Sharpe Ratio",
    ),
)


def moments(excess: Floats) -> Moments:
    """Return the moments of returns per bar in excess of cash, `(R,)`; NaN returns are no observations."""
    seen = excess[~np.isnan(excess)]
    ratio = sharpe(seen, 1.0)
    skew, excess_kurtosis = (math.nan, math.nan) if math.isnan(ratio) else inference.shape(seen)
    return Moments(ratio, seen.size, skew, excess_kurtosis + 3.0)


def deflated(measured: Moments, trials: float, variance: float) -> float:
    """Return the deflated Sharpe ratio of a series among `trials`; NaN where it has no Sharpe ratio."""
    m = measured
    return inference.deflated_sharpe(m.sharpe, m.observations, trials, variance, m.skewness, m.kurtosis - 3.0)


def luck(measured: Moments, trials: Trials = ALONE) -> list[Metric]:
    """Return the metrics of `LUCK`."""
    values: tuple[float | int, ...] = (
        trials.count,
        trials.effective,
        deflated(measured, 1.0, 0.0),
        deflated(measured, trials.count, trials.variance_per_bar),
        deflated(measured, trials.effective, trials.variance_per_bar),
    )
    return [definition.of(value) for definition, value in zip(LUCK, values, strict=True)]

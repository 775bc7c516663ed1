"""Means drawn together, because most of what sets them apart is luck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from backtest.allocate.moments.base import Mean
from backtest.allocate.moments.mean.market import covariance_of
from backtest.errors import AllocationError
from backtest.types import Floats

if TYPE_CHECKING:
    from backtest.allocate.sample import Sample


class ShrunkMean(Mean):
    """(1 − α) r̄ + α · target: the historical means, drawn towards one number by as much as the data ask for.

    `james_stein`: the target is the mean of the means b, α = (tr Σ − 2 λ₁) / (n ‖r̄ − b‖²) with λ₁ the largest
    eigenvalue (James and Stein 1961; this form: Meucci 2005, "Risk and asset allocation", §4.4). `bayes_stein`: the
    target is the mean of the minimum-variance portfolio b, α = (K + 2) / (K + 2 + n (r̄ − b)ᵀΣ⁻¹(r̄ − b)) (Jorion 1986,
    "Bayes–Stein estimation for portfolio analysis"). Σ is the method's own covariance, per return; α is kept within [0,
    1].
    """

    estimator: Literal["shrunk"] = "shrunk"
    """Historical means drawn towards their middle."""

    rule: Literal["james_stein", "bayes_stein"] = "james_stein"
    """Which target, and how far towards it."""

    def estimate(self, sample: Sample) -> Floats:
        """Find target and intensity, then blend."""
        returns = sample.scenarios()
        means, covariance = returns.mean(axis=0), covariance_of(sample, "shrunk") / sample.scale
        towards = _james_stein if self.rule == "james_stein" else _bayes_stein
        target, intensity = towards(means, covariance, len(returns))
        blended: Floats = ((1.0 - intensity) * means + intensity * target) * sample.scale
        return blended


def _james_stein(means: Floats, covariance: Floats, n: int) -> tuple[float, float]:
    target = float(means.mean())
    apart = means - target
    distance = n * float(apart @ apart)
    room = float(np.trace(covariance)) - 2.0 * float(np.linalg.eigvalsh(covariance)[-1])
    if room <= 0.0:
        return target, 0.0  # one or two assets, or one factor that is nearly all: shrinking gains nothing
    return target, min(room / distance, 1.0) if distance > 0.0 else 1.0


def _bayes_stein(means: Floats, covariance: Floats, n: int) -> tuple[float, float]:
    k = len(means)
    try:
        inverse = np.linalg.solve(covariance, np.column_stack([np.ones(k), means]))
    except np.linalg.LinAlgError as error:
        raise AllocationError("mean: shrunk with bayes_stein needs a covariance that can be inverted") from error
    target = float(inverse[:, 1].sum() / inverse[:, 0].sum())
    distance = n * float((means - target) @ (inverse[:, 1] - target * inverse[:, 0]))
    return target, (k + 2.0) / (k + 2.0 + max(distance, 0.0))

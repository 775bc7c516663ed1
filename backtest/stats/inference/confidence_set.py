"""Which strategies may be the best: all that cannot be told from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from backtest.stats.bootstrap import DRAWS
from backtest.stats.inference.superior import Means, means
from backtest.types import Bools, Floats, Ints

Statistic = Literal["max", "range"]
"""What is tested at each step. `max`: the worst strategy against the mean of those left. `range`: the widest pair."""


@dataclass(frozen=True)
class ConfidenceSet:
    """The p-value of each strategy `(K,)`: those above α are in the set of confidence 1 − α. The best has 1."""

    p_value: Floats
    order: Ints  # columns in the order in which they left, the best last
    block: float


def confidence_set(
    returns: Floats,
    statistic: Statistic = "max",
    draws: int = DRAWS,
    block: float | None = None,
    seed: int = 0,
) -> ConfidenceSet:
    """Return the model confidence set of the mean of the columns of `returns` `(T, K)`, larger being better, no gaps.

    While more than one is left, equal means are tested: by max of −(d̄ᵢ − d̄.)/s over i, or by max of |d̄ᵢ − d̄ⱼ|/sᵢⱼ over
    pairs, s from the resamples; then the worst one leaves, and its p-value is the largest of the tests so far. Hansen,
    Lunde and Nason (2011), "The Model Confidence Set", sections 3.1.2 and 3.2.
    """
    found = means(returns, draws, block, seed)
    left = np.ones(found.mean.size, np.bool_)
    p_value, order, largest = np.ones(left.size), np.empty(left.size, np.int64), 0.0
    spread = _pair_errors(found) if statistic == "range" else np.empty((0, 0))
    for step in range(left.size - 1):
        worst, p = _by_pairs(found, left, spread) if statistic == "range" else _by_mean(found, left)
        largest = max(largest, p)
        p_value[worst], order[step], left[worst] = largest, worst, False
    order[-1] = int(np.flatnonzero(left)[0])
    return ConfidenceSet(p_value, order, found.block)


def _by_mean(found: Means, left: Bools) -> tuple[int, float]:
    places = np.flatnonzero(left)
    root = math.sqrt(found.n) * (found.mean[places] - found.mean[places].mean())
    apart = found.apart[:, places]
    apart = apart - apart.mean(axis=1, keepdims=True)
    error = np.sqrt(np.mean(apart * apart, axis=0))
    scale = np.where(error > 0.0, error, np.inf)
    t = -root / scale
    resampled = (-apart / scale).max(axis=1)
    return int(places[t.argmax()]), _share(resampled, float(t.max()))


def _by_pairs(found: Means, left: Bools, spread: Floats) -> tuple[int, float]:
    places = np.flatnonzero(left)
    root, error = math.sqrt(found.n) * found.mean[places], spread[np.ix_(places, places)]
    t = (root[:, None] - root[None, :]) / error
    resampled = np.zeros(len(found.apart))
    for i in range(places.size - 1):
        other = places[i + 1 :]
        gap = np.abs(found.apart[:, [places[i]]] - found.apart[:, other]) / spread[places[i], other]
        np.maximum(resampled, gap.max(axis=1), out=resampled)
    return int(places[t.max(axis=0).argmax()]), _share(resampled, float(t.max()))


def _pair_errors(found: Means) -> Floats:
    """Return √n × the error of each difference of means, infinite where there is none."""
    second = found.apart.T @ found.apart / len(found.apart)
    variance = np.diag(second)[:, None] + np.diag(second)[None, :] - 2.0 * second
    small = 1e-14 * (np.diag(second)[:, None] + np.diag(second)[None, :])
    return np.asarray(np.where(variance > small, np.sqrt(np.maximum(variance, 0.0)), np.inf))


def _share(resampled: Floats, statistic: float) -> float:
    return float(np.mean(resampled >= statistic))

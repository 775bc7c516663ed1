"""Does choosing the best of many in the past choose a good one for the future? Cross-validation over halves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from backtest.types import Bools, Floats, Ints


@dataclass(frozen=True)
class Overfitting:
    """What came of choosing by Sharpe ratio in every half of the blocks; arrays `(C,)`, one place a half.

    Ratios are per period. Halves in which no strategy, or not the chosen one outside, has a Sharpe ratio are left out.
    """

    probability: float  # share of halves whose best is below the median outside: PBO
    logits: Floats  # ln(ω / (1 − ω)), ω the relative rank outside of the best inside
    inside: Floats  # Sharpe ratio of the best where it was chosen
    outside: Floats  # and in the other half
    slope: float  # of outside on inside: what a better past is worth
    loss_probability: float  # share of halves whose best loses outside
    chosen: Ints  # how often each strategy was the best inside, (N,)
    rows: int  # used of T: the oldest T mod blocks are left out


def overfitting(returns: Floats, blocks: int = 16) -> Overfitting:
    """Return the probability of backtest overfitting of the strategies `returns` `(T, N)` by CSCV.

    T rows are cut into S = `blocks` (even) equal blocks in the order of time; for each of the S! / (S/2)!² halves the
    strategy with the best Sharpe ratio (ddof = 1) inside is ranked outside among all N, ω = rank / (N + 1), ties in the
    middle. The probability is the share of logits ≤ 0. NaN returns are no observations. Bailey, Borwein, López de Prado
    and Zhu (2017), "The Probability of Backtest Overfitting". Near 1/2 on noise, but from one set of noise to the next
    it varies widely; undefined (NaN) with fewer than two strategies or two rows a block.
    """
    t, n = returns.shape
    size = t // blocks
    if n < 2 or size < 2:
        return _undefined(n)
    recent = np.ascontiguousarray(returns[t - size * blocks :]).reshape(blocks, size, n)
    best, values, rank = _judged(recent)
    usable = best >= 0
    if not usable.any():
        return _undefined(n)
    logits = np.log(rank[usable] / (1.0 - rank[usable]))
    inside, outside = values[usable, 0], values[usable, 1]
    return Overfitting(
        probability=float(np.mean(logits <= 0.0)),
        logits=logits,
        inside=inside,
        outside=outside,
        slope=_slope(inside, outside),
        loss_probability=float(np.mean(outside < 0.0)),
        chosen=np.bincount(best[usable], minlength=n).astype(np.int64),
        rows=size * blocks,
    )


def _judged(recent: Floats) -> tuple[Ints, Floats, Floats]:
    from backtest.kernels.overfitting import cross_validate

    blocks = len(recent)
    halves = _halves(blocks)
    pairs = len(halves)
    best, values, rank = np.empty(2 * pairs, np.int64), np.empty((2 * pairs, 2)), np.empty(2 * pairs)
    cross_validate(*_sums(recent), halves, best, values, rank)
    return best, values, rank


def _halves(blocks: int) -> Ints:
    """Return the halves that contain block 0; the others are their complements."""
    return np.array([(0, *rest) for rest in combinations(range(1, blocks), blocks // 2 - 1)], dtype=np.int64)


def _sums(recent: Floats) -> tuple[Floats, Floats, Floats]:
    """Return observations, sums and sums of squares `(S, N)`; those of each strategy in units of its largest return."""
    seen: Bools = ~np.isnan(recent)
    filled = np.where(seen, recent, 0.0)
    largest = np.abs(filled).max(axis=(0, 1))
    scaled = filled / np.where(largest > 0.0, largest, 1.0)
    square = np.einsum("stn,stn->sn", scaled, scaled)
    return seen.sum(axis=1).astype(np.float64), scaled.sum(axis=1), square


def _slope(x: Floats, y: Floats) -> float:
    apart = x - x.mean()
    square = float(apart @ apart)
    return float(apart @ y) / square if square > 0.0 else math.nan


def _undefined(n: int) -> Overfitting:
    none = np.empty(0)
    return Overfitting(math.nan, none, none, none, math.nan, math.nan, np.zeros(n, np.int64), 0)

"""Intervals of how widely returns spread, where calm and storm come in stretches that a record has only a few of."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from backtest.stats.bootstrap import Chances, block_length
from backtest.types import Floats

ARCH = np.geomspace(0.005, 0.4, 11)
DECAY = np.geomspace(0.002, 0.5, 12)
"""Parameters that are weighed: what a squared return adds to the next variance, and how fast the variance goes back."""


SMALLEST = 1e-9
"""A relative error below this is rounding: all parts of the record agree, and nothing is known of how far off it is."""


class Bounds(NamedTuple):
    """From `low` to `high`; infinite where the record does not bound the number on that side, NaN where undefined."""

    low: float
    high: float


class Storms(NamedTuple):
    """Returns about their mean as residuals `z` times √`variance`, both `(n,)`, and how likely each model is, `(A, D)`.

    Variances are relative to the mean square of the returns; residuals have a mean of 0 and a mean square of 1.
    """

    z: Floats
    variance: Floats
    weight: Floats


def spread_bounds(
    returns: Floats, drawn: Chances, level: float = 0.95, tail: float = 0.05, block: float | None = None, seed: int = 0
) -> tuple[Bounds, Bounds]:
    """Return bounds of the log deviation and of the expected shortfall of `returns` `(n,)`, which have no gaps.

    `drawn` is what chance has to say of the rows of each path, `seed` that of their parameters.

    Blocks of returns, resampled, forget a storm after one block. Here the residuals of a GARCH(1, 1) are resampled, in
    blocks as long as they ask for, and given back a variance that follows from the bar before: filtered historical
    simulation, Barone-Adesi, Giannopoulos and Vosper (1999), Pascual, Romo and Ruiz (2006). Each path has parameters of
    its own, drawn by their quasi-likelihood (`storms`), as a short record does not tell how long storms last. What is
    taken from the paths is only the distribution of t = (g(θ̂) − g(θ)) / s, with s from a few long parts of the same
    path (Ibragimov and Müller, 2010): the model needs to be right about the shape of t alone. g = −1/√d, d the
    deviation, or how far the shortfall is from the mean: both come out too low more often than too high, and their
    errors with them. Bounds are at the (1 ± level)/2 quantiles of t: not symmetric. Coverage: docs/inference.md.
    """
    from backtest.kernels.volatility import spread_of, spreads_of_paths

    mean = float(returns.mean())
    apart = returns - mean
    found = storms(apart)
    length = max(block_length(each).stationary for each in (found.z, found.z**2)) if block is None else block
    rows = drawn.in_blocks(length).rows
    arch, decay = _parameters(found.weight, len(rows), seed)
    value, error = np.empty((len(rows), 2)), np.empty((len(rows), 2))
    deviation = float(apart.std())
    scale = np.array([deviation, tail, np.quantile(apart, tail)])
    shortfall = spreads_of_paths(found.z, found.variance, rows, arch, decay, scale, value, error)
    own, spread = np.empty(2), np.empty(2)
    spread_of(apart, tail, own, spread)
    log = _bounds(np.exp(own[0]), spread[0], _pivots(np.exp(value[:, 0]), error[:, 0], deviation), level)
    far = _bounds(-own[1], -spread[1] / own[1], _pivots(-value[:, 1], -error[:, 1] / value[:, 1], -shortfall), level)
    return Bounds(*(math.log(each) for each in log)), Bounds(mean - far.high, mean - far.low)


def storms(apart: Floats) -> Storms:
    """Return how volatility changes in a series `(n,)` without mean: GARCH(1, 1), its mean the mean square.

    hₜ₊₁ = δ + α x² + (1 − δ − α) h in units of the mean square: Bollerslev (1986), with variance targeting as Engle and
    Mezrich (1996). Each (α, δ) of a grid weighs exp(−(loss − least loss) / 2κ), loss = Σ (ln h + x²/h), κ = (mean z⁴ −
    1)/2 and at least 1: a quasi-posterior under a flat prior in the logarithms (Chernozhukov and Hong, 2003). Residuals
    are those of the likeliest pair.
    """
    from backtest.kernels.volatility import garch_fit, garch_variances

    one = apart / np.abs(apart).max()  # squares of small returns would be 0
    square = one * one / float(np.mean(one * one))
    loss, variance = np.empty((ARCH.size, DECAY.size)), np.empty(apart.size)
    garch_fit(square, ARCH, DECAY, loss)
    best = np.unravel_index(int(loss.argmin()), loss.shape)
    garch_variances(square, float(ARCH[best[0]]), float(DECAY[best[1]]), variance)
    z = one / np.sqrt(variance)
    z = (z - z.mean()) / z.std()
    weight = np.exp((loss.min() - loss) / max(float(np.mean(z**4)) - 1.0, 2.0))
    return Storms(z, variance, weight / weight.sum())


def _parameters(weight: Floats, draws: int, seed: int) -> tuple[Floats, Floats]:
    """Return the parameters of each path, `(B,)`."""
    place = np.random.default_rng((seed, 1)).choice(weight.size, draws, p=weight.ravel())
    return ARCH[place // DECAY.size], DECAY[place % DECAY.size]


def _pivots(d: Floats, relative: Floats, true: float) -> Floats:
    """Return (g(d) − g(true)) / s, s the error of g(d), half of the `relative` error of d over its root."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(2.0 * (np.sqrt(d / true) - 1.0) / relative)


def _bounds(d: float, relative: float, pivots: Floats, level: float) -> Bounds:
    """Return the bounds of `d`: where g(d) less its error times an extreme quantile of the pivots is."""
    known = np.sort(pivots[np.isfinite(pivots)])
    if known.size < 0.5 * pivots.size or not (d > 0.0 and relative > SMALLEST):
        return Bounds(math.nan, math.nan)
    rank = max(int((known.size + 1) * (1.0 - level) / 2.0 + 1e-9), 1)  # 1 − 0.9 is a little less than 0.1
    least, most = known[rank - 1], known[known.size - rank]
    above = 1.0 + 0.5 * relative * least
    return Bounds(d / (1.0 + 0.5 * relative * most) ** 2, d / above**2 if above > 0.0 else math.inf)

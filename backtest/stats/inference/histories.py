"""What other histories of the same bars would have shown: numbers that hang on the order of the bars."""

from __future__ import annotations

import math

import numpy as np

from backtest.stats.bootstrap import DRAWS
from backtest.stats.drawdown import underwater
from backtest.stats.inference.influence import log_growth
from backtest.stats.inference.interval import Interval
from backtest.stats.returns import path_from_returns
from backtest.types import Floats, Ints

RESAMPLED = ("max_drawdown", "calmar")
"""Numbers whose range is that of resamples."""

NOTHING_LEFT = -1e300
"""The logarithm of a loss of everything: finite, so that differences of two are numbers."""


def histories(
    returns: Floats, compounding: float, block: float, level: float = 0.95, draws: int = DRAWS, seed: int = 0
) -> dict[str, Interval]:
    """Return the deepest drawdown and the Calmar ratio of `returns` `(n,)`, no gaps, with the range of resamples.

    `compounding` is the bars in a year. Stationary bootstrap with mean `block`, Politis and Romano (1994). Bounds are
    the (1 ± level)/2 quantiles of the resamples, the error is their deviation: what other histories of the same bars
    would have shown, and no interval of a parameter, as a deepest drawdown has none that does not depend on how long
    one looks. Undefined resamples are left out; NaN where more than half are.
    """
    from backtest.kernels.histories import histories as compute  # numba is loaded by those who resample alone

    n = returns.size
    log = np.maximum(log_growth(returns), NOTHING_LEFT)
    tree, place, fall = np.empty((2 << (n - 1).bit_length(), 4)), np.empty(draws), np.empty(draws)
    compute(log, *_blocks(n, block, draws, seed), tree, place, fall)
    depth = np.expm1(fall)
    own = float(underwater(path_from_returns(returns)).min())
    values = (own, _calmar(np.array(log.mean()), np.array(own), compounding).item())
    drawn = (depth, _calmar(place / n, depth, compounding))
    return {key: _range(value, each, level) for key, value, each in zip(RESAMPLED, values, drawn, strict=True)}


def _blocks(n: int, block: float, draws: int, seed: int) -> tuple[Ints, Ints]:
    """Return first row and length of blocks, `(draws, K)`: more than `n` bars need, but for one case in 1e12."""
    rng, wanted = np.random.default_rng((seed, 2)), n / max(block, 1.0)
    shape = draws, math.ceil(wanted + 8.0 * math.sqrt(wanted)) + 16
    return rng.integers(0, n, shape), rng.geometric(1.0 / max(block, 1.0), shape)


def _calmar(growth: Floats, depth: Floats, compounding: float) -> Floats:
    """Return annual return over depth, NaN without a fall."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        return np.where(depth < 0.0, np.expm1(growth * compounding) / -depth, np.nan)


def _range(value: float, drawn: Floats, level: float) -> Interval:
    usable = drawn[np.isfinite(drawn)]
    if not math.isfinite(value) or usable.size < 0.5 * drawn.size:
        return Interval(value, math.nan, math.nan, math.nan)
    low, high = np.quantile(usable, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Interval(value, float(usable.std(ddof=1)), float(low), float(high))

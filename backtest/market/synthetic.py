"""What synthetic markets share: reproducible random numbers, fat tails, moving volatility."""

from __future__ import annotations

import numpy as np

from backtest.types import Floats


def generator(seed: int) -> np.random.RandomState:
    """Return a source of random numbers whose stream numpy has promised never to change.

    The streams of `default_rng` may change between versions of numpy, and a sample market must not.
    """
    return np.random.RandomState(seed)


def fat_tailed(rng: np.random.RandomState, degrees: float, shape: tuple[int, ...]) -> Floats:
    """Draw Student t shocks of unit variance; `degrees` of freedom, more than 2."""
    return np.asarray(rng.standard_t(degrees, shape) * np.sqrt((degrees - 2.0) / degrees))


def moving_volatility(rng: np.random.RandomState, rows: int, columns: int, persistence: float, spread: float) -> Floats:
    """Draw volatility factors `(rows, columns)` that swing slowly around 1.

    Their logarithm is a first-order autoregression with the given `persistence` and stationary deviation `spread`.
    """
    shocks = rng.standard_normal((rows, columns)) * spread * np.sqrt(1.0 - persistence**2)
    log = np.empty((rows, columns))
    log[0] = rng.standard_normal(columns) * spread
    for t in range(1, rows):
        log[t] = persistence * log[t - 1] + shocks[t]
    return np.asarray(np.exp(log - 0.5 * spread**2))


def high_low(rng: np.random.RandomState, open_: Floats, close: Floats, deviation: Floats) -> tuple[Floats, Floats]:
    """Draw highs and lows around opens and closes; `deviation` is that of the bar's own log return."""
    top = np.abs(rng.standard_normal(open_.shape)) * 0.5 * deviation
    bottom = np.abs(rng.standard_normal(open_.shape)) * 0.5 * deviation
    return np.maximum(open_, close) * np.exp(top), np.minimum(open_, close) * np.exp(-bottom)


def halts(rng: np.random.RandomState, first: int, stop: int, count: int, longest: int) -> list[tuple[int, int]]:
    """Draw `count` stretches ``(row, length)`` of 1 to `longest` rows that lie within ``first .. stop - 1``."""
    rows = rng.randint(first, max(first + 1, stop - longest), count)
    lengths = rng.randint(1, longest + 1, count)
    return [(int(row), int(length)) for row, length in zip(rows, lengths, strict=True)]

"""Returns made at random whose true numbers are known: what intervals and tests are held against.

Daily, with a true mean of 0.0005 and a scale of 1 %. They are hard on purpose: `independent` has no fourth moment and
`stormy` hardly one, so that their volatility has no normal limit; `regimes` is no GARCH, which intervals of volatility
are made with.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from backtest.kernels._jit import kernel

Array = NDArray[np.float64]
Process = Callable[[np.random.Generator, int, int], Array]

MEAN, SCALE = 0.0005, 0.01
BURN = 1_000


def independent(rng: np.random.Generator, n: int, columns: int) -> Array:
    """Student's t with four degrees of freedom, `(n, columns)`."""
    return MEAN + SCALE * math.sqrt(2.0 / 4.0) * rng.standard_t(4, (n, columns))


def fat_tails(rng: np.random.Generator, n: int, columns: int) -> Array:
    """AR(1) of 0.2 with t(5) shocks, `(n, columns)`."""
    return MEAN + SCALE * _autoregressive(math.sqrt(3.0 / 5.0) * rng.standard_t(5, (n + BURN, columns)), 0.2)[BURN:]


def clustered(rng: np.random.Generator, n: int, columns: int) -> Array:
    """GARCH(1, 1), 0.07 and 0.88, with t(6) shocks, and an AR(1) of 0.1, `(n, columns)`: storms halve in 14 days."""
    return MEAN + SCALE * _autoregressive(_garch(_shocks(rng, n, columns), 0.07, 0.88), 0.1)[BURN:]


def stormy(rng: np.random.Generator, n: int, columns: int) -> Array:
    """GARCH(1, 1), 0.08 and 0.90, with t(6) shocks, `(n, columns)`: storms halve in 34 days."""
    return MEAN + SCALE * _garch(_shocks(rng, n, columns), 0.08, 0.90)[BURN:]


def regimes(rng: np.random.Generator, n: int, columns: int) -> Array:
    """Normal returns of 0.7 % or 2 % a day, switched at random after 125 and 40 days on average, `(n, columns)`."""
    switch, z = rng.random((n + BURN, columns)), rng.standard_normal((n + BURN, columns))
    return MEAN + SCALE * _switching(switch, z)[BURN:]


def _shocks(rng: np.random.Generator, n: int, columns: int) -> Array:
    return math.sqrt(4.0 / 6.0) * rng.standard_t(6, (n + BURN, columns))


@kernel
def _autoregressive(shocks: Array, phi: float) -> Array:
    out = shocks.copy()
    for t in range(1, out.shape[0]):
        out[t] += phi * out[t - 1]
    return out


@kernel
def _garch(shocks: Array, arch: float, keep: float) -> Array:
    out = np.empty_like(shocks)
    for k in range(shocks.shape[1]):
        variance = 1.0
        for t in range(shocks.shape[0]):
            out[t, k] = np.sqrt(variance) * shocks[t, k]
            variance = 1.0 - arch - keep + arch * out[t, k] ** 2 + keep * variance
    return out


@kernel
def _switching(switch: Array, z: Array) -> Array:
    out = np.empty_like(z)
    for k in range(z.shape[1]):
        is_calm = True
        for t in range(z.shape[0]):
            if switch[t, k] < (0.008 if is_calm else 0.025):
                is_calm = not is_calm
            out[t, k] = (0.7 if is_calm else 2.0) * z[t, k]
    return out


PROCESSES: dict[str, Process] = {
    "independent": independent,
    "fat tails": fat_tails,
    "clustered": clustered,
    "stormy": stormy,
    "regimes": regimes,
}


@cache
def truth(name: str) -> dict[str, float]:
    """What the five estimated numbers are, annual at 252 bars a year, from ten million bars whose mean is put right."""
    returns = np.concatenate([PROCESSES[name](np.random.default_rng([7, k]), 100_000, 5).ravel() for k in range(20)])
    returns += MEAN - returns.mean()
    losses = np.minimum(returns, 0.0)
    edge = np.quantile(returns, 0.05)
    return {
        "annual_return": math.expm1(252.0 * float(np.log1p(returns).mean())),
        "volatility": math.sqrt(252.0) * float(returns.std()),
        "sharpe": math.sqrt(252.0) * MEAN / float(returns.std()),
        "sortino": math.sqrt(252.0) * MEAN / math.sqrt(float(np.mean(losses * losses))),
        "expected_shortfall": float(returns[returns <= edge].mean()),
    }

"""Making effects of single periods add up to a compound return.

Effects that add up to R_t − B_t in each period do not add up to R − B, the difference of the compound returns. Each
method here multiplies the effects of a period by one number, so that afterwards they do, without a residual. Without a
benchmark (B_t = 0) the same holds for contributions to a return. A NaN return is no observation and changes nothing.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from backtest.types import Floats

Linking = Literal["carino", "menchero", "grap"]
LINKINGS: tuple[Linking, ...] = ("carino", "menchero", "grap")

NO_DIFFERENCE = 1e-14
"""Differences of returns below this are rounding: nothing can be spread over the periods in proportion to them."""


def linking_factors(returns: Floats, benchmark: Floats | None = None, method: Linking = "carino") -> Floats:
    """Return what the effects of each period are multiplied by, `(T,)`: Σ factor_t (R_t − B_t) = R − B exactly.

    carino: k_t / k with k_t = (ln(1 + R_t) − ln(1 + B_t)) / (R_t − B_t), or 1 / (1 + R_t) where both are equal, and k
    the same of R and B. Carino (1999), "Combining Attribution Effects Over Time". Linking months and then years gives
    what linking days gives.

    menchero: A + C (R_t − B_t) with A = (R − B) / T / ((1 + R)^(1/T) − (1 + B)^(1/T)), or (1 + R)^((T − 1)/T) where
    both are equal, and C = (R − B − A Σ(R_t − B_t)) / Σ(R_t − B_t)². Menchero (2000), "An Optimized Approach to Linking
    Attribution Effects Over Time": the factors closest to one number for all periods.

    grap: Π_{s<t} (1 + R_s) · Π_{s>t} (1 + B_s). GRAP (1997), "Synthèse des modèles d'attribution de performance":
    what was gained goes along with the portfolio before, and with the benchmark after. Without a benchmark: money
    earned over the initial capital.

    NaN throughout for carino and menchero when either side loses everything in a period; grap needs no logarithm.
    """
    mine = np.nan_to_num(returns, nan=0.0)
    other = np.zeros_like(mine) if benchmark is None else np.nan_to_num(benchmark, nan=0.0)
    if method == "grap":
        return _grap(mine, other)
    if (mine <= -1.0).any() or (other <= -1.0).any():
        return np.full(mine.shape, np.nan)
    return _carino(mine, other) if method == "carino" else _menchero(mine, other)


def link(effects: Floats, factors: Floats) -> Floats:
    """Return Σ_t factor_t · effect_t for effects `(T, …)`; a NaN effect is none.

    Not by BLAS, whose sums depend on the number of threads.
    """
    return np.asarray(np.einsum("t,t...->...", factors, np.nan_to_num(effects, nan=0.0)))


def compound(returns: Floats) -> float:
    """Return Π(1 + r) − 1, NaN counting as no change."""
    return float(np.prod(1.0 + np.nan_to_num(returns, nan=0.0)) - 1.0)


def _carino(mine: Floats, other: Floats) -> Floats:
    whole = _slope(np.array([compound(mine)]), np.array([compound(other)]))
    return np.asarray(_slope(mine, other) / whole)


def _slope(r: Floats, b: Floats) -> Floats:
    """Return (ln(1 + r) − ln(1 + b)) / (r − b), in a form that loses nothing when both are nearly equal."""
    x = (r - b) / (1.0 + b)
    return np.asarray(np.divide(np.log1p(x), x, out=np.ones_like(x), where=x != 0.0) / (1.0 + b))


def _menchero(mine: Floats, other: Floats) -> Floats:
    n, difference = mine.size, mine - other
    total, base = compound(mine), 1.0 + compound(other)
    gap = total + 1.0 - base
    # (1 + R)^(1/T) − (1 + B)^(1/T), in a form that loses nothing when both are nearly equal.
    root = base ** (1.0 / n) * np.expm1(np.log1p(gap / base) / n) if n else 0.0
    same = base ** (1.0 - 1.0 / n) if n else 1.0
    natural = gap / n / root if root != 0.0 else same
    if not (np.abs(difference) > NO_DIFFERENCE).any():
        return np.full(n, natural)
    rest = (gap - natural * float(difference.sum())) / float((difference * difference).sum())
    return np.asarray(natural + rest * difference)


def _grap(mine: Floats, other: Floats) -> Floats:
    before = np.concatenate(([1.0], np.cumprod(1.0 + mine)[:-1]))[: mine.size]
    after = np.concatenate((np.cumprod((1.0 + other)[::-1])[::-1][1:], [1.0]))[: mine.size]
    return np.asarray(before * after)

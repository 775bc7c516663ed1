"""Is any of many strategies better than a benchmark, and which? One bootstrap of all of them together.

`excess` `(T, K)` is what is compared, each column a strategy less its benchmark in the same bars, without gaps: returns
usually. All columns of a resample are of the same rows, so that their correlation is kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from backtest.stats.bootstrap import DRAWS, Resamples, block_length, row_counts, stationary_rows
from backtest.stats.inference.hac import long_run_variance
from backtest.types import Floats

Studentise = Literal["each", "once"]
"""By what resampled means are divided. `once`: by the error of the series, as Hansen does. `each`: by the error that
the resample's own blocks give it, as Romano and Wolf do; it makes fewer false claims in short or fat-tailed records."""


@dataclass(frozen=True)
class Superiority:
    """A test that no strategy beats the benchmark: its statistic and p-values by how bad strategies are treated.

    Hansen's `lower` and `upper` bound the `consistent` p-value; White's test has one, and all three are it.
    """

    statistic: float
    p_value: float  # consistent
    lower: float
    upper: float
    best: int  # the column with the largest statistic
    block: float


@dataclass(frozen=True)
class Family:
    """Each strategy's studentised mean `(K,)`, and its p-value told how many there are."""

    statistic: Floats
    p_value: Floats  # step-down: the family makes one false claim with at most that probability
    block: float


@dataclass(frozen=True)
class Means:
    """Means of the columns, √n times their errors, and √n × the resampled means about them, `(B, K)`."""

    n: int
    mean: Floats
    omega: Floats
    apart: Floats
    block: float
    resamples: Resamples
    centred: Floats  # the columns about their means, (T, K)


def reality_check(excess: Floats, draws: int = DRAWS, block: float | None = None, seed: int = 0) -> Superiority:
    """Test by max √n d̄ₖ against the resampled max √n (d̄*ₖ − d̄ₖ): White (2000), "A Reality Check for Data Snooping".

    Not studentised: a volatile strategy weighs most, and bad ones make the test weaker. See `superior_ability`.
    """
    found = means(excess, draws, block, seed)
    statistic = math.sqrt(found.n) * found.mean
    p = _share(found.apart.max(axis=1), float(statistic.max()))
    return Superiority(float(statistic.max()), p, p, p, int(statistic.argmax()), found.block)


def superior_ability(
    excess: Floats, draws: int = DRAWS, block: float | None = None, seed: int = 0, studentise: Studentise = "each"
) -> Superiority:
    """Test by max(0, max √n d̄ₖ / ωₖ): Hansen (2005), "A Test for Superior Predictive Ability".

    ω² is the variance that the stationary bootstrap gives √n d̄ₖ. Resampled means are centred on g: `upper` on d̄ₖ,
    `lower` on max(d̄ₖ, 0), and the `consistent` one, p_value, on d̄ₖ where √n d̄ₖ/ωₖ ≥ −√(2 ln ln n), else on 0, which
    takes strategies that are clearly worse out of the test. Hansen divides them by ω (`once`), which at 5 % rejects in
    7 to 9 % of cases (docs/inference.md); `each` divides by the error of the resample. Columns without variance count
    as 0.
    """
    found = means(excess, draws, block, seed)
    t = studentised(found)
    statistic = max(float(t.max()), 0.0)
    bound = -math.sqrt(2.0 * math.log(math.log(found.n)))
    root = math.sqrt(found.n) * found.mean
    omega = _scale(found, studentise)
    shifts = np.where(t >= bound, 0.0, root), np.minimum(root, 0.0), np.zeros_like(root)
    consistent, lower, upper = (_over(found.apart + shift, omega).max(axis=1) for shift in shifts)
    p = [_share(np.maximum(each, 0.0), statistic) for each in (consistent, lower, upper)]
    return Superiority(statistic, p[0], p[1], p[2], int(t.argmax()), found.block)


def step_down(
    excess: Floats, draws: int = DRAWS, block: float | None = None, seed: int = 0, studentise: Studentise = "each"
) -> Family:
    """Say *which* columns are above zero.

    Studentised means in falling order; the p-value of each is the share of resamples whose largest studentised
    deviation among it and those below is at least as large, never smaller than that of the one before. Those at or
    below α are the ones that StepM rejects at α. Romano and Wolf (2005), "Stepwise Multiple Testing as Formalized Data
    Snooping"; p-values by Romano and Wolf (2016).
    """
    found = means(excess, draws, block, seed)
    t = studentised(found)
    order = np.argsort(-t, kind="stable")
    deviations = _over(found.apart, _scale(found, studentise))[:, order]
    largest = np.maximum.accumulate(deviations[:, ::-1], axis=1)[:, ::-1]
    p = (1.0 + (largest >= t[order]).sum(axis=0)) / (1.0 + len(largest))
    out = np.empty(t.size)
    out[order] = np.maximum.accumulate(p)
    return Family(t, out, found.block)


def means(excess: Floats, draws: int, block: float | None, seed: int) -> Means:
    """Resample the means of all columns at once; the block is the longest that any column asks for."""
    n = len(excess)
    length = max(block_length(column).stationary for column in excess.T) if block is None else block
    resamples = stationary_rows(n, length, draws, seed)
    mean = excess.mean(axis=0)
    centred = excess - mean
    apart = row_counts(resamples.rows, n) @ centred / math.sqrt(n)
    variance = np.array([long_run_variance(column, "resampled", length) for column in excess.T])
    flat = (1e-12 * np.abs(excess).max(axis=0)) ** 2
    omega = np.sqrt(np.where(variance > flat, variance, 0.0))
    return Means(n, mean, omega, apart, float(length), resamples, centred)


def studentised(found: Means) -> Floats:
    """Return √n d̄ / ω, 0 for a column without variance."""
    return _over(math.sqrt(found.n) * found.mean, found.omega)


def _scale(found: Means, studentise: Studentise) -> Floats:
    """Return what resampled means are divided by, `(K,)` or `(B, K)`; 0 in columns without variance."""
    if studentise == "once":
        return found.omega
    from backtest.kernels.bootstrap import block_errors

    error = np.empty_like(found.apart)
    block_errors(found.centred, *found.resamples, found.apart / math.sqrt(found.n), error)
    return np.asarray(np.where(found.omega > 0.0, error, 0.0))


def _over(values: Floats, omega: Floats) -> Floats:
    return np.asarray(np.where(omega > 0.0, values / np.where(omega > 0.0, omega, 1.0), 0.0))


def _share(resampled: Floats, statistic: float) -> float:
    """Return (1 + number at or above the statistic) / (1 + draws), so that no p-value is zero."""
    return float((1.0 + np.count_nonzero(resampled >= statistic)) / (1.0 + resampled.size))

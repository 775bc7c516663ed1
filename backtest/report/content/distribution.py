"""How the returns of bars are spread, and where its bad end begins."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from backtest.report.numbers import RunNumbers
from backtest.report.scales import nice_step
from backtest.types import Floats, Ints

TAIL = 0.001
"""What lies beyond this quantile on either side is counted in the outermost bins."""

MOST_BINS = 60


@dataclass(frozen=True)
class Distribution:
    """A histogram: bin k holds the returns in [edges[k], edges[k + 1]); the outermost ones also all beyond them."""

    edges: Floats  # (B + 1,)
    counts: Ints  # (B,)
    normal: Floats  # (B,) what a normal distribution of the same mean and deviation would count
    mean: float
    deviation: float
    value_at_risk: float  # 95 %, as in the metrics; NaN when undefined
    shortfall: float
    below: int  # returns in the first bin that lie below its edge
    above: int


def distribution(run: RunNumbers) -> Distribution | None:
    """Return the histogram of the returns of all bars; None when fewer than three differ from nothing."""
    seen = run.returns[np.isfinite(run.returns)]
    if np.count_nonzero(seen) < 3:
        return None
    edges = _edges(seen)
    counts = np.histogram(np.clip(seen, edges[0], edges[-1]), edges)[0]
    mean, deviation = float(seen.mean()), float(seen.std(ddof=1))
    return Distribution(
        edges,
        counts.astype(np.int64),
        _normal(edges, mean, deviation) * seen.size,
        mean,
        deviation,
        _known(run.value("var_95")),
        _known(run.value("es_95")),
        int(np.count_nonzero(seen < edges[0])),
        int(np.count_nonzero(seen > edges[-1])),
    )


def _edges(seen: Floats) -> Floats:
    """Bins of a round width, an edge at zero where it lies inside; width: Freedman and Diaconis (1981)."""
    low, high = np.quantile(seen, [TAIL, 1.0 - TAIL])
    first, third = np.quantile(seen, [0.25, 0.75])
    wished = 2.0 * (third - first) / seen.size ** (1.0 / 3.0)
    width = nice_step(max(float(wished), float(high - low) / MOST_BINS, 1e-9))
    first_edge, last_edge = math.floor(float(low) / width - 1e-9), math.ceil(float(high) / width + 1e-9)
    return np.asarray(np.arange(first_edge, last_edge + 1) * width)


def _normal(edges: Floats, mean: float, deviation: float) -> Floats:
    """Return the probability of each bin under a normal distribution."""
    if deviation <= 0.0:
        return np.zeros(edges.size - 1)
    below = np.array([0.5 * (1.0 + math.erf((edge - mean) / deviation / math.sqrt(2.0))) for edge in edges])
    return np.diff(below)


def _known(value: float | None) -> float:
    return math.nan if value is None else float(value)

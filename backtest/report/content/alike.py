"""How alike the held assets moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest import stats
from backtest.report.numbers import RunNumbers
from backtest.types import Floats

FEWEST = 2
MOST_ASSETS = 40


@dataclass(frozen=True)
class Alike:
    """Correlations of daily or longer returns, alike assets side by side."""

    names: list[str]
    matrix: Floats  # (N, N), NaN for pairs without enough common bars
    mean: float  # of the pairs; NaN without any
    left_out: int  # assets of the run's matrix that have no room


def alike(run: RunNumbers) -> Alike | None:
    """Return the correlations of the assets with the largest average weight; None where the run left none.

    The run has put them in order already.
    """
    table = run.correlation
    if table is None or len(table) < FEWEST:
        return None
    size = dict(zip(run.symbols, np.abs(run.weights).mean(axis=0).tolist() if run.weights.size else (), strict=False))
    names = [str(name) for name in table["symbol"]]
    largest = sorted(names, key=lambda name: -size.get(name, 0.0))[:MOST_ASSETS]
    kept = [k for k, name in enumerate(names) if name in set(largest)]
    matrix = table[names].to_numpy(np.float64)[np.ix_(kept, kept)]
    return Alike([names[k] for k in kept], matrix, stats.mean_correlation(matrix), len(table) - len(kept))

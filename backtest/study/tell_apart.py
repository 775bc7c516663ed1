"""Which differences are real: each pair, the set of those that may be best, and the luck of having tried many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from backtest import stats
from backtest.metrics import inference
from backtest.metrics.luck import deflated, moments
from backtest.stats.inference.sharpe_family import sharpe_family
from backtest.study.measure import LEVEL, finite
from backtest.study.side import SideBySide
from backtest.types import Floats
from backtest.workspace.counting import Snapshot

ALPHA = 0.05
"""What an adjusted p-value is held against."""

OUTSIDE = 0.1
"""α of the model confidence set, as its authors use it."""

CONTROL = "romano_wolf"
BLOCKS = (16, 12, 10, 8, 6, 4)
FEWEST_A_BLOCK = 20


def excess(side: SideBySide, risk_free: float) -> Floats:
    """Return the returns over cash in the bars in which every run has one, `(T, N)`."""
    year = side.periods.per_year
    cash = stats.per_period(risk_free, year) if risk_free and year > 0.0 else 0.0
    seen = side.returns[~np.isnan(side.returns).any(axis=1)]
    return np.asarray(seen - cash)


def pairs(side: SideBySide, returns: Floats) -> list[dict[str, Any]]:
    """Test each pair for equal Sharpe ratios; differences, errors and intervals are annual.

    Two runs with the same returns have no test.
    """
    found = sharpe_family(returns, LEVEL)
    root = math.sqrt(side.periods.per_year)
    return [
        {
            "first": side.names[i],
            "second": side.names[j],
            **{key: finite(root * float(getattr(found, key)[k])) for key in ("difference", "error", "low", "high")},
            **{key: finite(float(getattr(found, key)[k])) for key in ("p_value", "adjusted")},
            "correlation": _correlation(returns, i, j),
        }
        for k, (i, j) in enumerate(found.pairs.tolist())
    ]


def may_be_best(side: SideBySide, returns: Floats) -> dict[str, Any]:
    """Return the model confidence set at one risk: which runs may have the highest Sharpe ratio.

    Returns are divided by their deviation, so that their means are Sharpe ratios; those without any are left out.
    """
    spread = returns.std(axis=0, ddof=1)
    chosen = np.flatnonzero(spread > 1e-12)
    if chosen.size < 2:
        return {"alpha": OUTSIDE, "p_value": {}, "inside": [side.names[k] for k in chosen]}
    table = pd.DataFrame(returns[:, chosen] / spread[chosen], columns=pd.RangeIndex(chosen.size))
    found = inference.confidence_set(table, OUTSIDE)
    names = [side.names[k] for k in chosen]
    return {
        "alpha": OUTSIDE,
        "p_value": dict(zip(names, map(float, found["p_value"]), strict=True)),
        "inside": [name for name, inside in zip(names, found["inside"], strict=True) if inside],
    }


def luck(side: SideBySide, returns: Floats, snapshots: Sequence[Snapshot]) -> dict[str, Any]:
    """Return for each run what the best of all trials on these data would show by luck, and what remains."""
    found = {}
    for name, column, snapshot in zip(side.names, returns.T, snapshots, strict=True):
        shape, trials = moments(column), snapshot.trials
        found[name] = {
            "trials": trials.count,
            "effective": finite(trials.effective),
            "probabilistic": finite(deflated(shape, 1.0, 0.0)),
            "deflated": finite(deflated(shape, trials.count, trials.variance_per_bar)),
            "expected_luck": finite(_expected(trials, side.periods.per_year)),
        }
    return found


def _expected(trials: inference.Trials, per_year: float) -> float:
    return inference.expected_luck(trials.count, trials.variance_per_bar, per_year)


def overfitting(returns: Floats) -> dict[str, Any] | None:
    """Return how often the best in one half of the record is below the median in the other; None when it is short."""
    blocks = next((each for each in BLOCKS if len(returns) >= each * FEWEST_A_BLOCK), None)
    if blocks is None or returns.shape[1] < 2:
        return None
    found = inference.overfitting(pd.DataFrame(returns), blocks)
    return {"blocks": blocks, "probability": finite(found.probability), "chosen": found.chosen.tolist()}


def _correlation(returns: Floats, i: int, j: int) -> float | None:
    x, y = returns[:, i] - returns[:, i].mean(), returns[:, j] - returns[:, j].mean()
    size = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / size if size > 0.0 else None

"""Trials so far from all others that the spread of the Sharpe ratios is theirs: a variant that nobody would trade."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.types import Floats, Ints
from backtest.workspace.trials import Trial

FEW = 20
"""One of so many trials may be among the few, and one at least."""

MOST = 0.5
"""They make up most of the spread: without them the deviation of the ratios is less than this share of what it is."""

MATTERS = 0.1
"""A deviation of all below this share of the error of a ratio, 1/√n, deflates nothing, whoever it is due to."""

ALPHA = 0.05
"""How often a family without any such trial is said to have one, at most."""


def apart(trials: Sequence[Trial]) -> list[Trial]:
    """Return the fewest of `trials`, which all have a Sharpe ratio, that make up most of the spread; as a rule none.

    Each of them is an outlier by the test of Grubbs (1950), "Sample Criteria for Testing Outlying Observations",
    against all that are not among them.
    """
    ratios = np.array([each.sharpe for each in trials], dtype=np.float64)
    if ratios.size < 3 or ratios.std(ddof=1) < MATTERS / np.sqrt(max(each.observations for each in trials)):
        return []
    order = np.argsort(-np.abs(ratios - np.median(ratios)), kind="stable")
    for few in range(1, max(ratios.size // FEW, 1) + 1):
        if ratios[order[few:]].std(ddof=1) < MOST * ratios.std(ddof=1) and _are_outliers(ratios, order, few):
            return [trials[k] for k in order[:few]]
    return []


def _are_outliers(ratios: Floats, order: Ints, few: int) -> bool:
    """Test the first `few` of an order against the rest: Student's t of each, Bonferroni's share of `ALPHA`."""
    from scipy.special import stdtr  # seldom asked for

    rest = ratios[order[few:]]
    error = rest.std(ddof=1) * np.sqrt(1.0 + 1.0 / rest.size)
    with np.errstate(divide="ignore"):
        t = np.abs(ratios[order[:few]] - rest.mean()) / error
    return bool((2.0 * stdtr(rest.size - 1.0, -t) * ratios.size <= ALPHA).all())

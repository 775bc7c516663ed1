"""The experiment of López de Prado (2016) in `benchmarks/`: its paths, its money, and what it finds."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.allocate import allocate
from benchmarks.hrp_experiment import (
    DAYS,
    FOLLOWING,
    HOLD,
    INDEPENDENT,
    METHODS,
    PUBLISHED,
    SIGMA,
    WINDOW,
    experiment,
    invested,
    path,
)


def test_paths_are_those_of_the_paper() -> None:
    """Ten columns of 520 days; shocks of −50 % and +200 % hit a pair and one asset, in the second half alone."""
    for seed in range(20):
        returns = path(np.random.default_rng(seed))
        assert returns.shape == (DAYS, INDEPENDENT + FOLLOWING)
        days, assets = np.nonzero(np.abs(returns) > 0.3)
        assert days.min() >= WINDOW
        assert 3 <= len(days) <= 6  # two days each for two and for one; they may meet
        assert set(np.unique(returns[days, assets])) <= {-0.5, 2.0}
        assert INDEPENDENT in assets
        calm = returns[:WINDOW]
        np.testing.assert_allclose(calm.std(axis=0), SIGMA, rtol=0.25)
        correlated = np.corrcoef(calm.T)[INDEPENDENT:, :INDEPENDENT].max(axis=1)
        assert correlated.min() > 0.95  # √(1 / (1 + 0.25²)) = 0.970


@pytest.mark.parametrize("method", METHODS)
def test_what_is_made_is_a_plain_sum_of_products(method: str) -> None:
    """The engine's account against ∏ (1 + wᵀr), which holds where weights are topped up each day at no cost."""
    returns = path(np.random.default_rng(5))
    grown = 1.0
    for first in range(WINDOW, DAYS, HOLD):
        weights = allocate(method, returns=returns[first - WINDOW : first], **METHODS[method]).weights
        grown *= np.prod(1.0 + returns[first : first + HOLD] @ weights)
    assert invested(method, returns) == pytest.approx(grown - 1.0, rel=1e-9)


@pytest.mark.slow
def test_hrp_has_the_smallest_variance_and_all_are_near_the_published() -> None:
    """400 paths: the standard errors are 5 to 8 % of the variances, so 30 % is far outside of luck."""
    outcome = experiment(400)
    found = {method: outcome.variance(method) for method in METHODS}
    assert found["hrp"] < found["inverse_variance"] < found["min_variance"]
    for method, variance in found.items():
        assert variance == pytest.approx(PUBLISHED[method], rel=0.3)

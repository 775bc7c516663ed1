"""Shares of the risk within bounds: the conditions of the optimum, closed forms, and what cannot be done."""

from __future__ import annotations

from dataclasses import replace

import numba
import numpy as np
import pytest

from backtest.allocate.budgeting import budgeted
from backtest.allocate.budgeting_within import budgeted_within
from backtest.allocate.constraints.region import Region, long_only
from backtest.kernels.risk_budget import descend_within
from backtest.types import Floats

from .optimising import problem


def bounded(lower: Floats, upper: Floats, net: float = 1.0) -> Region:
    return replace(long_only(len(lower), net), lower=lower, upper=upper)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("net", [1.0, 0.6])
def test_the_conditions_of_the_optimum(seed: int, net: float) -> None:
    """One λ for all: contributions are λb between the bounds, less on upper ones, more on lower ones."""
    n = 4 + seed
    rng = np.random.default_rng(seed)
    covariance, _ = problem(seed, n)
    budgets = rng.dirichlet(np.full(n, 3.0))
    lower, upper = np.full(n, net * 0.4 / n), np.full(n, net * rng.uniform(1.1, 1.6) / n)
    found = budgeted_within(covariance, budgets, bounded(lower, upper, net))
    w = found.weights
    assert w.sum() == pytest.approx(net, abs=1e-12)
    assert (w >= lower).all()
    assert (w <= upper).all()
    ratio = w * (covariance @ w) / budgets
    free = (w > lower) & (w < upper)
    assert free.any()
    assert not free.all()
    level = ratio[free].mean()
    np.testing.assert_allclose(ratio[free], level, rtol=1e-8)
    assert (ratio[w == upper] <= level * (1.0 + 1e-8)).all()
    assert (ratio[w == lower] >= level * (1.0 - 1e-8)).all()
    assert found.gap <= 1e-8


def test_uncorrelated_assets_have_a_closed_form() -> None:
    """x ∝ √b / σ for what is free; the first is held down, and the last held up."""
    covariance = np.diag([0.01, 0.04, 0.09, 0.16])
    region = bounded(np.array([0.0, 0.0, 0.0, 0.25]), np.array([0.3, 1.0, 1.0, 1.0]))
    w = budgeted_within(covariance, np.full(4, 0.25), region).weights
    np.testing.assert_allclose(w, [0.3, 0.45 * 0.6, 0.45 * 0.4, 0.25], rtol=1e-11)


def test_bounds_that_do_not_bind_change_nothing() -> None:
    covariance, _ = problem(3, 8)
    budgets = np.full(8, 0.125)
    plain = budgeted(covariance, budgets).weights
    np.testing.assert_array_equal(budgeted_within(covariance, budgets, long_only(8)).weights, plain)
    short = bounded(np.full(8, -1.0), np.ones(8))
    np.testing.assert_array_equal(budgeted_within(covariance, budgets, short).weights, plain)


def test_an_asset_that_may_not_be_held_leaves_its_budget_to_the_others() -> None:
    covariance, _ = problem(4, 5)
    upper = np.array([1.0, 0.0, 1.0, 1.0, 1.0])
    w = budgeted_within(covariance, np.full(5, 0.2), bounded(np.zeros(5), upper)).weights
    assert w[1] == 0.0
    held = [0, 2, 3, 4]
    alone = budgeted(covariance[np.ix_(held, held)], np.full(4, 0.25)).weights
    np.testing.assert_allclose(w[held], alone, rtol=1e-9)


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_the_scale_does_not_matter(scale: float) -> None:
    covariance, _ = problem(5, 10)
    budgets, region = np.full(10, 0.1), bounded(np.zeros(10), np.full(10, 0.12))
    once = budgeted_within(covariance, budgets, region).weights
    np.testing.assert_allclose(budgeted_within(covariance * scale, budgets, region).weights, once, rtol=1e-9)


def test_bounds_that_cannot_hold_the_net_exposure_are_left_to_the_projection() -> None:
    covariance = np.diag([0.01, 0.04])
    for region in (bounded(np.zeros(2), np.full(2, 0.4)), bounded(np.zeros(2), np.full(2, 0.5)), long_only(2, 0.0)):
        w = budgeted_within(covariance, np.full(2, 0.5), region).weights
        np.testing.assert_allclose(w, [2 / 3, 1 / 3], rtol=1e-10)


def test_what_has_no_budget_does_not_fill_up_what_bounds_take_from_others() -> None:
    covariance = np.diag([0.01, 0.04, 0.09, 0.16])
    region = bounded(np.zeros(4), np.full(4, 0.4))
    w = budgeted_within(covariance, np.array([0.5, 0.5, 0.0, 0.0]), region).weights
    np.testing.assert_allclose(w, [2 / 3, 1 / 3, 0.0, 0.0], rtol=1e-10)


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_the_kernel_is_compiled_once() -> None:
    for seed in range(3):
        budgeted_within(problem(seed, 6)[0], np.full(6, 1 / 6), bounded(np.zeros(6), np.full(6, 0.17)))
    assert len(descend_within.signatures) == 1

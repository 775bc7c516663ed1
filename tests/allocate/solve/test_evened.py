"""Of the many answers of a linear program one is chosen by a rule, at no cost to what is minimised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtest.allocate.constraints.region import Region, long_only
from backtest.allocate.methods.min_cdar import cdar
from backtest.allocate.methods.min_cvar import cvar
from backtest.allocate.solve.linear import minimise_cdar, minimise_cvar, minimise_linear
from backtest.types import Floats, Ints

BOTH: dict[str, tuple[Callable[..., Any], Callable[[Floats, float], float]]] = {
    "cvar": (minimise_cvar, cvar),
    "cdar": (minimise_cdar, cdar),
}


def made(seed: int, n: int, rows: int, twins: bool) -> tuple[Floats, Region, float]:
    """Return scenarios, a region and a confidence; few rows and whole tails leave many equally good weights."""
    g = np.random.default_rng(seed)
    returns = 0.0003 + 0.01 * g.standard_t(4, (rows, n)) * g.uniform(0.5, 2.0, n)
    if twins:
        returns[:, 1] = returns[:, 0]
    region = long_only(n)
    shape = g.integers(3)
    if shape == 1 and not twins:
        region = replace(region, lower=np.full(n, -0.3), upper=np.full(n, 0.6), gross=1.4)
    if shape == 2 and not twins:
        region = replace(region, current=g.dirichlet(np.ones(n)), turnover=0.2)
    return returns, region, float(g.choice([0.5, 0.9, 0.95]))


def moved(region: Region, order: Ints) -> Region:
    current = None if region.current is None else region.current[order]
    return replace(region, lower=region.lower[order], upper=region.upper[order], current=current)


@pytest.mark.parametrize("name", BOTH)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(3, 14), rows=st.sampled_from([4, 8, 20, 60]))
def test_the_order_of_the_assets_has_no_say(name: str, seed: int, n: int, rows: int) -> None:
    solve, risk = BOTH[name]
    returns, region, confidence = made(seed, n, rows, twins=False)
    order = np.random.default_rng(seed).permutation(n)
    found = solve(returns, confidence, region)
    other = solve(returns[:, order], confidence, moved(region, order))
    np.testing.assert_allclose(other.weights, found.weights[order], atol=1e-9)
    assert risk(returns @ found.weights, confidence) == pytest.approx(found.objective, rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("name", BOTH)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(3, 14), rows=st.sampled_from([4, 20, 60]))
def test_twins_get_the_same(name: str, seed: int, n: int, rows: int) -> None:
    solve, risk = BOTH[name]
    returns, region, confidence = made(seed, n, rows, twins=True)
    found = solve(returns, confidence, region)
    assert found.weights[0] == pytest.approx(found.weights[1], abs=1e-9)
    alone = solve(returns[:, 1:], confidence, long_only(n - 1))
    assert risk(returns @ found.weights, confidence) == pytest.approx(alone.objective, rel=1e-9, abs=1e-13)


def test_what_a_bound_leaves_of_an_even_split() -> None:
    """Three alike, one of them held to 0.1 at most: the other two share the rest."""
    one = 0.01 * np.random.default_rng(0).normal(size=(40, 1))
    region = replace(long_only(3), upper=np.array([0.1, 1.0, 1.0]))
    found = minimise_cvar(np.tile(one, 3), 0.9, region)
    np.testing.assert_allclose(found.weights, [0.1, 0.45, 0.45], atol=1e-12)


def test_no_drawdown_at_all_is_shared_evenly() -> None:
    """Four that only rise: whatever is held never falls."""
    returns = 0.01 * np.random.default_rng(1).uniform(0.1, 1.0, (30, 4))
    found = minimise_cdar(returns, 0.9, long_only(4))
    assert found.objective == pytest.approx(0.0, abs=1e-14)
    np.testing.assert_allclose(found.weights, np.full(4, 0.25), atol=1e-12)


def test_a_linear_cost_with_ties() -> None:
    region = replace(long_only(4), upper=np.full(4, 0.6))
    found = minimise_linear(np.array([1.0, 1.0, 2.0, 1.0]), region, even=True)
    np.testing.assert_allclose(found.weights, [1 / 3, 1 / 3, 0.0, 1 / 3], atol=1e-12)
    corner = minimise_linear(np.array([1.0, 1.0, 2.0, 1.0]), region)
    assert corner.objective == pytest.approx(found.objective, rel=1e-14)

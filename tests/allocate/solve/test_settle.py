"""Of equally good weights one is chosen by a rule: neither the order of the assets nor a start has a say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtest.allocate.claims import Least, Ratio
from backtest.allocate.constraints.region import Region, long_only
from backtest.allocate.solve.fractional import fractional
from backtest.allocate.solve.quadratic import quadratic
from backtest.allocate.solve.solution import Solution
from backtest.errors import AllocationError
from backtest.types import Floats, Ints

Solve = Callable[[Floats, Floats, Region], Solution]

SOLVES: dict[str, Solve] = {
    "least variance": lambda Q, a, region: quadratic(Q, np.zeros(len(a)), region),
    "utility": lambda Q, a, region: quadratic(Q, -a / 5.0, region),
    "ratio": fractional,
}


def singular(g: np.random.Generator, n: int, kind: str) -> Floats:
    """Return an annual covariance of `n` assets: of fewer returns than assets, of twins, or of one factor alone."""
    days = 252 if kind == "twins" else max(2, int(n * g.uniform(0.2, 0.9)))
    returns = 0.005 * g.normal(size=(days, 3)) @ g.normal(size=(3, n)) + 0.01 * g.normal(size=(days, n))
    if kind == "twins":
        returns[:, 1] = returns[:, 0]
    if kind == "one factor":
        loadings = g.uniform(0.1, 0.4, n)
        return np.outer(loadings, loadings)
    return np.cov(returns.T) * 252.0


def region_of(g: np.random.Generator, n: int) -> Region:
    shape = g.integers(4)
    region = long_only(n)
    if shape == 1:
        return replace(region, lower=np.full(n, -0.2), upper=np.full(n, 0.5))
    if shape == 2:
        return replace(region, upper=np.full(n, max(0.15, 2.0 / n)))
    if shape == 3:
        group = (np.arange(n) % 2 == 0).astype(np.float64)
        rows, one = np.vstack([np.ones(n), group]), np.array([1.0, 0.7])
        return replace(region, rows=rows, row_lower=np.array([1.0, 0.2]), row_upper=one, names=("net", "group"))
    return region


def moved(region: Region, order: Ints) -> Region:
    return replace(region, lower=region.lower[order], upper=region.upper[order], rows=region.rows[:, order])


@pytest.mark.parametrize("name", SOLVES)
@pytest.mark.parametrize("kind", ["few", "twins", "one factor"])
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(3, 30))
def test_the_order_of_the_assets_has_no_say(name: str, kind: str, seed: int, n: int) -> None:
    g = np.random.default_rng(seed)
    Q, a, region, order = singular(g, n, kind), g.normal(0.05, 0.1, n), region_of(g, n), g.permutation(n)
    try:
        found = SOLVES[name](Q, a, region)
    except AllocationError:
        return  # nothing beats cash
    other = SOLVES[name](Q[np.ix_(order, order)], a[order], moved(region, order))
    np.testing.assert_allclose(other.weights, found.weights[order], atol=1e-9)
    if np.isfinite(found.objective):
        claim = Ratio(Q, a, region) if name == "ratio" else Least(Q, np.zeros(n) if "var" in name else -a / 5.0, region)
        assert claim.residual(found.weights)[1] <= 1e-9


@pytest.mark.parametrize("name", SOLVES)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(3, 30))
def test_twins_get_the_same(name: str, seed: int, n: int) -> None:
    g = np.random.default_rng(seed)
    Q, a = singular(g, n, "twins"), g.normal(0.05, 0.1, n)
    a[1] = a[0]
    try:
        found = SOLVES[name](Q, a, long_only(n))
    except AllocationError:
        return
    assert found.weights[0] == pytest.approx(found.weights[1], abs=1e-12)


def test_of_equal_variances_the_calmer_parts_count_more() -> None:
    """Σ σᵢ²wᵢ² is least: of one factor, at most 1 of it, (1, 2)/5 of loadings (2, 1) · w = 4/5 … by Lagrange.

    Loadings b and a bound on nothing but the sum: w = 1/σ² scaled, moved along what leaves b · w as it is.
    """
    b = np.array([0.1, 0.2, 0.3])
    Q = np.outer(b, b)
    region = replace(long_only(3), lower=np.full(3, -5.0), upper=np.full(3, 5.0))
    found = quadratic(Q, np.zeros(3), region)
    assert found.weights @ b == pytest.approx(0.0, abs=1e-14)
    system = np.block([[np.diag(b**2), np.column_stack([np.ones(3), b])], [np.ones(3), np.zeros(2)], [b, np.zeros(2)]])
    expected = np.linalg.solve(system, [0.0, 0.0, 0.0, 1.0, 0.0])[:3]
    np.testing.assert_allclose(found.weights, expected, rtol=1e-10)


def test_a_gain_that_has_no_risk_is_found_behind_a_ridge() -> None:
    """Twins of which one is said to earn more: as much of one against the other as the bounds let it be."""
    g = np.random.default_rng(1)
    Q, a = singular(g, 8, "twins"), np.full(8, 0.05)
    a[0] += 1e-3
    region = replace(long_only(8), lower=np.full(8, -0.1), row_lower=np.zeros(1))
    found = fractional(Q, a, region)
    assert found.objective == np.inf
    np.testing.assert_allclose(found.weights[:2], [0.1, -0.1], atol=1e-12)
    assert not found.weights[2:].any()


def test_one_factor_under_groups_and_turnover() -> None:
    """What the exchanges of rules do not end at: the search for the price ended at a point that broke a rule."""
    g = np.random.default_rng(3)
    for _ in range(30):
        n = 10
        Q, a, held = singular(g, n, "one factor"), g.normal(0.04, 0.1, n), g.dirichlet(np.ones(n))
        region = replace(region_of(g, n), upper=np.full(n, 0.3), current=np.minimum(held, 0.3), turnover=0.2)
        try:
            found = fractional(Q, a, region)
        except AllocationError:
            continue
        assert found.status == "ok"
        assert Ratio(Q, a, region).residual(found.weights)[1] <= 1e-9


def test_an_asset_without_risk_is_all_of_the_calmest() -> None:
    """The others are 0, not the rounding of nothing, which no optimality could be measured from."""
    g = np.random.default_rng(5)
    Q = singular(g, 12, "twins")
    Q[2], Q[:, 2] = 0.0, 0.0
    region = replace(long_only(12), lower=np.full(12, -0.3), gross=1.2)
    found = quadratic(Q, np.zeros(12), region)
    np.testing.assert_array_equal(found.weights != 0.0, np.eye(12)[2] != 0.0)
    assert found.weights[2] == pytest.approx(1.0, abs=1e-15)
    assert Least(Q, np.zeros(12), region).residual(found.weights)[1] == 0.0

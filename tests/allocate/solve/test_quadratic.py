from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from backtest.allocate.constraints.region import Region, RiskCap, long_only
from backtest.allocate.solve.kkt import kkt_residual
from backtest.allocate.solve.quadratic import quadratic
from backtest.allocate.solve.solution import Solution
from backtest.errors import AllocationError, InputError
from backtest.types import Floats
from tests.allocate.solve.problems import Case, breach, random_case, random_covariance

EXACT = 1e-12


def cases(seeds: range, caps: bool = False) -> Iterator[tuple[int, Case]]:
    for seed in seeds:
        case = random_case(seed, caps=caps)
        if case is not None:
            yield seed, case


def covariance(n: int, seed: int = 0, days: int = 252) -> Floats:
    g = np.random.default_rng(seed)
    returns = 0.01 * (g.normal(size=(days, 1)) + g.normal(size=(days, n)) * g.uniform(0.5, 2.0, n))
    return np.atleast_2d(np.cov(returns.T)) * 252


def test_diagonal_covariance_gives_inverse_variance() -> None:
    variances = np.array([0.01, 0.04, 0.09, 0.25])
    found = quadratic(np.diag(variances), np.zeros(4), long_only(4))
    np.testing.assert_allclose(found.weights, (1 / variances) / (1 / variances).sum(), rtol=EXACT)
    assert found.objective == pytest.approx(0.5 / (1 / variances).sum(), rel=EXACT)
    assert found.status == "ok"
    assert found.kkt <= 1e-12


def test_two_assets_have_their_closed_form() -> None:
    """w₁ = (σ₂² − σ₁₂) / (σ₁² + σ₂² − 2σ₁₂): Markowitz (1952)."""
    Q = np.array([[0.04, 0.01], [0.01, 0.09]])
    expected = (0.09 - 0.01) / (0.04 + 0.09 - 0.02)
    np.testing.assert_allclose(quadratic(Q, np.zeros(2), long_only(2)).weights, [expected, 1 - expected], rtol=EXACT)


def test_unconstrained_is_merton() -> None:
    """w = Σ⁻¹1 / 1ᵀΣ⁻¹1: Merton (1972)."""
    Q = covariance(8)
    region = replace(long_only(8), lower=np.full(8, -np.inf), upper=np.full(8, np.inf))
    solved = np.linalg.solve(Q, np.ones(8))
    np.testing.assert_allclose(quadratic(Q, np.zeros(8), region).weights, solved / solved.sum(), rtol=1e-10)


def test_kelly_with_cash_is_mean_over_variance() -> None:
    Q, mean = np.diag([0.04, 0.09]), np.array([0.01, 0.02])
    region = replace(long_only(2), row_lower=np.zeros(1))
    np.testing.assert_allclose(quadratic(Q, -mean, region).weights, [0.25, 0.02 / 0.09], rtol=EXACT)


def by_enumeration(case: Case) -> float:
    """Return the least objective of a case with bounds and one equality, trying each way the bounds can bind."""
    region, n, best = case.region, len(case.c), np.inf
    for at in itertools.product((-1, 0, 1), repeat=n):
        side = np.array(at)
        w = np.where(side < 0, region.lower, np.where(side > 0, region.upper, 0.0))
        free = np.flatnonzero(side == 0)
        ones = np.ones((1, len(free)))
        system = np.block([[case.Q[np.ix_(free, free)], ones.T], [ones, np.zeros((1, 1))]])
        right = np.append(-case.c[free] - case.Q[free] @ w, region.row_upper - w.sum())
        w[free] = np.linalg.lstsq(system, right, rcond=None)[0][:-1]
        if (w >= region.lower - 1e-9).all() and (w <= region.upper + 1e-9).all() and abs(w.sum() - 1) < 1e-9:
            best = min(best, case.value(w))
    return best


@pytest.mark.parametrize("seed", range(12))
def test_is_the_best_of_all_ways_that_the_bounds_can_bind(seed: int) -> None:
    g = np.random.default_rng(seed)
    region = replace(long_only(5), lower=np.full(5, -0.2 * (seed % 2)), upper=np.full(5, 0.45))
    case = Case(random_covariance(g, 5), -g.normal(0.05, 0.1, 5), region, None)
    found = quadratic(case.Q, case.c, region)
    assert found.objective == pytest.approx(case.value(found.weights), rel=1e-10, abs=1e-14)
    assert found.objective <= by_enumeration(case) + 1e-9 * case.size(found.weights)


@pytest.mark.parametrize("start", range(0, 120, 20))
def test_random_regions_are_obeyed_and_optimal(start: int) -> None:
    for seed, case in cases(range(start, start + 20)):
        found = quadratic(case.Q, case.c, case.region, rates=case.rates)
        assert found.status == "ok", seed
        assert breach(case.region, found.weights) <= 1e-10, seed
        assert kkt_residual(case.Q, case.c, case.region, found.weights, case.rates) <= 1e-9, seed
        assert found.objective == pytest.approx(case.value(found.weights), abs=1e-9 * case.size(found.weights)), seed


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_any_guess_gives_the_same_bits(start: int) -> None:
    """Its own, another problem's, random ones that bind what cannot, and nonsense."""
    for seed, case in cases(range(start, start + 20)):
        g = np.random.default_rng(seed)
        cold = quadratic(case.Q, case.c, case.region, rates=case.rates)
        place, working = (np.frombuffer(part, dtype=np.int64) for part in cold.active)  # type: ignore[attr-defined]
        absurd = [(g.integers(0, 3, len(place)), g.integers(-1, 2, len(working))) for _ in range(4)]
        guesses = [cold.active, quadratic(np.eye(len(case.c)), -case.c, case.region).active, "x", (b"", b"1"), 7]
        for guess in guesses + [(a.tobytes(), b.tobytes()) for a, b in absurd]:
            warm = quadratic(case.Q, case.c, case.region, rates=case.rates, guess=guess)
            assert np.array_equal(warm.weights, cold.weights), seed


def test_scale_of_the_objective_does_not_matter() -> None:
    for seed, case in cases(range(40)):
        found = quadratic(case.Q, case.c, case.region, rates=case.rates).weights
        for factor in (1e-8, 1e8):
            rates = None if case.rates is None else factor * case.rates
            again = quadratic(factor * case.Q, factor * case.c, case.region, rates=rates).weights
            np.testing.assert_allclose(again, found, atol=2e-6, err_msg=str(seed))


def test_order_of_assets_does_not_matter() -> None:
    Q, c = covariance(10), -np.linspace(0.0, 0.1, 10)
    order = np.random.default_rng(1).permutation(10)
    found = quadratic(Q, c, long_only(10)).weights
    np.testing.assert_allclose(
        quadratic(Q[np.ix_(order, order)], c[order], long_only(10)).weights, found[order], atol=1e-12
    )


def test_what_is_not_held_is_exactly_zero() -> None:
    found = quadratic(covariance(60, days=80), np.zeros(60), long_only(60))
    assert (found.weights[found.weights < 1e-6] == 0.0).all()
    assert 1 < (found.weights > 0.0).sum() < 60
    assert found.weights.sum() == pytest.approx(1.0, abs=1e-14)


def test_twins_share_their_weight() -> None:
    Q = covariance(6)
    twins = np.array([0, 1, 2, 2, 3, 4, 5])
    found = quadratic(Q[np.ix_(twins, twins)], np.zeros(7), long_only(7)).weights
    alone = quadratic(Q, np.zeros(6), long_only(6)).weights
    assert found[2] == pytest.approx(found[3], abs=1e-6)
    np.testing.assert_allclose(np.append(found[:2], found[2] + found[3]), alone[:3], atol=1e-7)


def test_fewer_observations_than_assets() -> None:
    Q = covariance(40, days=20)
    region = replace(long_only(40), lower=np.full(40, -1.0))
    found = quadratic(Q, np.zeros(40), region)
    assert found.weights @ Q @ found.weights <= 1e-9 * Q.diagonal().mean()
    assert np.abs(found.weights).max() < 0.5  # spread out, not a corner
    assert np.array_equal(quadratic(Q, np.zeros(40), region, guess=found.active).weights, found.weights)


def test_an_asset_without_risk_is_all_that_is_held() -> None:
    Q = covariance(5)
    Q[2] = Q[:, 2] = 0.0
    np.testing.assert_allclose(quadratic(Q, np.zeros(5), long_only(5)).weights, np.eye(5)[2], atol=1e-11)


def test_one_asset() -> None:
    assert quadratic(np.array([[0.04]]), np.zeros(1), long_only(1)).weights == pytest.approx([1.0], abs=0.0)


def test_no_covariance_is_a_linear_program() -> None:
    found = quadratic(np.zeros((4, 4)), -np.array([0.1, 0.4, 0.2, 0.3]), replace(long_only(4), upper=np.full(4, 0.6)))
    np.testing.assert_allclose(found.weights, [0.0, 0.6, 0.0, 0.4], atol=1e-12)
    assert found.objective == pytest.approx(-0.36)


def test_costs_leave_alone_what_is_not_worth_a_trade() -> None:
    Q, current = covariance(6), np.array([0.3, 0.3, 0.1, 0.1, 0.1, 0.1])
    region = replace(long_only(6), current=current)
    dear = quadratic(Q, np.zeros(6), region, rates=np.full(6, 1.0))
    assert np.array_equal(dear.weights, current)
    free = quadratic(Q, np.zeros(6), region, rates=np.zeros(6))
    np.testing.assert_allclose(free.weights, quadratic(Q, np.zeros(6), long_only(6)).weights, atol=1e-12)
    some = quadratic(Q, np.zeros(6), region, rates=np.full(6, 0.002))
    assert 0 < np.abs(some.weights - current).sum() < np.abs(free.weights - current).sum()
    assert (some.weights == current).any()


def test_turnover_counts_what_is_sold_outside() -> None:
    region = replace(long_only(4), current=np.array([0.5, 0.3, 0.0, 0.0]), outside=0.2, turnover=0.25)
    found = quadratic(np.diag([0.09, 0.09, 0.01, 0.01]), np.zeros(4), region).weights
    assert (np.abs(found - region.current).sum() + 0.2) / 2 == pytest.approx(0.25, abs=1e-12)


def test_gross_exposure_binds() -> None:
    region = replace(long_only(8), lower=np.full(8, -1.0), gross=1.3)
    found = quadratic(covariance(8), -np.linspace(-0.5, 0.5, 8), region)
    assert np.abs(found.weights).sum() == pytest.approx(1.3, abs=1e-12)
    assert (found.weights == 0.0).any()


@pytest.mark.parametrize("start", range(0, 40, 20))
def test_risk_caps_are_met_and_the_rest_is_optimal(start: int) -> None:
    solved = 0
    for seed, case in cases(range(start, start + 20), caps=True):
        found = capped(case)
        if found is None:
            continue
        solved += 1
        assert breach(case.region, found.weights) <= 1e-9, seed
        assert kkt_residual(case.Q, case.c, case.region, found.weights, case.rates) <= 1e-9, seed
        assert found.objective == pytest.approx(case.value(found.weights), abs=1e-9 * case.size(found.weights)), seed
    assert solved > 10


def capped(case: Case) -> Solution | None:
    """Return the solution, or None where both caps cannot be met at once."""
    try:
        return quadratic(case.Q, case.c, case.region, rates=case.rates)
    except AllocationError:
        return None


def test_volatility_cap_is_exact() -> None:
    Q, mean = covariance(6), np.linspace(0.01, 0.2, 6)
    cap = 1.1 * float(np.sqrt(2 * quadratic(Q, np.zeros(6), long_only(6)).objective))
    region = replace(long_only(6), risk_caps=(RiskCap(cap, np.zeros(6), "max_volatility"),), covariance=Q)
    found = quadratic(np.zeros((6, 6)), -mean, region).weights
    assert np.sqrt(found @ Q @ found) == pytest.approx(cap, rel=1e-11)


def test_a_cap_out_of_reach_says_what_is_in_reach() -> None:
    Q = np.diag([0.04, 0.04])
    region = replace(long_only(2), risk_caps=(RiskCap(0.1, np.zeros(2), "max_volatility"),), covariance=Q)
    with pytest.raises(AllocationError, match=r"max_volatility 0\.1 is out of reach.*0\.141421"):
        quadratic(Q, np.zeros(2), region)
    with pytest.raises(InputError, match="a covariance is needed"):
        quadratic(Q, np.zeros(2), replace(region, covariance=None))


def empty_regions() -> list[Region]:
    region = long_only(4)
    rows = np.vstack([np.ones(4), [1.0, 1.0, 0.0, 0.0]])
    groups = replace(
        region, rows=rows, row_lower=np.array([1.0, 1.5]), row_upper=np.array([1.0, 2.0]), names=("net", "g")
    )
    still = replace(region, current=np.array([0.0, 0.0, 0.0, 0.5]), turnover=0.1)
    return [replace(region, upper=np.full(4, 0.2)), replace(region, lower=np.full(4, 0.3)), groups, still]


@pytest.mark.parametrize("region", empty_regions(), ids=["upper", "lower", "groups", "turnover"])
def test_an_empty_region_is_an_error(region: Region) -> None:
    with pytest.raises(AllocationError, match=r"no weights (that )?obey"):
        quadratic(np.eye(4), np.zeros(4), region)


def test_bounds_that_cross_are_an_error() -> None:
    with pytest.raises(AllocationError, match=r"asset 0 must have at least 0\.5 and at most 0\.2"):
        quadratic(np.eye(2), np.zeros(2), replace(long_only(2), lower=np.full(2, 0.5), upper=np.full(2, 0.2)))


@pytest.mark.parametrize("n", [30, 80])
def test_agrees_with_an_interior_point_solver(n: int) -> None:
    """Oracle: clarabel, on bounds, a net exposure and groups."""
    clarabel = pytest.importorskip("clarabel")
    from scipy import sparse

    g = np.random.default_rng(n)
    Q, c = covariance(n), -g.normal(0.05, 0.1, n)
    groups = (g.integers(0, 4, n) == np.arange(4)[:, None]).astype(float)
    region = Region(
        np.zeros(n),
        np.full(n, 0.2),
        np.vstack([np.ones(n), groups]),
        np.append(1.0, np.full(4, 0.1)),
        np.append(1.0, np.full(4, 0.3)),
        names=("net", "a", "b", "c", "d"),
    )
    found = quadratic(Q, c, region)
    rows = np.vstack([np.ones((1, n)), groups, -groups, np.eye(n), -np.eye(n)])
    ends = np.concatenate([[1.0], np.full(4, 0.3), np.full(4, -0.1), np.full(n, 0.2), np.zeros(n)])
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(len(ends) - 1)]
    solver = clarabel.DefaultSolver(sparse.csc_matrix(np.triu(Q)), c, sparse.csc_matrix(rows), ends, cones, settings)
    other = np.array(solver.solve().x)
    np.testing.assert_allclose(found.weights, other, atol=1e-5)
    assert found.objective <= 0.5 * other @ Q @ other + c @ other + 1e-8


def test_bounds_that_miss_the_sum_by_rounding_are_kept_but_for_that() -> None:
    """Two of at most 0.5 − 5e-11 each: no weights add up to 1, and those that nearly do are the answer."""
    region = replace(long_only(2), upper=np.full(2, 0.5 - 5e-11))
    for c in (np.zeros(2), -np.array([0.005, 0.045])):
        found = quadratic(np.diag([0.01, 0.09]), c, region)
        np.testing.assert_allclose(found.weights, 0.5, atol=2e-10)

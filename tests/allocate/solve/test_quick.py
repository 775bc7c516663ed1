"""The one call for few assets against the general path, an interior-point solver, and a search by scipy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from backtest.allocate.constraints.region import Region, long_only
from backtest.allocate.solve import fractional as ratios
from backtest.allocate.solve import quadratic as programs
from backtest.allocate.solve.fractional import NothingBeatsCash, fractional
from backtest.allocate.solve.kkt import kkt_residual
from backtest.allocate.solve.quadratic import quadratic
from backtest.allocate.solve.quick import MOST, MOST_SHORT, best_ratio, best_value, is_small
from backtest.allocate.solve.solution import Solution
from backtest.errors import AllocationError
from backtest.types import Floats
from tests.allocate.solve.problems import breach, random_covariance

Problem = tuple[int, Floats, Floats, Region]


def problems(seeds: range, most: int = 12) -> Iterator[Problem]:
    """Bounds and a net exposure: shorts, caps that bind nearly all, fixed weights, cash; singular Q, twins."""
    for seed in seeds:
        g = np.random.default_rng(seed)
        n = int(g.integers(1, most + 1))
        Q = random_covariance(g, n) * float(g.choice([1.0, 1e-8, 1e6]))
        c = float(np.abs(Q).max()) * g.normal(0.2, 1.0, n) * float(g.choice([0.0, 0.1, 1.0, 30.0]))
        low = np.full(n, float(g.choice([0.0, 0.0, 0.0, -0.3, -np.inf])))
        low = np.where(g.random(n) < 0.15, 0.02 / n, low)
        high = np.full(n, max(1.0 / n, float(g.choice([1.0, 0.4, 0.5, 1.5 / n, np.inf]))))
        high = np.where(g.random(n) < 0.1, np.maximum(low, 0.0), high)
        net = np.array([1.0]) if g.random() < 0.8 else np.array([float(g.choice([0.0, 0.5]))])
        region = Region(low, high, np.ones((1, n)), net, np.maximum(net, 1.0), names=("net",))
        if high.sum() >= 1.0 and low.sum() <= 1.0:
            yield seed, Q, c, region


def forced_value(patch: pytest.MonkeyPatch, Q: Floats, c: Floats, region: Region) -> Solution:
    with patch.context() as patched:
        patched.setattr(programs, "is_small", lambda *_: False)
        return quadratic(Q, c, region)


def forced_ratio(patch: pytest.MonkeyPatch, Q: Floats, a: Floats, region: Region) -> Solution:
    with patch.context() as patched:
        patched.setattr(ratios, "is_small", lambda *_: False)
        return fractional(Q, a, region)


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_the_general_path_finds_the_same_weights(monkeypatch: pytest.MonkeyPatch, start: int) -> None:
    told = 0
    for seed, Q, c, region in problems(range(start, start + 100)):
        quick = best_value(Q, c, region)
        if quick is None:
            continue
        told += 1
        slow = forced_value(monkeypatch, Q, c, region)
        np.testing.assert_allclose(quick.weights, slow.weights, atol=1e-8, err_msg=str(seed))
        assert ((quick.weights == region.lower) == (slow.weights == region.lower)).all(), seed
        assert quick.objective == pytest.approx(slow.objective, rel=1e-9, abs=1e-12 * np.abs(Q).max()), seed
        assert breach(region, quick.weights) <= 1e-12, seed
        assert quick.kkt <= 1e-9, seed
        assert kkt_residual(Q, c, region, quick.weights) <= 1e-9, seed
    assert told > 40


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_the_general_path_finds_the_same_ratio(monkeypatch: pytest.MonkeyPatch, start: int) -> None:
    told = 0
    for seed, Q, c, region in problems(range(start, start + 100)):
        quick = best_ratio(Q, c, region) if c.any() else None
        if quick is None:
            continue
        told += 1
        slow = forced_ratio(monkeypatch, Q, c, region)
        w = quick.weights
        np.testing.assert_allclose(w, slow.weights, atol=1e-7, err_msg=str(seed))
        assert quick.objective == pytest.approx(slow.objective, rel=1e-9), seed
        assert quick.objective == pytest.approx(c @ w / np.sqrt(w @ Q @ w), rel=1e-10), seed
        assert breach(region, w) <= 1e-12, seed
        assert kkt_residual(Q, -(w @ Q @ w) / (c @ w) * c, region, w) <= 1e-9, seed
    assert told > 30


@pytest.mark.parametrize("start", range(0, 160, 40))
def test_any_guess_gives_the_same_bits(start: int) -> None:
    """The quick path may fail from one guess and not from another: the answer is the same."""
    for seed, Q, c, region in problems(range(start, start + 40)):
        g, n = np.random.default_rng(seed), len(c)
        absurd = [(g.integers(-1, 4, n).tobytes(), g.integers(-1, 3, 1).tobytes()) for _ in range(4)]
        for solve in (quadratic, fractional):
            try:
                cold = solve(Q, c, region)
            except AllocationError:
                continue
            other = quadratic(np.eye(n), -c / (np.abs(c).max() or 1.0), region)
            for guess in (cold, cold.active, other, other.active, (b"", b"1"), "x", *absurd):
                warm = solve(Q, c, region, guess=guess)
                assert np.array_equal(warm.weights, cold.weights), (seed, solve)


def test_what_the_general_path_finds_has_the_bits_of_the_quick_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when exchanges do not end: the first call gives up, and the general path's answer is computed once more."""
    for _, Q, c, region in problems(range(60)):
        for module, solve, name in ((programs, quadratic, "best_value"), (ratios, fractional, "best_ratio")):
            try:
                expected = solve(Q, c, region)
            except AllocationError:
                continue
            own, tries = getattr(module, name), []

            def late(*given: object, own: object = own, tries: list[int] = tries) -> object:
                tries.append(1)
                return None if len(tries) == 1 else own(*given)  # type: ignore[operator]

            with monkeypatch.context() as patched:
                patched.setattr(module, name, late)
                found = solve(Q, c, region)
            assert np.array_equal(found.weights, expected.weights)
            assert len(tries) == 2 or np.isinf(found.objective)  # a gain without risk is a linear program's


def test_the_path_is_chosen_by_shape_alone() -> None:
    """One asset more than are tried here when a weight may be negative: another path, the same answer."""
    g, n = np.random.default_rng(0), MOST_SHORT + 1
    Q = np.cov(g.normal(size=(600, n)) * g.uniform(0.5, 2.0, n) + g.normal(size=(600, 1)), rowvar=False)
    long = replace(long_only(n), upper=np.append(np.full(n - 1, 0.2), 0.0))
    short = replace(long, lower=np.append(np.zeros(n - 1), -1e-300))
    assert is_small(long, None)
    assert not is_small(short, None)
    assert not is_small(long, np.zeros(n))
    assert not is_small(long_only(MOST + 1), None)
    quick, slow = quadratic(Q, np.zeros(n), long).weights, quadratic(Q, np.zeros(n), short).weights
    np.testing.assert_allclose(quick[:-1], slow[:-1], atol=1e-12)
    assert ((quick == 0.0) == (np.abs(slow) <= 1e-300)).all()


def test_cash_beside_the_best_ratio() -> None:
    """None is held where no cap binds; where one does, some may be, and the general path is asked."""
    g = np.random.default_rng(4)
    Q, a = random_covariance(g, 6) + 0.01 * np.eye(6), g.uniform(0.02, 0.1, 6)
    whole, cash = long_only(6), replace(long_only(6), row_lower=np.zeros(1))
    found, all_in = best_ratio(Q, a, cash), best_ratio(Q, a, whole)
    assert found is not None
    assert all_in is not None
    assert np.array_equal(found.weights, all_in.weights)
    capped = replace(cash, upper=np.full(6, 0.6 * float(found.weights.max())))
    assert best_ratio(Q, a, capped) is None
    assert fractional(Q, a, capped).objective == pytest.approx(found.objective, rel=1e-9)


def test_all_in_one_asset_is_all() -> None:
    """The bound and the row bind at once; the row alone is asked."""
    Q, a = np.diag([0.04, 0.09, 0.16]), np.array([0.1, -0.2, -0.3])
    found = best_ratio(Q, a, long_only(3))
    assert found is not None
    assert np.array_equal(found.weights, [1.0, 0.0, 0.0])
    assert np.array_equal(quadratic(Q, -100.0 * a, long_only(3)).weights, [1.0, 0.0, 0.0])


def test_everything_at_a_bound_is_for_the_general_path() -> None:
    Q, a = np.diag([0.04, 0.09, 0.16]), np.array([0.3, 0.2, -0.3])
    region = replace(long_only(3), upper=np.full(3, 0.5))
    assert best_ratio(Q, a, region) is None
    np.testing.assert_allclose(fractional(Q, a, region).weights, [0.5, 0.5, 0.0], atol=1e-12)


def test_what_cannot_be_told_is_not_told() -> None:
    """Twins, an asset without risk, nothing that gains, nothing at all: more than one answer, or none."""
    twins = np.full((2, 2), 0.04)
    assert best_value(twins, np.zeros(2), long_only(2)) is None
    assert best_value(np.zeros((2, 2)), np.ones(2), long_only(2)) is None
    assert best_value(np.eye(2), np.zeros(2), replace(long_only(2), upper=np.full(2, 0.3))) is None
    assert best_ratio(np.diag([0.04, 0.0]), np.ones(2), long_only(2)) is None
    assert best_ratio(np.eye(2), np.zeros(2), long_only(2)) is None
    assert best_ratio(np.eye(2), np.array([-0.1, -0.2]), long_only(2)) is None
    with pytest.raises(NothingBeatsCash):
        fractional(np.eye(2), np.array([-0.1, -0.2]), long_only(2))


def test_scale_does_not_matter() -> None:
    for seed, Q, c, region in problems(range(80)):
        found = best_value(Q, c, region)
        for factor in (2.0**-30, 2.0**30):
            again = best_value(factor * Q, factor * c, region)
            assert (found is None) == (again is None), seed
            if found is not None and again is not None:
                assert np.array_equal(again.weights, found.weights), seed


def test_agrees_with_an_interior_point_solver() -> None:
    """Oracle: clarabel, on the least variance and utility."""
    clarabel = pytest.importorskip("clarabel")
    from scipy import sparse

    for seed, Q, c, region in problems(range(60)):
        if not np.isfinite([region.lower, region.upper]).all() or best_value(Q, c, region) is None:
            continue
        n, size = len(c), float(np.abs(Q).max())
        found = quadratic(Q, c, region).weights
        rows = np.vstack([np.ones((1, n)), -np.ones((1, n)), np.eye(n), -np.eye(n)])
        ends = np.concatenate([region.row_upper, -region.row_lower, region.upper, -region.lower])
        settings = clarabel.DefaultSettings()
        settings.verbose = False
        cones = [clarabel.NonnegativeConeT(len(ends))]
        solver = clarabel.DefaultSolver(
            sparse.csc_matrix(np.triu(Q / size)), c / size, sparse.csc_matrix(rows), ends, cones, settings
        )
        other = np.array(solver.solve().x)
        least = (0.5 * other @ Q @ other + c @ other) / size
        assert (0.5 * found @ Q @ found + c @ found) / size <= least + 1e-7, seed


def test_no_search_finds_a_better_ratio() -> None:
    """Oracle: scipy's SLSQP from the answer and from elsewhere."""
    from scipy.optimize import minimize

    tried = 0
    for seed, Q, c, region in problems(range(60), most=6):
        found = best_ratio(Q / np.abs(Q).max(), c, region) if c.any() else None
        if found is None or not np.isfinite([region.lower, region.upper]).all():
            continue
        unit = Q / np.abs(Q).max()
        for begin in (found.weights, np.clip(np.full(len(c), 1.0 / len(c)), region.lower, region.upper)):
            other = minimize(
                lambda w, unit=unit, c=c: -(c @ w) / np.sqrt(w @ unit @ w),
                begin,
                bounds=list(zip(region.lower, region.upper, strict=True)),
                constraints={"type": "eq", "fun": lambda w: w.sum() - 1.0},
                method="SLSQP",
            )
            inside = abs(other.x.sum() - 1.0) < 1e-9
            assert not inside or -other.fun <= found.objective * (1.0 + 1e-7), seed
        tried += 1
    assert tried > 10

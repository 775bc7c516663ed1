"""Nested clustered optimisation against another library, closed forms and its own parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtest.allocate import allocate
from backtest.allocate.claim_nested import Nested
from backtest.allocate.constraints.region import long_only
from backtest.allocate.methods.max_sharpe import MaxSharpe
from backtest.allocate.methods.min_variance import MinVariance
from backtest.allocate.methods.nco import Nco
from backtest.allocate.solve.fractional import NothingBeatsCash
from backtest.errors import AllocationError

from .optimising import case, draws, free, known, problem, seen, weigh

TWO_PAIRS = np.array([[0.04, 0.03, 0.0, 0.0], [0.03, 0.09, 0.0, 0.0], [0.0, 0.0, 0.01, 0.009], [0.0, 0.0, 0.009, 0.01]])


@pytest.mark.parametrize("clusters", [3, 4])
def test_the_weights_of_another_library(clusters: int) -> None:
    given = case("allocate_hrp", "us20_ten_stocks")
    answer = weigh(Nco(clusters=clusters), known(given["inputs"]["cov"]))
    expected = given["expected"][f"nco_{clusters}_clusters"]
    np.testing.assert_allclose(answer.weights, expected, atol=given["tolerance"]["nco"])
    assert answer.condition["clusters"] == clusters
    assert answer.claim is not None
    assert answer.claim.residual(answer.weights)[1] <= 1e-9


def test_two_uncorrelated_pairs_are_exactly_minimum_variance() -> None:
    """With nothing between the clusters, nesting loses nothing."""
    answer = weigh(Nco(), known(TWO_PAIRS))
    np.testing.assert_allclose(answer.weights, weigh(MinVariance(), known(TWO_PAIRS)).weights, atol=1e-8)
    assert answer.objective == pytest.approx(np.sqrt(answer.weights @ TWO_PAIRS @ answer.weights), rel=1e-12)


def test_two_uncorrelated_pairs_are_exactly_maximum_sharpe() -> None:
    mean = np.array([0.06, 0.08, 0.03, 0.04])
    method = Nco(inner="max_sharpe", outer="max_sharpe")
    expected = weigh(MaxSharpe(), known(TWO_PAIRS, mean)).weights
    np.testing.assert_allclose(weigh(method, known(TWO_PAIRS, mean)).weights, expected, atol=1e-6)


@pytest.mark.parametrize("clusters", [1, 12])
def test_one_cluster_or_one_each_is_the_plain_optimum(clusters: int) -> None:
    covariance, _ = problem(6, 12)
    expected = weigh(MinVariance(), known(covariance)).weights
    np.testing.assert_allclose(weigh(Nco(clusters=clusters), known(covariance)).weights, expected, atol=1e-7)


def test_short_positions_where_they_are_allowed() -> None:
    covariance, mean = problem(7, 10)
    one = weigh(Nco(clusters=1), known(covariance), free(10))
    raw = np.linalg.solve(covariance, np.ones(10))
    np.testing.assert_allclose(one.weights, raw / raw.sum(), rtol=1e-8)
    assert one.weights.min() < 0.0
    tangent = np.linalg.solve(covariance, np.abs(mean))
    found = weigh(Nco(clusters=1, inner="max_sharpe"), known(covariance, np.abs(mean)), free(10))
    np.testing.assert_allclose(found.weights, tangent / tangent.sum(), rtol=1e-8)


def test_a_cluster_that_does_not_beat_cash_gets_nothing() -> None:
    mean = np.array([0.06, 0.08, -0.03, -0.04])
    answer = weigh(Nco(inner="max_sharpe"), known(TWO_PAIRS, mean))
    assert not answer.weights[2:].any()
    assert answer.warnings == ("without weight, because nothing in their cluster beats cash: S002, S003",)


def test_nothing_beats_cash_anywhere() -> None:
    history = known(TWO_PAIRS, np.full(4, -0.01))
    with pytest.raises(NothingBeatsCash, match="in no cluster"):
        weigh(Nco(inner="max_sharpe"), history)
    for n in (1, 4):
        with pytest.raises(AllocationError):
            weigh(Nco(outer="max_sharpe"), known(TWO_PAIRS[:n, :n], np.full(n, -0.01)))


def test_a_covariance_alone_is_enough_for_minimum_variance() -> None:
    history = known(TWO_PAIRS)
    assert weigh(Nco(), replace(history, risk_free=0.05)).weights.sum() == pytest.approx(1.0, abs=1e-9)


def test_from_returns_and_from_ranks() -> None:
    history = seen(draws(8, 8, 252))
    for method in (Nco(), Nco(codependence="spearman", inner="max_sharpe"), Nco(codependence="spearman")):
        answer = weigh(method, history)
        assert answer.weights.sum() == pytest.approx(1.0, abs=1e-8)
        assert answer.weights.min() >= 0.0


def test_one_asset_gets_everything() -> None:
    assert weigh(Nco(), known([[0.04]])).weights.tolist() == [1.0]


def test_a_bound_moves_it_to_the_nearest_allowed_weights() -> None:
    answer = allocate("nco", covariance=np.diag([0.01, 0.04, 0.04]), constraints={"max_weight": 0.5})
    np.testing.assert_allclose(answer.weights, [0.5, 0.25, 0.25], atol=1e-8)


@pytest.mark.parametrize("goal", ["min_variance", "max_sharpe"])
@pytest.mark.parametrize("short", [False, True])
def test_each_step_is_measured_by_the_verifier(goal: str, short: bool) -> None:
    """A fund that is not the best of its cluster is found out, and so are weights between the funds that are not."""
    covariance, mean = problem(7, 10)
    history = known(covariance, np.abs(mean) + 0.02)
    region = free(10) if short else long_only(10)
    answer = weigh(Nco(clusters=3, inner=goal, outer=goal), history, region)
    claim = answer.claim
    assert isinstance(claim, Nested)
    assert claim.residual(answer.weights)[1] <= 1e-10
    held = np.array([answer.weights[fund.own].sum() for fund in claim.funds])
    k = max(range(3), key=lambda number: len(claim.funds[number].own) * (held[number] != 0.0))
    worse = replace(claim.funds[k], weights=0.9 * claim.funds[k].weights + 0.1 / len(claim.funds[k].own))
    lie = replace(claim, funds=(*claim.funds[:k], worse, *claim.funds[k + 1 :]))
    moved = sum(share * fund.whole(10) for share, fund in zip(held, lie.funds, strict=True))
    assert lie.residual(moved)[1] > 1e-5
    assert claim.residual(moved)[1] > 1e-5
    shifted = held + np.array([0.01, -0.01, 0.0])
    between = sum(share * fund.whole(10) for share, fund in zip(shifted, claim.funds, strict=True))
    assert claim.residual(between)[1] > 1e-5

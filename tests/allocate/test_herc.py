"""Hierarchical equal risk contribution against other libraries and by hand."""

from __future__ import annotations

import numpy as np
import pytest

import backtest
from backtest.allocate.methods.herc import Herc, shares, tail_losses
from backtest.errors import AllocationError, InputError

from .optimising import case, draws, known, problem, seen, weigh

TWO_PAIRS = np.array(
    [[0.04, 0.036, 0.0, 0.0], [0.036, 0.04, 0.0, 0.0], [0.0, 0.0, 0.01, 0.009], [0.0, 0.0, 0.009, 0.01]]
)


@pytest.mark.parametrize("clusters", [3, 4])
def test_the_weights_of_other_libraries(clusters: int) -> None:
    given = case("allocate_hrp", "us20_ten_stocks")
    answer = weigh(Herc(clusters=clusters), known(given["inputs"]["cov"]))
    expected = given["expected"][f"herc_{clusters}_clusters"]
    np.testing.assert_allclose(answer.weights, expected, atol=given["tolerance"]["herc"])
    assert answer.condition["clusters"] == clusters


def test_two_pairs_by_hand() -> None:
    """Inside a pair half each: variances 0.038 and 0.0095, so the pairs get 1/5 and 4/5; by volatility 1/3 and 2/3."""
    np.testing.assert_allclose(weigh(Herc(), known(TWO_PAIRS)).weights, [0.1, 0.1, 0.4, 0.4], rtol=1e-12)
    answer = weigh(Herc(risk="volatility"), known(TWO_PAIRS))
    np.testing.assert_allclose(answer.weights, [1 / 6, 1 / 6, 1 / 3, 1 / 3], rtol=1e-12)
    alike = weigh(Herc(risk="equal_weight"), known(TWO_PAIRS))
    np.testing.assert_allclose(alike.weights, 0.25, rtol=1e-12)


def test_the_number_of_clusters_is_found_by_silhouette() -> None:
    assert weigh(Herc(), known(TWO_PAIRS)).condition["clusters"] == 2


def test_a_side_of_a_merge_has_the_risk_of_all_its_clusters() -> None:
    """Clusters of risk 1, 1, 2: the first two merge, sharing 1/2 each; then 2 against 2."""
    tree = np.array([[0.0, 1.0, 0.1, 2.0], [2.0, 3.0, 0.5, 3.0]])
    np.testing.assert_allclose(shares(tree, np.array([0, 1, 2]), np.array([1.0, 1.0, 2.0])), [0.25, 0.25, 0.5])
    np.testing.assert_allclose(shares(tree, np.array([0, 0, 1]), np.array([1.0, 3.0])), [0.75, 0.25])


def test_one_cluster_is_inverse_risk() -> None:
    covariance, _ = problem(4, 6)
    inverse = 1.0 / np.diag(covariance)
    np.testing.assert_allclose(weigh(Herc(clusters=1), known(covariance)).weights, inverse / inverse.sum(), rtol=1e-12)


def test_tail_losses_by_hand() -> None:
    """The worst 15 % of ten returns are −5 and half of −3: a mean loss of 6.5 / 1.5."""
    returns = np.array([[1.0], [-5.0], [2.0], [-3.0], [0.5], [4.0], [3.0], [1.5], [2.5], [-1.0]])
    assert tail_losses(returns, 0.85)[0] == pytest.approx(6.5 / 1.5, rel=1e-12)
    with pytest.raises(AllocationError, match="no losses in its tail"):
        tail_losses(np.abs(returns), 0.85)


def test_cvar_looks_at_the_returns() -> None:
    history = seen(draws(2, 6, 252))
    answer = weigh(Herc(risk="cvar", clusters=2), history)
    assert answer.weights.sum() == pytest.approx(1.0, abs=1e-12)
    inverse = 1.0 / tail_losses(history.returns, 0.95)
    one = weigh(Herc(risk="cvar", clusters=1), history)
    np.testing.assert_allclose(one.weights, inverse / inverse.sum(), rtol=1e-10)
    with pytest.raises(InputError, match="returns are needed"):
        weigh(Herc(risk="cvar"), known(TWO_PAIRS))


@pytest.mark.parametrize("n", [1, 2])
def test_few_assets(n: int) -> None:
    inverse = 1.0 / np.arange(1.0, n + 1.0)
    answer = weigh(Herc(), known(np.diag(np.arange(1.0, n + 1.0) / 100.0)))
    np.testing.assert_allclose(answer.weights, inverse / inverse.sum(), rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_the_scale_does_not_matter(scale: float) -> None:
    covariance, _ = problem(8, 15)
    once, again = weigh(Herc(), known(covariance)), weigh(Herc(), known(covariance * scale))
    np.testing.assert_allclose(again.weights, once.weights, rtol=1e-9)


def test_permuting_assets_permutes_weights() -> None:
    covariance, _ = problem(9, 12)
    order = np.random.default_rng(9).permutation(12)
    moved = weigh(Herc(), known(covariance[np.ix_(order, order)])).weights
    np.testing.assert_allclose(moved, weigh(Herc(), known(covariance)).weights[order], rtol=1e-9)


def test_fewer_observations_than_assets() -> None:
    answer = weigh(Herc(), known(np.cov(draws(4, 30, 10).T)))
    assert answer.weights.min() > 0.0


@pytest.mark.parametrize("covariance", [np.full((4, 4), 0.04), 0.01 * np.eye(5) + 0.03])
def test_assets_without_structure_are_one_cluster(covariance: np.ndarray) -> None:
    answer = backtest.allocate("herc", covariance=covariance)
    np.testing.assert_allclose(answer.weights, np.full(len(covariance), 1.0 / len(covariance)), rtol=1e-9)
    assert answer.condition["clusters"] == 1.0

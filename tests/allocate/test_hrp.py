"""Hierarchical risk parity against the paper, other libraries, and plain Python."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from backtest.allocate import allocate
from backtest.allocate.clusters import correlations, distances, leaves, merges
from backtest.allocate.methods.hrp import Hrp, bisected
from backtest.errors import AllocationError, InputError
from backtest.kernels.bisect import bisect
from backtest.types import Floats

from .optimising import case, draws, known, problem, seen, weigh

PAPER = "hrp_ldp2016_numerical_example"


def in_plain_python(covariance: Floats, order: list[int]) -> Floats:
    """Snippet 3 of the paper in its own words: split lists in half, share by inverse-variance cluster variances."""
    w = np.ones(len(covariance))

    def risk(items: list[int]) -> float:
        part = covariance[np.ix_(items, items)]
        inside = 1.0 / np.diag(part)
        inside /= inside.sum()
        return float(inside @ part @ inside)

    lists = [order]
    while lists:
        halves = [(items[: len(items) // 2], items[len(items) // 2 :]) for items in lists if len(items) > 1]
        for first, second in halves:
            share = 1.0 - risk(first) / (risk(first) + risk(second))
            w[first] *= share
            w[second] *= 1.0 - share
        lists = [items for pair in halves for items in pair]
    return w


def test_lopez_de_prado_2016() -> None:
    given = case("allocate_hrp", PAPER)
    answer = weigh(Hrp(), known(given["inputs"]["cov"]))
    np.testing.assert_allclose(answer.weights, given["expected"], atol=given["tolerance"]["abs"])


def test_the_order_of_the_paper() -> None:
    given = case("allocate_hrp", PAPER)
    near = distances(correlations(np.array(given["inputs"]["cov"])), "columns")
    order = leaves(merges(near, "single"), near, False)
    assert (order + 1).tolist() == given["inputs"]["order_1based"]


def test_other_distances_give_other_weights() -> None:
    """The paper's convention and the libraries' differ by up to 8 % of equity here, so the option is not idle."""
    given = case("allocate_hrp", PAPER)
    answer = weigh(Hrp(distance="correlation"), known(given["inputs"]["cov"]))
    assert np.abs(answer.weights - given["expected"]).max() > 0.05


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("hrp_single_correlation", Hrp(distance="correlation")),
        ("hrp_ward_optimal", Hrp(distance="correlation", linkage="ward", order="optimal")),
    ],
)
def test_the_options_of_other_libraries(name: str, method: Hrp) -> None:
    given = case("allocate_hrp", "us20_ten_stocks")
    answer = weigh(method, known(given["inputs"]["cov"]))
    np.testing.assert_allclose(answer.weights, given["expected"][name], atol=given["tolerance"]["hrp"])


@pytest.mark.parametrize("n", [1, 2, 3, 7, 16, 33])
def test_bisection_is_that_of_plain_python(n: int) -> None:
    covariance, _ = problem(n, n)
    order = np.random.default_rng(n).permutation(n)
    expected = in_plain_python(covariance, order.tolist())
    np.testing.assert_allclose(bisected(covariance, order), expected, rtol=1e-12)
    assert expected.sum() == pytest.approx(1.0, abs=1e-12)


def test_uncorrelated_pairs_are_inverse_variance() -> None:
    variances = np.array([0.04, 0.01, 0.09, 0.16])
    inverse = 1.0 / variances
    np.testing.assert_allclose(weigh(Hrp(), known(np.diag(variances))).weights, inverse / inverse.sum(), rtol=1e-12)


def test_two_assets() -> None:
    answer = weigh(Hrp(), known([[0.01, 0.015], [0.015, 0.04]]))
    np.testing.assert_allclose(answer.weights, [0.8, 0.2], rtol=1e-12)


def test_one_asset_gets_everything() -> None:
    assert weigh(Hrp(), known([[0.04]])).weights.tolist() == [1.0]


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_the_scale_does_not_matter(scale: float) -> None:
    covariance, _ = problem(8, 15)
    once, again = weigh(Hrp(), known(covariance)), weigh(Hrp(), known(covariance * scale))
    np.testing.assert_allclose(again.weights, once.weights, rtol=1e-9)


@pytest.mark.parametrize("n", [5, 10, 30])
def test_permuting_assets_permutes_weights_when_the_order_is_optimal(n: int) -> None:
    """The tree alone does not say which of two assets comes first; there the order they are given in does."""
    covariance, _ = problem(1, n)
    method = Hrp(order="optimal")
    once = weigh(method, known(covariance)).weights
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(n)
        moved = weigh(method, known(covariance[np.ix_(order, order)])).weights
        np.testing.assert_allclose(moved, once[order], rtol=1e-9)


@pytest.mark.parametrize("method", [Hrp(), Hrp(linkage="average", distance="correlation", codependence="absolute")])
def test_a_singular_covariance_is_no_obstacle(method: Hrp) -> None:
    returns = draws(4, 30, 10)
    answer = weigh(method, known(np.cov(returns.T)))
    assert answer.weights.min() > 0.0
    assert answer.weights.sum() == pytest.approx(1.0, abs=1e-12)


def test_two_identical_assets_get_the_same() -> None:
    covariance = np.array([[0.04, 0.04, 0.01], [0.04, 0.04, 0.01], [0.01, 0.01, 0.09]])
    answer = weigh(Hrp(), known(covariance))
    assert answer.weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert (answer.weights > 0.0).all()


def test_ranks_need_returns() -> None:
    ranked = Hrp(codependence="spearman")
    assert weigh(ranked, seen(draws(3, 5, 252))).weights.sum() == pytest.approx(1.0, abs=1e-12)
    with pytest.raises(InputError, match="returns are needed"):
        weigh(ranked, known(problem(1, 5)[0]))


def test_bounds_move_it_to_the_nearest_allowed_weights() -> None:
    covariance = np.diag([0.01, 0.04, 0.04, 0.04])
    answer = allocate("hrp", covariance=covariance, constraints={"max_weight": 0.4})
    np.testing.assert_allclose(answer.weights, [0.4, 0.2, 0.2, 0.2], atol=1e-9)


def test_nothing_to_hold() -> None:
    with pytest.raises(AllocationError, match="nothing to hold"):
        weigh(Hrp(), seen(np.zeros((252, 3))))


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_the_kernel_is_compiled_once() -> None:
    weigh(Hrp(), known(np.asfortranarray(problem(2, 6)[0])))
    weigh(Hrp(), seen(draws(2, 6, 252)))
    weigh(Hrp(), known([[0.01, 0.0], [0.0, 0.02]]))
    assert len(bisect.signatures) == 1

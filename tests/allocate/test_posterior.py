"""Black and Litterman's formulas against He and Litterman (1999), Bayes, and limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtest.allocate.posterior import doubt, doubt_of_confidence, equilibrium, posterior
from backtest.errors import AllocationError
from backtest.types import Floats

from .optimising import case, problem

TAU = 0.05


def countries(name: str) -> tuple[Any, Floats, Floats]:
    """Return a case, its covariance and its market."""
    given = case("allocate_black_litterman", name)
    volatility = np.array(given["inputs"]["vol"])
    return (
        given,
        np.array(given["inputs"]["corr"]) * np.outer(volatility, volatility),
        np.array(given["inputs"]["w_mkt"]),
    )


def test_he_litterman_equilibrium() -> None:
    given, covariance, market = countries("bl_he_litterman_equilibrium")
    found = equilibrium(covariance, market, given["inputs"]["delta"])
    np.testing.assert_allclose(found, given["expected"], atol=given["tolerance"]["abs"])


def test_he_litterman_weights_with_one_view() -> None:
    given, covariance, market = countries("bl_he_litterman_view1_weights")
    inputs = given["inputs"]
    holdings, returns = np.array(inputs["P"], np.float64), np.array(inputs["Q"])
    prior = equilibrium(covariance, market, inputs["delta"])
    omega = np.diag(doubt(covariance, inputs["tau"], holdings))
    mean, left = posterior(prior, covariance, inputs["tau"], holdings, returns, omega)
    weights = np.linalg.solve(inputs["delta"] * (covariance + left), mean)
    np.testing.assert_allclose(weights, given["expected"], atol=given["tolerance"]["abs"])


def test_it_is_bayes_rule() -> None:
    """mean = [(τΣ)⁻¹ + PᵀΩ⁻¹P]⁻¹ [(τΣ)⁻¹π + PᵀΩ⁻¹q], M the first factor: Black and Litterman's own form."""
    covariance, prior = problem(0, 9)
    rng = np.random.default_rng(0)
    holdings, returns = rng.normal(size=(3, 9)), rng.normal(0.0, 0.1, 3)
    omega = np.diag([0.001, 0.004, 0.0005])
    precision = np.linalg.inv(TAU * covariance)
    factor = np.linalg.inv(precision + holdings.T @ np.linalg.solve(omega, holdings))
    expected = factor @ (precision @ prior + holdings.T @ np.linalg.solve(omega, returns))
    mean, left = posterior(prior, covariance, TAU, holdings, returns, omega)
    np.testing.assert_allclose(mean, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(left, factor, rtol=1e-8, atol=1e-12)


def test_no_views_leave_the_prior() -> None:
    covariance, prior = problem(1, 5)
    mean, left = posterior(prior, covariance, TAU, np.empty((0, 5)), np.empty(0), np.empty((0, 0)))
    np.testing.assert_array_equal(mean, prior)
    np.testing.assert_array_equal(left, TAU * covariance)


@pytest.mark.parametrize("confidence", [0.01, 0.25, 0.5, 0.9, 1.0])
def test_a_view_moves_its_portfolio_by_its_confidence(confidence: float) -> None:
    """Idzorek's meaning of a confidence, for one view: that share of the way from the prior to the view."""
    covariance, prior = problem(2, 6)
    holdings, returns = np.array([[1.0, -1.0, 0.0, 0.0, 0.5, 0.0]]), np.array([0.2])
    omega = np.diag(doubt(covariance, TAU, holdings) * doubt_of_confidence(np.array([confidence])))
    mean, _ = posterior(prior, covariance, TAU, holdings, returns, omega)
    before, after = float((holdings @ prior)[0]), float((holdings @ mean)[0])
    assert (after - before) / (0.2 - before) == pytest.approx(confidence, rel=1e-9)


def test_certain_views_are_met_exactly() -> None:
    covariance, prior = problem(3, 6)
    holdings = np.array([[1.0, -1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]])
    returns = np.array([0.07, -0.02])
    mean, left = posterior(prior, covariance, TAU, holdings, returns, np.zeros((2, 2)))
    np.testing.assert_allclose(holdings @ mean, returns, atol=1e-12)
    np.testing.assert_allclose(holdings @ left @ holdings.T, 0.0, atol=1e-15)


def test_the_same_certain_view_twice_is_one_view() -> None:
    covariance, prior = problem(4, 4)
    row = np.array([[1.0, -1.0, 0.0, 0.0]])
    once, _ = posterior(prior, covariance, TAU, row, np.array([0.05]), np.zeros((1, 1)))
    twice, _ = posterior(prior, covariance, TAU, np.vstack([row, 2.0 * row]), np.array([0.05, 0.10]), np.zeros((2, 2)))
    np.testing.assert_allclose(twice, once, atol=1e-12)


def test_certain_views_that_contradict_each_other_are_an_error() -> None:
    covariance, prior = problem(5, 4)
    row = np.array([[1.0, -1.0, 0.0, 0.0]])
    with pytest.raises(AllocationError, match="contradict each other"):
        posterior(prior, covariance, TAU, np.vstack([row, row]), np.array([0.05, 0.06]), np.zeros((2, 2)))


def test_the_unit_does_not_matter() -> None:
    """Per day or per year: means and covariances scale alike."""
    covariance, prior = problem(6, 5)
    holdings, returns, omega = np.eye(2, 5), np.array([0.1, 0.0]), np.diag([1e-3, 0.0])
    mean, left = posterior(prior, covariance, TAU, holdings, returns, omega)
    k = 252.0
    daily, spread = posterior(prior / k, covariance / k, TAU, holdings, returns / k, omega / k)
    np.testing.assert_allclose(daily * k, mean, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(spread * k, left, rtol=1e-9, atol=1e-14)

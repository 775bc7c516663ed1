from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.stats import active_share, marginal_risk, marginal_var, portfolio_deviation, risk_contributions

from .golden import case

COVARIANCE = np.array([[0.04, 0.006, 0.0], [0.006, 0.09, -0.01], [0.0, -0.01, 0.01]])
WEIGHTS = np.array([0.5, 0.3, 0.4])


def test_published_risk_budgets() -> None:
    """Published weights are rounded to four digits, the deviation to four."""
    inputs, expected, tolerance = case("stats_risk", "roncalli_three_assets")
    covariance = np.array(inputs["cov"])
    weights = np.array(expected["rb_weights"])
    assert portfolio_deviation(weights, covariance) == pytest.approx(expected["rb_vol"], abs=tolerance)
    shares = risk_contributions(weights, covariance) / portfolio_deviation(weights, covariance)
    np.testing.assert_allclose(shares, inputs["budgets"], atol=2e-4)
    equal = risk_contributions(np.array(expected["erc_weights"]), covariance)
    np.testing.assert_allclose(equal, equal.mean(), rtol=5e-4)


def test_contributions_add_up_and_marginals_are_slopes() -> None:
    sigma = portfolio_deviation(WEIGHTS, COVARIANCE)
    assert risk_contributions(WEIGHTS, COVARIANCE).sum() == pytest.approx(sigma, abs=1e-15)
    for i, slope in enumerate(marginal_risk(WEIGHTS, COVARIANCE)):
        step = 1e-6 * np.eye(3)[i]
        rise = portfolio_deviation(WEIGHTS + step, COVARIANCE) - portfolio_deviation(WEIGHTS - step, COVARIANCE)
        assert slope == pytest.approx(rise / 2e-6, abs=1e-8)


def test_component_values_at_risk_add_up() -> None:
    mean = np.array([0.001, 0.002, 0.0])
    components = WEIGHTS * marginal_var(WEIGHTS, COVARIANCE, 0.99, mean)
    whole = mean @ WEIGHTS - 2.3263478740408408 * portfolio_deviation(WEIGHTS, COVARIANCE)
    assert components.sum() == pytest.approx(whole, abs=1e-12)
    assert (WEIGHTS @ marginal_var(WEIGHTS, COVARIANCE)) == pytest.approx(
        -1.6448536269514722 * portfolio_deviation(WEIGHTS, COVARIANCE)
    )


def test_no_risk_has_no_contributions() -> None:
    assert portfolio_deviation(np.zeros(3), COVARIANCE) == 0.0
    assert np.isnan(risk_contributions(np.zeros(3), COVARIANCE)).all()
    assert math.isnan(portfolio_deviation(np.array([1.0, 1.0]), np.array([[1.0, -1.2], [-1.2, 1.0]])))


def test_active_share() -> None:
    benchmark = np.array([0.5, 0.3, 0.2, 0.0])
    assert active_share(benchmark, benchmark) == 0.0
    assert active_share(np.array([0.0, 0.0, 0.0, 1.0]), benchmark) == pytest.approx(1.0)
    rows = np.array([[0.6, 0.3, 0.1, np.nan], [0.5, 0.3, 0.0, 0.2]])
    np.testing.assert_allclose(active_share(rows, benchmark), [0.1, 0.2])

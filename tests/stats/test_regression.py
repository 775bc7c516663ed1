from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import linregress

from backtest.stats import beta, path_from_returns, regress, stability

from .golden import case


def test_published_specific_risk() -> None:
    """The source annualises the residual deviation over n, not over n − 2."""
    inputs, expected, tolerance = case("stats_relative", "bacon_capm")
    found = regress(inputs["portfolio"], inputs["benchmark"][:, None])
    risk = found.residual_deviation * math.sqrt((found.n - 2) / found.n * inputs["periods_per_year"])
    assert risk == pytest.approx(expected["specific_risk"], abs=tolerance["specific_risk"])


def test_one_factor_is_scipys_line() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(0.0, 1.0, 50)
    y = 0.3 + 0.7 * x + rng.normal(0.0, 0.2, 50)
    line, found = linregress(x, y), regress(y, x[:, None])
    assert (found.alpha, found.betas[0]) == (pytest.approx(line.intercept), pytest.approx(line.slope))
    assert found.alpha_error == pytest.approx(line.intercept_stderr)
    assert found.beta_errors[0] == pytest.approx(line.stderr)
    assert found.r_squared == pytest.approx(line.rvalue**2)
    assert found.betas[0] == pytest.approx(beta(y, x))


def test_several_factors_are_found_exactly_and_gaps_left_out() -> None:
    x = np.random.default_rng(3).normal(0.0, 1.0, (30, 3))
    y = 0.5 + x @ np.array([1.0, -2.0, 0.25])
    x[3, 1], y[7] = np.nan, np.nan
    found = regress(y, x)
    assert found.n == 28
    np.testing.assert_allclose([found.alpha, *found.betas], [0.5, 1.0, -2.0, 0.25], atol=1e-12)
    assert found.r_squared == pytest.approx(1.0)


@pytest.mark.parametrize(("rows", "columns"), [(0, 1), (2, 1), (4, 3)])
def test_too_few_rows_explain_nothing(rows: int, columns: int) -> None:
    x = np.random.default_rng(4).normal(size=(rows, columns))
    found = regress(np.ones(rows), x)
    assert math.isnan(found.alpha)
    assert np.isnan(found.betas).all()
    assert found.betas.shape == (columns,)


def test_dependent_factors_are_undefined_and_a_flat_series_has_no_r_squared() -> None:
    x = np.random.default_rng(5).normal(size=(20, 1))
    assert math.isnan(regress(x[:, 0], np.hstack((x, 2.0 * x))).alpha)
    assert math.isnan(regress(x[:, 0], np.ones((20, 1))).alpha)
    assert math.isnan(regress(np.ones(20), x).r_squared)


def test_stability() -> None:
    assert stability(path_from_returns(np.full(50, 0.01))) == pytest.approx(1.0)
    path = path_from_returns(np.random.default_rng(6).normal(0.001, 0.01, 80))
    expected = linregress(np.arange(80), np.log(path[1:])).rvalue ** 2
    assert stability(path) == pytest.approx(expected, abs=1e-12)
    assert math.isnan(stability(path_from_returns(np.zeros(10))))
    assert math.isnan(stability(np.array([1.0, 1.1, 1.2])))
    assert math.isnan(stability(np.array([1.0, 0.5, 0.0, -0.1])))


def test_one_row_more_than_unknowns_is_enough() -> None:
    found = regress(np.array([1.0, 2.0, 4.0]), np.array([[0.0], [1.0], [2.0]]))
    assert (found.alpha, found.betas[0]) == (pytest.approx(5 / 6), pytest.approx(1.5))
    assert found.residual_deviation == pytest.approx(math.sqrt(1 / 6))

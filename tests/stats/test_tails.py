from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from scipy.integrate import quad

from backtest.stats import expected_shortfall, kurtosis, skewness, tail_ratio, value_at_risk

RETURNS = np.random.default_rng(8).standard_t(8, 700) * 0.01 + 0.0005
NORMAL = NormalDist()
METHODS = ("historical", "gaussian", "cornish_fisher")


def standardised(value: float) -> float:
    return (value - RETURNS.mean()) / RETURNS.std()


def test_historical_by_hand() -> None:
    returns = np.array([0.05, -0.03, 0.01, -0.01, 0.02, np.nan])
    # Four intervals between five values: the 10 % quantile is 0.4 of the way from the lowest to the next.
    assert value_at_risk(returns, 0.9) == pytest.approx(-0.03 + 0.4 * 0.02)
    assert expected_shortfall(returns, 0.9) == pytest.approx(-0.03)
    assert expected_shortfall(returns, 0.5) == pytest.approx((-0.03 - 0.01 + 0.01) / 3)
    assert tail_ratio(returns, 0.9) == pytest.approx((0.02 + 0.6 * 0.03) / 0.022)


def test_gaussian_is_the_normal_with_the_population_deviation() -> None:
    assert standardised(value_at_risk(RETURNS, 0.95, "gaussian")) == pytest.approx(-1.6448536, abs=1e-7)
    z = NORMAL.inv_cdf(0.01)
    assert standardised(expected_shortfall(RETURNS, 0.99, "gaussian")) == pytest.approx(-NORMAL.pdf(z) / 0.01)


def test_cornish_fisher_corrects_the_quantile() -> None:
    skew, excess, z = skewness(RETURNS, "population"), kurtosis(RETURNS, "population"), NORMAL.inv_cdf(0.01)
    h = z + (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * excess / 24 - (2 * z**3 - 5 * z) * skew**2 / 36
    assert standardised(value_at_risk(RETURNS, 0.99, "cornish_fisher")) == pytest.approx(h)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_modified_shortfall_is_the_integral_of_the_edgeworth_density(level: float) -> None:
    skew, excess = skewness(RETURNS, "population"), kurtosis(RETURNS, "population")

    def density(z: float) -> float:
        third, fourth = z**3 - 3 * z, z**4 - 6 * z**2 + 3
        sixth = z**6 - 15 * z**4 + 45 * z**2 - 15
        return NORMAL.pdf(z) * (1 + third * skew / 6 + fourth * excess / 24 + sixth * skew**2 / 72)

    h = standardised(value_at_risk(RETURNS, level, "cornish_fisher"))
    tail = quad(lambda z: z * density(z), -12.0, h)[0] / (1.0 - level)
    assert standardised(expected_shortfall(RETURNS, level, "cornish_fisher")) == pytest.approx(tail, abs=1e-7)


def test_where_the_expansion_breaks_down_the_value_at_risk_stands_in() -> None:
    returns = np.zeros(1000)
    returns[0] = 1.0  # skewness 32: the density turns negative in the left tail
    got = expected_shortfall(returns, 0.95, "cornish_fisher")
    assert got <= value_at_risk(returns, 0.95, "cornish_fisher")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_shortfall_is_never_milder_than_the_value_at_risk(method: str, level: float) -> None:
    shortfall, risk = (f(RETURNS, level, method) for f in (expected_shortfall, value_at_risk))  # type: ignore[arg-type]
    assert shortfall <= risk < 0.0


@pytest.mark.parametrize("method", METHODS)
def test_constant_one_row_and_nothing(method: str) -> None:
    assert value_at_risk(np.full(9, 0.01), 0.95, method) == pytest.approx(0.01, abs=1e-12)  # type: ignore[arg-type]
    assert expected_shortfall(np.array([0.02]), 0.95, method) == pytest.approx(0.02)  # type: ignore[arg-type]
    assert math.isnan(value_at_risk(np.array([np.nan]), 0.95, method))  # type: ignore[arg-type]
    assert math.isnan(expected_shortfall(np.empty(0), 0.95, method))  # type: ignore[arg-type]


def test_no_lower_tail_has_no_tail_ratio() -> None:
    assert math.isnan(tail_ratio(np.zeros(5)))
    assert math.isnan(tail_ratio(np.empty(0)))


def test_the_level_is_ninety_five_percent_unless_said() -> None:
    assert value_at_risk(RETURNS) == value_at_risk(RETURNS, 0.95)
    assert expected_shortfall(RETURNS) == expected_shortfall(RETURNS, 0.95)
    assert tail_ratio(RETURNS) == tail_ratio(RETURNS, 0.95)

"""The sample: who is in it, what is known of them, and what is said of the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtest.allocate.base import Forecast, History, Views
from backtest.allocate.sample import Sample, sample_of
from backtest.errors import AllocationError, InputError
from backtest.types import Floats
from tests.allocate.moments.data import factor_returns

NAN = float("nan")
SYMBOLS = np.array(["A", "B", "C"])


def taken(returns: Floats, reads_returns: bool = True, bars: int = 1, **about: Any) -> Sample:
    return sample_of(History(SYMBOLS, returns, **about), 20, None, bars, reads_returns)


def gappy() -> Floats:
    """Returns of three symbols of which the second came too late."""
    returns = factor_returns(20, 3)
    returns[:10, 1] = NAN
    return returns


def test_everything_known_of_a_symbol_stays_with_it() -> None:
    three = np.array([1.0, 2.0, 3.0])
    sample = taken(
        gappy(),
        current=three / 10,
        prices=three * 10,
        caps=three * 1e9,
        groups={"sector": np.array(["x", "y", "z"])},
        periods_per_year=252.0,
        risk_free=0.02,
        forecast=Forecast(mean=three / 100),
    )
    assert sample.symbols.tolist() == ["A", "C"]
    np.testing.assert_array_equal(sample.columns, [0, 2])
    np.testing.assert_array_equal(sample.current, [0.1, 0.3])
    np.testing.assert_array_equal(sample.prices, [10.0, 30.0])
    np.testing.assert_array_equal(sample.caps, [1e9, 3e9])
    np.testing.assert_array_equal(sample.mean, [0.01, 0.03])
    assert sample.groups["sector"].tolist() == ["x", "z"]
    assert (sample.year, sample.scale, sample.risk_free) == (252.0, 252.0, 0.02)
    assert sample.left_out == ("B",)
    assert sample.warnings == ("without weight for lack of data: B",)


def test_only_the_lookback_counts() -> None:
    returns = factor_returns(60, 3)
    returns[:40] = NAN
    np.testing.assert_array_equal(taken(returns).returns, returns[40:])


def test_weeks_of_days() -> None:
    sample = taken(factor_returns(20, 3), bars=5, periods_per_year=250.0)
    assert sample.returns.shape == (4, 3)
    assert sample.year == 50.0


def test_nobody_knows_the_year() -> None:
    sample = taken(factor_returns(20, 3))
    assert (sample.year, sample.scale) == (None, 1.0)
    np.testing.assert_allclose(sample.volatility, sample.returns.std(axis=0, ddof=1), rtol=1e-14)


def test_nothing_usable_is_said_with_the_lookback() -> None:
    with pytest.raises(AllocationError, match="none of 3 symbols has 18 returns that are not all the same"):
        taken(np.full((20, 3), NAN))
    with pytest.raises(AllocationError, match="has 4 returns of 5 bars"):
        taken(np.zeros((20, 3)), bars=5)


def test_a_given_covariance_needs_no_returns() -> None:
    covariance = np.diag([0.04, 0.09, 0.16])
    sample = taken(np.empty((0, 3)), reads_returns=False, forecast=Forecast(covariance=covariance))
    np.testing.assert_array_equal(sample.covariance, covariance)
    np.testing.assert_allclose(sample.volatility, [0.2, 0.3, 0.4], rtol=1e-14)
    with pytest.raises(InputError, match="returns are needed, each of them"):
        sample.scenarios()


@pytest.mark.parametrize("variance", [NAN, 0.0])
def test_a_symbol_without_variance_in_a_given_covariance_is_left_out(variance: float) -> None:
    covariance = np.diag([0.04, variance, 0.16])
    if np.isnan(variance):
        covariance[1] = covariance[:, 1] = NAN
    sample = taken(np.empty((0, 3)), reads_returns=False, forecast=Forecast(covariance=covariance))
    np.testing.assert_array_equal(sample.covariance, np.diag([0.04, 0.16]))
    assert sample.left_out == ("B",)


def test_a_symbol_without_a_given_mean_is_left_out() -> None:
    sample = taken(factor_returns(20, 3), forecast=Forecast(mean=np.array([0.1, NAN, 0.3])))
    assert sample.left_out == ("B",)
    np.testing.assert_array_equal(sample.mean, [0.1, 0.3])
    assert sample.returns.shape == (20, 2)


def test_lack_of_data_and_lack_of_a_mean_add_up() -> None:
    sample = taken(gappy(), forecast=Forecast(mean=np.array([NAN, 0.2, 0.3])))
    assert sample.symbols.tolist() == ["C"]
    assert sample.left_out == ("A", "B")


@pytest.mark.parametrize(
    ("forecast", "said"),
    [
        (Forecast(mean=np.zeros(2)), r"mean: received shape \(2,\); expected \(3,\)"),
        (Forecast(covariance=np.eye(2)), r"covariance: received shape \(2, 2\); expected \(3, 3\)"),
        (
            Forecast(covariance=np.array([[1.0, 0.5, 0], [0.4, 1, 0], [0, 0, 1]])),
            "covariance: not symmetric: .* A and B",
        ),
        (Forecast(covariance=np.array([[1.0, NAN, 0], [NAN, 1, 0], [0, 0, 1]])), "covariance: not a number .* A and B"),
        (Forecast(covariance=np.diag([1.0, -1.0, 1.0])), "covariance: negative variance: B has -1"),
    ],
)
def test_a_forecast_that_cannot_be_one(forecast: Forecast, said: str) -> None:
    with pytest.raises(InputError, match=said):
        taken(factor_returns(20, 3), forecast=forecast)


def test_a_forecast_of_nothing() -> None:
    with pytest.raises(AllocationError, match="no numbers, or no variance, for any of 3 symbols"):
        taken(factor_returns(20, 3), forecast=Forecast(mean=np.full(3, NAN)))


def test_views_on_symbols_without_data_are_dropped_and_told() -> None:
    views = Views(
        np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 0.0]]), np.array([0.05, 0.1]), np.array([0.6, 0.9]), np.diag([1.0, 2.0])
    )
    sample = taken(gappy(), forecast=Forecast(views=views))
    assert sample.views is not None
    np.testing.assert_array_equal(sample.views.holdings, [[1.0, -1.0]])
    np.testing.assert_array_equal(sample.views.returns, [0.05])
    np.testing.assert_array_equal(sample.views.confidences, [0.6])
    np.testing.assert_array_equal(sample.views.uncertainty, [[1.0]])
    assert sample.warnings[1] == "views dropped, because they are on symbols without data: 1 of 2"
    only = Views(np.array([[0.0, 1.0, 0.0]]), np.array([0.1]))
    assert taken(gappy(), forecast=Forecast(views=only)).views is None

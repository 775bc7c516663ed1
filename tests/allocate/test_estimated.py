"""The template: moments in, weights of the usable symbols out, everything said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtest.allocate.base import Forecast, History, Views, Weights
from backtest.allocate.constraints.region import Region, long_only
from backtest.allocate.estimated import Estimated, WithCovariance, WithMean
from backtest.allocate.methods.inverse_volatility import InverseVolatility
from backtest.allocate.moments import COVARIANCES
from backtest.allocate.moments.covariance.ledoit_wolf import LedoitWolf
from backtest.allocate.moments.gram import BLOCKWISE
from backtest.allocate.moments.mean.historical import HistoricalMean
from backtest.allocate.moments.memory import Memory
from backtest.allocate.sample import Sample
from backtest.errors import AllocationError, InputError
from backtest.types import Floats
from tests.allocate.moments.data import factor_returns

NAN = float("nan")


class ByVariance(WithCovariance):
    """Inverse variances."""

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        assert sample.covariance is not None
        assert region.n_assets == len(sample.symbols) == len(sample.covariance)
        calm = 1.0 / sample.covariance.diagonal()
        return Weights(calm / calm.sum(), objective=1.0, condition={"own": 2.0}, warnings=("my own",))


class ByMean(WithMean):
    """Everything in the best."""

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:  # noqa: ARG002
        assert sample.mean is not None
        return Weights(np.eye(len(sample.mean))[int(sample.mean.argmax())])


class Scenarios(Estimated):
    """Needs each return."""

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:  # noqa: ARG002
        return Weights(np.full(len(sample.symbols), 1.0 / sample.scenarios().shape[1]))


def history(returns: Floats, **about: Any) -> History:
    return History(np.array([chr(ord("A") + i) for i in range(returns.shape[1])]), returns, **about)


def test_those_left_out_get_nothing_and_are_named() -> None:
    returns = factor_returns(30, 3)
    returns[:20, 1] = NAN
    answer = ByVariance(lookback=30).weigh(history(returns), long_only(3))
    assert answer.weights.shape == (3,)
    assert answer.weights[1] == 0.0
    assert answer.weights.sum() == pytest.approx(1.0)
    assert answer.left_out == ("B",)
    assert answer.warnings == ("without weight for lack of data: B", "my own")
    assert answer.condition["own"] == 2.0
    assert answer.condition["observations_per_asset"] == 15.0
    assert 0.0 <= answer.condition["shrinkage"] <= 1.0


def test_defaults_are_shrinkage_and_history() -> None:
    assert ByMean().covariance == LedoitWolf(target="identity")
    assert ByMean().mean == HistoricalMean()
    assert (ByMean().lookback, ByMean().min_observations, ByMean().bars_per_return) == (252, None, 1)
    assert (ByMean().history_rows, ByMean().wants_returns) == (253, 252)


def test_fields_stand_base_first() -> None:
    assert list(ByMean.model_fields) == ["lookback", "min_observations", "bars_per_return", "covariance", "mean"]


def test_moments_are_a_year() -> None:
    returns = factor_returns(50, 3)
    method = ByMean(lookback=50, covariance="sample")
    sample = method.sample(history(returns, periods_per_year=252.0))
    np.testing.assert_allclose(sample.covariance, 252.0 * np.cov(returns, rowvar=False), rtol=1e-12)
    np.testing.assert_allclose(sample.mean, 252.0 * returns.mean(axis=0), rtol=1e-12)
    weekly = ByMean(lookback=50, covariance="sample", bars_per_return=5).sample(
        history(returns, periods_per_year=250.0)
    )
    growth = np.array([np.prod(1.0 + returns[k : k + 5], axis=0) - 1.0 for k in range(0, 50, 5)])
    np.testing.assert_allclose(weekly.covariance, 50.0 * np.cov(growth, rowvar=False), rtol=1e-10)


def test_given_moments_come_first_and_returns_may_be_empty() -> None:
    covariance, mean = np.array([[0.04, 0.01], [0.01, 0.09]]), np.array([0.02, 0.01])
    known = history(np.empty((0, 2)), forecast=Forecast(mean=mean, covariance=covariance))
    sample = ByMean().sample(known)
    np.testing.assert_array_equal(sample.covariance, covariance)
    np.testing.assert_array_equal(sample.mean, mean)
    assert "observations_per_asset" not in sample.condition  # nobody knows
    np.testing.assert_array_equal(ByMean().weigh(known, long_only(2)).weights, [1.0, 0.0])


def test_a_given_covariance_makes_late_listings_usable() -> None:
    returns = factor_returns(30, 2)
    returns[:29, 1] = NAN
    known = {"forecast": Forecast(covariance=np.diag([0.04, 0.04])), "periods_per_year": 252.0}
    for method in (ByVariance(lookback=30), InverseVolatility(lookback=30)):
        answer = method.weigh(history(returns, **known), long_only(2))
        np.testing.assert_array_equal(answer.weights, [0.5, 0.5])
    by_mean = ByMean(lookback=30).weigh(history(returns, **known), long_only(2))
    assert by_mean.left_out == ("B",)  # its mean is still to be estimated
    assert ByMean(lookback=30, mean="zero").weigh(history(returns, **known), long_only(2)).left_out == ()


def test_a_given_mean_beside_an_estimated_covariance() -> None:
    returns = factor_returns(50, 3)
    given = Forecast(mean=np.array([0.1, 0.2, 0.3]))
    sample = ByMean(lookback=50).sample(history(returns, forecast=given, periods_per_year=1.0))
    np.testing.assert_array_equal(sample.mean, [0.1, 0.2, 0.3])
    np.testing.assert_allclose(sample.covariance, LedoitWolf().estimate(returns).matrix, rtol=1e-14)


def test_a_given_covariance_that_is_not_positive_is_repaired_with_a_word() -> None:
    covariance = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]]) * 0.04
    answer = ByVariance().weigh(history(np.empty((0, 3)), forecast=Forecast(covariance=covariance)), long_only(3))
    assert "not positive semi-definite: 1 negative eigenvalues" in answer.warnings[0]


def test_a_gerber_matrix_that_is_not_positive_is_repaired_with_a_word() -> None:
    """The original statistic is not always positive semi-definite; here are returns that show it."""
    returns = np.random.default_rng(0).normal(size=(12, 10)) * 0.01
    sample = ByVariance(lookback=12, covariance={"estimator": "gerber", "variant": "gs0"}).sample(history(returns))
    assert "not positive semi-definite" in sample.warnings[0]
    assert np.linalg.eigvalsh(sample.covariance)[0] > -1e-15


def test_fewer_returns_than_assets() -> None:
    returns = factor_returns(10, 30)
    plain = ByVariance(lookback=10, covariance="sample").sample(history(returns))
    assert any("singular (30 assets from 10 observations)" in warning for warning in plain.warnings)
    shrunk = ByVariance(lookback=10).sample(history(returns))
    assert shrunk.warnings == ()
    assert shrunk.condition["smallest_eigenvalue"] > 0.0


def test_faded_observations_count_less() -> None:
    condition = ByVariance(lookback=50, covariance="ewma").sample(history(factor_returns(50, 2))).condition
    assert condition["observations_per_asset"] == pytest.approx(condition["observations"] / 2)
    assert condition["observations"] < 50.0


def test_remarks_of_the_mean_are_passed_on() -> None:
    known = history(factor_returns(50, 2), caps=np.array([1.0, NAN]))
    answer = ByMean(lookback=50, mean="equilibrium").weigh(known, long_only(2))
    assert answer.warnings == ("without market cap, so not in the market portfolio: B",)


@pytest.mark.parametrize("first_row", [None, 0, 100])
def test_long_lookbacks_reuse_sums_without_changing_a_bit(first_row: int | None) -> None:
    panel, memory, n = factor_returns(BLOCKWISE + 60, 4), Memory(), BLOCKWISE + 20
    for start in (0, 20, 40):
        rows, at = panel[start : start + n], None if first_row is None else first_row + start
        cold = ByVariance(lookback=n).sample(history(rows, first_row=at))
        warm = ByVariance(lookback=n).sample(history(rows, first_row=at, memory=memory))
        np.testing.assert_array_equal(warm.covariance, cold.covariance)
        np.testing.assert_allclose(warm.covariance, LedoitWolf().estimate(rows).matrix, rtol=1e-11, atol=1e-16)
    assert (len(memory.grams.blocks) > 0) == (first_row is not None)


def test_more_returns_than_the_lookback_are_the_same_as_the_last_ones() -> None:
    panel = factor_returns(BLOCKWISE + 60, 4)
    method = ByVariance(lookback=BLOCKWISE + 20)
    whole, last = (method.sample(history(x, first_row=r)) for x, r in ((panel, 5), (panel[40:], 45)))
    np.testing.assert_array_equal(whole.covariance, last.covariance)


def test_scenarios_are_not_in_a_covariance() -> None:
    known = history(np.empty((0, 2)), forecast=Forecast(covariance=np.eye(2)))
    with pytest.raises(InputError, match="returns are needed"):
        Scenarios().weigh(known, long_only(2))


def test_what_a_method_does_not_look_at_is_said_and_decides_nothing() -> None:
    returns = factor_returns(30, 2)
    views = Views(np.array([[1.0, 0.0]]), np.array([0.1]))
    forecast = Forecast(mean=np.array([NAN, 0.1]), covariance=np.eye(2), views=views)
    for method, unheard in (
        (Scenarios(lookback=30), "mean, covariance, views"),
        (ByVariance(lookback=30), "mean, views"),
        (InverseVolatility(lookback=30), "mean, views"),
    ):
        answer = method.weigh(history(returns, forecast=forecast), long_only(2))
        assert answer.warnings[0] == f"given, but this method does not look at it: {unheard}"
        np.testing.assert_allclose(answer.weights, [0.5, 0.5])
    assert ByMean(lookback=30).weigh(history(returns, forecast=forecast), long_only(2)).left_out == ("A",)


def test_nothing_to_estimate_from() -> None:
    for method in (InverseVolatility(), ByVariance(), ByMean()):
        with pytest.raises(InputError, match="give returns, or a covariance"):
            method.weigh(history(np.empty((0, 2))), long_only(2))


@pytest.mark.parametrize("name", COVARIANCES)
def test_no_covariance_of_prices_that_stand_still_or_are_not_there(name: str) -> None:
    for returns in (np.zeros((30, 2)), np.full((30, 2), NAN)):
        with pytest.raises(AllocationError, match="nothing to hold"):
            ByVariance(lookback=30, covariance=name).weigh(history(returns), long_only(2))


@pytest.mark.parametrize("name", COVARIANCES)
def test_one_usable_asset_among_others_takes_all(name: str) -> None:
    returns = np.column_stack([np.zeros(30), factor_returns(30, 1)[:, 0], np.full(30, NAN)])
    answer = ByVariance(lookback=30, covariance=name).weigh(history(returns, periods_per_year=252.0), long_only(3))
    np.testing.assert_array_equal(answer.weights, [0.0, 1.0, 0.0])
    assert answer.left_out == ("A", "C")


def test_no_symbol_is_usable() -> None:
    with pytest.raises(AllocationError, match="nothing to hold: in the last 30 bars none of 2 symbols has 27 returns"):
        ByVariance(lookback=30).weigh(history(np.full((30, 2), NAN)), long_only(2))


def test_a_lookback_of_one_return_is_refused() -> None:
    with pytest.raises(ValueError, match="lookback 9 has fewer than two returns of 5 bars; at least 10 is needed"):
        ByVariance(lookback=9, bars_per_return=5)


def test_inverse_volatility_takes_a_covariance_too() -> None:
    known = history(np.empty((0, 2)), forecast=Forecast(covariance=np.diag([0.04, 0.16])))
    np.testing.assert_allclose(InverseVolatility().weigh(known, long_only(2)).weights, [2 / 3, 1 / 3], rtol=1e-14)

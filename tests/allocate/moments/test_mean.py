"""Expected returns: units, closed forms, and what each says when it cannot answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtest.allocate.base import Forecast, History
from backtest.allocate.moments import MEANS, Mean
from backtest.allocate.moments.mean.capm import CapmMean
from backtest.allocate.moments.mean.equilibrium import EquilibriumMean
from backtest.allocate.moments.mean.ewma import EwmaMean
from backtest.allocate.moments.mean.historical import HistoricalMean
from backtest.allocate.moments.mean.shrunk import ShrunkMean
from backtest.allocate.sample import Sample, sample_of
from backtest.errors import AllocationError, InputError
from backtest.types import Floats
from tests.allocate.moments.data import factor_returns

VARIANTS: list[Mean] = [
    *(kind() if name != "equilibrium" else EquilibriumMean(market="equal_weight") for name, kind in MEANS.items()),
    ShrunkMean(rule="bayes_stein"),
]


def sample(returns: Floats, covariance: Floats | None = None, year: float | None = 252.0, **about: Any) -> Sample:
    """Return a sample of all the returns; the covariance is theirs, a year, unless another is given."""
    k = returns.shape[1]
    own = np.atleast_2d(np.cov(returns, rowvar=False)) * (year or 1.0) if covariance is None else covariance
    names = np.array([chr(ord("A") + i) for i in range(k)])
    history = History(names, returns, periods_per_year=year, forecast=Forecast(covariance=own), **about)
    return sample_of(history, len(returns), None, 1, reads_returns=True)


@pytest.mark.parametrize("estimator", VARIANTS, ids=str)
def test_a_year_is_so_many_periods(estimator: Mean) -> None:
    returns = factor_returns(100, 6)
    annual, single = estimator.estimate(sample(returns)), estimator.estimate(sample(returns, year=None))
    np.testing.assert_allclose(annual, 252.0 * single, rtol=1e-10, atol=1e-18)


@pytest.mark.parametrize("estimator", VARIANTS, ids=str)
def test_the_order_of_assets_does_not_matter(estimator: Mean) -> None:
    returns, order = factor_returns(100, 5), [3, 0, 4, 2, 1]
    permuted = estimator.estimate(sample(np.ascontiguousarray(returns[:, order])))
    np.testing.assert_allclose(permuted, estimator.estimate(sample(returns))[order], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("estimator", VARIANTS, ids=str)
def test_one_asset(estimator: Mean) -> None:
    returns = factor_returns(50, 1)
    found = estimator.estimate(sample(returns))
    assert found.shape == (1,)
    assert np.isfinite(found).all()
    if isinstance(estimator, HistoricalMean | ShrunkMean | CapmMean):
        np.testing.assert_allclose(found, returns.mean(axis=0) * 252.0, rtol=1e-12)


def test_ewma_with_a_long_half_life_is_historical() -> None:
    returns = factor_returns(50, 3)
    plain = HistoricalMean().estimate(sample(returns))
    np.testing.assert_allclose(EwmaMean(half_life=1e9).estimate(sample(returns)), plain, rtol=1e-6)


def test_james_stein_draws_all_means_together_by_one_factor() -> None:
    returns = np.random.default_rng(2).normal(0.001 * np.arange(8), 0.01, (100, 8))
    means, shrunk = returns.mean(axis=0) * 252.0, ShrunkMean().estimate(sample(returns))
    kept = (shrunk - means.mean()) / (means - means.mean())
    np.testing.assert_allclose(kept, kept[0], rtol=1e-9)
    assert 0.0 < kept[0] < 1.0
    assert shrunk.mean() == pytest.approx(means.mean(), rel=1e-12)


def test_james_stein_is_nearer_to_the_truth_on_average() -> None:
    rng = np.random.default_rng(6)
    truth = rng.normal(0.0005, 0.0002, 10)
    far = np.zeros(2)
    for _ in range(200):
        taken = sample(rng.normal(truth, 0.01, (60, 10)), year=None)
        for k, estimator in enumerate((HistoricalMean(), ShrunkMean())):
            far[k] += ((estimator.estimate(taken) - truth) ** 2).sum()
    assert far[1] < 0.5 * far[0]


def test_means_that_are_alike_stay_as_they_are() -> None:
    moves = np.array([[0.01, -0.01], [-0.01, 0.01], [0.02, 0.02], [-0.02, -0.02]])
    returns = np.column_stack([moves, moves[::-1, ::-1], moves[[2, 3, 0, 1]]])
    np.testing.assert_allclose(ShrunkMean().estimate(sample(returns)), np.zeros(6), atol=1e-15)


def test_bayes_stein_goes_towards_the_minimum_variance_portfolio() -> None:
    returns = factor_returns(100, 5)
    inverse = np.linalg.inv(np.cov(returns, rowvar=False))
    least = inverse.sum(axis=0) / inverse.sum()
    means = returns.mean(axis=0)
    target = least @ means
    alpha = 7.0 / (7.0 + 100.0 * (means - target) @ inverse @ (means - target))
    expected = 252.0 * ((1 - alpha) * means + alpha * target)
    np.testing.assert_allclose(ShrunkMean(rule="bayes_stein").estimate(sample(returns)), expected, rtol=1e-10)


def test_bayes_stein_needs_a_covariance_that_can_be_inverted() -> None:
    with pytest.raises(AllocationError, match="bayes_stein needs a covariance that can be inverted"):
        ShrunkMean(rule="bayes_stein").estimate(sample(factor_returns(50, 2), np.full((2, 2), 0.04)))


def test_capm_gives_the_market_its_own_return() -> None:
    returns = factor_returns(100, 4)
    taken = sample(returns, risk_free=0.02)
    mean = CapmMean().estimate(taken)
    assert mean.mean() == pytest.approx(returns.mean() * 252.0, rel=1e-12)
    given = CapmMean(premium=0.05).estimate(taken)
    assert given.mean() == pytest.approx(0.07, rel=1e-12)


def test_equilibrium_is_optimal_to_hold() -> None:
    """The returns that make the market's weights solve (μ − r) = λ Σ w."""
    returns, caps = factor_returns(100, 3), np.array([50.0, 30.0, 20.0])
    taken = sample(returns, caps=caps, risk_free=0.03)
    mean = EquilibriumMean(risk_aversion=3.0).estimate(taken)
    assert taken.covariance is not None
    np.testing.assert_allclose(np.linalg.solve(3.0 * taken.covariance, mean - 0.03), caps / 100.0, rtol=1e-10)


def test_a_symbol_without_a_cap_is_not_in_the_market_and_named() -> None:
    taken = sample(factor_returns(50, 3), caps=np.array([60.0, np.nan, 40.0]))
    mean = EquilibriumMean().estimate(taken)
    assert taken.covariance is not None
    np.testing.assert_allclose(mean, 2.5 * taken.covariance @ [0.6, 0.0, 0.4], rtol=1e-12)
    assert EquilibriumMean().remarks(taken) == ("without market cap, so not in the market portfolio: B",)
    assert EquilibriumMean(market="equal_weight").remarks(taken) == ()


def test_no_caps_are_an_error_of_the_day() -> None:
    with pytest.raises(AllocationError, match=r"say equal_weight\): no market caps are known"):
        EquilibriumMean().estimate(sample(factor_returns(50, 2)))
    with pytest.raises(AllocationError, match="none of 2 symbols has a market cap"):
        CapmMean(market="caps").estimate(sample(factor_returns(50, 2), caps=np.full(2, np.nan)))


@pytest.mark.parametrize("estimator", [HistoricalMean(), EwmaMean(), ShrunkMean(), CapmMean()], ids=str)
def test_a_covariance_alone_does_not_tell_means(estimator: Mean) -> None:
    history = History(np.array(["A"]), np.empty((0, 1)), forecast=Forecast(covariance=np.array([[0.04]])))
    with pytest.raises(InputError, match="returns are needed"):
        estimator.estimate(sample_of(history, 10, None, 1, reads_returns=False))

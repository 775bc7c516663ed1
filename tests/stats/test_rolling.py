from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backtest.stats import (
    beta,
    correlation,
    rolling,
    rolling_beta,
    rolling_correlation,
    rolling_quantile,
    rolling_return,
    rolling_sharpe,
    rolling_volatility,
    sharpe,
    volatility,
)

RNG = np.random.default_rng(12)
RETURNS = RNG.normal(0.0005, 0.01, 200)
BENCHMARK = 0.5 * RETURNS + RNG.normal(0.0, 0.01, 200)
WINDOW = 21


def by_hand(how: object, *series: np.ndarray) -> np.ndarray:
    assert callable(how)
    size = series[0].size
    full = [how(*(each[end - WINDOW : end] for each in series)) for end in range(WINDOW, size + 1)]
    return np.concatenate((np.full(WINDOW - 1, np.nan), full))


@pytest.fixture(params=[1_000_000, 100], ids=["one block", "many blocks"], autouse=True)
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backtest.stats.rolling.BLOCK", request.param)


@pytest.mark.parametrize("gaps", [False, True])
def test_each_window_is_the_plain_function_of_it(gaps: bool) -> None:
    a, b = RETURNS.copy(), BENCHMARK.copy()
    if gaps:
        a[[5, 60, 61]], b[[6, 100]] = np.nan, np.nan
    np.testing.assert_allclose(rolling_volatility(a, WINDOW, 252.0), by_hand(lambda r: volatility(r, 252.0), a))
    np.testing.assert_allclose(
        rolling_sharpe(a, WINDOW, 252.0, 1e-4), by_hand(lambda r: sharpe(r, 252.0, 1e-4), a), rtol=1e-9
    )
    np.testing.assert_allclose(rolling_beta(a, b, WINDOW), by_hand(beta, a, b), rtol=1e-9)
    np.testing.assert_allclose(rolling_correlation(a, b, WINDOW), by_hand(correlation, a, b), rtol=1e-9)
    compound = by_hand(lambda r: np.nanprod(1.0 + r) - 1.0, a)
    np.testing.assert_allclose(rolling_return(a, WINDOW), compound, rtol=1e-9)


def test_as_pandas_rolls() -> None:
    expected = pd.Series(RETURNS).rolling(WINDOW)
    np.testing.assert_allclose(rolling_volatility(RETURNS, WINDOW, 1.0), expected.std(), rtol=1e-9)
    np.testing.assert_allclose(rolling_quantile(RETURNS, WINDOW, 0.05), expected.quantile(0.05), rtol=1e-12)


def test_a_quiet_window_after_a_wild_one_has_no_risk_and_no_ratio() -> None:
    returns = np.concatenate((RETURNS * 1e3, np.full(WINDOW + 5, 0.001)))
    assert (rolling_volatility(returns, WINDOW, 252.0)[-3:] == 0.0).all()
    assert np.isnan(rolling_sharpe(returns, WINDOW, 252.0)[-3:]).all()
    flat = np.full(returns.size, 0.001)
    assert np.isnan(rolling_beta(returns, flat, WINDOW)).all()
    assert np.isnan(rolling_correlation(flat, returns, WINDOW)).all()


def test_windows_longer_than_the_record_or_without_observations() -> None:
    assert np.isnan(rolling_return(RETURNS[:5], 6)).all()
    assert rolling_return(RETURNS[:5], 5)[-1] == pytest.approx(np.prod(1 + RETURNS[:5]) - 1)
    nothing = np.full(30, np.nan)
    assert np.isnan(rolling_volatility(nothing, 10, 252.0)).all()
    assert np.isnan(rolling_quantile(nothing, 10, 0.05)).all()
    assert np.isnan(rolling_return(nothing, 10)).all()
    assert rolling.__name__ == "backtest.stats.rolling"


def test_a_window_without_a_return_has_none() -> None:
    returns = np.array([0.1, np.nan, np.nan, 0.2])
    np.testing.assert_allclose(rolling_return(returns, 2), [np.nan, 0.1, np.nan, 0.2])

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import metrics
from backtest.errors import InputError

DAYS = pd.bdate_range("2020-01-27", periods=8)
RETURNS = pd.Series([0.10, -0.10, 0.05, 0.20, -0.25, 0.10, -0.02, 0.01], index=DAYS)


def test_drawdown_table_by_hand() -> None:
    table = metrics.drawdown_table(RETURNS)
    assert table["depth"].tolist() == pytest.approx([-0.25, -0.1])
    assert table["start"].tolist() == [DAYS[3], DAYS[0]]
    assert table["valley"].tolist() == [DAYS[4], DAYS[1]]
    assert pd.isna(table["recovery"][0])
    assert table["recovery"][1] == DAYS[3]
    assert table["open"].tolist() == [True, False]
    assert table["bars"].tolist() == [4, 3]
    assert table["bars_to_valley"].tolist() == [1, 1]
    assert pd.isna(table["bars_to_recovery"][0])
    assert table["bars_to_recovery"][1] == 2
    assert table["days"].tolist() == [6.0, 3.0]
    assert len(metrics.drawdown_table(RETURNS, largest=1)) == 1


def test_the_table_may_start_at_the_first_loss() -> None:
    table = metrics.drawdown_table(RETURNS, start="first_loss")
    assert table["start"].tolist() == [DAYS[4], DAYS[1]]
    assert table["bars"].tolist() == [3, 2]
    assert table["bars_to_valley"].tolist() == [0, 0]


def test_a_loss_in_the_first_bar_begins_before_it() -> None:
    table = metrics.drawdown_table([-0.1, 0.05])
    assert table["start"][0] is None
    assert (table["valley"][0], table["bars"][0]) == (0, 2)
    assert math.isnan(table["days"][0])
    assert metrics.drawdown_table([0.1, 0.2]).empty


def test_underwater_is_labelled_like_the_returns() -> None:
    below = metrics.underwater(RETURNS)
    assert below.index.equals(DAYS)
    assert below.iloc[1] == pytest.approx(-0.1)
    assert below.min() == metrics.max_drawdown(RETURNS)
    letters = pd.Series([0.1, -0.1], index=["a", "b"])
    assert metrics.underwater(letters).index.tolist() == ["a", "b"]
    assert metrics.underwater(np.array([0.1]), times=DAYS[:1]).index.equals(DAYS[:1])


def test_months_and_years() -> None:
    table = metrics.monthly_table(RETURNS)
    assert table.index.tolist() == [2020]
    assert table.loc[2020, "Jan"] == pytest.approx(1.1 * 0.9 * 1.05 * 1.2 * 0.75 - 1)
    assert table.loc[2020, "Feb"] == pytest.approx(1.1 * 0.98 * 1.01 - 1)
    assert table.loc[2020, "Year"] == pytest.approx(np.prod(1 + RETURNS) - 1)
    assert table.drop(columns=["Jan", "Feb", "Year"]).isna().all(axis=None)
    yearly = metrics.yearly_table(RETURNS, 0.5 * RETURNS)
    assert yearly.loc[2020, "difference"] == pytest.approx(np.prod(1 + RETURNS) - np.prod(1 + 0.5 * RETURNS))
    assert metrics.yearly_table(RETURNS)["return"].tolist() == yearly["return"].tolist()


def test_a_stamp_of_midnight_is_its_own_day_but_an_hour_that_ends_there_is_not() -> None:
    monthly = pd.Series([0.1, 0.2], index=pd.DatetimeIndex(["2020-01-31", "2020-02-29"]))
    assert metrics.monthly_table(monthly).loc[2020, ["Jan", "Feb"]].tolist() == pytest.approx([0.1, 0.2])
    first = pd.Series([0.1, 0.2], index=pd.DatetimeIndex(["2020-02-01", "2020-03-02"], tz="America/New_York"))
    assert metrics.monthly_table(first).loc[2020, ["Feb", "Mar"]].tolist() == pytest.approx([0.1, 0.2])
    hours = pd.Series([0.1, 0.2, 0.3], index=pd.DatetimeIndex(["2020-01-31 23:00", "2020-02-01", "2020-02-01 01:00"]))
    assert metrics.monthly_table(hours).loc[2020, ["Jan", "Feb"]].tolist() == pytest.approx([0.32, 0.3])


def test_rolling_ends_as_the_last_window() -> None:
    rng = np.random.default_rng(3)
    returns = pd.Series(rng.normal(0, 0.01, 300), index=pd.bdate_range("2019-01-01", periods=300))
    other = pd.Series(rng.normal(0, 0.01, 300), index=returns.index)
    table = metrics.rolling(returns, 60, other, risk_free=0.02)
    n = metrics.periods_per_year(returns)
    last = {"periods_per_year": n, "times": returns.index[-60:]}
    got = table.iloc[-1]
    assert got["return"] == pytest.approx(metrics.total_return(returns[-60:]))
    assert got["volatility"] == pytest.approx(metrics.volatility(returns[-60:], periods_per_year=n))
    assert got["sharpe"] == pytest.approx(metrics.sharpe(returns[-60:], risk_free=0.02, **last))  # type: ignore[arg-type]
    assert got["beta"] == pytest.approx(metrics.beta(returns[-60:], other[-60:]))
    assert got["correlation"] == pytest.approx(metrics.correlation(returns[-60:], other[-60:]))
    assert table.index.equals(returns.index)
    assert table.iloc[:59].isna().all(axis=None)
    assert list(metrics.rolling(returns.to_numpy(), 60, periods_per_year=n)) == ["return", "volatility", "sharpe"]


def test_value_at_risk_is_judged_by_bars_that_it_has_not_seen() -> None:
    returns = np.tile([0.01, -0.01], 100)
    returns[150:160] = -0.05
    table = metrics.var_tests(returns, level=0.9, window=50)
    assert table.index.tolist() == ["historical", "gaussian", "cornish_fisher"]
    row = table.loc["historical"]
    # The window knows nothing of the fall: its bars breach until the quantile, between the fifth and the sixth lowest
    # of fifty, is made of them alone.
    assert (row["bars"], row["expected"]) == (150, pytest.approx(15.0))
    assert row["breaches"] == 6
    assert row["christoffersen_p"] < 1e-6
    assert row["joint"] == pytest.approx(row["kupiec"] + row["christoffersen"])


def test_value_at_risk_of_independent_normals_passes() -> None:
    returns = np.random.default_rng(3).normal(0.0, 0.01, 3000)
    table = metrics.var_tests(returns, window=500)
    assert (table[["kupiec_p", "christoffersen_p", "joint_p"]] > 0.01).all(axis=None)
    doubled = returns * np.where(np.arange(3000) < 1500, 1.0, 2.0)
    assert metrics.var_tests(doubled, window=1000).loc["gaussian", "kupiec_p"] < 1e-4


def test_forecasts_of_each_method_are_those_of_the_window_before() -> None:
    returns = np.random.default_rng(4).normal(0.0, 0.01, 80)
    for method in ("historical", "gaussian", "cornish_fisher"):
        hits = [
            returns[k] < metrics.value_at_risk(returns[k - 30 : k], level=0.8, method=method) for k in range(30, 80)
        ]
        found = metrics.var_tests(returns, 0.8, 30, [method])  # type: ignore[list-item]
        assert found.loc[method, "breaches"] == sum(hits)


def test_money_weighted_in_any_order() -> None:
    flows = pd.Series([110.0, -100.0], index=pd.DatetimeIndex(["2021-12-31", "2020-12-31"]))
    assert metrics.money_weighted(flows) == pytest.approx(0.1, abs=1e-12)
    late = pd.DatetimeIndex(["2022-12-31", "2020-12-31"])
    assert metrics.money_weighted(flows, times=late) == pytest.approx(1.1**0.5 - 1, abs=1e-12)
    assert metrics.money_weighted([110.0, -100.0], times=flows.index) == pytest.approx(0.1, abs=1e-12)
    assert metrics.time_weighted([100.0, 160.0, 80.0], [100.0, 50.0, 0.0]) == pytest.approx(1.1 * 0.5 - 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: metrics.drawdown_table(RETURNS, start="pek"), "did you mean 'peak'"),  # type: ignore[arg-type]
        (lambda: metrics.monthly_table([0.1, 0.2]), "need the times"),
        (lambda: metrics.rolling(RETURNS, 1), "at least 2 bars"),
        (lambda: metrics.var_tests(RETURNS, window=8), "fewer than the 8 observations"),
        (lambda: metrics.var_tests(RETURNS, level=95), "between 0 and 1"),
        (lambda: metrics.var_tests(RETURNS, methods=["normal"]), "unknown method"),  # type: ignore[list-item]
        (lambda: metrics.money_weighted([1.0, -1.0]), "dates of the amounts"),
        (lambda: metrics.money_weighted([1.0], times=DAYS), "one finite number a time, 8"),
        (lambda: metrics.time_weighted([1.0, 2.0], [1.0]), "one a value"),
    ],
)
def test_one_clear_error(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()


def test_two_bars_are_a_window_and_cash_earns_nothing_unless_said() -> None:
    table = metrics.rolling(RETURNS, 2, periods_per_year=252)
    assert table["sharpe"].iloc[-1] == pytest.approx(metrics.sharpe(RETURNS[-2:], periods_per_year=252))
    assert metrics.var_tests(RETURNS, 0.5, 2).loc["historical", "bars"] == 6


def test_the_window_of_a_test_is_250_bars_unless_said() -> None:
    returns = np.random.default_rng(5).normal(0.0, 0.01, 300)
    pd.testing.assert_frame_equal(metrics.var_tests(returns), metrics.var_tests(returns, 0.95, 250))
    assert set(metrics.var_tests(returns)["bars"]) == {50}

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from backtest.errors import InputError
from backtest.metrics import Metric, summary

RETURNS = np.random.default_rng(11).normal(0.0005, 0.01, 500)
DAYS = pd.bdate_range("2018-01-02", periods=500)


def values(found: list[Metric]) -> dict[str, float | int | str | None]:
    return {metric.key: metric.value for metric in found}


def test_numbers_of_a_daily_series() -> None:
    got = values(summary(pd.Series(RETURNS, index=DAYS)))
    per_year = got["periods_per_year"]
    assert per_year == pytest.approx(499 / ((DAYS[-1] - DAYS[0]).days / 365.25))
    assert got["total_return"] == pytest.approx(np.prod(1 + RETURNS) - 1)
    years = (DAYS[-1] - DAYS[0]).days / 365.25 * 500 / 499
    assert got["annual_return"] == pytest.approx(np.prod(1 + RETURNS) ** (1 / years) - 1)
    assert got["volatility"] == pytest.approx(RETURNS.std(ddof=1) * math.sqrt(per_year))
    assert got["sharpe"] == pytest.approx(RETURNS.mean() / RETURNS.std(ddof=1) * math.sqrt(per_year))
    assert (got["best_bar"], got["worst_bar"]) == (RETURNS.max(), RETURNS.min())
    assert (got["start"], got["end"], got["bars"]) == ("2018-01-02", str(DAYS[-1].date()), 500)


def test_naive_and_aware_times_and_plain_arrays_agree() -> None:
    naive = summary(pd.Series(RETURNS, index=DAYS))
    assert summary(pd.Series(RETURNS, index=DAYS.tz_localize("America/New_York")))[5:8] == naive[5:8]
    assert summary(RETURNS, times=DAYS) == naive
    assert summary(RETURNS, times=DAYS.as_unit("ns").asi8) == naive
    assert summary(list(RETURNS), times=DAYS.tz_localize("UTC")) == naive


def test_a_benchmark_changes_no_other_metric() -> None:
    series = pd.Series(RETURNS, index=DAYS)
    other = pd.Series(0.5 * RETURNS, index=DAYS.tz_localize("UTC"))
    alone, both = summary(series, risk_free=0.02), summary(series, other, risk_free=0.02)
    assert both[: len(alone)] == alone
    got = values(both)
    assert got["beta"] == pytest.approx(2.0)
    assert got["correlation"] == pytest.approx(1.0)


def test_a_benchmark_is_matched_by_time() -> None:
    series = pd.Series(RETURNS, index=DAYS)
    shuffled = pd.Series(RETURNS[100:], index=DAYS[100:]).sort_values()
    assert values(summary(series, shuffled))["beta"] == pytest.approx(1.0)


def test_without_times_periods_per_year_gives_the_years() -> None:
    got = values(summary(RETURNS, periods_per_year=250))
    assert got["years"] == pytest.approx(2.0)
    assert got["annual_return"] == pytest.approx(np.prod(1 + RETURNS) ** 0.5 - 1)
    assert got["max_drawdown_peak"] is None


def test_without_either_nothing_is_annual() -> None:
    got = values(summary(RETURNS))
    assert (got["annual_return"], got["sharpe"], got["volatility"], got["periods_per_year"]) == (None, None, None, None)
    assert got["total_return"] == pytest.approx(np.prod(1 + RETURNS) - 1)


def test_cash_rate_is_compounded_and_printed() -> None:
    found = {metric.key: metric for metric in summary(RETURNS, risk_free=0.03, periods_per_year=252)}
    excess = RETURNS - (1.03 ** (1 / 252) - 1)
    assert found["sharpe"].value == pytest.approx(excess.mean() / excess.std(ddof=1) * math.sqrt(252))
    assert "3.00% a year" in found["sharpe"].convention


def test_drawdown_dates_are_the_stamps_given() -> None:
    index = pd.DatetimeIndex(["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-04"])
    got = values(summary(pd.Series([0.1, -0.2, 0.1, 0.2], index=index)))
    assert got["max_drawdown"] == pytest.approx(-0.2)
    names = ("max_drawdown_peak", "max_drawdown_valley", "max_drawdown_recovery")
    assert [got[name] for name in names] == ["2020-01-01", "2020-01-02", "2020-01-04"]
    assert got["longest_drawdown"] == pytest.approx(3.0)
    assert got["time_underwater"] == pytest.approx(0.5)


def test_hours_are_named_with_the_hour() -> None:
    index = pd.date_range("2020-01-01", periods=100, freq="h")
    assert values(summary(pd.Series(RETURNS[:100], index=index)))["start"] == "2020-01-01 00:00"


@pytest.mark.parametrize("returns", [[0.0], [0.01, 0.01, 0.01], [np.nan, np.nan]])
def test_one_row_constant_and_empty_of_numbers_are_defined(returns: list[float]) -> None:
    index = pd.date_range("2020-01-01", periods=len(returns))
    for metric in summary(pd.Series(returns, index=index), periods_per_year=None):
        assert metric.value is None or not isinstance(metric.value, float) or math.isfinite(metric.value)
    assert values(summary(pd.Series(returns, index=index)))["sharpe"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"returns": []}, "non-empty"),
        ({"returns": [[0.1]]}, "one dimension"),
        ({"returns": [0.1, np.inf]}, "row 1 is infinite"),
        ({"returns": [0.1], "times": DAYS}, "received 500"),
        ({"returns": [0.1, 0.2], "times": DAYS[1::-1]}, "ascending"),
        ({"returns": [0.1], "risk_free": -1.0}, "risk_free"),
        ({"returns": [0.1], "periods_per_year": 0}, "above 0"),
        ({"returns": [0.1], "benchmark": [0.1, 0.2]}, "benchmark"),
    ],
)
def test_one_clear_error(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        summary(**arguments)  # type: ignore[arg-type]

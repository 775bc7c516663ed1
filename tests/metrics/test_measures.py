"""Every metric as a function of its own: the same rules, the same numbers, one clear error."""

from __future__ import annotations

import inspect
import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from stats.golden import case

from backtest import metrics
from backtest.errors import InputError
from backtest.metrics import Metric, summary
from backtest.metrics.performance import RELATIVE, SOLO, Entry
from backtest.metrics.track import Track
from backtest.stats import Periods

RNG = np.random.default_rng(21)


def series(index: pd.DatetimeIndex, seed: int = 1) -> pd.Series:
    return pd.Series(np.random.default_rng(seed).standard_t(5, len(index)) * 0.01 + 0.0004, index=index)


DAILY = series(pd.bdate_range("2015-01-02", periods=700))
CLOCKS = {
    "daily": DAILY,
    "weekly": series(pd.date_range("2015-01-02", periods=200, freq="W")),
    "monthly": series(pd.date_range("2010-01-31", periods=80, freq="ME")),
    "hourly round the clock": series(pd.date_range("2020-01-01", periods=2000, freq="h")),
    "irregular": series(pd.DatetimeIndex(np.sort(RNG.choice(pd.bdate_range("2015-01-01", periods=900), 300, False)))),
    "one row": series(pd.DatetimeIndex(["2020-01-31"])),
    "constant": pd.Series(np.full(300, 0.001), index=pd.bdate_range("2020-01-01", periods=300)),
    "nothing seen": pd.Series(np.full(5, np.nan), index=pd.bdate_range("2020-01-01", periods=5)),
    "ruin": pd.Series([0.1, -1.0, 0.0, 0.0], index=pd.bdate_range("2020-01-01", periods=4)),
}
ENTRIES = [entry for entries in (*SOLO.values(), *RELATIVE.values()) for entry in entries]
RELATED = {entry.definition.key for entries in RELATIVE.values() for entry in entries}


def called(entry: Entry, returns: pd.Series, benchmark: pd.Series, **options: Any) -> Any:
    function: Any = getattr(metrics, entry.definition.key)
    second = (benchmark,) if entry.definition.key in RELATED else ()
    return function(returns, *second, **entry.options, **options)


@pytest.mark.parametrize("clock", CLOCKS)
def test_functions_and_summary_agree_on_every_clock(clock: str) -> None:
    returns = CLOCKS[clock]
    benchmark = pd.Series(np.random.default_rng(2).normal(0.0, 0.01, len(returns)), index=returns.index)
    found: list[Metric] = summary(returns, benchmark, risk_free=0.02)
    assert len(found) == len(ENTRIES)
    for entry, metric in zip(ENTRIES, found, strict=True):
        value = called(entry, returns, benchmark, risk_free=0.02)
        if metric.value is None:
            assert value is None or math.isnan(value), metric.key
        else:
            assert value == metric.value, metric.key
            assert not isinstance(value, float) or math.isfinite(value), metric.key


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_benchmark_changes_no_solo_metric(clock: str) -> None:
    returns = CLOCKS[clock]
    benchmark = pd.Series(np.random.default_rng(2).normal(0.0, 0.01, len(returns)), index=returns.index)
    alone = summary(returns, risk_free=0.01)
    assert summary(returns, benchmark, risk_free=0.01)[: len(alone)] == alone


def test_keys_are_unique_and_everything_is_said() -> None:
    found = summary(DAILY, 0.5 * DAILY)
    assert len({metric.key for metric in found}) == len(found)
    for metric in found:
        assert metric.label
        assert metric.convention
        assert "{" not in metric.convention, metric.key


@pytest.mark.parametrize(
    ("clock", "per_year", "years"),
    [
        ("daily", 260.9, 700 / 260.9),
        ("weekly", 52.18, 200 / 52.18),
        ("monthly", 12.0, 80 / 12.0),
        ("hourly round the clock", 8766.0, 2000 / 8766.0),
        ("irregular", 300 / (900 / 260.9), 900 / 260.9),
    ],
)
def test_each_clock_has_its_own_year(clock: str, per_year: float, years: float) -> None:
    """The bars of a year by the calendar, not by the code: 365.25 days, 5/7 of them for business days."""
    returns = CLOCKS[clock]
    got = {metric.key: metric.value for metric in summary(returns)}
    assert got["periods_per_year"] == pytest.approx(per_year, rel=0.015)
    assert got["years"] == pytest.approx(years, rel=0.015)
    root = math.sqrt(per_year)
    assert got["volatility"] == pytest.approx(returns.std() * root, rel=0.01)
    assert got["sharpe"] == pytest.approx(returns.mean() / returns.std() * root, rel=0.01)
    assert got["sortino"] == pytest.approx(
        returns.mean() / np.sqrt((returns.clip(upper=0) ** 2).mean()) * root, rel=0.01
    )
    grown = np.log1p(returns).sum() / years
    assert math.log1p(got["annual_return"]) == pytest.approx(grown, rel=0.015)  # type: ignore[arg-type]


def test_constant_series_have_no_ratios_of_risk() -> None:
    got = {metric.key: metric.value for metric in summary(CLOCKS["constant"])}
    assert (got["volatility"], got["max_drawdown"], got["average_drawdown"]) == (0.0, 0.0, 0.0)
    nothing = ("sharpe", "sortino", "calmar", "omega", "martin", "burke", "upside_potential", "skewness", "kurtosis")
    assert {got[key] for key in nothing} == {None}


def test_numbers_of_the_new_metrics_by_their_definition() -> None:
    got = {metric.key: metric.value for metric in summary(DAILY, risk_free=0.02)}
    n, r = got["periods_per_year"], DAILY.to_numpy()
    excess = r - (1.02 ** (1 / n) - 1)  # type: ignore[operator]
    path = np.cumprod(1 + r)
    below = path / np.maximum(np.maximum.accumulate(path), 1.0) - 1
    annual = got["annual_return"] - 0.02  # type: ignore[operator]
    down = np.sqrt(np.mean(np.minimum(excess, 0) ** 2))
    assert got["omega"] == pytest.approx(excess[excess > 0].sum() / -excess[excess < 0].sum())
    assert got["gain_to_pain"] == pytest.approx(r.sum() / -r[r < 0].sum())
    assert got["upside_potential"] == pytest.approx(np.maximum(excess, 0).mean() / down)
    assert got["downside_deviation"] == pytest.approx(down * math.sqrt(n))  # type: ignore[arg-type]
    assert got["tail_ratio"] == pytest.approx(abs(np.quantile(r, 0.95) / np.quantile(r, 0.05)))
    assert got["ulcer_index"] == pytest.approx(np.sqrt(np.mean(below**2)))
    assert got["pain_index"] == pytest.approx(-below.mean())
    assert got["martin"] == pytest.approx(annual / np.sqrt(np.mean(below**2)))
    assert got["pain_ratio"] == pytest.approx(annual / -below.mean())
    assert got["sterling"] == pytest.approx(annual / (0.1 - below.min()))
    depths = metrics.drawdown_table(DAILY)["depth"].to_numpy()
    assert got["burke"] == pytest.approx(annual / np.sqrt((depths**2).sum()))
    assert got["average_drawdown"] == pytest.approx(depths.mean())
    assert got["current_drawdown"] == pytest.approx(below[-1])
    assert got["conditional_drawdown"] == pytest.approx(below[below <= np.quantile(below, 0.05)].mean())
    assert got["var_95"] == pytest.approx(np.quantile(r, 0.05))
    assert got["var_95_gaussian"] == pytest.approx(r.mean() - 1.6448536 * r.std(), abs=1e-8)
    assert got["es_95"] == pytest.approx(r[r <= np.quantile(r, 0.05)].mean())
    assert got["es_95_gaussian"] == pytest.approx(r.mean() - 2.0627128 * r.std(), abs=1e-8)
    assert got["skewness"] == pytest.approx(DAILY.skew())
    assert got["kurtosis"] == pytest.approx(DAILY.kurt())
    months = (1 + DAILY).groupby([DAILY.index.year, DAILY.index.month]).prod() - 1
    years = (1 + DAILY).groupby(DAILY.index.year).prod() - 1
    assert (got["best_month"], got["worst_month"]) == (pytest.approx(months.max()), pytest.approx(months.min()))
    assert (got["best_year"], got["worst_year"]) == (pytest.approx(years.max()), pytest.approx(years.min()))
    assert got["positive_months"] == pytest.approx((months > 0).mean())
    assert got["positive_bars"] == pytest.approx((r > 0).mean())


def test_numbers_against_a_benchmark_by_their_definition() -> None:
    other = series(DAILY.index, seed=9)
    got = {metric.key: metric.value for metric in summary(DAILY, other, risk_free=0.02)}
    n = got["periods_per_year"]
    f = 1.02 ** (1 / n) - 1  # type: ignore[operator]
    slope = np.polyfit(other, DAILY, 1)[0]
    assert got["beta"] == pytest.approx(slope)
    assert got["alpha"] == pytest.approx(((DAILY - f).mean() - slope * (other - f).mean()) * n)
    assert got["treynor"] == pytest.approx((got["annual_return"] - 0.02) / slope)  # type: ignore[operator]
    assert got["batting_average"] == pytest.approx((other < DAILY).mean())
    own = summary(other)
    annual = {metric.key: metric.value for metric in own}["annual_return"]
    assert got["active_return"] == pytest.approx(got["annual_return"] - annual)  # type: ignore[operator]
    up = other > 0
    rate = [np.prod(1 + part[up]) ** (n / up.sum()) - 1 for part in (DAILY, other)]  # type: ignore[operator]
    assert got["up_capture"] == pytest.approx(rate[0] / rate[1])
    down = other < 0
    rate = [np.prod(1 + part[down]) ** (n / down.sum()) - 1 for part in (DAILY, other)]  # type: ignore[operator]
    assert got["down_capture"] == pytest.approx(rate[0] / rate[1])


def test_options_name_the_rival_conventions() -> None:
    other = series(DAILY.index, seed=9)
    n = metrics.periods_per_year(DAILY)
    error, active = metrics.tracking_error(DAILY, other), metrics.active_return(DAILY, other)
    assert metrics.information_ratio(DAILY, other, method="geometric") == pytest.approx(active / error)
    assert math.isnan(metrics.information_ratio(DAILY, DAILY, method="geometric"))
    plain = metrics.alpha(DAILY, other)
    assert metrics.alpha(DAILY, other, method="compound") == pytest.approx((1 + plain / n) ** n - 1)
    assert metrics.sortino(DAILY, periods_per_year=1) * math.sqrt(n) == pytest.approx(metrics.sortino(DAILY))
    assert metrics.omega(DAILY, threshold=0.001) < metrics.omega(DAILY)
    assert metrics.burke(DAILY, modified=True) == pytest.approx(metrics.burke(DAILY) * math.sqrt(700))
    assert metrics.burke(DAILY, falls="streak") != metrics.burke(DAILY)
    assert metrics.ulcer_index(DAILY, ddof=1) == pytest.approx(metrics.ulcer_index(DAILY) * math.sqrt(700 / 699))
    assert metrics.sterling(DAILY, excess=0.0) == pytest.approx(metrics.calmar(DAILY))
    assert metrics.skewness(DAILY, bias="population") == pytest.approx(float(DAILY.skew()), rel=1e-2)
    assert metrics.up_capture(DAILY, other, method="arithmetic") == pytest.approx(
        DAILY[other > 0].sum() / other[other > 0].sum()
    )


def test_yearly_sterling_takes_the_mean_of_the_years() -> None:
    index = pd.DatetimeIndex(["2020-06-30", "2020-12-31", "2021-06-30", "2021-12-31"])
    returns = pd.Series([-0.1, 0.2, -0.3, 0.6], index=index)
    annual = metrics.annual_return(returns)
    assert metrics.sterling(returns, drawdown="yearly") == pytest.approx(annual / (0.2 + 0.1))
    assert metrics.sterling(returns) == pytest.approx(annual / (0.3 + 0.1))
    assert math.isnan(metrics.sterling(returns.to_numpy(), drawdown="yearly", periods_per_year=2))


def test_published_alpha_of_annual_returns() -> None:
    inputs, expected, tolerance = case("stats_relative", "bacon_capm")
    got = metrics.alpha(inputs["portfolio"], inputs["benchmark"], method="annual", periods_per_year=12)
    assert got == pytest.approx(expected["jensen_alpha"], abs=tolerance["jensen_alpha"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: metrics.value_at_risk(DAILY, metod="gaussian"), "did you mean 'method'"),
        (lambda: metrics.value_at_risk(DAILY, method="gausian"), "did you mean 'gaussian'"),
        (lambda: metrics.expected_shortfall(DAILY, level=95), "between 0 and 1; received 95"),
        (lambda: metrics.sharpe(DAILY, level=0.5), "unknown option 'level'"),
        (lambda: metrics.up_capture(DAILY, DAILY, method="sum"), "unknown method 'sum'"),
        (lambda: metrics.beta(DAILY, [0.1]), "benchmark"),
        (lambda: metrics.sharpe([]), "non-empty"),
        (lambda: metrics.sharpe([0.1], risk_free=-2.0), "risk_free"),
    ],
)
def test_one_clear_error(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key or entry.definition.key)
def test_every_metric_is_a_documented_function(entry: Entry) -> None:
    function = getattr(metrics, entry.definition.key)
    text, definition = inspect.getdoc(function), function.definition
    assert text is not None
    for part in (definition.formula, definition.unit, definition.source, "Convention:"):
        assert part in text
    assert not re.search(r"\{\w+[:}]", text)  # a place for a word that nobody filled
    parameters = inspect.signature(function).parameters
    assert next(iter(parameters)) == "returns"
    assert {"risk_free", "periods_per_year", "times"} <= parameters.keys()
    assert (list(parameters)[1] == "benchmark") == (definition.key in RELATED)
    own = set(inspect.signature(function.compute).parameters) - {"track", "benchmark"}
    assert parameters.keys() - own == {"returns", "risk_free", "periods_per_year", "times"} | (
        {"benchmark"} if definition.key in RELATED else set()
    )
    assert own <= parameters.keys()
    assert function.__module__.startswith("backtest.metrics.measures.")


def test_the_public_list_is_sorted_and_resolves() -> None:
    names = metrics.__all__
    assert list(names) == sorted(names, key=lambda name: (name[0].islower(), name))
    for name in names:
        assert callable(getattr(metrics, name)), name
        assert inspect.getdoc(getattr(metrics, name)), name


def test_without_times_there_are_no_months_and_no_years() -> None:
    got = {metric.key: metric.value for metric in summary(DAILY.to_numpy(), periods_per_year=252)}
    dated = ("best_month", "worst_month", "positive_months", "best_year", "worst_year", "start", "longest_drawdown")
    assert {got[key] for key in dated} == {None}


def test_what_did_not_move_is_not_positive() -> None:
    index = pd.DatetimeIndex(["2020-01-31", "2020-02-28", "2020-03-31", "2020-04-30"])
    returns = pd.Series([0.0, 0.1, -0.1, 0.0], index=index)
    assert (metrics.positive_bars(returns), metrics.positive_months(returns)) == (0.25, 0.25)
    assert metrics.omega(returns, risk_free=0.0) == pytest.approx(1.0)


def test_yearly_sterling_of_an_account_goes_by_its_own_clock() -> None:
    """Without stamps of an owner the years are those in which bars end: the midnight of January 1 is the old year's."""
    times = pd.DatetimeIndex(["2020-06-30 21:00", "2020-12-31 21:00", "2021-06-30 21:00"])
    path = np.array([1.0, 0.9, 0.8, 0.7])
    returns = path[1:] / path[:-1] - 1.0
    track = Track(returns, path, times.as_unit("ns").asi8, 1.0, Periods(2.0, "given"), 0.0, str)
    assert metrics.sterling.compute(track, drawdown="yearly") == pytest.approx(-0.3 / (0.1 + 0.25))

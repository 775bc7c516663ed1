"""Inference on one series to the letter: defaults, arguments that are handed on, and limits."""

from __future__ import annotations

import math
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest

from backtest import stats
from backtest.metrics import inference
from backtest.metrics.inference.checks import complete, resampling, share, table
from backtest.metrics.inference.uncertainty import per_bar
from backtest.metrics.series import track_of
from backtest.stats import inference as plain

from .samples import CASH, CLOCK, FAMILY, MONTHS, OTHER, RETURNS, TABLE, VALUES

OF_ONE: dict[str, Any] = {
    "sharpe_error": inference.sharpe_error,
    "aggregated_sharpe": inference.aggregated_sharpe,
    "probabilistic_sharpe": lambda returns, **options: inference.probabilistic_sharpe(returns, 0.3, **options),
    "min_track_record_length": lambda returns, **options: inference.min_track_record_length(returns, 0.3, **options),
    "deflated_sharpe": lambda returns, **options: inference.deflated_sharpe(returns, 5, 0.001, **options),
    "intervals": lambda returns, **options: inference.intervals(returns, draws=99, **options),
    "against": lambda returns, **options: inference.intervals(returns, OTHER[::-1], draws=99, **options),
    "compare_sharpes": lambda returns, **options: inference.compare_sharpes(returns, OTHER[::-1], draws=99, **options),
}


@pytest.mark.parametrize("name", OF_ONE)
def test_times_beside_an_array_are_the_times_of_a_series(name: str) -> None:
    call = OF_ONE[name]
    assert call(VALUES, times=MONTHS, risk_free=0.02) == call(RETURNS, risk_free=0.02)


@pytest.mark.parametrize("name", [name for name in OF_ONE if name not in ("aggregated_sharpe", "against")])
def test_cash_goes_by_the_periods_that_are_given(name: str) -> None:
    call = OF_ONE[name]
    found = call(RETURNS, **CLOCK)
    if name == "intervals":
        found = {each.metric.key: each.metric.value for each in found}
        assert found["sharpe"] == pytest.approx(stats.sharpe(VALUES - CASH, 12.0), rel=1e-12)
        annual = stats.cagr(stats.path_from_returns(VALUES), track_of(RETURNS).years)
        assert found["annual_return"] == pytest.approx(annual, rel=1e-12)
    elif name == "compare_sharpes":
        assert found == plain.sharpe_difference(VALUES - CASH, OTHER.to_numpy() - CASH, 0.95, 99, None, 0)
    else:
        ratio, excess = stats.sharpe(VALUES - CASH, 1.0), VALUES - CASH
        shape = plain.shape(excess)
        wanted = {
            "sharpe_error": lambda: plain.sharpe_error(excess, "hac") * math.sqrt(12.0),
            "probabilistic_sharpe": lambda: plain.probabilistic_sharpe(ratio, 120, *shape, 0.3 / math.sqrt(12.0)),
            "min_track_record_length": lambda: plain.min_track_record_length(ratio, *shape, 0.3 / math.sqrt(12.0)),
            "deflated_sharpe": lambda: plain.deflated_sharpe(ratio, 120, 5, 0.001, *shape),
        }[name]()
        assert found == pytest.approx(wanted, rel=1e-12)


def test_defaults_are_those_of_the_docstrings() -> None:
    assert inference.sharpe_error(RETURNS) == inference.sharpe_error(RETURNS, "hac")
    assert inference.probabilistic_sharpe(RETURNS) == inference.probabilistic_sharpe(RETURNS, 0.0, "moments")
    assert inference.min_track_record_length(RETURNS) == inference.min_track_record_length(RETURNS, 0.0, 0.95)
    assert inference.min_backtest_length(45) == inference.min_backtest_length(45, 1.0)
    assert inference.overfitting(TABLE).probability == inference.overfitting(TABLE, 16).probability
    assert inference.overfitting(TABLE).chosen.sum() == math.comb(16, 8)
    assert inference.trials_of(TABLE) == inference.trials_of(TABLE, "average_correlation")
    assert inference.adjusted_p_values(pd.Series([0.01, 0.02]))[0] == pytest.approx(0.01 * 2 * 1.5)  # by: × Σ 1/i


def test_a_backtest_of_five_years_and_45_trials_shows_a_ratio_of_one() -> None:
    """Bailey, Borwein, López de Prado and Zhu (2014): with five years no more than 45 independent trials."""
    assert inference.min_backtest_length(45) == pytest.approx(5.0, abs=0.1)
    assert inference.min_backtest_length(45, 0.5) == pytest.approx(4.0 * inference.min_backtest_length(45))
    assert inference.min_backtest_length(10, 2.0) == plain.min_backtest_length(10, 2.0)


def test_the_aggregated_ratio_takes_its_lags_as_said() -> None:
    ratio = stats.sharpe(VALUES, 1.0)
    gaps = np.append(VALUES, np.nan)
    automatic = plain.newey_west_lags(plain.autocovariances(VALUES))
    assert inference.aggregated_sharpe(gaps, 60) == pytest.approx(ratio * plain.aggregation_factor(VALUES, 60, None))
    assert inference.aggregated_sharpe(gaps, 61) == pytest.approx(
        ratio * plain.aggregation_factor(VALUES, 61, automatic)
    )
    assert inference.aggregated_sharpe(VALUES, 61, 3) == pytest.approx(ratio * plain.aggregation_factor(VALUES, 61, 3))
    assert plain.aggregation_factor(VALUES, 61, None) != plain.aggregation_factor(VALUES, 61, automatic)
    assert plain.aggregation_factor(VALUES, 60, None) != plain.aggregation_factor(VALUES, 60, automatic)


def test_the_aggregated_ratio_goes_by_the_bars_of_a_year_unless_told() -> None:
    assert math.isnan(inference.aggregated_sharpe(VALUES))
    assert inference.aggregated_sharpe(VALUES, 12) == pytest.approx(
        stats.sharpe(VALUES, 1.0) * plain.aggregation_factor(VALUES, 12, None)
    )
    assert inference.aggregated_sharpe(VALUES, periods_per_year=11.7) == inference.aggregated_sharpe(VALUES, 12)
    assert inference.aggregated_sharpe(VALUES, periods_per_year=0.1) == inference.aggregated_sharpe(VALUES, 1)
    assert math.isnan(inference.aggregated_sharpe([0.01], 100))


def test_trials_without_a_ratio_count_but_do_not_spread() -> None:
    values = TABLE.assign(flat=0.01)
    found, ratios = inference.trials_of(values), [stats.sharpe(TABLE[name].to_numpy(), 1.0) for name in TABLE]
    assert found.count == 5
    assert found.variance_per_bar == pytest.approx(np.var(ratios, ddof=1))
    two = inference.trials_of(TABLE[["a", "c"]])
    assert two.variance_per_bar == pytest.approx((ratios[0] - ratios[2]) ** 2 / 2.0)


def test_effective_trials_go_by_their_method() -> None:
    alike, methods = TABLE.assign(e=TABLE["a"] + 0.2 * TABLE["b"]), get_args(plain.Effective)
    found = {method: inference.trials_of(alike, method).effective for method in methods}
    assert found == {method: plain.effective_trials(alike.to_numpy(), method) for method in methods}
    assert len(set(found.values())) == len(methods)


def test_the_annual_luck_of_the_best() -> None:
    assert inference.expected_luck(10, 0.01, 4.0) == pytest.approx(2.0 * plain.luck(10, 0.01), rel=1e-15)
    assert inference.expected_luck(1, 0.0, 4.0) == 0.0


def test_an_estimate_is_said_in_words_and_in_annual_numbers() -> None:
    found = {each.metric.key: each for each in inference.intervals(RETURNS, OTHER, level=0.9, **FAMILY, **CLOCK)}
    detail = "150 draws, blocks of 7.0 bars on average, seed 7"
    assert found["sharpe"].metric.convention == f"90%: studentised stationary bootstrap, symmetric; {detail}"
    assert found["calmar"].metric.convention == (
        f"90%: range of stationary bootstrap resamples, no interval of a parameter; {detail}"
    )
    assert found["volatility"].metric.convention == (
        "90%: studentised bootstrap of GARCH residuals, each draw with storms of its own; 150 draws, seed 7"
    )
    line = "90%: normal, HAC errors (Newey–West or prewhitened quadratic spectral, the larger)"
    assert found["beta"].metric.convention == found["alpha"].metric.convention == line
    assert {each.level for each in found.values()} == {0.9}
    labels = {
        "annual_return": ("Annual return", "fraction"),
        "volatility": ("Volatility", "fraction"),
        "sharpe": ("Sharpe ratio", "ratio"),
        "sortino": ("Sortino ratio", "ratio"),
        "es_95": ("Expected shortfall, 95 %", "fraction"),
        "max_drawdown": ("Maximum drawdown", "fraction"),
        "calmar": ("Calmar ratio", "ratio"),
        "information_ratio": ("Information ratio", "ratio"),
        "tracking_error": ("Tracking error", "fraction"),
        "beta": ("Beta", "ratio"),
        "alpha": ("Alpha", "fraction"),
    }
    assert {key: (each.metric.label, each.metric.unit) for key, each in found.items()} == labels


def test_intervals_are_those_of_the_plain_functions() -> None:
    found = {each.metric.key: each for each in inference.intervals(RETURNS, OTHER, level=0.9, **FAMILY, **CLOCK)}
    years = track_of(RETURNS, 0.02, 12.0).years
    solo = plain.headline(VALUES, 12.0, years, CASH, 0.9, 0.05, 150, 7, 7).intervals
    keys = {"expected_shortfall": "es_95"}
    for key, wanted in solo.items():
        got = found[keys.get(key, key)]
        assert (got.metric.value, got.error, got.low, got.high) == _none(wanted), key
    active = plain.headline(VALUES - OTHER.to_numpy(), 12.0, years, 0.0, 0.9, 0.05, 150, 7, 7).intervals
    for key, name in (("information_ratio", "sharpe"), ("tracking_error", "volatility")):
        got = found[key]
        assert (got.metric.value, got.error, got.low, got.high) == _none(active[name]), key
    line = plain.line.line_intervals(VALUES - CASH, OTHER.to_numpy() - CASH, 0.9)
    for key, scale in (("beta", 1.0), ("alpha", 12.0)):
        got = found[key]
        assert (got.metric.value, got.error, got.low, got.high) == tuple(scale * each for each in line[key]), key


def _none(found: Any) -> tuple[float | None, ...]:
    return tuple(None if math.isnan(each) else each for each in found)


def test_annual_thresholds_need_a_year_and_zero_does_not() -> None:
    assert per_bar("threshold", 0.0, track_of(VALUES)) == 0.0
    assert per_bar("threshold", 0.5, track_of(VALUES, periods_per_year=0.25)) == 1.0
    assert per_bar("threshold", -6.0, track_of(VALUES, periods_per_year=4.0)) == -3.0


def test_limits_that_are_still_allowed() -> None:
    share("level", 1e-9)
    share("level", 1.0 - 1e-9)
    resampling(99, 1.0)
    resampling(99, None)
    assert complete(np.vstack((np.zeros((10, 2)), np.full((3, 2), np.nan)))).shape == (10, 2)
    assert complete(np.zeros((10, 2))).flags.c_contiguous
    assert table(pd.DataFrame({"a": [1, 2]}), 1).dtype == np.float64
    assert table(pd.DataFrame({"a": [1.0], "b": [np.nan]})).shape == (1, 2)
    assert inference.deflated_sharpe(RETURNS, 1, 1.0) == inference.deflated_sharpe(RETURNS, 1.0, 1.0)
    assert 0.0 < inference.deflated_sharpe(RETURNS, 1.5, 1.0) < 1.0

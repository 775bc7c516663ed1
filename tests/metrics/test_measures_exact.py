"""Measures to the letter: options that are handed on, and what they say of records without a fall or a gap."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from backtest import metrics, stats

DAYS = pd.date_range("2020-01-01", periods=8)
RISING = pd.Series(np.full(8, 0.01), DAYS)
# Falls 10 % on the second day, is back on the fourth, falls 5 % on the seventh and is still below on the eighth.
FALLS = pd.Series([0.1, -0.1, 0.0, 0.2, 0.1, 0.1, -0.05, 0.01], DAYS)
VALUES = np.random.default_rng(4).standard_t(4, 300) * 0.01
OTHER = np.random.default_rng(5).normal(0.0005, 0.01, 300)


def test_the_longest_fall_may_be_one_that_is_over() -> None:
    assert metrics.longest_drawdown(FALLS) == 3.0
    assert metrics.longest_drawdown(FALLS[4:]) == 2.0
    assert metrics.longest_drawdown(RISING) == 0.0
    assert math.isnan(metrics.longest_drawdown(FALLS.to_numpy()))


def test_the_current_fall_is_that_of_the_last_bar() -> None:
    assert metrics.current_drawdown(FALLS) == pytest.approx(0.95 * 1.01 - 1.0)
    assert metrics.current_drawdown(FALLS[:4]) == 0.0
    assert metrics.current_drawdown(FALLS[:3]) == pytest.approx(-0.1)


def test_depths_are_counted_one_a_fall() -> None:
    assert metrics.average_drawdown(FALLS) == pytest.approx((-0.1 - 0.05) / 2.0)
    assert metrics.average_drawdown(RISING) == 0.0
    assert metrics.time_underwater(FALLS) == pytest.approx(4 / 8)


def test_shapes_are_of_the_sample_unless_the_population_is_asked_for() -> None:
    series = pd.Series(VALUES)
    z = (VALUES - VALUES.mean()) / VALUES.std()
    assert metrics.skewness(VALUES) == pytest.approx(float(series.skew()))  # type: ignore[arg-type]
    assert metrics.kurtosis(VALUES) == pytest.approx(float(series.kurt()))  # type: ignore[arg-type]
    assert metrics.skewness(VALUES, bias="population") == pytest.approx((z**3).mean())
    assert metrics.kurtosis(VALUES, bias="population") == pytest.approx((z**4).mean() - 3.0)


def test_levels_are_handed_on() -> None:
    low, high = np.quantile(VALUES, [0.2, 0.8])
    assert metrics.tail_ratio(VALUES, level=0.8) == pytest.approx(abs(high / low))
    assert metrics.value_at_risk(VALUES, level=0.8) == pytest.approx(low)
    assert metrics.expected_shortfall(VALUES, level=0.8) == pytest.approx(np.sort(VALUES)[:60].mean())
    below = stats.underwater(stats.path_from_returns(VALUES))
    assert metrics.conditional_drawdown(VALUES, level=0.8) == stats.conditional_drawdown(below, 0.8)
    assert metrics.conditional_drawdown(VALUES, level=0.8) != metrics.conditional_drawdown(VALUES)


@pytest.mark.parametrize("method", ["gaussian", "cornish_fisher"])
def test_tails_go_by_their_method(method: str) -> None:
    for level in (0.9, 0.99):
        options = {"level": level, "method": method}
        assert metrics.value_at_risk(VALUES, **options) == stats.value_at_risk(VALUES, level, method)  # type: ignore[arg-type]
        assert metrics.expected_shortfall(VALUES, **options) == stats.expected_shortfall(VALUES, level, method)  # type: ignore[arg-type]


@pytest.mark.parametrize("side", ["up", "down"])
def test_captures_go_by_their_method(side: str) -> None:
    capture = metrics.up_capture if side == "up" else metrics.down_capture
    chosen = OTHER > 0.0 if side == "up" else OTHER < 0.0
    assert capture(VALUES, OTHER, method="arithmetic") == pytest.approx(VALUES[chosen].sum() / OTHER[chosen].sum())
    rates = [np.prod(1.0 + part[chosen]) ** (12.0 / chosen.sum()) - 1.0 for part in (VALUES, OTHER)]
    assert capture(VALUES, OTHER, periods_per_year=12.0) == pytest.approx(rates[0] / rates[1])


def test_the_best_and_the_worst_are_not_the_same() -> None:
    index = pd.DatetimeIndex(["2019-12-30", "2020-01-30", "2020-02-27"])
    returns = pd.Series([0.1, -0.2, 0.05], index)
    assert (metrics.best_month(returns), metrics.worst_month(returns)) == (pytest.approx(0.1), pytest.approx(-0.2))
    assert (metrics.best_year(returns), metrics.worst_year(returns)) == (pytest.approx(0.1), pytest.approx(-0.16))
    assert (metrics.best_bar(returns), metrics.worst_bar(returns)) == (0.1, -0.2)


def test_ratios_of_what_never_fell_are_not_defined() -> None:
    for ratio in (metrics.calmar, metrics.martin, metrics.pain_ratio, metrics.burke, metrics.gain_to_pain):
        assert math.isnan(ratio(RISING)), ratio.__name__
    assert metrics.max_drawdown(RISING) == 0.0
    assert metrics.max_drawdown_peak(RISING) is None

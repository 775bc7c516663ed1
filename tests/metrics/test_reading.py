"""Series as people have them: stamps with and without a zone, periods, gaps in front, what does not fit together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import metrics
from backtest.errors import InputError

DAYS = pd.bdate_range("2020-01-01", periods=300)
RNG = np.random.default_rng(31)
RETURNS = pd.Series(RNG.normal(0.0005, 0.01, 300), index=DAYS)
OTHER = pd.Series(0.5 * RETURNS + RNG.normal(0.0, 0.004, 300), index=DAYS)
SLOPE = metrics.beta(RETURNS, OTHER)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_dates_with_a_zone_meet_dates_without_one(zone: str) -> None:
    aware = RETURNS.tz_localize(zone)
    assert metrics.beta(aware, OTHER) == SLOPE
    assert metrics.beta(RETURNS, OTHER.tz_localize(zone)) == SLOPE
    assert metrics.beta(aware, OTHER.tz_localize(zone)) == SLOPE


def test_naive_stamps_are_utc_where_that_fits() -> None:
    assert metrics.beta(RETURNS, OTHER.tz_localize("UTC").tz_convert("America/New_York")) == SLOPE


@pytest.mark.parametrize(("first", "hour"), [("2020-03-01", 2), ("2020-10-25", 1)])
def test_hours_that_a_zone_skips_or_repeats_are_left_out(first: str, hour: int) -> None:
    """In New York 2020-03-08 02:00 does not exist, and 2020-11-01 01:00 comes twice."""
    stamps = pd.date_range(f"{first} {hour:02}:00", periods=12)
    series = pd.Series(RNG.normal(0.0, 0.01, 12), index=stamps)
    aware = series.drop(stamps[7]).tz_localize("America/New_York")
    assert metrics.correlation(aware, series) == pytest.approx(1.0)
    assert metrics.correlation(series, aware) == pytest.approx(1.0)


def test_months_as_periods_have_a_clock() -> None:
    months = pd.period_range("2015-01", periods=24, freq="M")
    values = RNG.normal(0.005, 0.03, 24)
    dated = pd.Series(values, index=months.to_timestamp(how="end").normalize())
    found = metrics.summary(pd.Series(values, index=months))
    assert found == metrics.summary(dated)
    assert metrics.annual_return(pd.Series(values, index=months), periods_per_year=12) == metrics.annual_return(dated)
    hourly = pd.Series(values, index=pd.period_range("2020-01-01", periods=24, freq="h"))
    assert metrics.periods_per_year(hourly) == pytest.approx(8766.0)


def test_missing_values_of_any_kind_are_no_observation() -> None:
    gap = RETURNS.mask(RETURNS > 0.01)
    assert metrics.sharpe(gap.astype("Float64")) == metrics.sharpe(gap)
    assert metrics.sharpe(list(gap), times=DAYS) == metrics.sharpe(gap)
    assert metrics.beta(RETURNS, gap.astype("Float64")) == metrics.beta(RETURNS, gap)


def test_a_record_begins_where_its_first_return_began() -> None:
    """`pct_change` leaves a NaN at the stamp from which the first return is counted: twelve months are one year."""
    months = pd.date_range("2020-12-31", periods=13, freq="ME")
    prices = pd.Series(100.0 * 1.01 ** np.arange(13), index=months)
    returns = prices.pct_change()
    assert metrics.years(returns) == pytest.approx(365 / 365.25)
    assert metrics.annual_return(returns) == pytest.approx(1.01 ** (12 * 365.25 / 365) - 1.0)
    assert metrics.years(returns.to_numpy(), periods_per_year=12) == pytest.approx(1.0)
    later = returns.where(months > "2021-06-30")
    assert metrics.years(later) == pytest.approx(184 / 365.25)
    ended = returns.where(months < "2021-06-30")
    assert metrics.years(ended) == pytest.approx(365 / 365.25)


def test_a_benchmark_of_half_the_record_is_compared_over_its_half() -> None:
    late = OTHER[150:]
    half = RETURNS[150:]
    days = (DAYS[-1] - DAYS[149]).days / 365.25
    mine, theirs = (np.prod(1.0 + each) ** (1.0 / days) - 1.0 for each in (half, late))
    assert metrics.active_return(RETURNS, late) == pytest.approx(mine - theirs)
    slope = metrics.beta(half, late)
    assert metrics.treynor(RETURNS, late, risk_free=0.01) == pytest.approx((mine - 0.01) / slope)
    got = metrics.alpha(RETURNS, late, method="annual", risk_free=0.01)
    assert got == pytest.approx(mine - 0.01 - slope * (theirs - 0.01))
    error = metrics.tracking_error(RETURNS, late)
    assert metrics.information_ratio(RETURNS, late, method="geometric") == pytest.approx((mine - theirs) / error)


def test_a_benchmark_that_ends_early_is_compared_up_to_there() -> None:
    early = OTHER[:200]
    gap = (DAYS[-1] - DAYS[0]).days / 299  # the first return began one average gap before its stamp
    days = ((DAYS[199] - DAYS[0]).days + gap) / 365.25
    mine, theirs = (np.prod(1.0 + each) ** (1.0 / days) - 1.0 for each in (RETURNS[:200], early))
    assert metrics.active_return(RETURNS, early) == pytest.approx(mine - theirs)
    plain = np.where(np.arange(300) < 200, OTHER, np.nan)
    mine, theirs = (np.prod(1.0 + each) ** (250 / 200) - 1.0 for each in (RETURNS[:200], early))
    assert metrics.active_return(RETURNS.to_numpy(), plain, periods_per_year=250) == pytest.approx(mine - theirs)


def test_gaps_inside_change_nothing_in_what_is_compared() -> None:
    gappy = OTHER.drop(DAYS[[20, 21, 100]])
    expected = metrics.annual_return(RETURNS) - (np.prod(1.0 + gappy) ** (1.0 / metrics.years(RETURNS)) - 1.0)
    assert metrics.active_return(RETURNS, gappy) == pytest.approx(expected)


def test_a_ruined_benchmark_has_lost_everything_to_the_end() -> None:
    """Its returns after the ruin are none, but what it is worth is known: the whole record is compared."""
    ruined = OTHER.copy()
    ruined.iloc[50] = -1.0
    ruined.iloc[51:] = np.nan
    assert metrics.active_return(RETURNS, ruined) == pytest.approx(metrics.annual_return(RETURNS) + 1.0)
    assert metrics.active_return(ruined, RETURNS) == pytest.approx(-1.0 - metrics.annual_return(RETURNS))


def test_months_and_years_without_a_return_are_none() -> None:
    """Not zero: a benchmark that begins in 2021 did not stand still in 2020, and a gap is no losing month."""
    late = OTHER[OTHER.index >= "2021-01-01"]
    table = metrics.yearly_table(RETURNS, late)
    assert table["benchmark"].isna().tolist() == [True, False]
    assert table["difference"].isna().tolist() == [True, False]
    assert table.loc[2021, "benchmark"] == pytest.approx(np.prod(1.0 + late) - 1.0)
    gap = RETURNS.where((RETURNS.index < "2020-03-01") | (RETURNS.index >= "2020-05-01"))
    months = metrics.monthly_table(gap).loc[2020]
    assert months[["Mar", "Apr"]].isna().all()
    assert months.drop(["Mar", "Apr"]).notna().all()
    known = gap.add(1.0).resample("ME").prod(min_count=1).dropna() - 1.0
    assert metrics.positive_months(gap) == pytest.approx((known > 0.0).mean())
    assert metrics.worst_month(gap) == pytest.approx(known.min())


def test_nothing_seen_is_nothing_known() -> None:
    empty = pd.Series(np.nan, index=DAYS)
    clock = {"start", "end", "bars", "years", "periods_per_year"}
    assert {metric.key for metric in metrics.summary(empty) if metric.value is not None} == clock
    assert math.isnan(metrics.total_return(empty))
    assert metrics.max_drawdown_valley(empty) is None
    assert {metric.value for metric in metrics.summary(RETURNS, empty.to_numpy())[-10:]} == {None}


def test_after_a_ruin_the_path_stays_where_it_is() -> None:
    series = pd.Series([0.1, -1.5, 0.1, 0.2], index=DAYS[:4])
    assert metrics.total_return(series) == pytest.approx(-1.55)
    assert metrics.annual_return(series) == -1.0
    assert metrics.current_drawdown(series) == metrics.max_drawdown(series) == pytest.approx(-0.55 / 1.1 - 1.0)
    assert metrics.underwater(series).iloc[1:].nunique() == 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: metrics.sharpe(["a", "b"]), "returns: expected numbers; could not convert"),
        (lambda: metrics.sharpe([0.1], times=["soon"]), "times: expected UTC nanoseconds or dates"),
        (lambda: metrics.sharpe(pd.concat([RETURNS[:2], RETURNS[1:3]])), "each stamp once; 2020-01-02"),
        (
            lambda: metrics.beta(RETURNS, pd.concat([OTHER, OTHER[:1]])),
            "benchmark: expected each time once; 2020-01-01",
        ),
        (lambda: metrics.beta(RETURNS, OTHER.shift(freq="3650D")), "benchmark: none of its times is one of a bar"),
        (lambda: metrics.beta(RETURNS, OTHER.shift(freq="21h")), "hour and zone included"),
        (lambda: metrics.beta(RETURNS, 0.5), "benchmark: expected one row a bar, 300; received 0.5"),
        (lambda: metrics.sharpe(RETURNS, risk_free=np.zeros(300)), "risk_free: expected one number; received ndarray"),
        (
            lambda: metrics.sharpe(RETURNS, periods_per_year="252"),
            "periods_per_year: expected one number; received str",
        ),
        (lambda: metrics.value_at_risk(RETURNS, level="high"), "level: expected a number; received 'high'"),
        (lambda: metrics.value_at_risk(RETURNS, level=math.nan), "level: expected a number; received nan"),
        (lambda: metrics.sterling(RETURNS, excess=None), "excess: expected a number; received None"),
        (lambda: metrics.ulcer_index(RETURNS, ddof=-4), "ddof: expected a whole number from 0 on; received -4"),
        (lambda: metrics.ulcer_index(RETURNS, ddof=0.5), "ddof: expected a whole number from 0 on; received 0.5"),
        (lambda: metrics.omega(RETURNS, threshold=True), "threshold: expected a number; received True"),
    ],
)
def test_one_clear_error(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()


def test_whole_numbers_may_be_written_as_floats() -> None:
    assert metrics.ulcer_index(RETURNS, ddof=np.int64(1)) == metrics.ulcer_index(RETURNS, ddof=1.0)

"""Series cut to what both have seen, options of every kind, and risk where there is next to none, to the letter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import metrics
from backtest.errors import InputError
from backtest.metrics.errors import of_run
from backtest.metrics.match import clock_of, matched
from backtest.metrics.measure import solo
from backtest.metrics.series import benchmark_of, track_of
from backtest.metrics.track import Track, common
from backtest.stats import inference, years_between

from .results import Ledger

DAYS = pd.date_range("2020-01-01", periods=8)
VALUES = np.array([0.1, -0.1, 0.05, 0.2, -0.25, 0.1, -0.02, 0.01])
GAP = float("nan")


def both(mine: list[float], theirs: list[float], **options: Any) -> tuple[Track, Track]:
    first = track_of(mine, **options)
    return common(first, benchmark_of(first, mine, theirs, options.get("times")))


@pytest.mark.parametrize("start", [1, 2])
def test_two_tracks_begin_at_the_end_of_the_bar_before_the_first_that_both_have(start: int) -> None:
    theirs = VALUES.copy()
    theirs[:start] = GAP
    mine, other = both(VALUES.tolist(), theirs.tolist(), times=DAYS)
    assert mine.returns.tolist() == VALUES[start:].tolist()
    assert other.returns.tolist() == VALUES[start:].tolist()
    assert mine.path.tolist() == pytest.approx(np.cumprod([1.0, *(1.0 + VALUES[start:])]).tolist())
    stamps = DAYS.as_unit("ns").asi8
    assert mine.years == other.years == pytest.approx(years_between(int(stamps[start - 1]), int(stamps[-1])))
    assert mine.years == pytest.approx((8 - start) / 365.25)
    assert mine.times is not None
    assert mine.times.tolist() == stamps[start:].tolist()
    assert mine.wall is None


def test_two_tracks_end_where_one_of_them_does() -> None:
    theirs = [*VALUES[:5], GAP, GAP, GAP]
    mine, other = both(VALUES.tolist(), theirs, times=DAYS)
    whole = track_of(VALUES, times=DAYS)
    assert mine.returns.tolist() == other.returns.tolist() == VALUES[:5].tolist()
    assert mine.years == pytest.approx(whole.years - 3 / 365.25)


def test_two_tracks_without_times_have_their_share_of_the_years() -> None:
    theirs = [GAP, *VALUES[1:7], GAP]
    mine, other = both(VALUES.tolist(), theirs, periods_per_year=4.0)
    assert (mine.years, other.years) == (6 / 4.0, 6 / 4.0)
    assert (mine.times, mine.wall) == (None, None)


def test_two_tracks_with_gaps_in_between_only_are_left_alone() -> None:
    theirs = [*VALUES[:3], GAP, *VALUES[4:]]
    first = track_of(VALUES, times=DAYS)
    other = benchmark_of(first, VALUES, theirs, DAYS)
    assert common(first, other) == (first, other)
    nothing = benchmark_of(first, VALUES, [GAP] * 8, DAYS)
    assert common(first, nothing) == (first, nothing)


@solo("Options", "ratio", "x", "said", "this test")
def options(track: Track, times_n: int = 1, factor: float = 2.0, flag: bool = False) -> float:
    """Return a product."""
    return float(track.seen.sum()) * times_n * factor * (2.0 if flag else 1.0)


def test_numbers_of_options_are_checked() -> None:
    assert options([0.5], times_n=0, factor=-1.0, flag=True) == 0.0
    assert options([0.5], times_n=np.int64(3), factor=np.float64(1.5)) == 2.25
    assert options([0.5], factor=1) == 0.5
    for given in (-1, 0.5, True, "2", float("inf"), None):
        with pytest.raises(InputError, match=r"options: times_n: expected .* received"):
            options([0.5], times_n=given)
    for given in (float("nan"), float("inf"), True, "2", None):
        with pytest.raises(InputError, match=r"options: factor: expected .* received"):
            options([0.5], factor=given)


def test_risk_of_nothing_has_no_rows_and_of_one_bar_no_numbers() -> None:
    ledger = Ledger(np.full((3, 2), 10.0), properties=pd.DataFrame({"sector": ["Oil", "Tech"]}, index=["A0", "A1"]))
    for row in range(3):
        ledger.shut(row)
    wide = ["weight", "volatility", "marginal", "contribution", "share", "marginal_var", "component_var"]
    for by, columns in ((None, wide), ("sector", ["weight", "contribution", "share", "component_var"])):
        table = metrics.run_risk(ledger, by)
        assert (len(table), table.columns.tolist()) == (0, columns)
        assert set(table.dtypes) == {np.dtype(np.float64)}
    single = Ledger(np.full((1, 2), 10.0))
    single.trade(0, 1, 50.0, 10.0)
    single.shut(0)
    table = metrics.run_risk(single)
    assert (table.index.tolist(), table["weight"].tolist()) == (["A1"], [0.5])
    assert table.drop(columns="weight").isna().all(axis=None)


def test_errors_and_ranges_of_a_run_are_those_of_the_plain_functions() -> None:
    rng = np.random.default_rng(8)
    values = rng.standard_t(5, 120) * 0.02 + 0.005
    theirs = 0.5 * values + rng.normal(0.0, 0.01, 120)
    mine = replace(track_of(values, 0.03, 12.0), years=9.5)
    other = benchmark_of(mine, values, theirs)
    found = of_run(mine, other)
    cash, years = mine.cash_rate, 9.5
    solo_errors, blocks = inference.standard_errors(values, 12.0, years, cash)
    for key, name in (("annual_return",) * 2, ("volatility",) * 2, ("sharpe",) * 2, ("expected_shortfall", "es_95")):
        assert found[name].error == solo_errors[key], key
    active = inference.standard_errors(values - theirs, 12.0, years, 0.0).errors
    assert found["information_ratio"].error == active["sharpe"]
    assert found["tracking_error"].error == active["volatility"]
    line = inference.line.line_intervals(values - cash, theirs - cash)
    assert (found["alpha"].error, found["beta"].error) == (12.0 * line["alpha"].error, line["beta"].error)
    for key, wanted in inference.histories(values, 120 / 9.5, blocks.longest).items():
        each = found.pop(key)
        assert (each.error, each.low, each.high, each.level) == (*wanted[1:], 0.95), key
    for each in found.values():
        assert (each.low, each.high, each.level) == (None, None, None)
        assert each.convention.startswith("standard error: √(long-run variance of what each bar adds / n)")
    assert "information_ratio" not in of_run(mine)


def test_one_common_bar_is_enough_even_the_first() -> None:
    found = matched("other", pd.Series([0.5, 0.7], [DAYS[0], DAYS[0] - pd.Timedelta(1, "D")]), 8, DAYS)
    assert found[0] == 0.5
    assert np.isnan(found[1:]).all()


def test_a_frame_is_matched_column_by_column() -> None:
    frame = pd.DataFrame({"a": VALUES, "b": 2.0 * VALUES, "c": 3.0 * VALUES}, DAYS)
    found = matched("factors", frame[:0:-1], 8, DAYS)
    assert np.isnan(found[0]).all()
    assert found[1:].tolist() == frame.to_numpy()[1:].tolist()
    assert matched("factors", frame.reset_index(drop=True), 8, None).shape == (8, 3)


def test_messages_of_what_does_not_match() -> None:
    def message(given: object, index: pd.DatetimeIndex | None = DAYS) -> str:
        with pytest.raises(InputError) as caught:
            matched("other", given, 8, index)
        return str(caught.value)

    late = pd.Series([0.1, 0.2, 0.3], pd.date_range("2021-01-01", periods=3))
    assert message(late) == (
        "other: none of its times is one of a bar; bars are at 2020-01-01 00:00:00 … 2020-01-08 00:00:00, its times "
        "are 2021-01-01 00:00:00 … 2021-01-03 00:00:00; stamps must be equal, hour and zone included"
    )
    assert message([0.1]) == "other: expected one return a bar, 8; received 1"
    assert message(np.zeros((2, 3))) == "other: expected one row a bar, 8; received 2"
    assert message(0.5) == "other: expected one row a bar, 8; received 0.5"
    assert message(["x"] * 8, None).startswith("other: expected numbers; could not convert string to float")
    words = pd.Series(["x"] * 8, DAYS)
    assert message(words).startswith("other: expected numbers; could not convert string to float")


def test_intervals_of_a_summary_are_made_with_its_clock() -> None:
    returns = np.random.default_rng(3).normal(0.001, 0.01, 30)
    days = pd.bdate_range("2020-01-01", periods=30)
    for clock in ({"times": days}, {"times": days, "periods_per_year": 100.0}):
        given = {metric.key: metric.interval for metric in metrics.summary(returns, intervals=True, **clock)}
        wanted = {each.metric.key: each for each in metrics.inference.intervals(returns, **clock)}
        for key in ("annual_return", "volatility", "sharpe"):
            found = given[key]
            assert found is not None
            assert (found.error, found.low, found.high) == (wanted[key].error, wanted[key].low, wanted[key].high)
            assert found.low is not None


def test_a_period_stands_for_its_last_day_or_moment() -> None:
    months = clock_of(pd.Series([0.1, 0.2], pd.period_range("2020-01", periods=2, freq="M")))
    days = clock_of(pd.Series([0.1, 0.2], pd.period_range("2020-01-30", periods=2, freq="D")))
    hours = clock_of(pd.Series([0.1, 0.2], pd.period_range("2020-01-30 05:00", periods=2, freq="h")))
    assert months is not None
    assert days is not None
    assert hours is not None
    assert months.tolist() == [pd.Timestamp("2020-01-31"), pd.Timestamp("2020-02-29")]
    assert days.tolist() == [pd.Timestamp("2020-01-30"), pd.Timestamp("2020-01-31")]
    assert [stamp.hour for stamp in hours] == [5, 6]
    assert [stamp.minute for stamp in hours] == [59, 59]

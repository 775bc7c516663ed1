"""What makes a measure public: its name, signature, words and options; and a series with its clock, to the letter."""

from __future__ import annotations

import inspect
import math
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

from backtest import metrics, stats
from backtest.errors import InputError
from backtest.metrics import Metric, summary
from backtest.metrics.measure import against, check_options, measured, plain_convention, solo, words
from backtest.metrics.metric import Definition
from backtest.metrics.series import benchmark_of, index_of, labels_of, track_of, values_of
from backtest.metrics.track import Track

DAYS = pd.date_range("2020-01-01", periods=4)
VALUES = np.array([0.1, -0.1, 0.2, 0.0])
RETURNS = pd.Series(VALUES, DAYS)


@solo("Twice", "ratio", "k Σ r", "{factor:.1f} times the sum, {side}; {root}; {over}; {periods}", "this test")
def twice(track: Track, factor: float = 2.0, side: Literal["up", "down"] = "up", level: float = 0.5) -> float:
    """Return a multiple of the sum."""
    sign = 1.0 if side == "up" else -1.0
    return sign * factor * float(track.seen.sum()) + 0.0 * level + track.cash_rate


@against("Apart", "fraction", "Σ (r − b)", "sum of differences", "this test")
def apart(track: Track, benchmark: Track, factor: float = 1.0) -> float:
    """Return how far two series are apart."""
    weights = np.arange(1.0, track.returns.size + 1.0)  # so that the order counts
    return factor * float(np.nansum(weights * (track.returns - benchmark.returns))) + track.cash_rate


def test_a_measure_becomes_a_function_of_a_series() -> None:
    assert twice(VALUES) == pytest.approx(0.4)
    assert twice(VALUES, factor=3.0, side="down") == pytest.approx(-0.6)
    cash = stats.per_period(0.05, 12.0)
    assert twice(VALUES, risk_free=0.05, periods_per_year=12.0) == pytest.approx(0.4 + cash)
    daily = stats.per_period(0.05, stats.periods_per_year(DAYS.as_unit("ns").asi8).per_year)
    assert twice(VALUES, risk_free=0.05, times=DAYS) == twice(RETURNS, risk_free=0.05) == pytest.approx(0.4 + daily)


def test_a_measure_of_two_series_matches_them() -> None:
    other = pd.Series([0.3, 0.2, 0.1, 0.0], DAYS[::-1])
    assert apart(RETURNS, other) == pytest.approx(0.1 + 2 * -0.2 + 3 * 0.0 + 4 * -0.3)
    late = other[:3]  # knows nothing of the first day
    assert apart(RETURNS, late, factor=2.0) == pytest.approx(2.0 * (2 * -0.2 + 3 * 0.0 + 4 * -0.3))
    daily = stats.per_period(0.05, stats.periods_per_year(DAYS.as_unit("ns").asi8).per_year)
    assert apart(VALUES, other, times=DAYS, risk_free=0.05) == apart(RETURNS, other, risk_free=0.05)
    assert apart(VALUES, other, times=DAYS, risk_free=0.05) == pytest.approx(-1.5 + daily)
    cash = stats.per_period(0.05, 12.0)
    assert apart(VALUES, VALUES, risk_free=0.05, periods_per_year=12.0) == pytest.approx(cash)


def test_a_public_function_is_dressed_as_its_measure() -> None:
    for function, name, first in ((twice, "twice", ["returns"]), (apart, "apart", ["returns", "benchmark"])):
        assert (function.__name__, function.__qualname__) == (name, name)  # type: ignore[attr-defined]
        assert function.__module__ == __name__
        parameters = inspect.signature(function).parameters
        own = ["factor", "side", "level"] if function is twice else ["factor"]
        assert list(parameters) == [*first, *own, "risk_free", "periods_per_year", "times"]
        kinds = {parameters[name].kind for name in list(parameters)[len(first) :]}
        assert kinds == {inspect.Parameter.KEYWORD_ONLY}
        assert (parameters["risk_free"].default, parameters["periods_per_year"].default) == (0.0, None)
        assert parameters["times"].default is None
        assert inspect.signature(function).return_annotation == "float"
    assert inspect.getdoc(twice) == (
        "Return a multiple of the sum.\n\n"
        "Formula: k Σ r. Unit: ratio. NaN where it is not defined.\n\n"
        "Convention: 2.0 times the sum, up; × √(bars a year); over the risk-free rate; counted from the times.\n\n"
        "Source: this test.\n\n"
        "Series, arrays, `times`, `periods_per_year` and `risk_free` (a rate per year) are read as `summary` does."
    )
    assert twice.definition == Definition(
        *("twice", "Twice", "ratio", "k Σ r"),
        "{factor:.1f} times the sum, {side}; {root}; {over}; {periods}",
        "this test",
    )
    assert apart.definition == Definition(
        *("apart", "Apart", "fraction", "Σ (r − b)", "sum of differences", "this test"),
    )


def test_a_measure_without_a_docstring_has_its_words() -> None:
    def bare(track: Track) -> float:
        return float(track.seen.size)

    assert (inspect.getdoc(solo("Bare", "count", "n", "all", "me")(bare)) or "").startswith("Formula: n. Unit: count.")


def test_a_metric_carries_the_words_of_its_record() -> None:
    track = track_of(VALUES, 0.05, 16.0)
    assert measured(twice, track) == Metric(
        "twice",
        "Twice",
        pytest.approx(0.4 + track.cash_rate),
        "ratio",
        "2.0 times the sum, up; × √16.00 bars a year; risk-free rate 5.00% a year; given",
    )
    other = measured(twice, track_of(VALUES), key="down", label="Down", side="down", factor=1.0)
    assert (other.key, other.label, other.value) == ("down", "Down", pytest.approx(-0.2))
    assert other.convention == (
        "1.0 times the sum, down; × √(bars a year), which are not known; risk-free rate 0.00% a year; "
        "neither times nor periods_per_year given"
    )
    assert measured(apart, track, track).convention == "sum of differences"


def test_words_are_looked_for_only_where_there_is_a_place_for_them() -> None:
    track = track_of(VALUES, 0.05, 16.0)
    assert words(apart, track, {"factor": 3.0}) == {}
    assert words(twice, track, {"factor": 3.0}) == {
        "root": "× √16.00 bars a year",
        "over": "risk-free rate 5.00% a year",
        "periods": "given",
        "factor": 3.0,
        "side": "up",
        "level": 0.5,
    }
    assert plain_convention(twice, factor=7.0) == (
        "7.0 times the sum, up; × √(bars a year); over the risk-free rate; counted from the times"
    )
    assert plain_convention(apart) == "sum of differences"


def test_options_are_checked_before_anything_is_computed() -> None:
    check_options(twice.compute, {"level": 0.999, "factor": 1e9, "side": "down"})
    check_options(apart.compute, {})


def message(call: Any) -> str:
    with pytest.raises(InputError) as caught:
        call()
    return str(caught.value)


def test_messages_of_options() -> None:
    known = "known: factor, level, side"
    assert message(lambda: twice(VALUES, facto=1.0)) == (
        f"twice: unknown option 'facto'; {known}; did you mean 'factor'?"
    )
    assert message(lambda: twice(VALUES, track=1.0)) == f"twice: unknown option 'track'; {known}"
    assert message(lambda: twice(VALUES, side="dwn")) == (
        "twice: unknown side 'dwn'; known: down, up; did you mean 'down'?"
    )
    for level in (0.0, 1.0, 95):
        wanted = f"twice: level: expected a number between 0 and 1; received {level}"
        assert message(lambda level=level: twice(VALUES, level=level)) == wanted  # type: ignore[misc]
    assert message(lambda: apart(VALUES, VALUES, side="up")) == "apart: unknown option 'side'; known: factor"


def test_messages_of_series() -> None:
    ask = "expected a non-empty series of one dimension; received shape"
    assert message(lambda: track_of([])) == f"returns: {ask} (0,)"
    assert message(lambda: track_of([[0.1], [0.2]])) == f"returns: {ask} (2, 1)"
    assert message(lambda: values_of("benchmark", np.zeros((1, 1)))) == f"benchmark: {ask} (1, 1)"
    assert message(lambda: track_of([0.1, 0.2, -np.inf])) == (
        "returns: row 2 is infinite; expected finite numbers or NaN"
    )
    assert message(lambda: track_of([0.1], times=DAYS)) == "times: expected one a return, 1; received 4"
    assert message(lambda: track_of(VALUES, times=DAYS[::-1])) == (
        "times: expected ascending stamps; sort the returns by time first"
    )
    for rate in (-1.0, -2.0, math.nan):
        wanted = f"risk_free: expected a rate per year above -1 (0.02 is 2 %); received {rate}"
        assert message(lambda rate=rate: track_of(VALUES, rate)) == wanted  # type: ignore[misc]
    for given in (0.0, -1.0, math.nan):
        wanted = f"periods_per_year: expected a number above 0; received {given}"
        assert message(lambda given=given: track_of(VALUES, 0.0, given)) == wanted  # type: ignore[misc]
    track = track_of(VALUES)
    assert message(lambda: benchmark_of(track, VALUES, [0.1])) == "benchmark: expected one return a bar, 4; received 1"


def test_rates_and_periods_just_above_their_limits_are_taken() -> None:
    assert track_of(VALUES, -0.999, 0.5).risk_free == -0.999
    assert track_of(VALUES, periods_per_year=0.5).years == 8.0
    assert track_of(VALUES, periods_per_year=1).periods.per_year == 1.0
    assert isinstance(track_of(VALUES, periods_per_year=1).periods.per_year, float)
    assert track_of(VALUES, 0.0).cash_rate == track_of(VALUES).cash_rate == 0.0
    assert math.isnan(track_of(VALUES, 0.01).cash_rate)


def test_a_track_begins_one_average_gap_before_its_first_stamp() -> None:
    track = track_of(RETURNS, 0.02)
    assert track.years == pytest.approx(3 / 365.25 * 4 / 3)
    assert track.periods == stats.periods_per_year(DAYS.as_unit("ns").asi8)
    assert track.path.tolist() == pytest.approx([1.0, 1.1, 0.99, 1.188, 1.188])
    assert track.risk_free == 0.02
    assert track.annual_excess == track.annual - 0.02
    assert track.times is not None
    assert track.times.tolist() == DAYS.as_unit("ns").asi8.tolist()
    assert track.wall is not None
    assert (track.wall - track.times).tolist() == [1, 1, 1, 1]  # midnight is the day that it names
    assert [track.stamp(row) for row in range(4)] == ["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-04"]
    assert track_of([0.1, 0.2], times=DAYS[:2]).years == pytest.approx(2 / 365.25)
    single = track_of([0.1], times=DAYS[:1])
    assert math.isnan(single.years)
    assert single.stamp(0) == "2020-01-01"


def test_a_track_of_hours_is_stamped_with_the_minute_of_its_owner() -> None:
    hours = pd.date_range("2020-03-01 22:30", periods=3, freq="h", tz="America/New_York")
    track = track_of([0.1, 0.2, 0.3], times=hours)
    assert [track.stamp(row) for row in range(3)] == ["2020-03-01 22:30", "2020-03-01 23:30", "2020-03-02 00:30"]
    assert track.wall is not None
    assert track.times is not None
    assert (track.times - track.wall).tolist() == [5 * 3_600 * 10**9] * 3  # five hours behind UTC


def test_a_track_without_times_is_numbered() -> None:
    track = track_of(VALUES)
    assert (track.times, track.wall, track.calendar) == (None, None, None)
    assert track.stamp(3) == "3"
    assert (track.day(2), math.isnan(track.days_between(0, 2)), math.isnan(track.years)) == (None, True, True)
    assert (track.periods.source, math.isnan(track.periods.per_year)) == (
        *("neither times nor periods_per_year given", True),
    )


def test_places_of_a_path_are_the_bars_before_them() -> None:
    track = track_of(RETURNS)
    assert [track.day(place) for place in (None, 0, 1, 2, 4)] == [
        *(None, "2020-01-01", "2020-01-01", "2020-01-02", "2020-01-04"),
    ]
    assert [track.days_between(0, end) for end in (0, 1, 2, 4)] == [0.0, 0.0, 1.0, 3.0]
    assert track.days_between(2, 4) == 2.0
    assert track.fall is not None
    assert track.fall.depth == pytest.approx(-0.1)
    assert track.falls == stats.drawdowns(track.path)
    assert track.below.tolist() == stats.underwater(track.path).tolist()
    assert track.seen.tolist() == VALUES.tolist()


def test_a_clock_of_the_account_has_no_stamps_of_an_owner() -> None:
    """Without them bars fall into months by the times themselves: a midnight belongs to the day before."""
    times = pd.DatetimeIndex(["2020-02-01", "2020-02-29 21:00"]).as_unit("ns").asi8
    path = np.array([1.0, 1.1, 1.21])
    track = Track(path[1:] / path[:-1] - 1.0, path, times, 1.0, stats.Periods(12.0, "given"), 0.0, str)
    assert track.calendar is not None
    assert track.calendar.monthly[0, :2].tolist() == pytest.approx([0.1, 0.1])
    owned = track_of(track.returns, times=pd.DatetimeIndex(times))
    assert owned.calendar is not None
    assert owned.calendar.monthly[0, 1] == pytest.approx(0.21)


def test_labels_are_times_or_what_the_bars_came_with_or_numbers() -> None:
    letters = pd.Series(VALUES, list("abcd"))
    assert labels_of(RETURNS, None).equals(DAYS)
    assert labels_of(RETURNS, DAYS + pd.Timedelta(1, "D")).equals(DAYS + pd.Timedelta(1, "D"))
    assert labels_of(letters, None).tolist() == list("abcd")
    assert labels_of(letters, DAYS).equals(DAYS)
    assert labels_of(VALUES, None).tolist() == [0, 1, 2, 3]
    assert index_of(RETURNS.to_frame(), None) is not None
    assert index_of(letters, None) is None
    stamps = index_of(VALUES, DAYS.as_unit("ns").asi8)
    assert stamps is not None
    assert stamps.equals(DAYS)


def test_a_benchmark_is_matched_through_time_zones() -> None:
    aware = RETURNS.tz_localize("UTC")
    local = aware.tz_convert("America/New_York")
    for mine in (RETURNS, aware, local):
        for other in (RETURNS[::-1], aware[::-1], local[::-1]):
            found = benchmark_of(track_of(mine), mine, other)
            assert found.returns.tolist() == VALUES.tolist()
    late = benchmark_of(track_of(RETURNS), RETURNS, RETURNS[1:])
    assert math.isnan(late.returns[0])
    assert late.path.tolist() == pytest.approx([1.0, 1.0, 0.9, 1.08, 1.08])
    placed = benchmark_of(track_of(VALUES), VALUES, RETURNS[::-1])
    assert placed.returns.tolist() == VALUES[::-1].tolist()
    assert benchmark_of(track_of(VALUES), VALUES, RETURNS[::-1], DAYS).returns.tolist() == VALUES.tolist()
    objects = pd.Series(VALUES[::-1], DAYS[::-1], dtype=object)
    assert benchmark_of(track_of(RETURNS), RETURNS, objects).returns.tolist() == VALUES.tolist()


def test_a_summary_hands_on_what_it_is_given() -> None:
    other = pd.Series(VALUES[::-1], DAYS)
    assert summary(RETURNS) == summary(RETURNS, None, 0.0, None, None)
    assert summary(VALUES, other[::-1], 0.02, 300.0, DAYS) == summary(RETURNS, other, 0.02, 300.0)
    found = {metric.key: metric.value for metric in summary(VALUES, other, 0.02, 300.0, DAYS)}
    assert found["periods_per_year"] == 300.0
    assert found["sharpe"] == metrics.sharpe(RETURNS, risk_free=0.02, periods_per_year=300.0)
    assert found["beta"] == metrics.beta(RETURNS, other)

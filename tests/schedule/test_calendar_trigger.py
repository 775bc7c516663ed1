"""Calendar: the sessions that fire, and that nothing unknown does."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.market.market import Market
from backtest.schedule import Calendar

from .markets import market_of, weekdays

PERIODS = ("day", "week", "month", "quarter", "year")


def fired(trigger: Calendar, market: Market) -> list[str]:
    return [market.day(int(row)) for row in np.flatnonzero(trigger.rows(market))]


def test_first_session_of_each_month() -> None:
    market = market_of(weekdays("2021-12-27", "2022-04-05"))
    assert fired(Calendar(calendar="month"), market) == ["2022-01-03", "2022-02-01", "2022-03-01", "2022-04-01"]


def test_last_session_of_each_month() -> None:
    market = market_of(weekdays("2021-12-27", "2022-04-05"))
    assert fired(Calendar(calendar="month", on="last"), market) == [
        "2021-12-31",
        "2022-01-31",
        "2022-02-28",
        "2022-03-31",
    ]


def test_quarter_and_year() -> None:
    market = market_of(weekdays("2021-12-27", "2023-01-05"))
    quarters = ["2022-01-03", "2022-04-01", "2022-07-01", "2022-10-03", "2023-01-02"]
    assert fired(Calendar(calendar="quarter"), market) == quarters
    assert fired(Calendar(calendar="year"), market) == ["2022-01-03", "2023-01-02"]
    assert fired(Calendar(calendar="year", on="last"), market) == ["2021-12-31", "2022-12-30"]


def test_a_holiday_moves_first_forward_and_last_back() -> None:
    open_days = [day for day in weekdays("2022-05-23", "2022-06-11") if str(day) not in ("2022-05-30", "2022-06-10")]
    market = market_of(np.array(open_days), after=["2022-06-13"])
    assert fired(Calendar(calendar="week"), market) == ["2022-05-31", "2022-06-06"]
    assert fired(Calendar(calendar="week", on="last"), market) == ["2022-05-27", "2022-06-03", "2022-06-09"]


def test_weeks_run_from_monday_to_sunday() -> None:
    market = market_of(np.arange("2022-06-01", "2022-06-15", dtype="datetime64[D]"))
    assert fired(Calendar(calendar="week"), market) == ["2022-06-06", "2022-06-13"]
    assert fired(Calendar(calendar="week", on="last"), market) == ["2022-06-05", "2022-06-12"]


def test_weeks_before_1970() -> None:
    market = market_of(weekdays("1969-12-18", "1970-01-13"))
    assert fired(Calendar(calendar="week"), market) == ["1969-12-22", "1969-12-29", "1970-01-05", "1970-01-12"]


@pytest.mark.parametrize("on", ["first", "last"])
def test_a_day_is_the_end_of_each_session(on: str) -> None:
    market = market_of(weekdays("2022-06-01", "2022-06-08"), rows_each=3)
    assert list(np.flatnonzero(Calendar(calendar="day", on=on).rows(market))) == [2, 5, 8, 11, 14]


def test_intraday_fires_on_the_last_row_of_the_session() -> None:
    market = market_of(weekdays("2022-05-30", "2022-06-03"), rows_each=4)
    assert list(np.flatnonzero(Calendar(calendar="month").rows(market))) == [11]
    assert list(np.flatnonzero(Calendar(calendar="month", on="last").rows(market))) == [7]


@pytest.mark.parametrize("calendar", PERIODS[1:])
def test_the_first_session_of_the_data_is_not_known_to_be_first(calendar: str) -> None:
    market = market_of(weekdays("2024-01-01", "2024-01-04"))  # a Monday that begins a year
    assert fired(Calendar(calendar=calendar), market) == []


def test_the_last_session_fires_only_when_the_next_one_is_known() -> None:
    sessions = weekdays("2022-06-27", "2022-07-01")
    last = Calendar(calendar="month", on="last")
    assert fired(last, market_of(sessions)) == []
    assert fired(last, market_of(sessions, after=["2022-07-01"])) == ["2022-06-30"]
    assert fired(last, market_of(sessions[:-1], after=["2022-06-30", "2022-07-01"])) == []


def test_one_row_and_no_row() -> None:
    for calendar in PERIODS:
        for on in ("first", "last"):
            trigger = Calendar(calendar=calendar, on=on)
            assert fired(trigger, market_of(["2022-06-30"])) == (["2022-06-30"] if calendar == "day" else [])
            assert fired(trigger, market_of([])) == []


def test_agrees_with_pandas_periods() -> None:
    dates = weekdays("1998-03-04", "2024-09-18")
    market = market_of(dates)
    table = pd.Series(dates, index=pd.DatetimeIndex(dates))
    for calendar, rule in (("week", "W-SUN"), ("month", "M"), ("quarter", "Q"), ("year", "Y")):
        groups = table.groupby(pd.DatetimeIndex(dates).to_period(rule))
        assert fired(Calendar(calendar=calendar), market) == [str(d)[:10] for d in groups.first()[1:]]
        assert fired(Calendar(calendar=calendar, on="last"), market) == [str(d)[:10] for d in groups.last()[:-1]]


sessions = st.lists(st.integers(10_000, 10_900), min_size=1, max_size=120, unique=True).map(sorted)
triggers = st.builds(Calendar, calendar=st.sampled_from(PERIODS), on=st.sampled_from(["first", "last"]))


@given(sessions, triggers, st.data())
def test_ending_the_data_earlier_only_withholds_the_new_last_row(
    days: list[int], trigger: Calendar, data: st.DataObject
) -> None:
    whole = market_of(np.array(days, "datetime64[D]"), rows_each=data.draw(st.integers(1, 3)))
    rows = trigger.rows(whole)
    stop = data.draw(st.sampled_from(list(np.flatnonzero(whole.session_end) + 1)))
    cut = trigger.rows(market_until(whole, stop))
    assert np.array_equal(cut[:-1], rows[: stop - 1])
    assert not (cut[-1] and not rows[stop - 1])
    known = market_until(whole, stop, after=np.unique(whole.session[stop:]))
    assert np.array_equal(trigger.rows(known), rows[:stop])


def market_until(market: Market, stop: int, after: np.ndarray | None = None) -> Market:
    return dataclasses.replace(
        market,
        start=market.start[:stop],
        end=market.end[:stop],
        close=market.close[:stop],
        session=market.session[:stop],
        session_end=market.session_end[:stop],
        sessions_after=market.sessions_after if after is None else after,
    )

import builtins

import numpy as np
import pandas as pd
import pytest

from backtest.errors import DataError
from backtest.market.calendars import resolve
from backtest.market.importer import import_files
from backtest.market.store import load

from .markets import write

MINUTE = 60_000_000_000


def imported(tmp_path, times, **options):
    """Import closes 1, 2, 3, ... of one symbol at `times`."""
    text = "time,close\n" + "".join(f"{stamp},{k + 1}\n" for k, stamp in enumerate(times))
    import_files([write(tmp_path / "A.csv", text)], "x", tmp_path / "data", **options)
    return load(tmp_path / "data", "x")


def refused(tmp_path, times, **options):
    with pytest.raises(DataError) as error:
        imported(tmp_path, times, **options)
    return str(error.value)


def clock_of(market, zone="UTC"):
    """Rows as "day start-end" in a zone."""
    told = []
    for row in range(market.n_rows):
        ends = [
            pd.Timestamp(int(values[row, 0]), tz="UTC").tz_convert(zone).strftime("%d %H:%M")
            for values in (market.start, market.end)
        ]
        told.append(f"{market.day(row)}: {ends[0]} - {ends[1]}")
    return told


def test_data_takes_what_is_there(tmp_path):
    market = imported(tmp_path, ["2020-01-04", "2020-01-02"], timezone="America/New_York")
    assert clock_of(market, "America/New_York") == [
        "2020-01-02: 02 00:00 - 03 00:00",
        "2020-01-04: 04 00:00 - 05 00:00",
    ]
    assert market.close[:, 0].tolist() == [2.0, 1.0]
    assert market.sessions_after.size == 0
    assert market.session_end.all()


def test_a_day_of_summer_time_has_23_hours(tmp_path):
    market = imported(tmp_path, ["2020-03-08", "2020-03-09"], timezone="America/New_York")
    assert (market.end - market.start)[:, 0].tolist() == [23 * 60 * MINUTE, 24 * 60 * MINUTE]


def test_round_the_clock_days_without_data_are_rows_without_bars(tmp_path):
    market = imported(tmp_path, ["2020-01-02", "2020-01-05"], calendar="24/7")
    assert market.n_rows == 4
    assert market.close[:, 0].tolist()[::3] == [1.0, 2.0]
    assert np.isnan(market.close[1:3]).all()
    assert market.complete.tolist() == [True, False, False, True]
    assert market.sessions_after[0] == market.session[-1] + 1


def test_an_exchange_tells_opens_closes_holidays_and_what_comes(tmp_path):
    market = imported(tmp_path, ["2019-11-27", "2019-11-29", "2019-12-02"], calendar="XNYS")
    assert clock_of(market, "America/New_York") == [
        "2019-11-27: 27 09:30 - 27 16:00",
        "2019-11-29: 29 09:30 - 29 13:00",  # after Thanksgiving it closes early
        "2019-12-02: 02 09:30 - 02 16:00",
    ]
    assert market.timezone == "America/New_York"
    assert market.sessions_after[:2].astype("datetime64[D]").astype(str).tolist() == ["2019-12-03", "2019-12-04"]


def test_a_session_nobody_has_data_of_is_a_row_without_bars(tmp_path):
    market = imported(tmp_path, ["2020-01-02", "2020-01-06"], calendar="XNYS")
    assert [market.day(row) for row in range(3)] == ["2020-01-02", "2020-01-03", "2020-01-06"]
    assert np.isnan(market.close[1, 0])
    assert market.listed.all()


def test_rows_on_no_session_are_refused_by_row(tmp_path):
    words = refused(tmp_path, ["2020-01-02", "2020-01-04", "2020-01-20", "2020-01-21"], calendar="XNYS")
    assert "A.csv: a stamp on no session of XNYS in 2 rows: line 3 (A), line 4 (A); correct the stamps" in words
    assert "none of its sessions has a bar" in refused(tmp_path, ["2020-01-04"], calendar="XNYS")


@pytest.mark.parametrize(
    "stamps",
    [
        ["2020-01-02 00:00:00+00:00", "2020-07-02 00:00:00+00:00"],  # dates, as some sources write them
        ["2020-01-02 05:00:00+00:00", "2020-07-02 04:00:00+00:00"],  # midnights of New York
        ["2020-01-02 16:00", "2020-07-02 16:00"],  # closes on the wall clock
        ["2020-01-02 21:00Z", "2020-07-02 20:00Z"],  # closes as instants
        ["2020-01-02 16:00-05:00", "2020-07-02 16:00-04:00"],
    ],
)
def test_daily_stamps_of_every_habit_mean_the_same_session(tmp_path, stamps):
    market = imported(tmp_path, stamps, calendar="XNYS")
    assert (market.day(0), market.day(market.n_rows - 1)) == ("2020-01-02", "2020-07-02")
    assert clock_of(market, "America/New_York")[-1] == "2020-07-02: 02 09:30 - 02 16:00"
    assert market.real.sum() == 2


HOURS = ["2020-01-02 09:30", "2020-01-02 10:30", "2020-01-02 11:30", "2020-01-02 15:30", "2020-01-03 09:30"]


def test_intraday_bars_last_until_the_next_and_to_the_close(tmp_path):
    market = imported(tmp_path, HOURS, calendar="XNYS")
    assert clock_of(market, "America/New_York") == [
        "2020-01-02: 02 09:30 - 02 10:30",
        "2020-01-02: 02 10:30 - 02 11:30",
        "2020-01-02: 02 11:30 - 02 12:30",
        "2020-01-02: 02 15:30 - 02 16:00",
        "2020-01-03: 03 09:30 - 03 10:30",
    ]
    assert market.session_end.tolist() == [False, False, False, True, True]


def test_stamps_may_be_ends(tmp_path):
    ends = ["2020-01-02 10:30", "2020-01-02 11:30", "2020-01-02 16:00", "2020-01-03 10:30"]
    market = imported(tmp_path, ends, calendar="XNYS", stamps="end")
    assert clock_of(market, "America/New_York") == [
        "2020-01-02: 02 09:30 - 02 10:30",
        "2020-01-02: 02 10:30 - 02 11:30",
        "2020-01-02: 02 15:00 - 02 16:00",
        "2020-01-03: 03 09:30 - 03 10:30",
    ]


def test_an_end_at_midnight_belongs_to_the_day_before(tmp_path):
    hours = pd.date_range("2020-01-01 01:00", "2020-01-03 00:00", freq="h", tz="UTC")
    market = imported(tmp_path, hours, calendar="24/7", stamps="end")
    assert market.n_rows == 48
    assert market.session[-1] - market.session[0] == 1
    assert market.day(47) == "2020-01-02"


def test_a_bar_that_reaches_into_the_session_is_cut_at_its_open(tmp_path):
    market = imported(tmp_path, ["2020-01-02 09:00", "2020-01-02 10:00", "2020-01-02 11:00"], calendar="XNYS")
    assert clock_of(market, "America/New_York")[0] == "2020-01-02: 02 09:30 - 02 10:00"


def test_bars_before_the_open_are_refused(tmp_path):
    hours = [f"2020-01-02 {hour:02d}:00" for hour in (7, 8, 9, 10, 11)]
    assert "a stamp on no session of XNYS in 2 rows: line 2 (A), line 3 (A)" in refused(
        tmp_path, hours, calendar="XNYS"
    )


def test_the_interval_can_be_told(tmp_path):
    market = imported(tmp_path, ["2020-01-02 10:00", "2020-01-03 10:00"], interval="30min")
    assert clock_of(market) == ["2020-01-02: 02 10:00 - 02 10:30", "2020-01-03: 03 10:00 - 03 10:30"]


def test_irregular_bars_do_not_overlap(tmp_path):
    market = imported(tmp_path, ["2020-01-02 10:00", "2020-01-02 11:00", "2020-01-02 12:00", "2020-01-02 12:20"])
    assert (market.start[1:] >= market.end[:-1]).all()
    assert clock_of(market)[2:] == ["2020-01-02: 02 12:00 - 02 12:20", "2020-01-02: 02 12:20 - 02 13:20"]


def test_hours_that_a_clock_shows_twice_or_never_are_refused_by_row(tmp_path):
    stamps = ["2020-11-01 00:30", "2020-11-01 01:30", "2020-11-01 02:30", "2021-03-14 02:30", "2021-03-14 03:30"]
    words = refused(tmp_path, stamps, timezone="America/New_York")
    assert "a stamp that a clock in America/New_York shows twice or never in 2 rows: line 3 (A), line 5 (A)" in words


def test_a_session_may_open_the_evening_before():
    hours = pd.date_range("2024-01-07 18:00", "2024-01-09 22:00", freq="h", tz="America/New_York")
    stamps = np.array(hours.tz_convert("UTC").as_unit("ns").asi8)
    clock = resolve(stamps, "aware", "CMES", "America/New_York")
    days = np.unique(clock.session).astype("datetime64[D]").astype(str).tolist()
    assert days == ["2024-01-08", "2024-01-09", "2024-01-10"]
    assert clock.sessions_after[0].astype("datetime64[D]").astype(str) == "2024-01-11"


def test_one_bar_alone_is_daily_unless_told(tmp_path):
    assert clock_of(imported(tmp_path, ["2020-01-02 10:00"])) == ["2020-01-02: 02 00:00 - 03 00:00"]


def test_without_the_calendar_package_the_message_says_what_to_install(tmp_path, monkeypatch):
    real_import = builtins.__import__

    def missing(name, *args, **kwargs):
        if name == "exchange_calendars":
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    words = refused(tmp_path, ["2020-01-02"], calendar="XNYS")
    assert "pip install exchange_calendars; without it: data, 24/7" in words


def test_a_calendar_tells_how_far_back_it_knows(tmp_path):
    words = refused(tmp_path, ["1950-01-03", "1950-01-04"], calendar="XKRX")
    assert "calendar XKRX" in words
    assert "1956" in words


def test_a_stored_clock_needs_no_calendar_package(tmp_path, monkeypatch):
    imported(tmp_path, ["2020-01-02"], calendar="XNYS")
    monkeypatch.setitem(__import__("sys").modules, "exchange_calendars", None)
    assert load(tmp_path / "data", "x").calendar == "XNYS"

from datetime import date

import numpy as np
import pytest

from backtest.market import weekdays


@pytest.mark.parametrize(
    ("year", "day"),
    [(1961, (4, 2)), (2000, (4, 23)), (2016, (3, 27)), (2019, (4, 21)), (2024, (3, 31)), (2038, (4, 25))],
)
def test_easter(year, day):
    assert weekdays.easter(year) == date(year, *day)


def test_the_rule_is_that_of_new_york_today():
    calendars = pytest.importorskip("exchange_calendars")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        exchange = calendars.get_calendar("XNYS", start="2022-01-03", end="2024-12-31")
    expected = set(np.asarray(exchange.sessions, "datetime64[D]").astype(str))
    ours = set(weekdays.sessions(date(2022, 1, 3), date(2024, 12, 31)).astype("datetime64[D]").astype(str))
    # The rule keeps a New Year that falls on a Saturday on the Friday before; New York does not. None is in 2022-2024.
    assert ours == expected


def test_bounds_follow_summer_time():
    days = np.array([date(2021, 3, 12), date(2021, 3, 15)], "datetime64[D]").astype(np.int64)
    opened, closed = weekdays.bounds(days)
    assert opened.astype("datetime64[ns]").astype("datetime64[m]").astype(str).tolist() == [
        "2021-03-12T14:30",
        "2021-03-15T13:30",
    ]
    assert (closed - opened == 6.5 * 3_600_000_000_000).all()

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backtest.stats import frequency, periods_per_year


def ns(index: pd.DatetimeIndex) -> np.ndarray:
    return index.as_unit("ns").asi8


@pytest.mark.parametrize(
    ("index", "expected", "word"),
    [
        (pd.bdate_range("2010-01-01", "2019-12-31"), 260.9, "daily"),
        (pd.date_range("2020-01-01", "2023-12-31"), 365.25, "daily"),
        (pd.date_range("2020-01-01", "2022-12-31", freq="h"), 8766.0, "hourly"),
        (pd.date_range("2010-01-01", "2019-12-31", freq="W"), 52.18, "weekly"),
        (pd.date_range("2010-01-31", "2019-12-31", freq="ME"), 12.0, "monthly"),
        (pd.date_range("2010-03-31", "2019-12-31", freq="QE"), 4.0, "quarterly"),
        (pd.date_range("2000-12-31", "2019-12-31", freq="YE"), 1.0, "yearly"),
    ],
)
def test_counted_from_what_is_there(index: pd.DatetimeIndex, expected: float, word: str) -> None:
    periods = periods_per_year(ns(index))
    assert periods.per_year == pytest.approx(expected, rel=2e-3)
    assert f"between {word} bars" in periods.source


def test_half_of_the_minutes_of_a_day() -> None:
    days = pd.bdate_range("2020-01-01", periods=300)
    index = pd.DatetimeIndex([day + pd.Timedelta(minutes=60 * k + 30) for day in days for k in range(14, 21)])
    periods = periods_per_year(ns(index))
    assert periods.per_year == pytest.approx(7 * 260.9, rel=5e-3)
    assert frequency(ns(index)) == "hourly"


def test_short_records_go_by_their_gap_and_say_so() -> None:
    week = periods_per_year(ns(pd.bdate_range("2020-01-06", periods=5)))
    assert week.per_year == 252.0
    assert "252 business days assumed" in week.source
    always = periods_per_year(ns(pd.date_range("2020-01-06", periods=10)))
    assert always.per_year == 365.25
    minutes = periods_per_year(ns(pd.date_range("2020-01-06", periods=500, freq="min")))
    assert minutes.per_year == pytest.approx(365.25 * 1440)
    assert "too short to count" in minutes.source


def test_bars_that_end_at_midnight_belong_to_the_day_before() -> None:
    """Monday to Friday, each ending at the next midnight: the last stamp is a Saturday, the bars are not."""
    assert periods_per_year(ns(pd.bdate_range("2020-01-06", periods=5) + pd.Timedelta(days=1))).per_year == 252.0


def test_one_bar_has_no_period() -> None:
    periods = periods_per_year(ns(pd.DatetimeIndex(["2020-01-01"])))
    assert np.isnan(periods.per_year)
    assert periods.source.startswith("one bar")


def test_irregular_says_so() -> None:
    days = np.cumsum(np.array([1, 40, 2, 90, 7, 30, 1, 200, 14, 60]))
    index = pd.DatetimeIndex(pd.Timestamp("2020-01-01") + pd.to_timedelta(days, unit="D"))
    assert "irregular" in periods_per_year(ns(index)).source

"""Short records of bars shorter than a day, and of bars at irregular times."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backtest.stats import periods_per_year


def stamps(index: pd.DatetimeIndex) -> np.ndarray:
    return index.as_unit("ns").asi8


HOURS = pd.date_range("2024-03-04 01:00", periods=24 * 42, freq="h")


def test_hours_of_a_stock_exchange_are_those_of_its_days() -> None:
    """Seven bars a day, five days a week: 7 × 252 a year, as a longer record says but for holidays."""
    session = HOURS[(HOURS.day_of_week < 5) & (HOURS.hour >= 15) & (HOURS.hour <= 21)]
    found = periods_per_year(stamps(session))
    assert found.per_year == 7 * 252
    assert "7 bars a day without Saturdays, so 252 business days assumed" in found.source
    longer = pd.date_range("2024-03-04", periods=24 * 400, freq="h")
    longer = longer[(longer.day_of_week < 5) & (longer.hour >= 15) & (longer.hour <= 21)]
    assert found.per_year == pytest.approx(periods_per_year(stamps(longer)).per_year, rel=0.05)


def test_hours_round_the_clock_are_all_there_are() -> None:
    found = periods_per_year(stamps(HOURS))
    assert found.per_year == pytest.approx(24 * 365.25)
    assert "at any hour" in found.source


def test_hours_from_sunday_evening_to_friday_evening_are_no_24_7_market() -> None:
    utc = HOURS[
        ~((HOURS.day_of_week == 5) | ((HOURS.day_of_week == 6) & (HOURS.hour < 22)))
        & ~((HOURS.day_of_week == 4) & (HOURS.hour > 21))
    ]
    assert periods_per_year(stamps(utc)).per_year == 24 * 252


@pytest.mark.parametrize("days", [1, 2])
def test_a_day_or_two_say_nothing_of_weekends(days: int) -> None:
    minutes = pd.date_range("2024-03-05 14:31", periods=390, freq="min")
    index = minutes if days == 1 else minutes.append(minutes + pd.Timedelta(days=1))
    assert periods_per_year(stamps(index)).per_year == pytest.approx(365.25 * 24 * 60)


def test_irregular_bars_are_counted_whatever_the_record() -> None:
    """Thirty of sixty days at random: some 180 a year, not 365."""
    days = np.sort(np.random.default_rng(1).choice(55, 28, replace=False))
    index = pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D")
    found = periods_per_year(stamps(pd.DatetimeIndex(index)))
    assert found.per_year == pytest.approx(27 / ((days[-1] - days[0]) / 365.25))
    assert "irregular" in found.source

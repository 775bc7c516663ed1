from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backtest.stats import calendar_returns


def test_months_compound_to_years_and_years_to_the_total() -> None:
    times = pd.date_range("2019-11-15 21:00", "2021-02-10 21:00", freq="B")
    path = np.concatenate(([1.0], np.cumprod(1.0 + np.random.default_rng(2).normal(0.0, 0.01, times.size))))
    table = calendar_returns(path, times.as_unit("ns").asi8)
    assert table.years.tolist() == [2019, 2020, 2021]
    np.testing.assert_allclose(np.nanprod(1.0 + table.monthly, axis=1) - 1.0, table.yearly)
    assert np.prod(1.0 + table.yearly) == pytest.approx(path[-1])
    assert np.isnan(table.monthly[0, :10]).all()
    assert np.isnan(table.monthly[2, 2:]).all()


def test_a_day_that_ends_at_midnight_is_still_that_day() -> None:
    """Round the clock, January 31 ends on February 1 at 00:00; its return is January's."""
    times = pd.DatetimeIndex(["2020-02-01", "2020-02-02"]).as_unit("ns").asi8
    table = calendar_returns(np.array([100.0, 110.0, 99.0]), times)
    assert table.monthly[0, 0] == pytest.approx(0.1)
    assert table.monthly[0, 1] == pytest.approx(-0.1)


def test_a_month_after_ruin_has_no_return() -> None:
    times = pd.DatetimeIndex(["2020-01-15", "2020-02-15"]).as_unit("ns").asi8
    table = calendar_returns(np.array([100.0, -5.0, -5.0]), times)
    assert table.monthly[0, 0] == pytest.approx(-1.05)
    assert np.isnan(table.monthly[0, 1])

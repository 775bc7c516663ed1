from datetime import date

import pytest

from backtest.errors import DataError
from backtest.market.rows import rows_between

from .markets import daily


@pytest.fixture
def market():
    return daily([[1.0 + k] for k in range(10)])  # 2019-04-14 to 2019-04-23


def test_bounds_are_sessions_and_both_count(market):
    assert rows_between(market) == (0, 10)
    assert rows_between(market, "2019-04-16", date(2019, 4, 18)) == (2, 5)
    assert rows_between(market, start="2019-04-10") == (0, 10)  # a few days outside: a holiday, not a mistake


def test_dates_far_outside_are_refused(market):
    with pytest.raises(DataError, match="start 2019-04-01 is outside the data of 'small': 2019-04-14 to 2019-04-23"):
        rows_between(market, "2019-04-01")
    with pytest.raises(DataError, match="end 2019-06-01 is outside"):
        rows_between(market, end="2019-06-01")
    with pytest.raises(DataError, match="no session of 'small' between 2019-04-25 and 2019-04-26"):
        rows_between(market, "2019-04-25", "2019-04-26")

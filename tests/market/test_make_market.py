"""Markets from arrays and frames, and what is refused."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

from backtest import make_market
from backtest.errors import DataError

NAN = float("nan")
DAYS = pd.date_range("2021-03-01", periods=3)


def frame(
    values: Any = ((1.0, 2.0), (1.1, 2.1), (1.2, 2.2)), columns: Any = ("X", "Y"), index: Any = DAYS
) -> pd.DataFrame:
    return pd.DataFrame(np.array(values), index=index, columns=list(columns))


def test_frames_bring_times_and_symbols() -> None:
    market = make_market(close=frame())
    assert list(market.symbols) == ["X", "Y"]
    assert market.times[0] == pd.Timestamp("2021-03-02", tz="UTC")
    assert market.session_end.all()
    assert market.complete.all()


def test_arrays_are_not_copied() -> None:
    close = np.ones((4, 2))
    market = make_market(close=close)
    assert np.shares_memory(market.close, close)
    assert not market.close.flags.writeable
    assert list(market.symbols) == ["0", "1"]


def test_intraday_bars_last_until_the_next_and_end_a_session_each_day() -> None:
    hours = pd.date_range("2021-03-01 20:00", periods=8, freq="h", tz="UTC")
    market = make_market(close=np.ones((8, 1)), times=hours)
    assert market.times[-1] == pd.Timestamp("2021-03-02 04:00", tz="UTC")
    assert np.flatnonzero(market.session_end).tolist() == [3, 7]


def test_an_hour_of_another_zone_is_the_same_instant() -> None:
    there = pd.DatetimeIndex(["2021-03-01 09:30", "2021-03-01 10:30"]).tz_localize("America/New_York")
    market = make_market(close=np.ones((2, 1)), times=there)
    assert market.times[0] == pd.Timestamp("2021-03-01 15:30", tz="UTC")


def test_missing_bars() -> None:
    market = make_market(close=np.array([[1.0, NAN], [1.0, 2.0]]))
    assert market.complete.tolist() == [False, True]
    assert market.real.tolist() == [[True, False], [True, True]]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"close": np.array([[1.0, 0.0]])}, "close: row 0, 1: received 0"),
        ({"close": np.array([[1.0], [-2.0]])}, "close: row 1, 0: received -2"),
        ({"close": np.array([[np.inf]])}, "received inf"),
        ({"close": np.array([[1.0], [2.0]]), "open": np.array([[1.0], [NAN]])}, "open: row 1"),
        ({"close": np.array([[1.0], [NAN]]), "open": np.array([[1.0], [2.0]])}, "row 1"),
        ({"close": np.ones((2, 2)), "volume": np.ones((2, 3))}, r"volume: received shape \(2, 3\)"),
        ({"close": np.ones(3)}, "close: received shape"),
        ({"close": np.empty((0, 2))}, "not empty"),
        ({"close": np.ones((2, 2)), "symbols": ["A", "A"]}, "'A' appears more than once"),
        ({"close": np.ones((2, 2)), "symbols": ["A"]}, "close: received shape"),
        ({"close": np.ones((2, 1)), "times": DAYS}, "times: received 3 for 2 rows"),
        ({"close": np.ones((3, 1)), "times": DAYS[::-1]}, "times: row 1: 2021-03-02.* does not come after"),
        ({"close": frame(index=["a", "b", "c"])}, "the index holds .*; expected times"),
    ],
)
def test_what_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        make_market(**fields)


def test_frames_must_agree_about_what_is_where() -> None:
    with pytest.raises(DataError, match="open: its columns are not those of close; the first that differs: Y, not X"):
        make_market(close=frame(), open=frame(columns=("Y", "X")))
    with pytest.raises(DataError, match="volume: its times are not those of close"):
        make_market(close=frame(), volume=frame(index=DAYS + pd.Timedelta(days=1)))


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ((1, "Z", "split", 2.0), "unknown symbol 'Z'"),
        ((1, "X", "spilt", 2.0), "did you mean 'split'"),
        ((3, "X", "split", 2.0), "received row 3; allowed: 0 … 2"),
        ((-1, "X", "split", 2.0), "received row -1"),
        ((1, "X", "split", 0.0), "received a split of 0"),
        ((1, "X", "dividend", NAN), "received a dividend of nan"),
        ((1, "X", "delisting", -1.5), "received a delisting of -1.5"),
    ],
)
def test_actions_that_cannot_be(action: tuple[int, str, str, float], said: str) -> None:
    with pytest.raises(DataError, match=said):
        make_market(close=frame(), price_kind="raw", actions=[action])


def test_actions_need_raw_prices() -> None:
    with pytest.raises(DataError, match="need price_kind='raw'"):
        make_market(close=frame(), actions=[(1, "X", "split", 2.0)])


@pytest.mark.parametrize("n", [1, 3, 8, 19])
def test_the_order_in_memory_changes_nothing(n: int) -> None:
    closes = np.random.default_rng(n).uniform(1.0, 2.0, (70, n))
    closes[3, n - 1] = closes[69, 0] = np.nan
    opens, volume = closes * 0.99, closes * 100.0
    one = make_market(close=closes, open=opens, volume=volume)
    for change in (np.asfortranarray, lambda values: np.repeat(values, 2, axis=1)[:, ::2]):
        other = make_market(close=change(closes), open=change(opens), volume=change(volume))
        for name in ("close", "open", "volume"):
            np.testing.assert_array_equal(other.get(name), one.get(name))
            assert other.get(name).flags.c_contiguous
            assert not other.get(name).flags.writeable
        np.testing.assert_array_equal(other.complete, one.complete)


@pytest.mark.parametrize("order", ["C", "F"])
def test_what_is_impossible_is_found_in_any_order(order: Literal["C", "F"]) -> None:
    closes = np.full((5, 3), 2.0)
    opens = closes.copy()
    opens[4, 1] = 0.0
    with pytest.raises(DataError, match="open: row 4, 1: received 0; "):
        make_market(close=np.array(closes, order=order), open=np.array(opens, order=order))
    closes[2, 2] = np.nan
    opens[4, 1] = 2.0
    with pytest.raises(DataError, match="close: row 2, 2: received nan"):
        make_market(close=np.array(closes, order=order), open=np.array(opens, order=order))

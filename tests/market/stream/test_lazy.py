"""Rows that exist when they are asked for: read as an array is, and never whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtest.errors import DataError
from backtest.market.adjust import history
from backtest.market.cut import ended
from backtest.market.market import Market
from backtest.market.stream import lazy
from backtest.market.stream.cut import ScrambledRows, ScrambledStream
from tests.made import made_market
from tests.market.markets import rich
from tests.market.stream.streaming import streamed


@pytest.fixture(params=[(), (7, 50, 51), range(1, 120)], ids=["one block", "some", "a block a row"])
def pair(request: pytest.FixtureRequest) -> tuple[Market, Market]:
    market = made_market()
    return market, streamed(market, request.param, look_back=4)


KEYS: list[Any] = [
    0, -1, 119, np.int64(60), slice(None), slice(3, 60), slice(60, 60), slice(-5, None), slice(0, 50, 7),
    (5, 2), (-1, slice(1, 3)), (slice(4, 90), 1), (slice(4, 90), np.array([2, 0])), np.array([3, 100, 3, -1]),
    (np.array([100, 2, 50]), np.array([0, 3, 1])), np.array([], np.int64), np.arange(120) % 7 == 0,
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_is_read_as_an_array_is(pair: tuple[Market, Market], key: Any) -> None:
    whole, stream = pair
    found = stream.close[key]
    assert np.asarray(found).tobytes() == np.asarray(whole.close[key]).tobytes()
    assert np.shape(found) == np.shape(whole.close[key])


def test_what_was_read_cannot_be_written_to_and_stays_what_it_was(pair: tuple[Market, Market]) -> None:
    whole, stream = pair
    assert stream.stream is not None
    window = stream.stream.open()
    seen = stream.close[:3]
    with pytest.raises(ValueError, match="read-only"):
        seen[0, 0] = 1.0
    while window.high < stream.n_rows:
        window.slide()
    assert seen.tobytes() == whole.close[:3].tobytes()


def test_history_comes_from_the_window_or_from_further_back(pair: tuple[Market, Market]) -> None:
    whole, stream = pair
    assert stream.stream is not None
    window = stream.stream.open()
    while True:
        row = window.high - 1
        for n in {1, min(5, row + 1), row + 1}:
            assert history(stream, "close", row, n).tobytes() == history(whole, "close", row, n).tobytes()
        if window.high == stream.n_rows:
            break
        window.slide()


def test_adjusted_history_of_a_stream_is_that_of_the_whole() -> None:
    whole = rich()
    stream = streamed(whole, (4, 12, 21))
    for row in range(10, 40):
        for field in ("close", "volume"):
            assert history(stream, field, row, 9).tobytes() == history(whole, field, row, 9).tobytes()
    assert stream.first_bar(1, 0, 40) == whole.first_bar(1, 0, 40) == 5
    assert stream.first_bar(0, 35, 40) is None


def test_rows_that_are_not_there_are_an_error(pair: tuple[Market, Market]) -> None:
    for row in (120, -121):
        with pytest.raises(IndexError, match=f"close: row {row} of 120"):
            pair[1].close[row]


def test_never_whole(pair: tuple[Market, Market], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="close of a streamed market: all of it of 120 rows × 4 symbols does not fit"):
        np.isfinite(pair[1].close)
    monkeypatch.setattr(lazy, "MOST_CELLS", 40)
    with pytest.raises(DataError, match=r"rows 2 to 12 of 120 rows × 4 symbols .* at most 10 rows at once"):
        pair[1].close[2:13]
    assert pair[1].close[2:12].shape == (10, 4)
    assert pair[1].close[np.arange(0, 120, 3)].tobytes() == pair[0].close[::3].tobytes()


def test_another_future_leaves_the_past_alone(pair: tuple[Market, Market]) -> None:
    whole, stream = pair
    assert ended(stream, 70).close[:].tobytes() == whole.close[:71].tobytes()
    other = ScrambledStream(stream, 3).after(70)
    assert other.close[:71].tobytes() == whole.close[:71].tobytes()
    assert (other.close[71:] != whole.close[71:]).all()
    assert isinstance(other.close, ScrambledRows)
    assert other.close[100].tobytes() == other.close[60:][40].tobytes(), "however it is read"
    assert ScrambledStream(stream, 3, "volume").after(70).close[71:].tobytes() == whole.close[71:].tobytes()

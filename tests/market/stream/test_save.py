"""A market that is larger than memory as a store: what `save` makes of the same market in one piece."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtest.errors import DataError
from backtest.market import parquet
from backtest.market.build import make_market
from backtest.market.manifest import names
from backtest.market.prepare import prepared
from backtest.market.save import save
from backtest.market.store import load
from backtest.market.stream.files import stream_market
from backtest.market.stream.save import save_stream
from tests.market.stream.test_files import SYMBOLS, closes, write


def gappy() -> np.ndarray:
    values = closes()
    values[:9, 3] = np.nan
    values[20:30, 0] = np.nan
    return values


def test_the_store_of_a_stream_is_that_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS_PER_GROUP", 6)
    values = gappy()
    files = {"close": write(tmp_path / "c.parquet", values), "volume": write(tmp_path / "v.parquet", values * 10, 9)}
    index = pd.date_range("2020-01-01", periods=50)
    frames = {"close": pd.DataFrame(values, index, SYMBOLS), "volume": pd.DataFrame(values * 10, index, SYMBOLS)}
    save(replace(prepared(make_market(**frames)), name="whole"), tmp_path / "data")
    about = save_stream(stream_market(**files), tmp_path / "data", "streamed", source="a test")
    one, other = load(tmp_path / "data", "whole"), load(tmp_path / "data", "streamed")
    assert one.content_hash == other.content_hash == about.content_hash
    for name in ("close", "volume", "start", "end", "session", "listed", "complete"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    pd.testing.assert_frame_equal(one.properties, other.properties)
    assert (about.rows, about.symbols, about.first, about.last) == (50, 11, "2020-01-01", "2020-02-19")
    again = load(tmp_path / "data", "streamed", look_back=0)
    assert again.stream is not None
    assert again.stream.most_rows <= 7
    with pytest.raises(DataError, match="store 'streamed' exists already"):
        save_stream(stream_market(**files), tmp_path / "data", "streamed")


def test_a_wrong_price_leaves_nothing(tmp_path: Path) -> None:
    values = closes()
    values[45, 2] = 0.0
    with pytest.raises(DataError, match="close: row 45, S2: received 0; a bar has prices that are"):
        save_stream(stream_market(close=write(tmp_path / "close.parquet", values)), tmp_path / "data", "bad")
    assert names(tmp_path / "data") == []

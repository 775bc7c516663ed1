"""Markets straight from Parquet files, and from stores: the same rows, and one clear error for a wrong one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest import simulate
from backtest.errors import DataError
from backtest.market import parquet
from backtest.market.build import make_market
from backtest.market.save import save
from backtest.market.store import load
from backtest.market.stream import memory
from backtest.market.stream.files import stream_market
from backtest.types import Floats
from tests.market.markets import rich

SYMBOLS = [f"S{k}" for k in range(11)]  # one cache line, and some


def closes(rows: int = 50) -> Floats:
    return np.random.default_rng(1).uniform(1.0, 9.0, (rows, len(SYMBOLS)))


def write(path: Path, values: Floats, group: int = 7, times: bool = True, symbols: list[str] = SYMBOLS) -> Path:
    columns: dict[str, object] = {"date": pd.date_range("2020-01-01", periods=len(values))} if times else {}
    columns |= dict(zip(symbols, (pa.array(column, from_pandas=True) for column in values.T), strict=True))
    pq.write_table(pa.table(columns), path, row_group_size=group, compression="snappy")
    return path


@pytest.mark.parametrize("group", [1, 7, 50])
def test_a_file_is_the_market_that_its_frame_is(tmp_path: Path, group: int) -> None:
    values = closes()
    values[3, 2] = np.nan
    whole = make_market(close=pd.DataFrame(values, pd.date_range("2020-01-01", periods=50), SYMBOLS))
    market = stream_market(close=write(tmp_path / "close.parquet", values, group), look_back=3)
    assert market.stream is not None
    assert market.stream.most_rows == group
    for name in ("start", "end", "session", "session_end", "symbols"):
        assert np.array_equal(getattr(market, name), getattr(whole, name)), name
    targets = np.array([0, 20, 40]), np.full((3, len(SYMBOLS)), 1 / len(SYMBOLS))
    one, other = (simulate(each, targets, execution={"fill": "next_close"}) for each in (whole, market))
    assert one.equity.tobytes() == other.equity.tobytes()
    assert one.fills.tobytes() == other.fills.tobytes()
    assert np.array_equal(market.complete, whole.complete)


def test_files_of_several_fields_some_symbols_and_no_times(tmp_path: Path) -> None:
    values = closes()
    files = {name: tmp_path / f"{name}.parquet" for name in ("open", "high", "low", "close", "volume")}
    for k, file in enumerate(files.values()):
        write(file, values + k, 5 + k, times=False)
    market = stream_market(**files, symbols=["S3", "S1"], price_kind="raw")
    assert market.symbols.tolist() == ["S3", "S1"]
    assert market.day(0) == "2000-01-01"
    for k, name in enumerate(files):
        rows = getattr(market, name)
        assert rows[2:31].tobytes() == np.ascontiguousarray((values + k)[2:31, [3, 1]]).tobytes()


def test_whole_numbers_and_gaps(tmp_path: Path) -> None:
    values = np.rint(closes())
    values[5, :3] = np.nan
    table = pa.table(
        {
            name: pa.array(column, pa.int32(), from_pandas=True)
            for name, column in zip("abcdefghijk", values.T, strict=True)
        }
    )
    pq.write_table(table, tmp_path / "close.parquet", row_group_size=4)
    assert stream_market(close=tmp_path / "close.parquet").close[:].tobytes() == values.tobytes()


@pytest.mark.parametrize("look_back", [0, 9])
def test_a_store_streamed_is_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look_back: int) -> None:
    monkeypatch.setattr(parquet, "ROWS_PER_GROUP", 6)
    save(rich(), tmp_path)
    whole, market = load(tmp_path, "rich"), load(tmp_path, "rich", look_back=look_back)
    assert market.stream is not None
    assert market.stream.bounds == [0, 6, 12, 18, 24, 30, 36, 40]
    for name in ("open", "high", "low", "close", "volume", "listed"):
        assert getattr(market, name)[:].tobytes() == getattr(whole, name)[:].tobytes(), name
    assert [market.tradable(row).tolist() for row in range(40)] == [whole.tradable(row).tolist() for row in range(40)]
    assert market.content_hash == whole.content_hash
    assert load(tmp_path, "rich", end="2019-05-01", look_back=0).close[:].tobytes() == whole.close[:18].tobytes()


def test_a_damaged_page_is_found_when_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS_PER_GROUP", 40)
    save(rich(), tmp_path)
    file = tmp_path / "rich" / "bars" / "volume.parquet"
    content = bytearray(file.read_bytes())
    content[40] ^= 4
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"volume.parquet: the store is damaged: "):
        load(tmp_path, "rich", look_back=0).volume[:]


def test_impossible_prices_are_told_with_their_row(tmp_path: Path) -> None:
    values = closes()
    values[33, 4] = -1.0
    market = stream_market(close=write(tmp_path / "close.parquet", values))
    with pytest.raises(DataError, match="close: row 33, S4: received -1; a bar has prices that are"):
        simulate(market, (np.array([0]), np.full((1, 11), 0.05)), execution={"fill": "next_close"})
    half = closes()
    half[20, 1] = np.nan
    files = {"close": write(tmp_path / "close.parquet", closes()), "open": write(tmp_path / "open.parquet", half)}
    with pytest.raises(DataError, match="open: row 20, S1: received nan; a bar has prices"):
        simulate(stream_market(**files), (np.array([0]), np.full((1, 11), 0.05)))


def test_wrong_files(tmp_path: Path) -> None:
    file = write(tmp_path / "close.parquet", closes())
    short = write(tmp_path / "open.parquet", closes(40))
    with pytest.raises(DataError, match=r"open.parquet: 40 rows; expected as many as the closes have, 50"):
        stream_market(close=file, open=short)
    with pytest.raises(DataError, match=r"no column 'S99'; it has 12"):
        stream_market(close=file, symbols=["S99"])
    with pytest.raises(DataError, match="'S1' is asked for more than once"):
        stream_market(close=file, symbols=["S1", "S1"])
    with pytest.raises(DataError, match=r"missing.parquet: cannot be read"):
        stream_market(close=tmp_path / "missing.parquet")
    other = write(tmp_path / "high.parquet", closes(), symbols=[*SYMBOLS[:-1], "Z"])
    with pytest.raises(DataError, match=r"high.parquet: no column 'S10', which other files of the market have"):
        stream_market(close=file, open=file, high=other)
    text = tmp_path / "text.parquet"
    text.write_text("no")
    with pytest.raises(DataError, match=r"text.parquet: cannot be read: "):
        stream_market(close=text)


def test_a_window_that_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "memory_bytes", lambda: 5_000)
    file = write(tmp_path / "close.parquet", closes())
    with pytest.raises(DataError, match=r"a window of 7 rows .* and 100 before them takes .* smaller row groups"):
        stream_market(close=file, look_back=100)
    monkeypatch.setattr(memory, "memory_bytes", lambda: None)
    stream_market(close=file, look_back=100)

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from backtest.errors import DataError
from backtest.market import save as saving
from backtest.market.build import make_market
from backtest.market.manifest import manifest, names
from backtest.market.market import FIELDS
from backtest.market.save import save
from backtest.market.store import load

from .markets import FIRST, NAN, daily, rich


@pytest.fixture
def store(tmp_path):
    save(rich(), tmp_path)
    return tmp_path


def test_what_was_saved_is_loaded(store):
    market, loaded = rich(), load(store, "rich")
    for name in (*FIELDS, "start", "end", "session", "session_end", "complete", "listed", "actions", "sessions_after"):
        expected, got = getattr(market, name), getattr(loaded, name)
        assert got.dtype == expected.dtype, name
        assert np.array_equal(got, expected, equal_nan=got.dtype == np.float64), name
    for name in ("price_kind", "calendar", "timezone", "currency", "name", "content_hash"):
        assert getattr(loaded, name) == getattr(market, name), name
    for name in ("time", "known_at", "asset", "value"):
        assert np.array_equal(getattr(loaded.series["caps"], name), getattr(market.series["caps"], name))
    assert loaded.properties.equals(market.properties)


def test_arrays_are_read_only_and_c_order(store):
    market = load(store, "rich")
    for name in ("open", "close", "volume", "start", "end", "session", "listed", "complete", "actions"):
        values = getattr(market, name)
        assert values.flags.c_contiguous
        with pytest.raises(ValueError, match="read-only"):
            values[0] = values[1]


def test_symbols_come_in_the_order_asked_for(store):
    market, whole = load(store, "rich", ["C", "BRK"]), rich()
    assert list(market.symbols) == ["C", "BRK"]
    assert np.array_equal(market.close, whole.close[:, [2, 0]], equal_nan=True)
    assert list(market.properties.index) == ["C", "BRK"]
    assert [(a["asset"], a["kind"]) for a in market.actions] == [(1, 2)]  # the delisting of BRK
    caps = market.series["caps"]
    assert dict(zip(caps.asset.tolist(), caps.value.tolist(), strict=True)) == {-1: 0.02, 0: 2e9, 1: 1e9}


def test_end_cuts_and_rows_before_cuts(store):
    market = load(store, "rich", start="2019-05-14", end="2019-05-18", rows_before=4)  # rows 30..34
    assert market.session.tolist() == list(range(FIRST + 26, FIRST + 35))
    assert np.array_equal(market.close, rich().close[26:35], equal_nan=True)
    assert len(market.actions) == 0
    assert market.sessions_after.tolist() == list(range(FIRST + 35, FIRST + 43))


def test_sessions_of_data_are_not_known_ahead(tmp_path):
    save(daily([[1.0], [2.0], [3.0]]), tmp_path)
    assert load(tmp_path, "small", end="2019-04-15").sessions_after.size == 0


def test_an_asset_delisted_before_the_first_row_read_is_not_listed(store):
    market = load(store, "rich", start="2019-05-21", rows_before=0)  # row 37
    assert not market.listed[:, 0].any()
    assert market.listed[:, 1:].all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "rihc"}, "unknown store 'rihc'; known: rich; did you mean 'rich'"),
        ({"symbols": ["BRKB", "C"]}, "no symbol 'BRKB' (did you mean 'BRK.B'?); it has 3: BRK, BRK.B, C"),
        ({"symbols": ["C", "C"]}, "C asked for more than once"),
        ({"symbols": []}, "an empty list; allowed: 'all' or at least one symbol"),
        ({"symbols": "C"}, "received 'C'; allowed: 'all' or a list"),
        ({"start": "2001-01-01"}, "start 2001-01-01 is outside the data of 'rich': 2019-04-14 to 2019-05-23"),
        ({"end": "2021-01-01"}, "end 2021-01-01 is outside the data"),
        ({"start": "2019-05-01", "end": "2019-04-20"}, "start 2019-05-01 is after end 2019-04-20"),
        ({"start": "2019-15-01"}, "'2019-15-01' is not a date; write YYYY-MM-DD"),
        ({"start": "2019-05-01 12:00"}, "has a time of day"),
    ],
)
def test_what_is_not_there_is_refused(store, arguments, words):
    with pytest.raises(DataError) as error:
        load(store, **{"name": "rich", **arguments})
    assert words in str(error.value)


def files_of(store):
    return sorted(path.relative_to(store / "rich").as_posix() for path in (store / "rich").rglob("*.parquet"))


def test_one_flipped_bit_in_any_file_is_found(store):
    assert len(files_of(store)) == 9
    for name in files_of(store):
        path = store / "rich" / name
        content = path.read_bytes()
        for place in (4, len(content) // 2, len(content) - 9, len(content) - 1):
            broken = bytearray(content)
            broken[place] ^= 4
            path.write_bytes(broken)
            with pytest.raises(DataError, match=r"the store is damaged") as error:
                load(store, "rich")
            assert str(path) in str(error.value)
            assert "\n" not in str(error.value)
        path.write_bytes(content)
    load(store, "rich")


@pytest.mark.parametrize("damage", ["missing", "empty", "short"])
def test_a_broken_file_is_one_error(store, damage):
    path = store / "rich" / "bars" / "close.parquet"
    content = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(b"" if damage == "empty" else content[:-50])
    with pytest.raises(DataError, match=r"close\.parquet: the store is damaged: .*; import the data again"):
        load(store, "rich")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not the manifest of a store"),
        ('{"schema": 1}', "not the manifest of a store"),
        ({"schema": 99}, "schema 99; this version reads schema 1"),
        ({"fields": ["open"]}, "no field 'close'; it has: open"),
        ({"sessions_after": ["soon"]}, "not the manifest of a store: $.sessions_after.0"),
    ],
)
def test_a_broken_manifest_is_one_error(store, content, words):
    path = store / "rich" / "manifest.json"
    if isinstance(content, dict):
        content = json.dumps(json.loads(path.read_text()) | content)
    path.write_text(content)
    with pytest.raises(DataError) as error:
        load(store, "rich")
    assert words in str(error.value)
    assert str(path) in str(error.value)


def test_names_lists_stores_only(store):
    (store / "not_a_store").mkdir()
    (store / ".rich.tmp").mkdir()
    (store / ".rich.tmp" / "manifest.json").write_text("{}")
    assert names(store) == ["rich"]
    assert names(store / "nowhere") == []


def test_an_existing_store_is_replaced_only_when_told(store):
    with pytest.raises(DataError, match="exists already"):
        save(rich(), store)
    save(replace(daily([[1.0, 2.0]]), name="rich"), store, replace=True)
    assert load(store, "rich").n_rows == 1
    assert [path.name for path in store.iterdir()] == ["rich"]


@pytest.mark.parametrize("broken", ["write_manifest", "write_table"])
def test_a_failing_write_leaves_nothing_and_keeps_the_old(tmp_path, monkeypatch, broken):
    def full(*_):
        raise OSError(28, "No space left on device")

    save(daily([[1.0, 2.0]]), tmp_path)
    monkeypatch.setattr(saving, broken, full)
    with pytest.raises(DataError, match=r"could not be written .*No space left on device; nothing was kept"):
        save(rich(), tmp_path)
    with pytest.raises(DataError, match="could not be written"):
        save(daily([[3.0, 4.0]]), tmp_path, replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["small"]
    assert load(tmp_path, "small").close.tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("error", "told"), [(OSError(5, "Input/output error"), DataError), (KeyboardInterrupt(), KeyboardInterrupt)]
)
def test_when_the_last_rename_fails_the_old_store_is_put_back(tmp_path, monkeypatch, error, told):
    save(daily([[1.0, 2.0]]), tmp_path)
    rename, calls = Path.rename, []

    def fail_second(self, target):
        calls.append(target)
        if len(calls) == 2:
            raise error
        rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_second)
    with pytest.raises(told):
        save(daily([[3.0, 4.0]]), tmp_path, replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["small"]
    assert load(tmp_path, "small").close.tolist() == [[1.0, 2.0]]


def test_a_store_name_is_a_plain_name(tmp_path):
    for name in ("../evil", "", ".hidden", "a/b", "a b"):
        with pytest.raises(DataError, match="cannot be used"):
            save(replace(daily([[1.0]]), name=name), tmp_path)


def test_half_a_bar_is_refused(tmp_path):
    market = daily([[1.0, 2.0], [1.0, 2.0]], open=[[1.0, 2.0], [1.0, NAN]])
    with pytest.raises(DataError, match=r"1 bars have a price .* the first is B on 2019-04-15"):
        save(market, tmp_path)
    with pytest.raises(DataError, match="not finite or not positive"):
        save(daily([[1.0], [0.0]]), tmp_path)


def test_actions_with_adjusted_prices_are_refused(tmp_path):
    with pytest.raises(DataError, match="allowed: actions with raw prices only"):
        save(daily([[1.0], [2.0]], actions=[(1, 0, 0, 2.0)], price_kind="split_adjusted"), tmp_path)


def test_rows_out_of_order_are_refused(tmp_path):
    market = daily([[1.0], [2.0]])
    with pytest.raises(DataError, match=r"row 1 .* starts before the row above it has ended"):
        save(replace(market, end=market.end + 1), tmp_path)


def test_the_hash_is_of_the_data_alone(tmp_path):
    market = rich()
    first = save(market, tmp_path, source="here", notice="mine")
    second = save(replace(market, name="other"), tmp_path, source="there")
    assert first.content_hash == second.content_hash == load(tmp_path, "other").content_hash
    assert (tmp_path / "rich" / "NOTICE").read_text() == "mine"


@pytest.mark.parametrize("what", ["price", "clock", "symbol", "action", "series", "sector", "kind", "calendar"])
def test_the_hash_changes_with_anything_that_changes_a_result(tmp_path, what):
    market = rich()
    caps = market.series["caps"]
    changed = {
        "price": {"close": np.where(market.close == market.close[3, 0], market.close * (1 + 1e-15), market.close)},
        "clock": {"end": market.end - 1},
        "symbol": {"symbols": np.array(["BRK", "BRK.A", "C"]), "properties": None},
        "action": {"actions": market.actions[:2]},
        "series": {"series": {"caps": replace(caps, known_at=caps.known_at + 1)}},
        "sector": {"properties": market.properties.assign(sector="Same")},
        "kind": {"price_kind": "split_adjusted", "actions": market.actions[:0]},
        "calendar": {"calendar": "XNYS"},
    }[what]
    assert save(replace(market, **changed), tmp_path).content_hash != market.content_hash


def test_files_are_small_row_groups_with_page_checksums(tmp_path):
    rows = 45_000
    save(daily(np.linspace(1.0, 2.0, rows).reshape(-1, 1)), tmp_path)
    path = tmp_path / "small" / "bars" / "close.parquet"
    meta = pq.ParquetFile(path).metadata
    assert [meta.row_group(k).num_rows for k in range(meta.num_row_groups)] == [20_000, 20_000, 5_000]
    assert meta.row_group(0).column(0).compression == "ZSTD"
    market = load(tmp_path, "small", start=str(np.datetime64(FIRST + 30_000, "D")), rows_before=15_000)
    assert market.close[0, 0] == np.linspace(1.0, 2.0, rows)[15_000]
    assert market.n_rows == 30_000


def test_quotes_are_kept_as_whole_numbers_and_come_back_bit_for_bit(tmp_path):
    rng = np.random.default_rng(1)
    close = np.round(rng.uniform(0.01, 900.0, (500, 4)), 2)
    close[7, 2] = NAN
    close[7, 3] = 1e11
    volume = np.rint(close * 1e4)
    about = save(daily(close, open=close * np.pi, high=close + 1e3, low=close / 2, volume=volume), tmp_path)
    assert about.decimals["close"] == 2
    assert about.decimals["volume"] == 0
    assert "open" not in about.decimals
    loaded = load(tmp_path, "small")
    assert np.array_equal(loaded.close, close, equal_nan=True)
    assert np.array_equal(loaded.open, close * np.pi, equal_nan=True)
    assert np.array_equal(loaded.volume, volume, equal_nan=True)


def test_the_manifest_can_be_read_alone(store):
    about = manifest(store / "rich")
    assert (about.rows, about.symbols, about.first, about.last) == (40, 3, "2019-04-14", "2019-05-23")
    assert about.fields == FIELDS
    assert about.series == ("caps",)


def test_data_before_1970(tmp_path: Path) -> None:
    market = make_market(close=np.array([[1.0], [2.0], [3.0]]), times=pd.date_range("1965-01-04", periods=3))
    save(market, tmp_path, source="made")
    again = load(tmp_path, market.name)
    assert again.listed is not None
    assert again.listed.all()
    assert again.day(0) == "1965-01-04"

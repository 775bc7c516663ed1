import gzip

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest.errors import DataError
from backtest.market.importer import import_files
from backtest.market.store import load

from .markets import NAN, write

WIDE = "Date,B,A\n2020-01-02,20,10\n2020-01-03,21,\n2020-01-06,22,12\n"
LONG = (
    "date,ticker,open,high,low,close,volume\n"
    "2020-01-02,A,10,11,9,10.5,100\n"
    "2020-01-02,B,20,21,19,20.5,200\n"
    "2020-01-03,A,10,12,9,11.5,\n"
)


def imported(files, tmp_path, **options):
    """Import and load again: (market, summary)."""
    files = files if isinstance(files, list) else [files]
    summary = import_files(files, "x", tmp_path / "data", **options)
    return load(tmp_path / "data", "x"), summary


def refused(files, tmp_path, **options):
    """Import, expect a refusal that leaves nothing, return its words."""
    with pytest.raises(DataError) as error:
        imported(files, tmp_path, **options)
    assert not (tmp_path / "data" / "x").exists()
    assert list((tmp_path / "data").glob("*")) == []
    return str(error.value)


def test_wide_csv(tmp_path):
    market, summary = imported(write(tmp_path / "p.csv", WIDE), tmp_path)
    assert summary.layout == "wide"
    assert list(market.symbols) == ["A", "B"]
    np.testing.assert_equal(market.close, [[10.0, 20.0], [NAN, 21.0], [12.0, 22.0]])
    assert market.open is None
    assert market.price_kind == "total_return"
    assert any("taken as total_return" in note for note in summary.notes)
    assert [str(t) for t in market.times] == [f"2020-01-0{d} 00:00:00+00:00" for d in (3, 4, 7)]


def test_long_csv_with_all_fields(tmp_path):
    market, summary = imported(write(tmp_path / "p.csv", LONG), tmp_path, price_kind="raw")
    assert summary.layout == "long"
    np.testing.assert_equal(market.open, [[10.0, 20.0], [10.0, NAN]])
    np.testing.assert_equal(market.volume, [[100.0, 200.0], [NAN, NAN]])
    assert market.listed.all()
    assert market.complete.tolist() == [True, False]
    assert summary.notes == ()


def test_one_file_a_symbol_gzipped_and_parquet(tmp_path):
    with gzip.open(tmp_path / "BRK.B.csv.gz", "wt") as file:
        file.write("timestamp,close\n2020-01-02,1.5\n")
    pq.write_table(pa.table({"Date": pa.array([18264], pa.date32()), "Close": [2.5]}), tmp_path / "A.parquet")
    market, summary = imported([tmp_path / "BRK.B.csv.gz", tmp_path / "A.parquet"], tmp_path)
    assert summary.layout == "per_file"
    assert list(market.symbols) == ["A", "BRK.B"]
    np.testing.assert_equal(market.close, [[NAN, 1.5], [2.5, NAN]])


def test_a_directory_stands_for_its_files(tmp_path):
    (tmp_path / "in").mkdir()
    for symbol in "AB":
        write(tmp_path / "in" / f"{symbol}.csv", "date,close\n2020-01-02,1.5\n")
    write(tmp_path / "in" / "notes.md", "no prices")
    assert list(imported(tmp_path / "in", tmp_path)[0].symbols) == ["A", "B"]


def test_wide_parquet_with_a_pandas_index_and_symbols_that_look_like_fields(tmp_path):
    index = pd.DatetimeIndex(["2020-01-02", "2020-01-03"], name="date")
    frame = pd.DataFrame(np.arange(1.0, 15.0).reshape(2, 7), index, ["C", "O", "L", "H", "LOW", "OPEN", "V"])
    frame.to_parquet(tmp_path / "p.parquet")
    market, _ = imported(tmp_path / "p.parquet", tmp_path, layout="wide")
    assert set(market.symbols) == set(frame.columns)
    frame[["C", "L", "LOW", "OPEN", "V"]].to_parquet(tmp_path / "q.parquet")
    market, summary = imported(tmp_path / "q.parquet", tmp_path, replace=True)
    assert summary.layout == "wide"
    assert market.close[0].tolist() == [1.0, 3.0, 5.0, 6.0, 7.0]


def test_the_order_of_rows_columns_and_files_does_not_matter(tmp_path):
    lines = LONG.splitlines()
    whole = write(tmp_path / "a.csv", LONG)
    turned = write(tmp_path / "b.csv", "\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    halves = [write(tmp_path / f"h{k}.csv", "\n".join([lines[0], *lines[k + 1 :: 2]])) for k in (1, 0)]
    frame = pd.read_csv(whole)[["volume", "close", "low", "high", "open", "ticker", "date"]]
    frame.to_parquet(tmp_path / "c.parquet")
    hashes = {
        import_files(files, f"s{k}", tmp_path / "data").store.content_hash
        for k, files in enumerate(([whole], [turned], halves, [tmp_path / "c.parquet"]))
    }
    assert len(hashes) == 1


def test_columns_can_be_mapped_and_delimiters_are_told(tmp_path):
    file = write(tmp_path / "p.csv", "\ufeffwhen;who;paid;other\n2020-01-02;A;5.5;1\n")
    market, summary = imported(file, tmp_path, columns={"time": "when", "symbol": "who", "close": "paid"})
    assert market.close.tolist() == [[5.5]]
    assert "columns ignored: other" in summary.notes


def test_single_letters_are_fields_only_all_together(tmp_path):
    market, _ = imported(
        write(tmp_path / "X.csv", "t,o,h,l,c,v\n2020-01-02,1,3,1,2,9\n"), tmp_path, columns={"time": "t"}
    )
    assert (market.open[0, 0], market.high[0, 0], market.close[0, 0], market.volume[0, 0]) == (1, 3, 2, 9)


def test_adjusted_close_makes_a_total_return_store(tmp_path):
    text = "Date,Open,High,Low,Close,Adj Close,Volume\n2020-01-02,10,12,8,10,5,100\n"
    market, summary = imported(write(tmp_path / "A.csv", text), tmp_path)
    assert [v[0, 0] for v in (market.open, market.high, market.low, market.close, market.volume)] == [5, 6, 4, 5, 100]
    assert any("adjusted close is taken as the close" in note for note in summary.notes)


def test_raw_prices_leave_an_adjusted_close_alone(tmp_path):
    text = "Date,Open,Close,Adj Close\n2020-01-02,10,10,5\n"
    market, summary = imported(write(tmp_path / "A.csv", text), tmp_path, price_kind="raw")
    assert market.close[0, 0] == 10
    assert any("adjusted close beside it is ignored" in note for note in summary.notes)
    words = refused(write(tmp_path / "B.csv", "Date,Adj Close\n2020-01-02,5\n"), tmp_path / "b", price_kind="raw")
    assert "the only close is 'Adj Close', whose name says it is adjusted" in words


STAMPS = [
    ("2020-01-02", {}),
    ("20200102", {}),
    ("2020-01-02T00:00:00Z", {}),
    ("2020-01-02 00:00:00-05:00", {}),
    ("1577923200", {}),
    ("1577923200000", {}),
    ("1577923200000000", {}),
    ("1577923200000000000", {}),
    ("02/01/2020", {"date_format": "%d/%m/%Y"}),
    ("Jan 2 2020", {"date_format": "%b %d %Y"}),
]


@pytest.mark.parametrize(("stamp", "options"), STAMPS)
def test_dates_are_read(tmp_path, stamp, options):
    market, _ = imported(
        write(tmp_path / "A.csv", f"date,close\n{stamp},1\n"), tmp_path, timezone="Asia/Tokyo", **options
    )
    assert market.day(0) == "2020-01-02"
    assert str(market.times[0]) == "2020-01-02 15:00:00+00:00"  # midnight in Tokyo


@pytest.mark.parametrize(
    "column",
    [
        pa.array([18263], pa.date32()),
        pa.array([1577923200000], pa.timestamp("ms")),
        pa.array([1577923200], pa.timestamp("s", "UTC")),
        pa.array([1577941200], pa.timestamp("s", "America/New_York")),
        pa.array([20200102]),
        pa.array(["2020-01-02"]).dictionary_encode(),
    ],
)
def test_dates_in_parquet_are_read(tmp_path, column):
    pq.write_table(pa.table({"date": column, "close": [1.0]}), tmp_path / "A.parquet")
    assert imported(tmp_path / "A.parquet", tmp_path)[0].day(0) == "2020-01-02"


def test_a_guess_about_day_and_month_is_not_made(tmp_path):
    words = refused(write(tmp_path / "A.csv", "date,close\n01/02/2020,1\n02/02/2020,1\n"), tmp_path)
    assert "A.csv: a 'date' that cannot be read as a time in 2 rows: line 2 ('01/02/2020'), line 3" in words
    assert "allowed: ISO 8601" in words


def test_unreadable_stamps_are_refused_by_row(tmp_path):
    text = "date,close\n2020-01-02,1\n,1\n2020-13-01,1\n2020-01-03,1\n"
    words = refused(write(tmp_path / "A.csv", text), tmp_path)
    assert "a 'date' that cannot be read as a time in 2 rows: line 3 (None), line 4 ('2020-13-01')" in words
    words = refused(write(tmp_path / "B.csv", text), tmp_path, date_format="%Y-%m-%d")
    assert "line 3" in words
    assert "line 4" in words


def test_zones_in_some_files_only_are_refused(tmp_path):
    files = [
        write(tmp_path / "A.csv", "time,close\n2020-01-02T10:00Z,1\n"),
        write(tmp_path / "B.csv", "time,close\n2020-01-02T10:00,1\n"),
    ]
    assert "A.csv has stamps with a time zone" in refused(files, tmp_path)


DUPLICATED = "date,ticker,close\n2020-01-03,A,3\n2020-01-02,A,1\n2020-01-02,B,5\n2020-01-02,A,2\n"


def test_duplicates_are_refused_by_row(tmp_path):
    words = refused(write(tmp_path / "p.csv", DUPLICATED), tmp_path)
    assert "p.csv: a repeated stamp and symbol in 1 row: line 5 (A again, as in line 3); correct the file" in words


def test_duplicates_across_files_name_both(tmp_path):
    files = [write(tmp_path / f"{k}.csv", "date,ticker,close\n2020-01-02,A,1\n") for k in "ab"]
    words = refused(files, tmp_path)
    assert f"{files[1]}: a repeated stamp and symbol in 1 row: line 2 (A again, as in line 2 of {files[0]})" in words


@pytest.mark.parametrize(("keep", "value"), [("first", 1.0), ("last", 2.0)])
def test_duplicates_can_be_settled(tmp_path, keep, value):
    market, summary = imported(write(tmp_path / "p.csv", DUPLICATED), tmp_path, on_duplicate=keep)
    np.testing.assert_equal(market.close, [[value, 5.0], [3.0, NAN]])
    assert summary.store.duplicates == {"A": 1}
    assert f"1 repeated bars: the {keep} of each was kept" in summary.notes


@pytest.mark.parametrize("keep", ["first", "last"])
def test_duplicates_across_files_are_settled_in_the_order_of_files(tmp_path, keep):
    files = [write(tmp_path / f"{k}.csv", f"date,ticker,close\n2020-01-02,A,{v}\n") for k, v in (("a", 1), ("b", 2))]
    assert imported(files, tmp_path, on_duplicate=keep)[0].close[0, 0] == {"first": 1.0, "last": 2.0}[keep]


BAD = (
    "date,ticker,open,close\n2020-01-02,A,1,1\n2020-01-03,A,,1\n2020-01-04,A,1,0\n2020-01-05,A,1,-2\n"
    "2020-01-06,A,inf,1\n"
)


def test_bad_bars_are_refused_by_row(tmp_path):
    words = refused(write(tmp_path / "p.csv", BAD + "2020-01-07,A,,\n"), tmp_path)
    assert "a price that is missing, not finite or not positive in 4 rows" in words
    for place in ("line 3 (A: open nan, close 1)", "line 4 (A: open 1, close 0)", "line 5", "line 6 (A: open inf"):
        assert place in words
    assert "line 7" not in words


def test_bad_bars_can_be_dropped_and_are_counted(tmp_path):
    market, summary = imported(write(tmp_path / "p.csv", BAD), tmp_path, drop_bad_bars=True)
    assert market.n_rows == 1
    assert summary.store.dropped == {"A": 4}
    assert "4 bad bars dropped, of 1 symbols" in summary.notes


def test_bad_cells_of_a_wide_file_are_refused_by_row_and_symbol(tmp_path):
    words = refused(write(tmp_path / "p.csv", "date,AA,BB\n2020-01-02,1,2\n2020-01-03,1,-2\n"), tmp_path)
    assert "line 3 (BB: close -2)" in words


def test_a_negative_volume_is_a_bad_bar(tmp_path):
    words = refused(write(tmp_path / "A.csv", "date,close,volume\n2020-01-02,1,-5\n"), tmp_path)
    assert "line 2 (A: close 1, volume -5)" in words


@pytest.mark.parametrize("far", [1, 150_000])
def test_text_in_a_price_is_refused_by_line_and_column(tmp_path, far):
    rows = "".join(f"2020-01-02 00:00:00.{k:06d},1.5\n" for k in range(far))
    words = refused(write(tmp_path / "A.csv", "date,close\n" + rows + "2020-01-03,abc\n"), tmp_path)
    assert f"column 'close': line {far + 2}: " in words
    assert "'abc'" in words


def test_text_in_a_parquet_price_is_refused_by_row_and_column(tmp_path):
    pq.write_table(pa.table({"date": ["2020-01-02", "2020-01-03"], "close": ["1", "x"]}), tmp_path / "A.parquet")
    assert "row 2, column 'close': 'x' is not a double" in refused(tmp_path / "A.parquet", tmp_path)


def test_a_ragged_line_is_refused(tmp_path):
    words = refused(write(tmp_path / "A.csv", "date,close\n2020-01-02,1\n2020-01-03\n"), tmp_path)
    assert "A.csv: cannot be read: CSV parse error: line 3: Expected 2 columns, got 1" in words


def test_a_row_without_symbol_is_refused(tmp_path):
    words = refused(write(tmp_path / "p.csv", "date,symbol,close\n2020-01-02,,1\n2020-01-02,A,1\n"), tmp_path)
    assert "no symbol in 1 row: line 2" in words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1 is empty"),
        ("date,close\n", "have no rows"),
        ("a,b\n2020-01-02,1\n", "no column looks like a time; it has: 'a', 'b'; map one with time=COLUMN"),
        ("date\n2020-01-02\n", "no column beside the time"),
        ("date,close,close\n2020-01-02,1,2\n", "column 'close' appears more than once"),
        ("date,close\n2020-01-02,\n", "not one bar with a price"),
        ("date,open,high,low,bid\n2020-01-02,1,2,1,2\n", "read as wide"),
    ],
)
def test_files_that_say_too_little_are_refused(tmp_path, text, words):
    assert words in refused(write(tmp_path / "A.csv", text), tmp_path)


def test_what_is_no_file_of_prices_is_refused(tmp_path):
    write(tmp_path / "prices.csv", LONG)
    assert "no such file; did you mean 'prices.csv'?" in refused(tmp_path / "price.csv", tmp_path)
    assert "unknown kind of file" in refused(write(tmp_path / "a.xlsx", "x"), tmp_path)
    assert "not a Parquet file" in refused(write(tmp_path / "a.parquet", "x" * 100), tmp_path)
    (tmp_path / "latin.csv").write_bytes("date,prix à la clôture\n".encode("latin-1"))
    assert "not UTF-8" in refused(tmp_path / "latin.csv", tmp_path)
    (tmp_path / "a.csv.gz").write_bytes(b"not gzip")
    assert "cannot be read" in refused(tmp_path / "a.csv.gz", tmp_path)
    broken = bytearray(gzip.compress(LONG.encode()))
    broken[12] ^= 255
    (tmp_path / "b.csv.gz").write_bytes(broken)
    assert "cannot be read" in refused(tmp_path / "b.csv.gz", tmp_path)
    (tmp_path / "empty").mkdir()
    assert "no file to import in this directory" in refused(tmp_path / "empty", tmp_path)
    assert "no files to import" in refused([], tmp_path)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"columns": {"closing": "close"}}, "unknown column word 'closing'"),
        ({"columns": {"close": "clsoe"}}, "no column 'clsoe'; it has: 'date', 'ticker'"),
        ({"layout": "tall"}, "unknown layout 'tall'; known: long, per_file, wide"),
        ({"price_kind": "adjusted"}, "unknown price kind 'adjusted'"),
        ({"on_duplicate": "mean"}, "unknown on_duplicate 'mean'"),
        ({"stamps": "middle"}, "unknown stamps 'middle'"),
        ({"timezone": "America/NewYork"}, "unknown time zone 'America/NewYork'; allowed: IANA names"),
        ({"interval": "soon"}, "interval 'soon' is not a length of time"),
        ({"calendar": "XNYZ"}, "unknown calendar 'XNYZ'"),
        ({"date_format": "%Q"}, "date format '%Q' cannot be used"),
    ],
)
def test_options_that_are_not_there_are_refused(tmp_path, options, words):
    assert words in refused(write(tmp_path / "p.csv", LONG), tmp_path, **options)


def test_a_zone_almost_right_is_suggested(tmp_path):
    words = refused(write(tmp_path / "p.csv", LONG), tmp_path, timezone="America/NewYork")
    assert "did you mean 'America/New_York'?" in words


def test_files_of_an_import_have_one_layout_and_the_same_prices(tmp_path):
    long, wide = write(tmp_path / "long.csv", LONG), write(tmp_path / "wide.csv", WIDE)
    assert "long.csv is long" in refused([long, wide], tmp_path)
    closes = write(tmp_path / "closes.csv", "date,symbol,close\n2020-01-02,Z,1\n")
    assert "only one has high, low, open" in refused([long, closes], tmp_path)


def test_symbols_and_stamps_without_bars_are_left_out_and_told(tmp_path):
    text = "date,AA,BB,CC\n2020-01-02,1,,2\n2020-01-03,,,\n2020-01-04,1,,2\n"
    market, summary = imported(write(tmp_path / "p.csv", text), tmp_path)
    assert list(market.symbols) == ["AA", "CC"]
    assert market.n_rows == 2
    assert "1 symbols have no bar at all and are left out: BB" in summary.notes
    assert "1 stamps without any bar are left out" in summary.notes


def test_an_existing_store_is_not_overwritten_by_chance(tmp_path):
    file = write(tmp_path / "p.csv", LONG)
    imported(file, tmp_path)
    with pytest.raises(DataError, match="exists already"):
        imported(file, tmp_path)
    imported(write(tmp_path / "q.csv", LONG.replace("10.5", "10.25")), tmp_path, replace=True)
    assert load(tmp_path / "data", "x").close[0, 0] == 10.25


def test_batches_do_not_matter(tmp_path, monkeypatch):
    rng = np.random.default_rng(2)
    days = pd.bdate_range("2020-01-01", periods=300).strftime("%Y-%m-%d")
    frame = pd.DataFrame(
        [(day, f"S{k}", *rng.uniform(1, 2, 2).round(3)) for k in range(20) for day in days],
        columns=["date", "symbol", "open", "close"],
    ).sample(frac=1.0, random_state=1)
    frame.to_csv(tmp_path / "p.csv", index=False)
    frame.to_parquet(tmp_path / "p.parquet", row_group_size=1000)
    whole = import_files([tmp_path / "p.csv"], "a", tmp_path / "data").store
    monkeypatch.setattr("backtest.market.sources.BLOCK", 2_000)
    monkeypatch.setattr("backtest.market.sources.BATCH", 77)
    monkeypatch.setattr("backtest.market.scan._MERGE_AT", 10)
    parts = import_files([tmp_path / "p.csv"], "b", tmp_path / "data").store
    parquet = import_files([tmp_path / "p.parquet"], "c", tmp_path / "data").store
    assert whole.content_hash == parts.content_hash == parquet.content_hash
    market = load(tmp_path / "data", "b")
    pivot = frame.pivot(index="date", columns="symbol", values="close").sort_index()
    assert np.array_equal(market.close, pivot.to_numpy())
    frame.iloc[-1:].to_csv(tmp_path / "again.csv", index=False)
    with pytest.raises(DataError, match=r"line 2 \(S\d+ again, as in line 6001 of .*p\.csv\)"):
        import_files([tmp_path / "p.csv", tmp_path / "again.csv"], "d", tmp_path / "data")


@pytest.mark.parametrize(("price", "told"), [("100,43", True), ("1.100,43", True), ("n/a?", False)])
def test_decimal_commas_are_named(tmp_path, price, told):
    file = write(tmp_path / "p.csv", f"date;AAA;BBB\n2020-01-02;{price};50.1\n2020-01-03;101.2;50.4\n")
    message = refused(file, tmp_path)
    assert "column 'AAA': line 2: " in message
    assert ("numbers have a decimal point here" in message) == told

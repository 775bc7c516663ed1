import numpy as np
import pytest

from backtest.errors import DataError
from backtest.market.importer import import_files
from backtest.market.series import asof, asof_market
from backtest.market.store import load

from .markets import NAN, write

PRICES = "date,A,B\n2020-01-02,100,20\n2020-01-03,50,21\n2020-01-06,51,22\n2020-01-07,52,\n"
HOUR = 3_600_000_000_000


def imported(tmp_path, **options):
    summary = import_files([write(tmp_path / "p.csv", PRICES)], "x", tmp_path / "data", **options)
    return load(tmp_path / "data", "x"), summary


def refused(tmp_path, **options):
    with pytest.raises(DataError) as error:
        imported(tmp_path, **options)
    assert not (tmp_path / "data").exists() or not list((tmp_path / "data").iterdir())
    return str(error.value)


def test_symbols_bring_their_properties(tmp_path):
    text = (
        "Symbol,GICS Sector,Lot Size,tick,listed_from,listed_to,Country\nB,Oil,10,0.05,2020-01-02,2020-01-06,NO\n"
        "Z,,,,,,\n"
    )
    market, summary = imported(tmp_path, symbols_file=write(tmp_path / "s.csv", text))
    about = market.properties
    assert about["sector"].tolist() == [None, "Oil"]
    assert about["lot"].tolist() == [0.0, 10.0]
    assert about["tick"].tolist() == [0.0, 0.05]
    assert about["currency"].tolist() == ["USD", "USD"]
    assert about["Country"]["B"] == "NO"
    assert market.listed.tolist() == [[True, True], [True, True], [True, True], [True, False]]
    assert any("1 symbols have no bars and are ignored: Z" in note for note in summary.notes)
    assert any("nothing about 1 symbols: A" in note for note in summary.notes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name_of,sector\nA,x\n", "no column 'symbol'; it has: 'name_of', 'sector'"),
        ("symbol,sector\nA,x\nB,y\nA,z\n", "line 2 and line 4 both describe A"),
        ("symbol,lot\nA,1\nB,-1\n", "a 'lot' that cannot be used in 1 row: line 3 ('-1')"),
        (
            "symbol,listed_from\nA,yesterday\n",
            "'listed_from' that cannot be read as a time in 1 row: line 2 ('yesterday')",
        ),
        ("symbol,listed_from\nA,2020-01-03\n", "A has 1 bars outside its listing (2020-01-03 to no end)"),
        ("symbol,currency\nA,EUR\n", "A trades in EUR, the store is in USD; allowed: one currency a store"),
    ],
)
def test_symbols_that_cannot_be_used_are_refused(tmp_path, text, words):
    assert words in refused(tmp_path, symbols_file=write(tmp_path / "s.csv", text))


def test_actions_make_a_raw_store_and_go_to_rows(tmp_path):
    text = (
        "date,symbol,kind,value\n2020-01-04,A,dividend,0.5\n2020-01-03,A,split,2\n2020-01-07,B,delisting,-0.3\n"
        "2020-02-01,A,split,2\n2019-01-01,A,split,2\n"
    )
    market, summary = imported(tmp_path, actions_file=write(tmp_path / "a.csv", text))
    assert market.price_kind == "raw"
    # The dividend of Saturday the 4th is effective on Monday the 6th.
    assert market.actions.tolist() == [(1, 0, 0, 2.0, -1), (2, 0, 1, 0.5, -1), (3, 1, 2, -0.3, -1)]
    assert market.listed[:, 1].tolist() == [True, True, True, False]
    assert any("2 actions lie outside the sessions" in note for note in summary.notes)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "2020-01-03,A,spilt,2",
            "an unknown kind in 1 row: line 2 ('spilt'); allowed: split, dividend, delisting, spin_off",
        ),
        ("2020-01-03,AA,split,2", "a symbol without bars in 1 row: line 2 ('AA', did you mean 'A'?)"),
        ("2020-01-03,A,split,0", "a value that no such action has in 1 row: line 2 (split 0)"),
        ("2020-01-03,A,dividend,-1", "line 2 (dividend -1)"),
        ("2020-01-03,A,delisting,-2", "line 2 (delisting -2)"),
        ("2020-01-03,A,split,two", "a 'value' that cannot be used in 1 row: line 2 ('two')"),
        ("someday,A,split,2", "a 'time' that cannot be read as a time in 1 row: line 2 ('someday')"),
        ("2020-01-03,A,split,2\n2020-01-03,A,split,2", "a repeated action in 1 row: line 3 (A)"),
        ("2020-01-03,A,dividend,200", "dividend of A on 2020-01-03 is not smaller than the price before it"),
        ("2020-01-03,A,split,", "a value that no such action has in 1 row: line 2 (split nan)"),
        ("2020-01-03,B,delisting,0", "B is delisted on 2020-01-03 and has 1 bars after it, the first on 2020-01-06"),
    ],
)
def test_actions_that_cannot_be_are_refused(tmp_path, row, words):
    assert words in refused(tmp_path, actions_file=write(tmp_path / "a.csv", f"date,symbol,kind,value\n{row}\n"))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2020-01-03,A,spin-off,0.5,", "another symbol missing, or too many in 1 row: line 2 ('')"),
        ("2020-01-03,A,rename,,", "allowed: in 'other' the symbol that a spin_off gives, or the new name of a rename"),
        ("2020-01-03,A,split,2,B", "another symbol missing, or too many in 1 row: line 2 ('B')"),
        ("2020-01-03,A,spin_off,0.5,BB", "a symbol without bars in 1 row: line 2 ('BB', did you mean 'B'?)"),
        ("2020-01-03,A,spin_off,0,B", "a value that no such action has in 1 row: line 2 (spin_off 0)"),
        ("2020-01-03,A,rename,1,B", "a value that no such action has in 1 row: line 2 (rename 1)"),
        ("2020-01-03,A,rename,,B\n2020-01-06,A,rename,,B", "a repeated action in 1 row: line 3 (A)"),
        ("2020-01-03,A,spin_off,1,B\n2020-01-03,A,spin_off,1,B", "a repeated action in 1 row: line 3 (A)"),
        ("2020-01-03,A,spin_off,0.5,A", "received 'A' as the other symbol; allowed: another one than 'A'"),
        ("2020-01-03,A,rename,,B", "the new name B has 1 bars before that day, the first on 2020-01-02"),
        ("2020-01-03,A,spin_off,100,B", "the spin_off of A on 2020-01-03 is not smaller than the price before it"),
    ],
)
def test_transfers_that_cannot_be_are_refused(tmp_path, row, words):
    assert words in refused(tmp_path, actions_file=write(tmp_path / "a.csv", f"date,symbol,kind,value,other\n{row}\n"))


def test_actions_with_adjusted_prices_are_refused(tmp_path):
    file = write(tmp_path / "a.csv", "date,symbol,kind,value\n2020-01-03,A,split,2\n")
    words = refused(tmp_path, actions_file=file, price_kind="total_return")
    assert "actions with total_return prices would count splits and dividends twice" in words


def test_series_are_joined_by_when_they_were_known(tmp_path):
    caps = "date,symbol,value,known_at\n2019-12-31,A,1e9,2020-01-02 12:00\n2019-12-31,B,,2020-01-02\n"
    rate = "time,value,known_at\n2020-01-01,0.05,2020-01-01T00:00:00Z\n"
    files = {"caps": write(tmp_path / "c.csv", caps), "rate": write(tmp_path / "r.csv", rate)}
    market, summary = imported(tmp_path, series=files, timezone="America/New_York")
    noon = 1_577_984_400_000_000_000  # 2020-01-02 12:00 in New York
    np.testing.assert_equal(asof(market.series["caps"], noon - 1, 2), [NAN, NAN])
    np.testing.assert_equal(asof(market.series["caps"], noon, 2), [1e9, NAN])
    assert asof_market(market.series["rate"], noon - 40 * HOUR) == 0.05
    assert "series caps: 1 rows without a value are ignored" in summary.notes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,value\n2020-01-01,1\n", "no column 'known_at'; it has: 'time', 'value'"),
        (
            "time,value,known_at\n2020-01-01,1,later\n",
            "'known_at' that cannot be read as a time in 1 row: line 2 ('later')",
        ),
        ("time,symbol,value,known_at\n2020-01-01,Q,1,2020-01-01\n", "a symbol without bars in 1 row: line 2 ('Q')"),
        ("time,value,known_at\n2020-01-01,inf,2020-01-01\n", "a 'value' that cannot be used in 1 row: line 2"),
    ],
)
def test_series_that_cannot_be_used_are_refused(tmp_path, text, words):
    assert words in refused(tmp_path, series={"s": write(tmp_path / "s.csv", text)})

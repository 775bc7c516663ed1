"""Dates of entry and exit: what a file may hold, who belongs when, and that nothing later is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backtest.errors import DataError
from backtest.market.cut import ended
from backtest.market.save import save
from backtest.market.store import load
from backtest.market.universe import read_universe

from .markets import rich

FILE = """symbol, from, to
BRK,2019-05-01,2019-05-10
C,,2019-05-31
BRK,2019-05-20,
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A universe in which BRK leaves and comes back."""
    path = tmp_path / "universe.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


def days(*dates: str) -> np.ndarray:
    return np.array(dates, "datetime64[D]").astype(np.int64)


def test_who_belongs_when(file: Path) -> None:
    universe = read_universe(file)
    assert universe.symbols == ("BRK", "C")
    session = days("2019-04-30", "2019-05-01", "2019-05-10", "2019-05-11", "2019-05-20", "2019-06-03")
    member = universe.members(["C", "BRK"], session)
    assert member[:, 1].tolist() == [False, True, True, False, True, True]
    assert member[:, 0].tolist() == [True, True, True, True, True, False]


def test_an_empty_date_is_no_limit_before_1970_either(file: Path) -> None:
    member = read_universe(file).members(["C", "BRK"], days("1950-01-03", "2019-05-31"))
    assert member[:, 0].tolist() == [True, True]


def test_several_rows_of_a_session_belong_together(file: Path) -> None:
    member = read_universe(file).members(["BRK", "C"], days(*["2019-05-10"] * 3, *["2019-05-11"] * 2))
    assert member[:, 0].tolist() == [True, True, True, False, False]


def test_a_store_is_seen_through_it(tmp_path: Path, file: Path) -> None:
    save(rich(), tmp_path)
    universe = read_universe(file)
    market, plain = load(tmp_path, "rich", universe), load(tmp_path, "rich", universe.symbols)
    assert market.member is not None
    assert market.symbols.tolist() == ["BRK", "C"]
    np.testing.assert_array_equal(market.member, universe.members(["BRK", "C"], market.session))
    np.testing.assert_array_equal(market.close, plain.close)
    assert market.content_hash != plain.content_hash
    later = load(tmp_path, "rich", universe, start="2019-05-14", rows_before=2)
    np.testing.assert_array_equal(later.member, universe.members(["BRK", "C"], later.session))
    cut = ended(market, 20)
    assert cut.member is not None
    assert len(cut.member) == 21
    with pytest.raises(ValueError, match="read-only"):
        market.member[0, 0] = True


def test_other_dates_are_other_data(tmp_path: Path, file: Path) -> None:
    one = read_universe(file).within("abc")
    other = tmp_path / "other.csv"
    other.write_text(FILE.replace("05-31", "05-30"), encoding="utf-8")
    assert read_universe(other).within("abc") != one
    assert read_universe(file).within("abd") != one
    other.write_text(FILE.replace(", ", " ,"), encoding="utf-8")
    assert read_universe(other).within("abc") == one


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("symbol,from\nA,2020-01-01\n", "received the columns symbol, from; allowed: symbol, from, to"),
        ("symbol,from,to\n", "no line below the header"),
        ("symbol,from,to\nA,01.02.2020,\n", "universe.csv:2: from: received '01.02.2020'; allowed: YYYY-MM-DD"),
        ("symbol,from,to\nA,2020-01-01,\nB,,2020-13-01\n", "universe.csv:3: to: received '2020-13-01'"),
        ("symbol,from,to\nA,2020-02-01,2020-01-01\n", "universe.csv:2: A leaves before it enters"),
        ("symbol,from,to\n,2020-02-01,\n", "universe.csv:2: a line without a symbol"),
        (
            "symbol,from,to\nA,2020-02-01,\nA,2020-01-01,2020-02-01\n",
            "universe.csv:2: A enters again before it has left",
        ),
        ("", "cannot be read as CSV"),
    ],
)
def test_a_file_that_says_nothing_certain(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "universe.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_universe(path)
    assert said in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file; a universe is a CSV file with symbol, from, to"):
        read_universe(tmp_path / "universe.csv")


def test_every_wrong_line_is_told(tmp_path: Path) -> None:
    path = tmp_path / "universe.csv"
    path.write_text("symbol,from,to\nA,soon,\n,2020-01-01,\nB,2020-02-01,2020-01-01\nC,,\nC,2019-01-01,\n", "utf-8")
    with pytest.raises(DataError) as error:
        read_universe(path)
    assert [line.partition("universe.csv:")[2] for line in str(error.value).splitlines()] == [
        "2: from: received 'soon'; allowed: YYYY-MM-DD, or nothing",
        "3: a line without a symbol",
        "4: B leaves before it enters",
        "6: C enters again before it has left",
    ]
    path.write_text("symbol,from,to\n" + "A,soon,\n" * 99, "utf-8")
    with pytest.raises(DataError, match=r"universe.csv:11: from: .*\nand 89 more lines$"):
        read_universe(path)


def test_a_symbol_that_the_store_has_not_is_told_by_its_line(tmp_path: Path, file: Path) -> None:
    save(rich(), tmp_path)
    file.write_text(f"{FILE}BRX,,\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"universe.csv:5: store 'rich' has no symbol 'BRX' \(did you mean 'BRK'"):
        load(tmp_path, "rich", read_universe(file))

"""A universe with dates through whole runs: who leaves is sold, and the run says what it was made from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from made import Place

import backtest
from backtest.errors import ConfigError, DataError
from backtest.market.build import make_market

FILE = "symbol,from,to\nAAA,,2020-02-14\nBBB,,\nCCC,2020-03-01,\n"


def universe(place: Place, text: str = FILE) -> Path:
    file = place.root / "universe.csv"
    file.write_text(text, encoding="utf-8")
    return file


def config(place: Place, **changes: object) -> dict[str, object]:
    market = {"source": "tiny", "symbols": {"file": "universe.csv"}}
    return place.config(market=market, rebalance={"calendar": "month"}, **changes)


def test_who_leaves_is_sold_and_who_is_not_there_yet_is_not_bought(place: Place) -> None:
    universe(place)
    done = backtest.run(config(place), workspace=place.root)
    fills = pq.read_table(done.folder / "fills.parquet").to_pandas()
    assert set(fills["symbol"]) == {"AAA", "BBB", "CCC"}
    last = fills[fills["symbol"] == "AAA"].iloc[-1]
    assert last["reason"] == "universe"
    assert str(last["time"].date()) == "2020-02-17"  # outside on the 15th; the 16th ends at midnight
    assert fills[fills["symbol"] == "CCC"]["time"].min() > last["time"]
    weights = pq.read_table(done.folder / "weights.parquet").to_pandas().set_index("time")
    assert (weights.loc["2020-02-17":, "AAA"] == 0.0).all()
    manifest = json.loads((done.folder / "manifest.json").read_text())
    assert any("The universe has dates: 3 symbols in all, 2 of which" in line for line in manifest["assumptions"])


def test_another_file_is_another_trial_and_is_not_found_again(place: Place) -> None:
    universe(place)
    study = {**config(place), "compare": {"costs.commission_bps": [0, 10]}}
    first = backtest.compare(study, workspace=place.root)
    assert all(each["found"] is None for each in first.comparison["variants"])
    again = backtest.compare(study, workspace=place.root)
    assert all(each["found"] is not None for each in again.comparison["variants"])
    universe(place, FILE.replace("02-14", "02-13"))
    other = backtest.compare(study, workspace=place.root)
    assert all(each["found"] is None for each in other.comparison["variants"])
    hashes = {each["data"]["hash"] for each in (*first.comparison["variants"], *other.comparison["variants"])}
    assert len(hashes) == 2


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        (None, ConfigError, "no such file; a universe is a CSV file"),
        ("symbol,from,to\nAAB,,\n", DataError, "store 'tiny' has no symbol 'AAB' (did you mean 'AAA'?)"),
        ("symbol,from,to\nAAA,yesterday,\n", ConfigError, "universe.csv:2: from: received 'yesterday'"),
    ],
)
def test_what_is_wrong_with_it_is_told(place: Place, text: str | None, error: type[Exception], said: str) -> None:
    if text is not None:
        universe(place, text)
    with pytest.raises(error) as caught:
        backtest.run(config(place), workspace=place.root)
    assert said in str(caught.value)
    assert place.runs() == []


def test_members_of_arrays() -> None:
    close = np.full((3, 2), 10.0)
    assert make_market(close=close, member=np.ones((3, 2), np.bool_)).member is not None
    for wrong in (np.ones((2, 2), np.bool_), np.ones((3, 2))):
        with pytest.raises(DataError, match=r"member: received .*; expected bool of shape \(3, 2\)"):
            make_market(close=close, member=wrong)


def test_a_symbol_that_is_the_benchmark_is_held_whoever_belongs(place: Place) -> None:
    universe(place)
    done = backtest.run(config(place, benchmark={"symbol": "CCC"}), workspace=place.root)
    alone = backtest.run(place.config(benchmark={"symbol": "CCC"}), workspace=place.root)
    assert done.benchmark is not None
    assert alone.benchmark is not None
    assert done.benchmark.equity.tolist() == alone.benchmark.equity.tolist()
    assert done.benchmark.equity[-1] != done.benchmark.capital


def test_who_never_belongs_is_named_and_nobody_at_all_is_an_error(place: Place) -> None:
    universe(place, FILE + "DDD,1999-01-01,1999-12-31\n")
    done = backtest.run(config(place), workspace=place.root)
    assert any("outside the universe from 2020-01-01 to 2020-04-29: DDD" in line for line in done.warnings)
    universe(place, "symbol,from,to\nAAA,1999-01-01,1999-12-31\n")
    with pytest.raises(ConfigError, match="nobody belongs to the universe between 2020-01-01 and 2020-04-29"):
        backtest.run(config(place), workspace=place.root)

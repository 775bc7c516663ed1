"""A run over a streamed store: the folder of a run in one piece, less what needs everything at once."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import backtest
from backtest.errors import ConfigError, LookAheadError
from backtest.market import parquet
from backtest.market.build import make_market
from backtest.market.market import Market, Series
from backtest.market.prepare import prepared
from backtest.market.save import save
from backtest.market.stream import memory
from backtest.metrics import ledger
from backtest.workspace.artefacts import NUMERIC, OF_COVARIANCES
from backtest.workspace.compare import differences, refuse_other_tables
from tests.made import Place, made_market

UNIVERSE = "symbol,from,to\nAAA,,2020-02-14\nBBB,,\nCCC,2020-03-01,\nDDD,,\n"


@pytest.fixture
def cut(place: Place) -> Place:
    """A workspace whose store `tiny` has row groups of seven rows, opens, gaps, a split, a dividend and a delisting."""
    whole = made_market()
    close = np.array(whole.close)
    close[40:43, 1] = np.nan
    close[70:, 3] = np.nan
    actions = [(20, "AAA", "split", 2.0), (41, "BBB", "dividend", 0.5), (70, "DDD", "delisting", -0.5)]
    fields = {"open": close * 1.001, "high": close * 1.01, "low": close * 0.99, "volume": np.full(close.shape, 1e6)}
    market = made_market(close=close, actions=actions, price_kind="raw", **fields)
    market = replace(market, series=made_series(market))
    shutil.rmtree(place.root / "data" / "tiny")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "ROWS_PER_GROUP", 7)
        save(replace(prepared(market), name="tiny"), place.root / "data")
    return place


def made_series(market: Market) -> dict[str, Series]:
    """Spreads that change every third day, and fees of lending and funding each day, by symbol."""
    rng, ends = np.random.default_rng(8), market.end[:, 0]
    found = {}
    for name, every, low, high in (("spreads", 3, 0.0, 30.0), ("lending", 1, 0.0, 0.2), ("funding", 1, -0.5, 0.5)):
        times = np.repeat(ends[::every], market.n_assets)
        assets = np.tile(np.arange(market.n_assets), len(ends[::every]))
        found[name] = Series(name, times, times, assets, rng.uniform(low, high, len(assets)))
    return found


def twice(place: Place, **changes: Any) -> tuple[backtest.Run, backtest.Run]:
    """Run in one piece, and over a stream."""
    market = changes.pop("market", {})
    runs = [
        backtest.run(
            place.config(market={"source": "tiny", **market, "stream": stream}, **changes), workspace=place.root
        )
        for stream in (False, True)
    ]
    return runs[0], runs[1]


def values(run: backtest.Run) -> dict[str, str]:
    """Each metric with its words and its interval, as text."""
    return {metric["key"]: json.dumps(metric) for metric in run.metrics.to_dict()["metrics"]}


CASES: dict[str, dict[str, Any]] = {
    "allocated, against a portfolio": {
        "allocation": {"method": "min_variance", "lookback": 25},
        "rebalance": {"any": [{"calendar": "week"}, {"drift": 0.02}]},
        "costs": {"commission_bps": 5, "half_spread_bps": 2},
        "benchmark": {"allocation": {"method": "equal_weight"}, "rebalance": {"calendar": "month"}},
    },
    "exits and volume, against a symbol": {
        "execution": {"fill": "next_open", "participation": 0.001, "carry": 3},
        "exits": {"stop": 0.03, "trail": 0.05},
        "market": {"start": "2020-01-21"},
        "benchmark": {"symbol": "CCC"},
        "artefacts": {"weights": "rebalances"},
    },
    "on margin, financed": {
        "strategy": "momentum",
        "account": {"kind": "margin", "initial": 0.5, "maintenance": 0.25},
        "financing": {
            "interest_on_cash_annual": 0.02, "margin_interest_annual": 0.06, "short_rebate_annual": 0.0,
            "borrow_fee_annual": 0.01,
        },
    },
    "spreads, fees and funding by symbol and bar": {
        "strategy": "momentum",
        "account": {"kind": "margin", "initial": 0.5, "maintenance": 0.25},
        "costs": {"half_spread": {"series": "spreads"}, "commission_tiers": [{"from_money": 500, "bps": 3}]},
        "financing": {
            "margin_interest_annual": 0.06, "borrow_fee": {"series": "lending"}, "funding": {"series": "funding"},
            "perpetuals": ["AAA", "CCC"],
        },
    },
    "impact by the square root": {
        "allocation": {"method": "min_variance", "lookback": 25},
        "rebalance": {"any": [{"calendar": "week"}, {"drift": 0.02}]},
        "costs": {"impact_coefficient": 1.0, "impact_volatility_bars": 9, "impact_volume_bars": 5},
        "execution": {"fill": "next_open"},
        "market": {"start": "2020-01-21"},
    },
    "money from outside, settled late": {
        "flows": [{"amount": 500, "every": "month"}, {"fraction_annual": -0.5, "every": "month"}],
        "account": {"settlement_days": 1},
        "rebalance": {"calendar": "week"},
        "benchmark": {"symbol": "BBB"},
    },
    "a universe with dates": {"market": {"symbols": {"file": "universe.csv"}}, "rebalance": {"calendar": "week"}},
}  # fmt: skip


MOVED = [(20, "AAA", "split", 2.0), (30, "BBB", "spin_off", 0.2, "EEE"), (41, "BBB", "dividend", 0.5),
         (60, "CCC", "rename", "FFF"), (80, "FFF", "dividend", 0.2)]  # fmt: skip


@pytest.mark.parametrize("name", ["allocated, against a portfolio", "impact by the square root"])
def test_names_change_and_parts_are_given_away_in_a_stream_too(place: Place, name: str) -> None:
    four = np.array(made_market().close)
    child, heir = np.full(len(four), np.nan), np.full(len(four), np.nan)
    since = 0 if "impact" in name else 30  # impact is counted from bars before
    child[since:], heir[60:] = 0.3 * four[since:, 3], four[60:, 2]
    four[60:, 2] = np.nan
    close = np.column_stack((four, child, heir))
    fields = {
        "open": close * 1.001,
        "high": close * 1.01,
        "low": close * 0.99,
        "volume": np.where(close > 0, 1e6, np.nan),
    }
    names = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"]
    times = pd.date_range("2020-01-01", periods=len(close), freq="D")
    market = make_market(close=close, symbols=names, times=times, actions=MOVED, price_kind="raw", **fields)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "ROWS_PER_GROUP", 7)
        save(replace(prepared(market), name="moved"), place.root / "data")
    changes = {**CASES[name], "market": {**CASES[name].get("market", {}), "source": "moved"}}
    whole, stream = twice(place, **changes)
    assert {"rename", "spin_off"} <= set(pq.read_table(stream.folder / "events.parquet").column("kind").to_pylist())
    assert [line for line in differences(stream.folder, whole.folder) if line != "metrics.json"] == []
    one, other = values(whole), values(stream)
    assert {key: one[key] for key in other} == other


@pytest.mark.parametrize("name", CASES)
def test_the_same_bits_in_every_number_that_both_have(cut: Place, name: str) -> None:
    (cut.root / "universe.csv").write_text(UNIVERSE, encoding="utf-8")
    changes = {key: dict(value) if isinstance(value, dict) else value for key, value in CASES[name].items()}
    if changes.get("strategy") == "momentum":
        changes["strategy"] = {"name": "momentum", "params": {"lookback": 20, "top": 2}}
    whole, stream = twice(cut, **changes)
    assert len(whole.result.fills) > 5
    tables = {file.stem for file in stream.folder.glob("*.parquet")}
    assert tables == set(NUMERIC)
    found = [line for line in differences(stream.folder, whole.folder) if line != "metrics.json"]
    assert found == []
    one, other = values(whole), values(stream)
    assert {key: one[key] for key in other} == other
    assert set(one) == set(other)
    assert json.loads(other["trades_closed"])["value"] > 0
    made = json.loads((stream.folder / "manifest.json").read_text())
    assert (made["data"]["streamed"], made["data"]["left_out"]) == (True, [])
    refuse_other_tables(stream.folder)


def test_covariances_of_more_than_fits_are_left_out(cut: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_CELLS", 400)  # 120 bars of four symbols
    whole, stream = twice(cut, report={"html": True, "png": False})
    assert {file.stem for file in stream.folder.glob("*.parquet")} == set(NUMERIC) - set(OF_COVARIANCES)
    assert set(values(whole)) - set(values(stream)) == {"diversification_ratio", "effective_bets"}
    assert (whole.manifest["data"]["left_out"], stream.manifest["data"]["left_out"]) == ([], list(OF_COVARIANCES))
    assert "covariances of what was held are left out" in (stream.folder / "report.html").read_text(encoding="utf-8")
    refuse_other_tables(stream.folder)


def test_it_is_no_other_trial(cut: Place) -> None:
    whole, stream = twice(cut)
    assert whole["trials"] == stream["trials"] == 1


def test_the_page_is_drawn(cut: Place) -> None:
    market = {"source": "tiny", "stream": True}
    report = {"html": True, "png": True}
    run = backtest.run(cut.config(market=market, report=report), workspace=cut.root)
    assert "Prices passed through memory a part at a time" in (run.folder / "report.html").read_text(encoding="utf-8")
    assert list((run.folder / "figures").glob("*.png"))


def test_a_run_over_a_stream_is_made_again(cut: Place) -> None:
    from backtest.run import rerun

    _, stream = twice(cut)
    again = rerun(stream.folder, workspace=cut.root, check=True)
    assert differences(stream.folder, again.folder) == []


PEEKS = """
from backtest import Strategy

class Peeks(Strategy):
    def decide(self, ctx):
        closes = ctx._market.close
        later = closes[min(ctx.row + 5, len(closes) - 1)]
        return {"AAA": 1.0} if later[0] > closes[ctx.row][0] else {"BBB": 1.0}
"""


def test_the_probe_catches_who_looks_ahead(cut: Place) -> None:
    cut.strategy("peeks", PEEKS)
    market = {"source": "tiny", "stream": True}
    config = cut.config(market=market, strategy="peeks", rebalance={"calendar": "day"}, probe="full")
    with pytest.raises(LookAheadError, match=r"its decision of .* changed when only later `close` did"):
        backtest.run(config, workspace=cut.root)


def test_what_cannot_be_streamed_is_refused_with_its_place(cut: Place) -> None:
    market = {"source": "tiny", "stream": True}
    config = cut.yaml(market=market, strategy="moving_average")
    with pytest.raises(ConfigError, match=r"small.yaml:\d+: \$.market.stream: 'moving_average' prepares its weights"):
        backtest.run(config, workspace=cut.root)


def test_prices_larger_than_half_the_memory_are_streamed_and_the_run_says_so(
    cut: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = backtest.run(cut.config(), workspace=cut.root)
    assert small.manifest["data"]["streamed"] is False
    monkeypatch.setattr(memory, "memory_bytes", lambda: 30_000)
    run = backtest.run(cut.config(), workspace=cut.root)
    assert run.manifest["data"]["streamed"] is True
    assert any("the prices of 'tiny' take 1.92e-05 GB, more than half of the memory" in line for line in run.warnings)
    told = pq.read_table(run.folder / "equity.parquet").column("equity").to_numpy()
    assert told.tobytes() == small.result.equity.tobytes()


def test_memory_is_what_the_machine_or_the_container_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = memory.memory_bytes()
    assert there is not None
    assert there > 1e8
    limit = tmp_path / "memory.max"
    limit.write_text("123456\n")
    monkeypatch.setattr(memory, "LIMITS", (limit, tmp_path / "missing"))
    assert memory.memory_bytes() == 123456
    limit.write_text("max\n")
    assert memory.memory_bytes() == there

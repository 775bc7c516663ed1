"""A run over stores of different calendars, from the file to the folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import backtest
from backtest.errors import ConfigError
from backtest.market.save import save
from backtest.workspace.template import make_workspace
from tests.market.exchanges import exchange

SPAN = ("2022-09-01", "2023-01-31")
CONFIG: dict[str, Any] = {
    "name": "both",
    "market": {"source": ["xnys", "24_7"], "start": "2022-10-14"},
    "strategy": "allocate",
    "allocation": {"method": "inverse_volatility", "lookback": 20},
    "rebalance": {"any": [{"calendar": "month", "on": "first"}, {"drift": 0.03}]},
    "costs": {"commission_bps": 5},
    "benchmark": {"symbol": "D"},
    "report": {"html": True, "png": False},
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("joined") / "place"
    make_workspace(root)
    for market in (exchange("XNYS", *SPAN, "ABC"), exchange("24/7", *SPAN, "DE")):
        save(market, root / "data")
    return root


@pytest.fixture(scope="module")
def run(workspace: Path) -> Any:
    return backtest.run(CONFIG, workspace=workspace)


def table(run: Any, name: str) -> pd.DataFrame:
    return pd.read_parquet(run.folder / f"{name}.parquet")


def test_the_folder_knows_of_the_calendars(run: Any) -> None:
    about = run.manifest["data"]
    assert about["name"] == "xnys + 24_7"
    assert about["stores"] == ["xnys", "24_7"]
    assert about["calendars"] == {"24/7": 2, "XNYS": 3}
    said = next(line for line in run.manifest["assumptions"] if "calendars are" in line)
    assert "24/7 (2 symbols) and XNYS (3 symbols): a row is decided at its latest end" in said
    assert said.replace("&", "&amp;") in (run.folder / "report.html").read_text()


def test_decisions_on_sessions_of_most_symbols_and_fills_by_the_own_clock(run: Any) -> None:
    rebalances, fills = table(run, "rebalances"), table(run, "fills")
    decided = rebalances[(rebalances["kind"] == "decision") & (rebalances["source"] == "answer")]
    days = (decided["time"] - pd.Timedelta("1D")).dt.strftime("%m-%d").tolist()  # each ends at midnight
    assert days == ["10-14", "11-01", "12-01", "01-03"]
    first = fills[fills["decision_time"] == decided["time"].iloc[0]]
    when = dict(zip(first["symbol"], first["time"].dt.strftime("%m-%d %H:%M"), strict=True))
    assert when == dict.fromkeys("DE", "10-15 00:00") | dict.fromkeys("ABC", "10-17 13:30")  # before the clock changes
    last = fills[(fills["decision_time"] == decided["time"].iloc[3]) & (fills["symbol"] == "A")]
    assert last["time"].dt.strftime("%m-%d %H:%M").tolist() == ["01-04 14:30"]
    assert (decided["done"].iloc[0] - decided["time"].iloc[0]) == pd.Timedelta("3D")  # with Monday's row


def test_a_weekend_has_rows_and_shares_do_not_move_in_them(run: Any) -> None:
    equity = table(run, "equity")
    assert (equity["time"].diff().dropna() == pd.Timedelta("1D")).all()
    market = run.result.market
    saturday = next(row for row in range(market.n_rows) if market.day(row) == "2022-11-12")
    held = run.result.positions()[saturday - run.result.first]
    coins = held[3:] @ (market.close[saturday, 3:] - market.close[saturday - 1, 3:])
    moved = equity["equity"].to_numpy()
    assert moved[saturday - run.result.first] - moved[saturday - 1 - run.result.first] == pytest.approx(coins)
    assert not (run.result.events["kind"] == backtest.types.EventKind.STALE).any()


def test_a_year_has_as_many_periods_as_rows(run: Any) -> None:
    metrics = json.loads((run.folder / "metrics.json").read_text())
    assert metrics["periods_per_year"] == pytest.approx(365.25, abs=0.5)


def test_the_probe_has_looked_and_the_numbers_come_again(run: Any, workspace: Path) -> None:
    assert run.manifest["probe"]["checked"] > 0
    again = backtest.run(CONFIG, workspace=workspace)
    for name in ("equity", "fills", "events", "rebalances"):
        assert (again.folder / f"{name}.parquet").read_bytes() == (run.folder / f"{name}.parquet").read_bytes()
    assert run.manifest["data"]["hash"] == again.manifest["data"]["hash"]


def test_the_order_of_the_stores_only_moves_columns(run: Any, workspace: Path) -> None:
    turned = backtest.run(CONFIG | {"market": {"source": ["24_7", "xnys"], "start": "2022-10-14"}}, workspace=workspace)
    ours, theirs = (table(each, "equity")["equity"].to_numpy() for each in (run, turned))
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    assert sorted(table(run, "fills")["symbol"]) == sorted(table(turned, "fills")["symbol"])


def test_a_checkpoint_changes_no_bit(run: Any, workspace: Path) -> None:
    saved = backtest.run(CONFIG, workspace=workspace, checkpoint_every=7)
    assert (saved.folder / "equity.parquet").read_bytes() == (run.folder / "equity.parquet").read_bytes()


def test_an_order_given_while_the_other_market_trades_waits_for_its_next_session(workspace: Path) -> None:
    # Sydney opens at 23:00 UTC in its summer, an hour before the coins close and everything is decided.
    save(exchange("XASX", *SPAN, "PQ"), workspace / "data", replace=True)
    market = {"source": ["xasx", "24_7"], "start": "2022-11-01", "end": "2022-11-30"}
    config = CONFIG | {
        "market": market,
        "rebalance": "never",
        "benchmark": None,
        "allocation": {"method": "equal_weight"},
    }
    early = backtest.run(config, workspace=workspace)
    fills = table(early, "fills")
    when = dict(zip(fills["symbol"], fills["time"].dt.strftime("%m-%d %H:%M"), strict=True))
    assert when == dict.fromkeys("DE", "11-02 00:00") | dict.fromkeys("PQ", "11-02 23:00")
    assert early.result.market.day(int(early.result.fills["row"][-1])) == "2022-11-03"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"market": {"source": ["xnys", "24-7"]}}, r"market.source\[1\]: unknown store '24-7'.*did you mean '24_7'"),
        ({"market": {"source": ["xnys", "24_7"], "stream": True}}, "market.stream: stores are joined in memory"),
        ({"execution": {"fill": "same_close"}}, "execution.fill: the calendars 24/7 and XNYS close at different times"),
        ({"execution": {"size": "at_fill"}}, "execution.size: the calendars 24/7 and XNYS open at different times"),
        ({"rebalance": {"calendar": "month", "sessions": "XNY"}}, "sessions: no symbol of .* did you mean 'XNYS'"),
        (
            {"allocation": {"method": "hrp", "lookback": 200}},
            "201 bars of history, and there are only 10[0-9], in which",
        ),
    ],
)
def test_what_cannot_be_is_said(change: dict[str, Any], said: str, workspace: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        backtest.run(CONFIG | change, workspace=workspace)

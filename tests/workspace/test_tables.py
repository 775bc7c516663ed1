"""The tables of a run: their columns, and values worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from backtest import make_market, simulate
from backtest.allocate import Weights
from backtest.config.model import Execution
from backtest.costs import Costs
from backtest.market.market import Market
from backtest.schedule import Drift, Rebalance, compile_watch
from backtest.simulate.drive import Asked, drive
from backtest.simulate.result import Result
from backtest.simulate.terms import make_terms
from backtest.strategy import Strategy
from backtest.strategy.allocator import Allocator
from backtest.types import EventKind
from backtest.workspace.artefacts import kept_rows
from backtest.workspace.events import EVENT_TEXTS, events_table
from backtest.workspace.tables import (
    equity_table,
    fills_table,
    rebalances_table,
    wide_table,
)

STAMP = pa.timestamp("ns", "UTC")
NAN = float("nan")


class Half(Strategy):
    """Half of the money in A."""

    def decide(self, ctx: Any) -> Any:  # noqa: ARG002
        return {"A": 0.5}


def simulated(market: Market, rebalance: Rebalance | None = None, costs: Costs | None = None) -> Result:
    watch = compile_watch(rebalance or Rebalance(), market, 0, 0)
    terms = make_terms(market, 0, costs or Costs(), Execution(fill="next_close"), watch)
    return drive(market, Asked(Half(), "half", Allocator(), 0, watch.labels), watch, terms, 1000.0).result


@pytest.fixture
def result() -> Result:
    """Decided on 100, bought at 110 on the second day for 500 / 100 = 5 units, 1 % commission; then 121, 99."""
    close = np.array([[100.0, 10.0], [110.0, NAN], [121.0, 10.0], [99.0, 10.0]])
    market = make_market(close=close, symbols=["A", "B"])
    return simulated(market, costs=Costs(commission_bps=100.0))


QUANTITY = 500.0 / 1.005 / 100.0
"""Net of its own cost: x = 1000 − 0.01·0.5·x, half of x in A at 100."""


def rows(table: pa.Table) -> list[dict[str, Any]]:
    return table.to_pylist()


def test_equity(result: Result) -> None:
    table = equity_table(result, None)
    assert table.column_names == [
        *("time", "equity", "cash", "invested", "flow", "return", "drawdown", "turnover", "cost"),
        *(
            "gross_exposure",
            "net_exposure",
            "interest_on_cash",
            "margin_interest",
            "short_rebate",
            "borrow_fee",
            "funding",
        ),
    ]
    assert table.schema.field("time").type == STAMP
    frame = table.to_pandas()
    assert frame["time"].iloc[0] == pd.Timestamp("2000-01-02", tz="UTC")
    paid = QUANTITY * 110.0
    cash = 1000.0 - paid * 1.01
    np.testing.assert_allclose(frame["cash"], [1000.0, cash, cash, cash], rtol=1e-14)
    equity = np.array([1000.0, cash + paid, cash + QUANTITY * 121.0, cash + QUANTITY * 99.0])
    np.testing.assert_allclose(frame["equity"], equity, rtol=1e-14)
    np.testing.assert_allclose(frame["invested"], equity - frame["cash"], rtol=1e-14)
    np.testing.assert_allclose(frame["return"], equity / [1000.0, *equity[:-1]] - 1.0, atol=1e-15)
    np.testing.assert_allclose(frame["drawdown"], equity / np.maximum.accumulate(equity) - 1.0, atol=1e-15)
    np.testing.assert_allclose(frame["turnover"], [0.0, paid / 2000.0, 0.0, 0.0], rtol=1e-14)
    np.testing.assert_allclose(frame["cost"], [0.0, paid * 0.01, 0.0, 0.0], rtol=1e-14)
    np.testing.assert_allclose(frame["gross_exposure"], (equity - frame["cash"]) / equity, rtol=1e-14)
    assert frame["net_exposure"].tolist() == frame["gross_exposure"].tolist()
    assert not frame[["interest_on_cash", "margin_interest", "short_rebate", "borrow_fee", "funding"]].any(axis=None)


def test_equity_beside_a_benchmark(result: Result) -> None:
    table = equity_table(result, result)
    assert table.column_names[-2:] == ["benchmark", "benchmark_return"]
    assert table.column("benchmark").equals(table.column("equity"))
    assert table.column("benchmark_return").equals(table.column("return"))


def test_weights_and_positions(result: Result) -> None:
    table = wide_table(result, result.positions(), np.array([0, 3]))
    assert table.column_names == ["time", "A", "B"]
    np.testing.assert_allclose(table.column("A").to_numpy(), [0.0, QUANTITY], rtol=1e-14)
    assert table.column("time").to_pylist()[1] == pd.Timestamp("2000-01-05", tz="UTC")
    weights = wide_table(result, result.weights(), np.arange(4))
    np.testing.assert_allclose(weights.column("A")[3].as_py(), QUANTITY * 99.0 / result.equity[3], rtol=1e-14)
    assert weights.column("B").to_pylist() == [0.0] * 4


def test_fills(result: Result) -> None:
    table = fills_table(result)
    assert table.column_names == [
        "time", "symbol", "owner", "order_id", "parent_id", "side", "quantity", "price", "effective_price", "value",
        "commission", "spread", "slippage", "impact", "cost", "decision_time", "decision_price", "arrival_price",
        "reason", "tag", "moment",
    ]  # fmt: skip
    (fill,) = rows(table)
    assert (fill["symbol"], fill["side"], fill["reason"], fill["owner"]) == ("A", "buy", "target", 0)
    assert (fill["price"], fill["decision_price"]) == (110.0, 100.0)
    assert fill["quantity"] == pytest.approx(QUANTITY, rel=1e-14)
    assert fill["value"] == pytest.approx(QUANTITY * 110.0, rel=1e-14)
    assert fill["cost"] == fill["commission"] == pytest.approx(QUANTITY * 1.1, rel=1e-14)
    assert fill["effective_price"] == pytest.approx(111.1, rel=1e-14)
    assert fill["decision_time"] == pd.Timestamp("2000-01-02", tz="UTC")
    assert fill["time"] == pd.Timestamp("2000-01-03", tz="UTC")


def test_a_sale_is_worth_less_than_its_price() -> None:
    market = make_market(close=np.array([[100.0], [100.0], [150.0], [150.0]]), symbols=["A"])
    result = simulated(market, Rebalance(any=(Drift(drift=0.05),)), Costs(half_spread_bps=100.0))
    fill = rows(fills_table(result))[1]
    assert fill["side"] == "sell"
    assert fill["quantity"] < 0.0
    assert fill["value"] < 0.0
    assert fill["spread"] > 0.0
    assert fill["effective_price"] == pytest.approx(148.5, rel=1e-14)


def test_rebalances() -> None:
    market = make_market(close=np.array([[100.0], [100.0], [150.0], [150.0], [149.0], [148.0]]), symbols=["A"])
    result = simulated(market, Rebalance(any=(Drift(drift=0.05),)))
    said = Weights(
        np.array([0.5]), "as told", 0.25, {"kkt": 1e-12}, {"observations": 9.0}, 3, warnings=("mind",), method="mine"
    )
    table = rebalances_table(result, {0: (said,)})
    assert table.column_names == [
        "kind", "time", "until", "done", "sessions", "triggers", "source", "targets", "method", "status",
        "warnings", "gave_up", "objective", "residuals", "condition", "iterations", "drift", "drift_symbol", "orders",
        "fills", "equity", "equity_after", "scale", "net_before", "net_after", "turnover", "cost",
    ]  # fmt: skip
    assert table.schema.field("targets").type == pa.map_(pa.string(), pa.float64())
    lines = rows(table)
    assert [(line["kind"], line["time"].day, line["until"].day, line["sessions"]) for line in lines] == [
        ("decision", 2, 2, 1), ("quiet", 3, 3, 1), ("decision", 4, 4, 1), ("quiet", 5, 7, 3),
    ]  # fmt: skip
    first, quiet, again, rest = lines
    assert (first["triggers"], first["source"], first["status"]) == (["start"], "answer", "as told")
    assert (first["method"], first["warnings"], first["gave_up"], first["objective"]) == ("mine", ["mind"], [], 0.25)
    assert (first["residuals"], first["condition"], first["iterations"]) == (
        [("kkt", 1e-12)],
        [("observations", 9.0)],
        3,
    )
    assert (quiet["method"], quiet["warnings"], again["method"], again["objective"]) == ("", None, "", None)
    assert (first["targets"], first["orders"], first["fills"], first["scale"]) == ([("A", 0.5)], 1, 1, 1.0)
    assert (first["done"].day, first["turnover"], first["cost"]) == (3, 0.25, 0.0)
    assert first["drift"] is None
    assert (quiet["source"], quiet["targets"], quiet["done"], quiet["triggers"]) == ("", None, None, [])
    assert (again["triggers"], again["source"], again["status"]) == (["drift 5 %"], "reapply", "")
    assert again["drift"] == pytest.approx(0.6 - 0.5)
    assert again["drift_symbol"] == "A"
    assert (again["net_before"], again["net_after"]) == (pytest.approx(0.6), pytest.approx(0.5))
    assert rest["drift_symbol"] == "A"
    assert 0.0 < rest["drift"] < 0.05


def test_events() -> None:
    close = np.array([[100.0], [50.0], [50.0], [50.0]])
    actions = [(1, "A", "split", 2.0), (3, "A", "dividend", 1.0)]
    result = simulated(make_market(close=close, symbols=["A"], price_kind="raw", actions=actions))
    table = events_table(result)
    names = ["time", "kind", "symbol", "owner", "order_id", "value", "reason", "tag", "payload", "text"]
    assert table.column_names == names
    assert table.schema.field("time").type == STAMP
    lines = rows(table)
    assert lines[-1]["kind"] == "dividend"
    assert lines[-1]["value"] == pytest.approx(10.0)
    assert lines[-1]["text"] == "received 10 in cash"
    assert lines[-1]["symbol"] == "A"
    assert lines[-1]["payload"] == [("cash", pytest.approx(10.0))]


def test_every_kind_of_event_has_words() -> None:
    assert [int(kind) for kind in EventKind] == list(range(len(EventKind)))
    assert set(EVENT_TEXTS) == set(EventKind)
    for text in EVENT_TEXTS.values():
        assert text.format(value=0.5, price=3.0, reason="why") != text


def test_a_run_without_trades_has_the_same_columns(result: Result) -> None:
    empty = {name: getattr(result, name)[:0] for name in ("fills", "events", "decisions", "targets")}
    none = replace(result, **empty)
    for table in (fills_table, events_table):
        assert table(none).schema == table(result).schema
    assert rebalances_table(none, {}).schema == rebalances_table(result, {}).schema


@pytest.mark.parametrize(("detail", "rows"), [("auto", 48), ("bars", 48), ("sessions", 2), ("rebalances", 1)])
def test_rows_of_weights_that_are_kept(detail: str, rows: int) -> None:
    hours = pd.date_range("2021-03-01", periods=48, freq="h")
    result = simulated(make_market(close=np.full((48, 1), 5.0), symbols=["A"], times=hours))
    kept = kept_rows(result, detail)
    assert len(kept) == rows
    assert detail != "sessions" or kept.tolist() == [23, 47]
    assert detail != "rebalances" or kept.tolist() == [1]


def test_a_fill_at_the_open_happens_when_its_bar_starts() -> None:
    prices = np.full((4, 2), 10.0)
    market = make_market(close=prices, open=prices)
    for fill, edge, moment in (("next_open", market.start, "open"), ("next_close", market.end, "close")):
        result = simulate(market, (np.array([1]), np.full((1, 2), 0.5)), execution={"fill": fill})
        table = fills_table(result)
        assert {stamp.value for stamp in table.column("time").to_pandas()} == {int(edge[2, 0])}
        assert set(table.column("moment").to_pylist()) == {moment}

"""Spin-offs, renames and reinvested dividends, from the outside: what a person is told, and what must not change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backtest
from backtest.errors import ConfigError
from backtest.market.market import Market
from backtest.metrics.attribution import lots
from backtest.metrics.ledger import asset_returns
from backtest.metrics.trips import trades
from backtest.types import FillReason
from backtest.workspace.events import events_table
from backtest.workspace.tables import fills_table

NAN = float("nan")
ROWS, MOVES = 60, 30
COSTS = {"commission_bps": 10.0, "commission_minimum": 1.0, "half_spread_bps": 3.0, "commission_per_share": 0.01}


def prices() -> dict[str, np.ndarray]:
    """Open, high, low and close of two companies; the first moves a lot."""
    rng = np.random.default_rng(3)
    close = 50.0 * np.exp(np.cumsum(rng.normal(0.0, 0.03, (ROWS, 2)), axis=0))
    opens = close * np.exp(rng.normal(0.0, 0.01, close.shape))
    reach = np.abs(rng.normal(0.0, 0.02, (2, *close.shape)))
    high, low = np.maximum(opens, close) * np.exp(reach[0]), np.minimum(opens, close) * np.exp(-reach[1])
    return {"open": opens, "high": high, "low": low, "close": close}


def as_one(kind: str) -> Market:
    """Two companies that keep their names; one splits, the other pays."""
    tables = prices()
    actions = [(MOVES, "A", "split", 2.0), (MOVES + 5, "A", "dividend", 0.4), (20, "A", "dividend", 0.3)]
    for table in tables.values():
        table[MOVES:, 0] /= 2.0
    return backtest.make_market(**tables, symbols=["A", "Z"], price_kind="raw", actions=actions if kind else ())


def as_two() -> Market:
    """The same, but that the first company has a new name from row `MOVES` on."""
    one = as_one("with actions")
    tables: dict[str, Any] = {}
    for name in ("open", "high", "low", "close"):
        old = np.array(one.get(name))  # type: ignore[arg-type]
        table = np.column_stack((old[:, 0], old[:, 1], old[:, 0]))
        table[MOVES:, 0] = table[:MOVES, 2] = NAN
        tables[name] = table
    actions = [(MOVES, "A", "rename", "B"), (MOVES, "B", "split", 2.0), (MOVES + 5, "B", "dividend", 0.4)]
    actions.append((20, "A", "dividend", 0.3))  # type: ignore[arg-type]
    return backtest.make_market(**tables, symbols=["A", "Z", "B"], price_kind="raw", actions=actions)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"exits": {"stop": 0.05, "trail": 0.08}},
        {"execution": {"dividends": "reinvest", "lots": "whole"}},
        {"execution": {"participation": None, "carry": "gtc", "min_order": 10.0}},
        {"account": {"kind": "margin"}, "financing": {"margin_interest_annual": 0.05, "borrow_fee_annual": 0.01}},
    ],
)
def test_a_new_name_changes_nothing_else(options: dict[str, Any]) -> None:
    rows = [3, MOVES - 1, MOVES + 2, 50]
    weights = np.array([[0.6, 0.3], [0.5, 0.2], [0.7, 0.2], [0.0, 0.5]])
    moved = np.column_stack((weights, np.where(np.array(rows) >= MOVES, weights[:, 0], 0.0)))
    moved[:, 0] *= np.array(rows) < MOVES
    one = backtest.simulate(as_one("with actions"), (rows, weights), costs=COSTS, **options)
    two = backtest.simulate(as_two(), (rows, moved), costs=COSTS, **options)
    np.testing.assert_allclose(one.equity, two.equity, rtol=1e-12)
    held = two.positions()
    np.testing.assert_allclose(one.positions()[:, 0], held[:, 0] + held[:, 2], rtol=1e-12)
    for column in ("row", "quantity", "price", "commission", "decision_price", "order_id", "reason"):
        np.testing.assert_allclose(one.fills[column], two.fills[column], rtol=1e-12, err_msg=column)
    for table in (trades, lots):
        ours, theirs = (table(result).select_dtypes("number").round(7) for result in (one, two))
        assert len(ours) > 1
        columns = list(ours)
        np.testing.assert_allclose(ours.sort_values(columns), theirs.sort_values(columns), rtol=1e-6, atol=2e-7)
    returns = asset_returns(two)
    np.testing.assert_allclose(np.fmax(returns[:, 0], returns[:, 2]), asset_returns(one)[:, 0], rtol=1e-9)
    assert (np.isnan(returns[:, 0]) == (np.arange(1, ROWS) >= MOVES)).all()


def test_closed_trips_keep_the_name_they_had() -> None:
    rows, weights = [3, 10, MOVES - 4], np.array([[0.5, 0.0, 0.0], [0.0, 0.0, 0.0], [0.5, 0.0, 0.0]])
    result = backtest.simulate(as_two(), (rows, weights))
    assert trades(result)["symbol"].tolist() == ["A", "B"]
    assert lots(result)["symbol"].tolist() == ["A", "B"]


def test_the_child_has_a_share_of_the_cost_and_the_age_of_the_parent() -> None:
    close = np.array([[10.0, NAN], [10.0, NAN], [12.0, NAN], [8.0, 20.0], [8.0, 25.0]])
    market = backtest.make_market(
        close=close, symbols=["A", "B"], price_kind="raw", actions=[(3, "A", "spin_off", 0.2, "B")]
    )
    result = backtest.simulate(
        market, ([0, 3], [[0.5, 0.0], [0.5, 0.0]]), capital=1000.0, execution={"fill": "next_close"}
    )
    # 50 A at 10. B is worth 0.2 x 20 = 4 of the 12 that an A was: a third of the cost of 500 goes to 10 B.
    table = lots(result).set_index("symbol")
    assert table.loc["B", "basis"] == pytest.approx(500.0 / 3.0)
    assert table.loc["B", "proceeds"] == pytest.approx(10.0 * 25.0)
    assert table.loc["B", "opened"] == result.times[1]
    assert trades(result).set_index("symbol")["profit"].to_dict() == pytest.approx({"A": 100.0, "B": 50.0})
    assert asset_returns(result)[:, 0].tolist() == pytest.approx([0.0, 0.2, 0.0, 0.0])


def test_events_and_fills_are_told_in_words() -> None:
    rows = ([3], [[0.5, 0.0, 0.0]])
    result = backtest.simulate(as_two(), rows, execution={"dividends": "reinvest"})
    events = {event["kind"]: event for event in events_table(result).to_pylist()}
    assert (events["rename"]["symbol"], events["rename"]["reason"]) == ("A", "B")
    assert events["rename"]["text"] == "has a new name, B, under which the position goes on"
    bought = [fill for fill in fills_table(result).to_pylist() if fill["reason"] == "reinvest"]
    assert [(fill["symbol"], fill["cost"], fill["order_id"]) for fill in bought] == [("A", 0.0, -1), ("B", 0.0, -1)]
    assert (result.fills["reason"] == FillReason.REINVEST).sum() == 2


@pytest.mark.parametrize("kind", ["total_return", "split_adjusted"])
def test_adjusted_prices_have_no_dividends_to_reinvest(kind: Any) -> None:
    market = backtest.make_market(close=np.full((3, 1), 10.0), price_kind=kind)
    with pytest.raises(ConfigError, match="no dividend is paid beside them; that needs raw prices"):
        backtest.simulate(market, ([0], [[1.0]]), execution={"fill": "next_close", "dividends": "reinvest"})

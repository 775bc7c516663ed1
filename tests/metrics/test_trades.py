"""Trades by hand: bought, added to, reversed, split, paid dividends, and still open."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtest.market.actions import action_table
from backtest.metrics import run_metrics, trades
from backtest.metrics.trips import trips
from backtest.types import ActionKind, EventKind

from .results import Ledger, random_ledger


def close(*rows: float) -> np.ndarray:
    return np.array(rows)[:, None]


def shut_all(ledger: Ledger, rows: int, fills: dict[int, tuple[float, float, float]]) -> Ledger:
    """Trade (quantity, price, commission) in the given rows of a single asset."""
    for row in range(rows):
        if row in fills:
            quantity, price, commission = fills[row]
            ledger.trade(row, 0, quantity, price, commission=commission)
        ledger.shut(row)
    return ledger


def test_one_trade_added_to_and_closed() -> None:
    ledger = Ledger(close(10.0, 12.0, 9.0, 13.0, 13.0))
    shut_all(ledger, 5, {0: (10.0, 10.0, 1.0), 1: (5.0, 12.0, 1.0), 3: (-15.0, 13.0, 2.0)})
    table = trades(ledger)
    assert table.shape[0] == 1
    row = table.iloc[0]
    assert (row["symbol"], row["side"], row["open"]) == ("A0", "long", False)
    assert (row["opened"], row["closed"]) == (ledger.times[0], ledger.times[3])
    assert (row["bars"], row["days"]) == (3, 3.0)
    assert row["entered"] == pytest.approx(160.0)
    assert row["profit"] == pytest.approx(15 * 13 - 160 - 4)
    assert row["cost"] == pytest.approx(4.0)
    assert row["return"] == pytest.approx(31 / 160)
    # Running profit at the marks: -1, 18, -27, 31.
    assert row["mae"] == pytest.approx(-27 / 160)
    assert row["mfe"] == pytest.approx(31 / 160)


def test_a_reversal_is_two_trades_that_share_a_fill() -> None:
    ledger = Ledger(close(10.0, 10.0, 8.0, 7.0))
    shut_all(ledger, 4, {0: (10.0, 10.0, 0.0), 2: (-30.0, 8.0, 3.0), 3: (20.0, 7.0, 0.0)})
    table = trades(ledger)
    assert table["side"].tolist() == ["long", "short"]
    assert table["profit"].tolist() == pytest.approx([-20.0 - 1.0, 20.0 - 2.0])
    assert table["entered"].tolist() == pytest.approx([100.0, 160.0])
    assert table["closed"].tolist() == [ledger.times[2], ledger.times[3]]
    assert table["opened"].tolist() == [ledger.times[0], ledger.times[2]]
    assert table["mae"].tolist() == pytest.approx([-21.0 / 100.0, -2.0 / 160.0])


def test_an_open_trade_is_valued_at_the_last_mark_and_counted_apart() -> None:
    ledger = Ledger(close(10.0, 11.0, 12.0))
    shut_all(ledger, 3, {0: (10.0, 10.0, 0.0)})
    row = trades(ledger).iloc[0]
    assert row["open"]
    assert pd.isna(row["closed"])
    assert (row["bars"], row["profit"]) == (2, pytest.approx(20.0))
    got = run_metrics(ledger)
    assert (got["trades_closed"], got["trades_open"], got["open_profit"]) == (0, 1, pytest.approx(20.0))
    assert {got[key] for key in ("win_rate", "profit_factor", "expectancy", "best_trade", "trade_days")} == {None}
    assert (got["winning_streak"], got["losing_streak"]) == (0, 0)


def test_splits_and_dividends_stay_in_their_trade() -> None:
    ledger = Ledger(close(100.0, 50.0, 49.0, 49.0))
    ledger.trade(0, 0, 2.0, 100.0)
    ledger.shut(0)
    ledger.actions = [(1, 0, ActionKind.SPLIT, 2.0)]
    ledger.market = replace(ledger.market, actions=action_table(ledger.actions))
    ledger.act(1, 0, ActionKind.SPLIT, 2.0)
    ledger.shut(1)
    ledger.act(2, 0, ActionKind.DIVIDEND, 1.0)
    ledger.shut(2)
    ledger.trade(3, 0, -4.0, 49.0)
    ledger.shut(3)
    table = trades(ledger)
    assert len(table) == 1
    assert table["profit"][0] == pytest.approx(0.0, abs=1e-12)
    assert table["mae"][0] == pytest.approx(0.0, abs=1e-12)


def test_a_reversal_after_a_split_shares_by_new_units() -> None:
    ledger = Ledger(close(100.0, 50.0), actions=[(1, 0, ActionKind.SPLIT, 2.0)])
    ledger.trade(0, 0, 1.0, 100.0)
    ledger.shut(0)
    ledger.act(1, 0, ActionKind.SPLIT, 2.0)
    ledger.trade(1, 0, -3.0, 48.0, commission=3.0)
    ledger.shut(1)
    table = trades(ledger)
    assert table["profit"].tolist() == pytest.approx([2 * 48 - 100 - 2.0, 48.0 - 50.0 - 1.0])
    assert table["entered"].tolist() == pytest.approx([100.0, 48.0])


def test_bought_and_sold_within_one_row() -> None:
    ledger = Ledger(close(10.0, 10.0))
    ledger.trade(0, 0, 10.0, 10.0, commission=1.0)
    ledger.trade(0, 0, -10.0, 10.5)
    ledger.shut(0)
    ledger.shut(1)
    row = trades(ledger).iloc[0]
    assert (row["side"], row["bars"], row["open"]) == ("intrabar", 0, False)
    assert (row["profit"], row["entered"]) == (pytest.approx(4.0), pytest.approx(102.5))


def test_highs_and_lows_count_in_bars_without_a_trade() -> None:
    ledger = Ledger(close(10.0, 11.0, 12.0))
    high, low = close(99.0, 14.0, 99.0), close(1.0, 8.0, 1.0)
    shut_all(ledger, 3, {0: (10.0, 10.0, 0.0), 2: (-10.0, 12.0, 0.0)})
    ledger.market = replace(ledger.market, open=close(10.0, 10.0, 11.0), high=high, low=low)
    row = trades(ledger).iloc[0]
    assert (row["mae"], row["mfe"]) == (pytest.approx(-0.2), pytest.approx(0.4))
    short = Ledger(close(10.0, 11.0, 12.0))
    shut_all(short, 3, {0: (-10.0, 10.0, 0.0), 2: (10.0, 12.0, 0.0)})
    short.market = ledger.market
    row = trades(short).iloc[0]
    assert (row["mae"], row["mfe"]) == (pytest.approx(-0.4), pytest.approx(0.2))


@pytest.mark.parametrize("seed", range(8))
def test_trades_add_up_to_the_change_of_equity_and_to_the_costs(seed: int) -> None:
    ledger = random_ledger(seed)
    found = trips(ledger)
    assert found.profit.sum() == pytest.approx(ledger.equity[-1] - ledger.capital, abs=1e-9 * ledger.capital)
    paid = sum(ledger.fills[kind].sum() for kind in ("commission", "spread", "slippage", "impact"))
    assert found.cost.sum() == pytest.approx(paid, abs=1e-9)
    assert (found.worst <= np.minimum(found.profit, 0.0) + 1e-9).all()
    assert (found.best >= np.maximum(found.profit, 0.0) - 1e-9).all()
    side = np.sign(np.nan_to_num(ledger.positions()))
    before = np.vstack((np.zeros((1, side.shape[1])), side[:-1]))
    assert found.is_open.sum() == np.count_nonzero(side[-1])
    assert found.side.size == np.count_nonzero((side != before) & (side != 0.0))


@pytest.mark.parametrize("seed", range(4))
def test_trades_of_random_reversals_add_up(seed: int) -> None:
    rng = np.random.default_rng(seed)
    prices = 20.0 * np.cumprod(1.0 + rng.normal(0.0, 0.03, (80, 3)), axis=0)
    ledger = Ledger(prices, capital=1e6)
    for row in range(80):
        for asset in np.flatnonzero(rng.random(3) < 0.4):
            aim = float(rng.integers(-2, 3)) * 10.0
            quantity = aim - ledger.quantity[asset]
            if quantity:
                ledger.trade(row, int(asset), quantity, prices[row, asset] * 1.001, commission=1.0)
        ledger.shut(row)
    found = trips(ledger)
    assert (found.side == -1).any()
    assert found.profit.sum() == pytest.approx(ledger.equity[-1] - 1e6, abs=1e-6)
    for asset in range(3):
        own = np.flatnonzero(found.asset == asset)
        assert (found.closed[own[:-1]] <= found.opened[own[1:]]).all()
        assert not found.is_open[own[:-1]].any()


def test_ruin_ends_the_record_of_trades() -> None:
    ledger = Ledger(close(100.0, 160.0, 90.0))
    shut_all(ledger, 3, {0: (-20.0, 100.0, 0.0)})
    ledger.event_rows.append((1, -1, 0, EventKind.BANKRUPT, -1, -200.0))
    row = trades(ledger).iloc[0]
    assert row["open"]
    assert (row["bars"], row["profit"]) == (1, pytest.approx(-1200.0))


def test_no_trades_is_an_empty_table() -> None:
    ledger = Ledger(close(10.0, 10.0))
    shut_all(ledger, 2, {})
    assert trades(ledger).empty
    assert "mae" in trades(ledger).columns
    assert run_metrics(ledger)["open_profit"] == 0.0


def test_statistics_are_of_closed_trades_in_the_order_of_closing() -> None:
    ledger = Ledger(np.array([[10.0, 10.0], [11.0, 10.0], [12.0, 8.0], [12.0, 9.0], [15.0, 9.0], [20.0, 9.0]]))
    ledger.trade(0, 0, 10.0, 10.0)
    ledger.trade(0, 1, 10.0, 10.0)
    ledger.shut(0)
    ledger.shut(1)
    ledger.trade(2, 1, -10.0, 8.0)  # A1 loses 20 and closes first
    ledger.shut(2)
    ledger.trade(3, 0, -10.0, 12.0)  # A0 wins 20
    ledger.trade(3, 1, 10.0, 9.0)
    ledger.shut(3)
    ledger.trade(4, 1, -10.0, 9.0, commission=4.0)  # A1 loses 4
    ledger.trade(4, 0, 1.0, 15.0)
    ledger.shut(4)
    ledger.shut(5)  # A0 is 5 up and open
    got = run_metrics(ledger)
    assert (got["trades_closed"], got["trades_open"]) == (3, 1)
    assert got["win_rate"] == pytest.approx(1 / 3)
    assert got["profit_factor"] == pytest.approx(20 / 24)
    assert got["payoff_ratio"] == pytest.approx(20 / 12)
    assert got["expectancy"] == pytest.approx(-4 / 3)
    assert got["expectancy_return"] == pytest.approx((-0.2 + 0.2 - 4 / 90) / 3)
    assert (got["average_win"], got["average_loss"]) == (pytest.approx(20.0), pytest.approx(-12.0))
    assert (got["best_trade"], got["worst_trade"]) == (pytest.approx(20.0), pytest.approx(-20.0))
    assert (got["winning_streak"], got["losing_streak"]) == (1, 1)
    assert got["trade_days"] == pytest.approx((2 + 3 + 1) / 3)
    assert got["average_mae"] == pytest.approx((-0.2 + 0.0 - 4 / 90) / 3)
    assert got["average_mfe"] == pytest.approx((0.0 + 0.2 + 0.0) / 3)
    assert got["open_profit"] == pytest.approx(5.0)


def test_a_single_unit_is_a_position_like_any_other() -> None:
    ledger = Ledger(close(10.0, 11.0, 12.0))
    shut_all(ledger, 3, {0: (1.0, 10.0, 0.0), 2: (-1.0, 12.0, 0.0)})
    ledger.market = replace(
        ledger.market, open=close(10.0, 10.0, 11.0), high=close(10.0, 14.0, 12.0), low=close(10.0, 8.0, 11.0)
    )
    row = trades(ledger).iloc[0]
    assert (row["profit"], row["mae"], row["mfe"]) == (pytest.approx(2.0), pytest.approx(-0.2), pytest.approx(0.4))
    held = Ledger(close(10.0, 11.0))
    shut_all(held, 2, {0: (1.0, 10.0, 0.0)})
    assert trades(held)["profit"][0] == pytest.approx(1.0)


def test_a_trade_that_made_nothing_is_neither_a_win_nor_a_loss() -> None:
    ledger = Ledger(close(10.0, 10.0, 10.0, 12.0))
    for row, quantity in enumerate((5.0, -5.0, 5.0, -5.0)):
        ledger.trade(row, 0, quantity, ledger.close[row, 0])
        ledger.shut(row)
    got = run_metrics(ledger)
    assert (got["trades_closed"], got["win_rate"]) == (2, 0.5)
    assert (got["average_win"], got["average_loss"], got["profit_factor"]) == (pytest.approx(10.0), None, None)
    assert (got["winning_streak"], got["losing_streak"]) == (1, 0)


def test_the_unit_of_money_changes_no_return_of_a_trade() -> None:
    ledger = Ledger(1e-6 * close(10.0, 12.0, 9.0), capital=1e-3)
    for row, quantity in enumerate((2.0, 0.0, -2.0)):
        if quantity:
            ledger.trade(row, 0, quantity, ledger.close[row, 0])
        ledger.shut(row)
    row = trades(ledger).iloc[0]
    assert (row["return"], row["mae"], row["mfe"]) == pytest.approx((-0.1, -0.1, 0.2))
    assert run_metrics(ledger)["expectancy_return"] == pytest.approx(-0.1)


def test_highs_after_a_ruin_reach_no_trade() -> None:
    ledger = Ledger(close(100.0, 120.0, 160.0, 90.0))
    shut_all(ledger, 4, {0: (-20.0, 100.0, 0.0)})
    ledger.event_rows.append((2, -1, 0, EventKind.BANKRUPT, -1, -200.0))
    high, low = close(100.0, 130.0, 160.0, 500.0), close(100.0, 90.0, 150.0, 1.0)
    ledger.market = replace(ledger.market, open=close(100.0, 110.0, 155.0, 90.0), high=high, low=low)
    row = trades(ledger).iloc[0]
    assert (row["bars"], row["profit"]) == (2, pytest.approx(-1200.0))
    assert (row["mae"], row["mfe"]) == (pytest.approx(-0.6), pytest.approx(0.1))

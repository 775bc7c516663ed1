"""The walk through the ledger to the letter: actions, ends, ruins, and trades of one row."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.metrics import (
    profit_by,
    trades,
)
from backtest.metrics.ledger import asset_returns, cost_by_row, drag_by_row, turnover_by_row
from backtest.types import ActionKind

from .results import Ledger, ledger_of


def test_two_actions_of_one_row_act_both() -> None:
    actions = [
        (2, 0, ActionKind.SPLIT, 2.0),
        (2, 0, ActionKind.SPLIT, 3.0),
        (2, 1, ActionKind.DIVIDEND, 1.0),
        (2, 1, ActionKind.DIVIDEND, 0.5),
    ]
    ledger = ledger_of([[9.0, 9.0], [60.0, 10.0], [11.0, 9.0]], first=1, actions=actions)
    ledger.shut(1)
    ledger.mark = np.array([10.0, 8.5])
    ledger.shut(2)
    np.testing.assert_allclose(asset_returns(ledger), [[6.0 * 11.0 / 60.0 - 1.0, 10.5 / 10.0 - 1.0]])


def test_an_asset_that_ends_in_the_first_row_has_no_returns() -> None:
    ledger = ledger_of([[9.0], [10.0], [10.0]], first=1, actions=[(1, 0, ActionKind.DELISTING, -0.5)])
    ledger.shut(1)
    ledger.shut(2)
    assert np.isnan(asset_returns(ledger)).all()
    before = ledger_of([[9.0], [10.0], [10.0]], first=1, actions=[(0, 0, ActionKind.DELISTING, -0.5)])
    before.shut(1)
    before.shut(2)
    assert asset_returns(before).tolist() == [[0.0]]


def test_a_mark_of_zero_has_no_return() -> None:
    ledger = ledger_of([[1.0], [0.0], [2.0]])
    for row in range(3):
        ledger.shut(row)
    found = asset_returns(ledger)
    assert found[0, 0] == -1.0
    assert math.isnan(found[1, 0])


def test_nothing_is_spent_of_an_account_that_is_gone() -> None:
    ledger = ledger_of([[100.0], [50.0], [50.0]])
    ledger.trade(0, 0, 20.0, 100.0)
    for row in range(3):
        ledger.shut(row)
    assert ledger.equity.tolist() == [1000.0, 0.0, 0.0]
    for found in (turnover_by_row(ledger), drag_by_row(ledger), cost_by_row(ledger)):
        assert found[1:].tolist() == [0.0, 0.0]
        assert found.dtype == np.float64
    assert turnover_by_row(ledger)[0] == 1.0


def many(n: int = 40) -> Ledger:
    """So many assets, one opened a row or three; more of a row than a sort keeps in order by chance."""
    rng = np.random.default_rng(2)
    close = np.full((4, n), 10.0)
    ledger = Ledger(close, capital=1e5)
    opened = rng.integers(0, 2, n)
    for row in range(4):
        for asset in range(n):
            if opened[asset] == row:
                ledger.trade(row, asset, 1.0 + asset, 10.0)
            if row == 3 and asset % 3 == 0:
                ledger.trade(row, asset, -1.0 - asset, 10.0 + asset)
        ledger.shut(row)
    return ledger


def test_trades_of_one_row_stand_in_the_order_of_the_assets() -> None:
    ledger = many()
    for table in (trades(ledger), profit_by(ledger, "trade")):
        found = [(opened, int(symbol[1:])) for opened, symbol in zip(table["opened"], table["symbol"], strict=True)]
        assert found == sorted(found)
        assert table.index.tolist() == list(range(40))
    assert profit_by(ledger, "trade").index.name == "trade"
    assert profit_by(ledger, "trade").columns.tolist() == [
        *("symbol", "opened", "closed", "gross", "cost", "net", "contribution")
    ]
    assert trades(ledger).columns.tolist() == [
        *("symbol", "side", "opened", "closed", "bars", "days", "entered", "profit", "cost", "return"),
        *("mae", "mfe", "open"),
    ]
    whole = profit_by(ledger, "trade")
    assert whole["closed"].isna().tolist() == trades(ledger)["open"].tolist()
    assert (whole["closed"].dropna() == ledger.times[3]).all()


def test_a_trade_of_a_later_row_counts_its_own_bars_and_one_for_nothing_has_no_return() -> None:
    ledger = ledger_of([[10.0, 10.0], [10.0, 10.0], [10.0, 10.0], [10.0, 10.0]])
    ledger.shut(0)
    ledger.trade(1, 0, 1.0, 10.0)
    ledger.trade(1, 1, 1.0, 0.0)
    ledger.shut(1)
    ledger.shut(2)
    ledger.trade(3, 0, -1.0, 12.0)
    ledger.shut(3)
    table = trades(ledger)
    assert table["bars"].tolist() == [2, 2]
    assert table["return"].tolist() == [pytest.approx(0.2), pytest.approx(math.nan, nan_ok=True)]
    assert table[["mae", "mfe"]].iloc[1].isna().all()

"""Lots by hand, and that realised + unrealised is what the ledger says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backtest.config.model import Accounting
from backtest.errors import InputError
from backtest.kernels.lots import match_lots
from backtest.metrics import lots, profit_by, realised_profit, trades
from backtest.metrics.attribution.lot_parts import METHODS
from backtest.types import ActionKind, EventKind

from .results import Ledger, ledger_of, random_ledger

Traded = tuple[float, float]


def traded(prices: list[float], *steps: Traded | None, **options: object) -> Ledger:
    """One asset; each row trades a quantity, and what that cost, at its price."""
    ledger = ledger_of([[price] for price in prices], **options)
    for row, (price, step) in enumerate(zip(prices, steps, strict=True)):
        if step:
            ledger.trade(row, 0, step[0], price, commission=step[1])
        ledger.shut(row)
    return ledger


def rows(table: pd.DataFrame, *columns: str) -> list[tuple[float, ...]]:
    """Return columns as tuples, one a row."""
    return list(table[list(columns)].round(9).itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("method", "realised", "left"),
    [
        ("fifo", [100.0, 30.0], [(5.0, 70.0), (10.0, 120.0)]),
        ("lifo", [80.0, 30.0], [(10.0, 100.0), (5.0, 70.0)]),
        ("highest_cost", [60.0, 40.0], [(10.0, 100.0), (5.0, 60.0)]),
        ("average", [120.0], [(15.0, 180.0)]),
    ],
)
def test_which_lot_goes_first(method: str, realised: list[float], left: list[tuple[float, float]]) -> None:
    """10 at 10, 10 at 14, 10 at 12, then 15 sold at 20."""
    ledger = traded([10.0, 14.0, 12.0, 20.0], (10.0, 0.0), (10.0, 0.0), (10.0, 0.0), (-15.0, 0.0))
    table = lots(ledger, method)
    closed, held = table[~table["open"]], table[table["open"]]
    assert closed["realised"].tolist() == pytest.approx(realised)
    assert closed["unrealised"].tolist() == [0.0] * len(closed)
    assert rows(held, "quantity", "basis") == left
    assert held["realised"].tolist() == [0.0] * len(held)
    assert table["realised"].sum() + table["unrealised"].sum() == pytest.approx(240.0)


@pytest.mark.parametrize(
    ("method", "bought_back"), [("fifo", 100.0), ("lifo", 130.0), ("highest_cost", 90.0), ("average", 320.0 / 3.0)]
)
def test_a_short_has_brought_first_and_costs_later(method: str, bought_back: float) -> None:
    """10 sold short at 10, at 9 and at 13; 10 bought back at 12, 20 still owed at 11."""
    ledger = traded([10.0, 9.0, 13.0, 12.0, 11.0], (-10.0, 0.0), (-10.0, 0.0), (-10.0, 0.0), (10.0, 0.0), None)
    table = lots(ledger, method)
    assert set(table["side"]) == {"short"}
    assert rows(table.iloc[:1], "quantity", "basis", "proceeds", "realised") == [
        (-10.0, 120.0, round(bought_back, 9), round(bought_back - 120.0, 9))
    ]
    held = table[table["open"]]
    assert held["basis"].sum() == pytest.approx(20.0 * 11.0)
    assert held["proceeds"].sum() == pytest.approx(320.0 - bought_back)
    assert table["realised"].sum() + table["unrealised"].sum() == pytest.approx(320.0 - 120.0 - 220.0)


def test_of_equal_costs_the_oldest_goes_first() -> None:
    ledger = traded([10.0, 10.0, 9.0, 10.0, 12.0], (1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (4.0, 0.0), (-3.0, 0.0))
    assert lots(ledger, "highest_cost")["quantity"].tolist() == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize("method", METHODS)
def test_costs_are_in_the_basis_and_off_the_proceeds(method: str) -> None:
    """10 at 10 for 1: 10.1 each. 4 sold at 12 for 1: 11.75 each. 4 × 1.65, and 6 × 1.9 on paper."""
    table = lots(traded([10.0, 12.0], (10.0, 1.0), (-4.0, 1.0)), method)
    assert rows(table, "basis", "proceeds", "realised", "unrealised") == [
        (40.4, 47.0, 6.6, 0.0),
        (60.6, 72.0, 0.0, 11.4),
    ]


@pytest.mark.parametrize("method", METHODS)
def test_a_turn_closes_all_and_opens_the_rest_at_one_price(method: str) -> None:
    """10 and 5 long at 10; 30 sold at 12 for 3: 11.9 each, half of them the new short, 11 at the end."""
    table = lots(traded([10.0, 10.0, 12.0, 11.0], (10.0, 0.0), (5.0, 0.0), (-30.0, 3.0), None), method)
    assert table["realised"].sum() == pytest.approx(15.0 * 1.9)
    assert rows(table[table["open"]], "side", "quantity", "basis", "proceeds", "unrealised") == [
        ("short", -15.0, 165.0, 178.5, 13.5)
    ]


@pytest.mark.parametrize("method", METHODS)
def test_lots_follow_splits_to_the_last_row(method: str) -> None:
    """10 at 12; 3 for 1; 10 of the 30 sold at 5; 1 for 2 in a row without a trade: 10 left, at 8."""
    actions = [(3, 0, ActionKind.SPLIT, 0.5), (1, 0, ActionKind.SPLIT, 3.0)]
    ledger = ledger_of([[12.0], [4.0], [5.0], [11.0]], actions=actions)
    ledger.trade(0, 0, 10.0, 12.0)
    ledger.shut(0)
    ledger.act(1, 0, ActionKind.SPLIT, 3.0)
    ledger.shut(1)
    ledger.trade(2, 0, -10.0, 5.0)
    ledger.shut(2)
    ledger.act(3, 0, ActionKind.SPLIT, 0.5)
    ledger.shut(3)
    table = lots(ledger, method)
    assert rows(table, "quantity", "basis", "proceeds") == [(10.0, 40.0, 50.0), (10.0, 80.0, 110.0)]
    assert (table["bars"].tolist(), table["days"].tolist()) == ([2, 3], [2.0, 3.0])


def test_a_split_comes_before_the_trades_of_its_row() -> None:
    """10 at 12; 3 for 1 and 20 of the 30 sold at 5."""
    ledger = ledger_of([[12.0], [5.0]], actions=[(1, 0, ActionKind.SPLIT, 3.0)])
    ledger.trade(0, 0, 10.0, 12.0)
    ledger.shut(0)
    ledger.act(1, 0, ActionKind.SPLIT, 3.0)
    ledger.trade(1, 0, -20.0, 5.0)
    ledger.shut(1)
    assert rows(lots(ledger), "quantity", "basis", "proceeds") == [(20.0, 80.0, 100.0), (10.0, 40.0, 50.0)]


def test_a_delisting_sells_all_lots_for_its_payout() -> None:
    ledger = ledger_of([[10.0], [14.0], [np.nan]], actions=[(2, 0, ActionKind.DELISTING, -0.5)])
    for row, price in ((0, 10.0), (1, 14.0)):
        ledger.trade(row, 0, 10.0, price)
        ledger.shut(row)
    ledger.act(2, 0, ActionKind.DELISTING, -0.5)
    ledger.shut(2)
    table = lots(ledger)
    assert rows(table, "basis", "proceeds", "realised") == [(100.0, 70.0, -30.0), (140.0, 70.0, -70.0)]
    assert not table["open"].any()


def test_times_and_the_order_of_rows() -> None:
    """What closes first stands first, whatever its asset; then what is open, the oldest first."""
    ledger = Ledger(np.full((5, 2), 10.0))
    for row, asset, quantity in ((0, 1, 5.0), (1, 0, 5.0), (2, 1, -2.0), (3, 0, -1.0)):
        ledger.trade(row, asset, quantity, 10.0)
        ledger.shut(row)
    ledger.shut(4)
    table = lots(ledger)
    assert table["symbol"].tolist() == ["A1", "A0", "A1", "A0"]
    assert table["opened"].tolist() == [ledger.times[k] for k in (0, 1, 0, 1)]
    assert table["closed"].tolist()[:2] == [ledger.times[2], ledger.times[3]]
    assert table["closed"].isna().tolist() == table["open"].tolist() == [False, False, True, True]
    assert table["bars"].tolist() == [2, 2, 4, 3]


def test_each_owner_has_lots_of_its_own() -> None:
    """One buys at 10 what another sells short at 12: nothing is closed."""
    ledger = traded([10.0, 12.0], (10.0, 0.0), (-10.0, 0.0))
    ledger.fill_rows[1]["owner"] = 1
    table = lots(ledger)
    assert rows(table, "owner", "side", "quantity") == [(0, "long", 10.0), (1, "short", -10.0)]
    assert table["open"].all()
    assert realised_profit(ledger).loc["A0"].to_dict() == pytest.approx(
        {"quantity": 0.0, "realised": 0.0, "unrealised": 20.0, "dividends": 0.0, "net": 20.0}
    )


def test_what_happens_after_a_ruin_is_in_no_lot() -> None:
    ledger = traded([100.0, 160.0, 90.0], (-20.0, 0.0), None, (20.0, 0.0), actions=[(2, 0, ActionKind.SPLIT, 2.0)])
    ledger.event_rows.append((1, -1, 0, EventKind.BANKRUPT, -1, -200.0))
    assert rows(lots(ledger), "quantity", "unrealised", "bars") == [(-20.0, -1200.0, 1)]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(4))
def test_realised_and_unrealised_and_dividends_are_the_profit_of_each_asset(method: str, seed: int) -> None:
    ledger = random_ledger(seed)
    found, ledgers = realised_profit(ledger, method), profit_by(ledger)
    assert found.index.tolist() == ledgers.index.tolist()
    moved = np.abs(ledger.fills["quantity"] * ledger.fills["price"]).sum()
    np.testing.assert_allclose(found["net"], ledgers["net"], rtol=0.0, atol=1e-9 * moved / 1e3)
    np.testing.assert_allclose(found["dividends"], ledgers["dividends"], rtol=1e-12)
    np.testing.assert_allclose(found["quantity"], ledger.positions()[-1], rtol=1e-12)
    table = lots(ledger, method)
    for column in ("realised", "unrealised"):
        by_symbol = table.groupby("symbol")[column].sum().reindex(found.index)
        np.testing.assert_allclose(by_symbol, found[column], rtol=1e-9, atol=1e-9)


def test_with_one_lot_a_position_lots_are_trades() -> None:
    ledger = traded([10.0, 12.0, 9.0, 8.0], (10.0, 1.0), (-10.0, 1.0), (-5.0, 1.0), (5.0, 0.0))
    table, whole = lots(ledger), trades(ledger)
    assert (table["realised"] + table["unrealised"]).tolist() == pytest.approx(whole["profit"].tolist())
    for column in ("symbol", "side", "opened", "closed", "bars", "days", "open"):
        assert table[column].tolist() == whole[column].tolist(), column


def test_no_trades_are_an_empty_table() -> None:
    ledger = traded([10.0, 10.0], None, None)
    table = lots(ledger)
    assert table.empty
    assert table.dtypes.to_dict() == lots(random_ledger(0)).dtypes.to_dict()
    assert realised_profit(ledger).empty


def test_the_methods_are_those_of_a_configuration() -> None:
    for method in METHODS:
        assert Accounting(lots=method).lots == method
    with pytest.raises(InputError, match=r"method: .*'fiffo'.*fifo, highest_cost, lifo.*did you mean 'fifo'"):
        lots(random_ledger(0), "fiffo")


def test_arguments_of_the_kernel_have_one_form() -> None:
    lots(random_ledger(0))
    lots(traded([10.0, 10.0], None, None), "lifo")
    assert len(getattr(match_lots, "signatures", [()])) == 1

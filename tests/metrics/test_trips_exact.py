"""Trades against a walk through the ledger, row by row and asset by asset, that shares nothing with the code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from backtest.metrics import profit_by, trades
from backtest.metrics.trade_metrics import trade_metrics
from backtest.metrics.trips import trips
from backtest.types import ActionKind, EventKind

from .results import Ledger

COSTS = ("commission", "spread", "slippage", "impact")


@dataclass
class Trip:
    asset: int
    side: int
    opened: int
    closed: int = -1
    flow: float = 0.0
    cost: float = 0.0
    entered: float = 0.0
    worst: float = 0.0
    best: float = 0.0

    def pay(self, spent: float, cost: float) -> None:
        self.flow -= spent + cost
        self.cost += cost

    def seen(self, profit: float) -> None:
        self.worst, self.best = min(self.worst, profit), max(self.best, profit)


def walked(ledger: Ledger, last: int | None = None) -> list[Trip]:
    """Rebuild the trips of every asset that was traded, in the order of assets and of opening."""
    rows = len(ledger.rows) if last is None else last + 1
    found: list[Trip] = []
    trades_of, events, positions, marks = ledger.fills, ledger.events, ledger.positions(), ledger.marks()
    for asset in sorted({int(fill["asset"]) for fill in trades_of}):
        trip: Trip | None = None
        held = 0.0
        for row in range(rows):
            at = row + ledger.first
            for where, which, kind, value in ledger.actions:
                if (where, which, kind) == (at, asset, ActionKind.SPLIT):
                    held *= value
            for event in events:
                if (event["row"], event["asset"], event["kind"]) == (at, asset, EventKind.DIVIDEND) and trip:
                    trip.flow += event["value"]
            fills = [fill for fill in trades_of if (fill["row"], fill["asset"]) == (at, asset)]
            now, mark = positions[row, asset], marks[row, asset]
            if fills:
                trip = traded(found, trip, asset, row, held, now, fills)
            if trip:
                trip.seen(trip.flow + now * mark)
                for price in () if fills else reached(ledger, at, asset):
                    trip.seen(trip.flow + now * price)
            held = now
        if trip:
            trip.flow += held * marks[rows - 1, asset]
    return found


def reached(ledger: Ledger, at: int, asset: int) -> tuple[float, ...]:
    """Return the highest and the lowest price of a bar, nothing where they are not both known."""
    high, low = ledger.market.high, ledger.market.low
    if high is None or low is None or np.isnan(high[at, asset] + low[at, asset]):
        return ()
    return float(high[at, asset]), float(low[at, asset])


def traded(
    found: list[Trip], trip: Trip | None, asset: int, row: int, held: float, now: float, fills: list[Any]
) -> Trip | None:
    """Trade in one row: begin, add to, reduce, end or reverse; return the trip that is left."""
    spent = sum(float(fill["quantity"] * fill["price"]) for fill in fills)
    moved = sum(abs(float(fill["quantity"] * fill["price"])) for fill in fills)
    cost = sum(float(fill[kind]) for fill in fills for kind in COSTS)
    if trip is None:
        new = Trip(asset, int(np.sign(now)), row)
        found.append(new)
        new.pay(spent, cost)
        new.entered = abs(spent) if now else moved / 2.0
        if now == 0.0:
            ended(new, row)
        return new if now else None
    if held * now > 0.0:
        trip.pay(spent, cost)
        trip.entered += abs(spent) if spent * held > 0.0 else 0.0
        return trip
    share = -held / (now - held)
    trip.pay(share * spent, share * cost)
    ended(trip, row)
    if now == 0.0:
        return None
    new = Trip(asset, int(np.sign(now)), row, entered=abs((1.0 - share) * spent))
    found.append(new)
    new.pay((1.0 - share) * spent, (1.0 - share) * cost)
    return new


def ended(trip: Trip, row: int) -> None:
    trip.closed = row
    trip.seen(trip.flow)


def compare(ledger: Ledger, last: int | None = None) -> None:
    wanted, found = walked(ledger, last), trips(ledger)
    assert [(trip.asset, trip.side, trip.opened, trip.closed) for trip in wanted] == list(
        zip(found.asset.tolist(), found.side.tolist(), found.opened.tolist(), found.closed.tolist(), strict=True)
    )
    unit = ledger.capital * 1e-12
    for name, field in (("profit", "flow"), ("cost",) * 2, ("entered",) * 2, ("worst",) * 2, ("best",) * 2):
        np.testing.assert_allclose(
            getattr(found, name), [getattr(trip, field) for trip in wanted], rtol=1e-9, atol=unit, err_msg=name
        )


def busy(seed: int, unit: float = 1.0, highs: bool = True, rows: int = 50) -> Ledger:
    """Whole positions from −2 to 2 in five assets, one of them never traded: reversals, round trips, splits, gaps."""
    rng = np.random.default_rng(seed)
    close = unit * 20.0 * np.cumprod(1.0 + rng.normal(0.0, 0.03, (rows, 5)), axis=0)
    close[:8, 1] = np.nan
    close[30:33, 2] = np.nan
    split, pay = ActionKind.SPLIT, ActionKind.DIVIDEND
    actions = [(12, 2, split, 2.0), (12, 2, split, 3.0), (20, 0, split, 0.5), (25, 4, split, 5.0), (3, 0, split, 2.0)]
    actions += [(15, 0, pay, 0.3 * unit), (15, 2, pay, 0.2 * unit), (26, 3, pay, 0.1 * unit)]
    ledger = Ledger(close, first=3, capital=1e6 * unit, actions=actions)
    for row in range(3, rows):
        for at, asset, kind, value in actions:
            if at == row:
                ledger.act(row, asset, ActionKind(kind), value)
        for asset in np.flatnonzero((rng.random(5) < 0.4) & ~np.isnan(close[row])):
            if asset == 4:
                continue
            price = float(close[row, asset]) * 1.001
            if ledger.quantity[asset] == 0.0 and rng.random() < 0.3:
                ledger.trade(row, int(asset), 1.0, price, commission=0.1 * unit)
                ledger.trade(row, int(asset), -1.0, price * 1.01, impact=0.2 * unit)
                continue
            aim = float(rng.integers(-2, 3))
            if aim != ledger.quantity[asset]:
                ledger.trade(row, int(asset), aim - float(ledger.quantity[asset]), price, spread=0.3 * unit)
        ledger.shut(row)
    if highs:
        spread = rng.uniform(0.0, 0.05, (2, *close.shape))
        high, low = close * (1.0 + spread[0]), close * (1.0 - spread[1])
        high[40, 0], low[41, 0] = np.nan, np.nan
        ledger.market = replace(ledger.market, open=close, high=high, low=low)
    return ledger


@pytest.mark.parametrize("highs", [True, False])
@pytest.mark.parametrize("unit", [1.0, 1e-3])
@pytest.mark.parametrize("seed", range(4))
def test_trips_are_those_of_a_walk_through_the_ledger(seed: int, unit: float, highs: bool) -> None:
    ledger = busy(seed, unit, highs)
    found = trips(ledger)
    assert {0, 1, -1} <= set(found.side.tolist())
    compare(ledger)
    assert found.profit.sum() == pytest.approx(ledger.equity[-1] - ledger.capital, abs=1e-9 * ledger.capital)


@pytest.mark.parametrize("seed", range(3))
def test_what_happens_after_a_ruin_is_no_part_of_a_trip(seed: int) -> None:
    """The account is last valued in row 20; trades and dividends of the row behind are not its own."""
    ledger = busy(seed)
    ledger.event_rows.append((23, -1, 0, EventKind.BANKRUPT, -1, 0.0))
    ledger.event_rows.append((24, 0, 0, EventKind.DIVIDEND, -1, 77.0))
    ledger.trade(24, 0, 5.0, 3.0, commission=1.0)
    ledger.trade(24, 3, 5.0, 3.0, commission=1.0)
    compare(ledger, last=20)


def test_a_dividend_of_an_asset_that_was_never_traded_is_in_no_trip() -> None:
    ledger = busy(0)
    before = trips(ledger)
    ledger.event_rows.append((26, 4, 0, EventKind.DIVIDEND, -1, 1e4))
    after = trips(ledger)
    for name in ("asset", "opened", "closed", "profit", "worst", "best"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))


def test_a_round_trip_in_the_very_first_cell_is_over() -> None:
    """Asset 0 is bought and sold in row 0, bought again later, and held at the end."""
    ledger = Ledger(np.array([[10.0, 10.0], [10.0, 10.0], [13.0, 10.0]]))
    ledger.trade(0, 0, 1.0, 10.0)
    ledger.trade(0, 0, -1.0, 11.0)
    ledger.shut(0)
    ledger.trade(1, 0, 1.0, 10.0)
    ledger.shut(1)
    ledger.shut(2)
    compare(ledger)
    assert trips(ledger).profit.tolist() == pytest.approx([1.0, 3.0])
    assert trips(ledger).closed.tolist() == [0, -1]
    assert trades(ledger)["open"].tolist() == [False, True]


def test_a_market_that_knows_only_highs_has_no_excursions_within_bars() -> None:
    ledger = busy(1, highs=False)
    plain = trips(ledger)
    for field in ("high", "low"):
        half = replace(ledger.market)
        object.__setattr__(half, field, np.where(np.isnan(ledger.close), np.nan, 50.0 * ledger.close))
        ledger.market = half
        found = trips(ledger)
        np.testing.assert_array_equal(found.worst, plain.worst)
        np.testing.assert_array_equal(found.best, plain.best)
        ledger.market = replace(ledger.market, high=None, low=None)


def test_trips_that_close_in_one_row_stand_in_the_order_of_the_assets() -> None:
    ledger = Ledger(np.full((2, 40), 10.0), capital=1e5)
    for asset in range(40):
        ledger.trade(0, asset, 1.0, 10.0)
    ledger.shut(0)
    for asset in range(0, 40, 2):
        ledger.trade(1, asset, -1.0, 10.0 + asset)
    ledger.shut(1)
    found = trips(ledger)
    assert found.by_close.tolist() == list(range(0, 40, 2))
    assert profit_by(ledger, "trade")["net"].tolist() == [
        float(asset) if asset % 2 == 0 else 0.0 for asset in range(40)
    ]


def test_statistics_of_small_trades_and_of_one_for_nothing() -> None:
    """Two wins of less than one unit of money, in a row; what was had for nothing has no return."""
    ledger = Ledger(np.full((4, 3), 10.0))
    ledger.trade(0, 0, 1.0, 10.0)
    ledger.trade(0, 1, 1.0, 10.0)
    ledger.trade(0, 2, 1.0, 0.0)
    ledger.shut(0)
    ledger.shut(1)
    ledger.trade(2, 0, -1.0, 10.5)
    ledger.shut(2)
    ledger.trade(3, 1, -1.0, 10.25)
    ledger.trade(3, 2, -1.0, 0.0)
    ledger.shut(3)
    got = {metric.key: metric.value for metric in trade_metrics(ledger)}
    assert (got["winning_streak"], got["average_win"], got["trades_closed"]) == (2, pytest.approx(0.375), 3)
    assert got["expectancy_return"] == pytest.approx((0.05 + 0.025) / 2.0)
    assert got["trade_days"] == (2 + 3 + 3) / 3
    assert got["win_rate"] == pytest.approx(2 / 3)


def test_a_reversal_after_two_splits_of_one_row_shares_by_the_newest_units() -> None:
    """One unit at 60 is six at 10; nine sold close those six and open three short."""
    actions = [(1, 1, ActionKind.SPLIT, 2.0), (1, 1, ActionKind.SPLIT, 3.0)]
    ledger = Ledger(np.array([[5.0, 60.0], [5.0, 10.0], [5.0, 8.0]]), actions=actions)
    ledger.trade(0, 0, 1.0, 5.0)
    ledger.trade(0, 1, 1.0, 60.0)
    ledger.shut(0)
    for value in (2.0, 3.0):
        ledger.act(1, 1, ActionKind.SPLIT, value)
    ledger.trade(1, 1, -9.0, 11.0, commission=9.0)
    ledger.shut(1)
    ledger.shut(2)
    found = trips(ledger)
    assert found.side.tolist() == [1, 1, -1]
    assert found.profit.tolist() == pytest.approx([0.0, 6 * 11.0 - 60.0 - 6.0, 3 * 11.0 - 24.0 - 3.0])
    compare(ledger)

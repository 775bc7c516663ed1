"""Stops, targets and trails against vectorbt, on 200 assets each: the bar and the price of every exit.

All positions are entered at the close of the first bar, and both look at the bars after it. What coincides is compared;
what differs is stated:

- Both fill a level at the level, a gapped one at the open, and of stop and target in one bar take the stop.
- vectorbt trails behind the best price of the bars before; ours also knows the open of the bar that it tests. Where no
  bar opens beyond the best price so far, both are the same.
- Its trail is a part of the best price (`trail_fraction` of an order of ours); a declared `trail` is money.
- Limit orders that wait are not part of this version of vectorbt.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backtest
from backtest.config.model import Execution
from backtest.costs import Costs
from backtest.market.build import make_market
from backtest.schedule import Calendar, Rebalance
from backtest.schedule.compile import compile_watch
from backtest.simulate.drive import Asked, drive
from backtest.simulate.terms import make_terms
from backtest.strategy import Strategy

from .peers import peer

vectorbt = peer("vectorbt")
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # a peer's own warnings are its own

ROWS, ASSETS, CASH = 120, 200, 1e6
AT_CLOSE = {"fill": "same_close"}
Exits = dict[int, tuple[int, float]]
"""Row and price of the exit, by asset."""


def bars(seed: int, gaps: bool = True) -> dict[str, np.ndarray]:
    """Random bars `(ROWS, ASSETS)`; without gaps each opens at the last close."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, (ROWS, ASSETS)), axis=0))
    before = np.vstack([np.full(ASSETS, 100.0), close[:-1]])
    opened = before * np.exp(rng.normal(0.0, 0.01, (ROWS, ASSETS))) if gaps else before
    away = rng.uniform(0.0, 0.02, (2, ROWS, ASSETS))
    high = np.maximum(opened, close) * (1.0 + away[0])
    low = np.minimum(opened, close) * (1.0 - away[1])
    return {"open": opened, "high": high, "low": low, "close": close}


def first_sales(result: backtest.Result) -> Exits:
    sold: Exits = {}
    for fill in result.fills[result.fills["quantity"] < 0.0]:
        sold.setdefault(int(fill["asset"]), (int(fill["row"]), float(fill["price"])))
    return sold


def declared(prices: dict[str, np.ndarray], **exits: float) -> Exits:
    plan = ([0], [[1.0 / ASSETS] * ASSETS])
    return first_sales(backtest.simulate(prices, plan, exits=exits, execution=AT_CLOSE, capital=CASH))


class Trailing(Strategy):
    """Buy everything at the first close, and trail each position by a part of its best price."""

    part: float = 0.06

    def decide(self, ctx: Any) -> Any:
        """Ask once."""
        if ctx.row:
            return None
        for symbol in ctx.symbols:
            ctx.order(str(symbol), -1e6, kind="trailing", trail_fraction=self.part, reduce_only=True)
        return np.full(ASSETS, 1.0 / ASSETS)


def trailed(prices: dict[str, np.ndarray], part: float) -> Exits:
    market = make_market(**prices)
    watch = compile_watch(Rebalance(any=(Calendar(calendar="year"),)), market, 0, 0)
    terms = make_terms(market, 0, Costs(), Execution(fill="same_close"), watch)
    asked = Asked(Trailing(part=part), "trailing", labels=watch.labels)
    return first_sales(drive(market, asked, watch, terms, CASH).result)


def theirs(prices: dict[str, np.ndarray], **stops: Any) -> Exits:
    entries = np.zeros((ROWS, ASSETS), np.bool_)
    entries[0] = True
    found = vectorbt.Portfolio.from_signals(
        prices["close"], entries, np.zeros_like(entries), open=prices["open"], high=prices["high"], low=prices["low"],
        size=10.0, size_type="amount", init_cash=CASH, stop_entry_price="fillprice", stop_exit_price="stoplimit",
        freq="1D", **stops,
    )  # fmt: skip
    sold: Exits = {}
    for order in found.orders.values[found.orders.values["side"] == 1]:
        sold.setdefault(int(order["col"]), (int(order["idx"]), float(order["price"])))
    return sold


def assert_same(mine: Exits, its: Exits, fewest: int) -> None:
    assert len(mine) >= fewest
    assert {asset: row for asset, (row, _) in mine.items()} == {asset: row for asset, (row, _) in its.items()}
    np.testing.assert_allclose([mine[k][1] for k in mine], [its[k][1] for k in mine], rtol=1e-12)


@pytest.mark.parametrize(
    ("exits", "stops"),
    [
        ({"stop": 0.05}, {"sl_stop": 0.05}),
        ({"target": 0.08}, {"tp_stop": 0.08}),
        ({"stop": 0.05, "target": 0.06}, {"sl_stop": 0.05, "tp_stop": 0.06}),
    ],
    ids=["stop", "target", "both"],
)
@pytest.mark.parametrize("seed", range(3))
def test_stops_and_targets_fill_alike(seed: int, exits: dict[str, float], stops: dict[str, float]) -> None:
    prices = bars(seed)
    assert_same(declared(prices, **exits), theirs(prices, **stops), 100)


@pytest.mark.parametrize("seed", range(3))
def test_trails_fill_alike_where_no_bar_opens_beyond_the_best_price(seed: int) -> None:
    prices = bars(seed, gaps=False)
    assert_same(trailed(prices, 0.06), theirs(prices, sl_stop=0.06, sl_trail=True), 190)


def test_a_trail_of_ours_knows_the_open_and_is_never_behind_theirs() -> None:
    prices = bars(0)
    mine, its = trailed(prices, 0.06), theirs(prices, sl_stop=0.06, sl_trail=True)
    earlier = {asset for asset in its if mine[asset] != its[asset]}
    assert 0 < len(earlier) < ASSETS // 4
    for asset in earlier:
        row = mine[asset][0]
        best = max(prices["close"][0, asset], *prices["high"][1:row, asset], -np.inf)
        assert prices["open"][row, asset] > best
        assert row <= its[asset][0]

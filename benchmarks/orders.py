"""What do orders that wait cost: declared exits on every position, and explicit orders, bar after bar."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import backtest
from backtest.config.model import Execution
from backtest.costs import Costs
from backtest.market.build import make_market
from backtest.market.market import Market
from backtest.schedule import Calendar, Rebalance, compile_watch
from backtest.simulate.drive import Asked, drive
from backtest.simulate.terms import make_terms
from backtest.types import FillReason
from benchmarks.timing import Row, Section, Times, digits, interleaved, must
from benchmarks.workload import ASSETS, CAPITAL, COSTS, INVESTED, ROWS

ROUNDS = 9
EXITS_LIMIT, ORDERS_LIMIT = 4e-9, 8e-9  # seconds an asset and bar, and an order and bar
EVERY = 50  # bars between decisions
NEAR = {"stop": 0.04, "target": 0.05, "trail": 0.05}  # of which about one position in fifty leaves on each bar
FAR = {"stop": 0.99, "target": 1e6}
OWN = (FillReason.EXIT_STOP, FillReason.EXIT_TRAIL, FillReason.EXIT_TARGET)
FEW, MANY = 10, 400
"""Explicit orders that wait; what the second lot takes beyond the first is theirs."""

TEXT = f"""{ASSETS} assets over {ROWS:,} bars of open, high, low and close. *Exits*: equal weights every {EVERY} bars,
beyond the same plan without exits: with a stop and a target on every position that no price ever reaches; and with a
stop, a target and a trail so near that {{share:.1%}} of all asset-bars end a position. An exit that fills is a trade
with its costs, and the next decision buys again what it sold. *Orders*: {MANY} limit orders that no bar reaches,
against as many of which all but {FEW} end after the first day. {ROUNDS} rounds in turn."""


def prices(assets: int = ASSETS) -> dict[str, NDArray[np.float64]]:
    """Bars `(T, N)` from a seed: open and close a step apart, high and low around both."""
    rng = np.random.default_rng(11)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0003, 0.015, (ROWS, assets)), axis=0))
    opened = np.vstack([close[:1], close[:-1]]) * np.exp(rng.normal(0.0, 0.004, (ROWS, assets)))
    away = rng.uniform(0.0, 0.01, (2, ROWS, assets))
    high, low = np.maximum(opened, close) * (1.0 + away[0]), np.minimum(opened, close) * (1.0 - away[1])
    return {"open": opened, "high": high, "low": low, "close": close}


class Resting(backtest.Strategy):
    """Place limit orders far below the market, once, of which only some work for longer than a day."""

    number: int = MANY

    def decide(self, ctx: Any) -> None:
        """Ask for them on the first row."""
        for k in range(MANY if ctx.row == 0 else 0):
            tif = "gtc" if k < self.number else "day"
            ctx.order(str(ctx.symbols[k % len(ctx.symbols)]), 1.0, kind="limit", limit=1e-3, tif=tif)


def measure() -> Section:
    """Time exits and orders."""
    market = make_market(**prices())
    rows, share = exits(market)
    return Section("Orders that wait", TEXT.format(share=share), (), [*rows, *orders(market)])


def exits(market: Market) -> tuple[list[Row], float]:
    """Time declared exits; return the share of asset-bars on which one filled, too."""
    rows = np.arange(0, ROWS, EVERY)
    plan = rows, np.full((len(rows), ASSETS), INVESTED / ASSETS)

    def simulated(levels: dict[str, float] | None) -> backtest.Result:
        return backtest.simulate(market, plan, exits=levels, costs=COSTS, capital=CAPITAL)

    far, near = simulated(FAR), simulated(NEAR)
    left = int(np.isin(near.fills["reason"], OWN).sum())
    must(not np.isin(far.fills["reason"], OWN).any(), "an exit was filled that nothing reaches")
    must(np.array_equal(far.equity, simulated(None).equity), "exits that nothing reaches changed the equity")
    actions = {"none": lambda: simulated(None), "far": lambda: simulated(FAR), "near": lambda: simulated(NEAR)}
    taken = interleaved(actions, ROUNDS)
    cells = ROWS * ASSETS
    watching, filling = (taken[name].minus(taken["none"]).per(cells) for name in ("far", "near"))
    return [
        _row("exits far away, an asset and bar", watching, None),
        _row("exits of which some fill, an asset and bar", filling, EXITS_LIMIT),
    ], left / cells


def orders(market: Market) -> list[Row]:
    """Time explicit orders."""
    watch = compile_watch(Rebalance(any=(Calendar(calendar="year"),)), market, 0, 0)
    terms = make_terms(market, 0, Costs(), Execution(), watch)

    def simulated(number: int) -> backtest.Result:
        asked = Asked(Resting(number=number), "resting", labels=watch.labels)
        return drive(market, asked, watch, terms, CAPITAL).result

    must(not len(simulated(MANY).fills), "an order was filled that nothing reaches")
    taken = interleaved({"few": lambda: simulated(FEW), "many": lambda: simulated(MANY)}, ROUNDS)
    waiting = taken["many"].minus(taken["few"]).per((MANY - FEW) * ROWS)
    return [_row("explicit orders, an order and bar", waiting, ORDERS_LIMIT)]


def _row(what: str, times: Times, limit: float | None) -> Row:
    """Say nanoseconds, which the table's own units do not go down to."""
    told, span = _ns(times.median), f"{_ns(min(times.seconds))} – {_ns(max(times.seconds))}"
    if limit is None:
        return Row(what, said=told, range=span)
    return Row(what, said=told, range=span, promise=f"≤ {_ns(limit)}", kept=times.median <= limit)


def _ns(seconds: float) -> str:
    return f"{digits(seconds * 1e9)} ns"

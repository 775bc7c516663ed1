"""The same decisions under other assumptions: twice the costs, or one bar later.

Decisions are taken from the log of a run and carried out again as a plan, with the same rules for drift, by the same
loop. Nothing is decided anew, so nothing is tried anew: these simulations are no trials. With the costs and the bars
unchanged the same equity comes out bit for bit, which a test holds.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from backtest import stats
from backtest.config import Config
from backtest.errors import DataError
from backtest.kernels.book import Plan
from backtest.market.manifest import names as store_names
from backtest.market.market import Market
from backtest.market.rows import rows_between
from backtest.market.stores import names_of
from backtest.metrics.performance import performance
from backtest.run import Shared
from backtest.schedule import compile_watch
from backtest.simulate.book import new_book
from backtest.simulate.engine import Engine, fixed
from backtest.simulate.result import growth_in
from backtest.simulate.terms import make_terms
from backtest.study.measure import finite, track_of
from backtest.study.record import Record, stamps_of
from backtest.study.side import SideBySide
from backtest.types import Floats, Ints, OrderKind
from backtest.workspace import Workspace
from backtest.workspace.asked import asked_symbols
from backtest.workspace.reading import table_of

PLACED = frozenset(kind.name.lower() for kind in OrderKind)
"""Reasons of fills that an order of the strategy's own asked for."""

REAPPLIED = "reapply"
"""Decisions of the log that the loop took by itself; it takes them again."""


def market_of(config: Config | None, record: Record, place: Workspace, shared: Shared) -> tuple[Config, Market]:
    """Return what a run was made on, while it is still there; DataError says why not."""
    made = record.manifest.get("data", {})
    if config is None:
        raise DataError("its configuration cannot be read any more")
    chosen = config.market
    absent = [name for name in names_of(chosen.source) if name not in store_names(place.data)]
    if absent:
        raise DataError(f"the store {absent[0]!r} is not there any more")
    how = {} if chosen.bars == "stored" else {"bars": chosen.bars}
    market = shared.market(place.data, chosen.source, asked_symbols(config, place), chosen.start, chosen.end, **how)
    if market.content_hash != made.get("hash"):
        raise DataError(f"the store {market.name!r} holds other data than when it was made")
    return config, market


def refuse_orders(folder: Path) -> None:
    """Raise DataError for a run whose strategy placed orders: the log of decisions does not hold them."""
    if not set(table_of(folder / "fills.parquet", ["reason"]).column("reason").to_pylist()).isdisjoint(PLACED):
        raise DataError("its strategy places orders of its own, which cannot be carried out again")


def told(side: SideBySide, equity: Floats, base: float, risk_free: float) -> dict[str, float | None]:
    """Return annual return and Sharpe ratio of an equity `(R,)` at the common times, counted from `base`."""
    track = track_of(side, stats.returns_from_equity(equity, base), equity / base, risk_free)
    found = {metric.key: metric.value for metric in performance(track)}
    return {key: finite(found[key]) for key in ("annual_return", "sharpe")}


def replay(folder: Path, config: Config, market: Market, costs: float = 1.0, delay: int = 0) -> Floats:
    """Return what the capital grew to `(R,)` by the decisions of a run: `costs` times the costs, `delay` bars late."""
    rows, targets = decisions_of(folder, market)
    first, _ = rows_between(market, config.market.start, config.market.end)
    watch = compile_watch(config.rebalance, market, first, None)
    quiet = replace(watch, fires=np.zeros_like(watch.fires), wake_mask=0)
    held = config.account, config.financing
    paid = config.costs.times(costs)
    terms = make_terms(
        market, first, paid, config.execution, quiet, config.market.max_stale, *held, config.exits, config.flows
    )
    index = np.full(market.n_rows, -1, np.int64)
    late = rows + delay
    reached = late < market.n_rows
    index[late[reached]] = np.flatnonzero(reached)
    plan = Plan(fixed(index, np.int64), fixed(targets))
    engine = Engine(market, new_book(market.n_assets, config.capital), terms, plan)
    engine.advance(market.n_rows)
    return growth_in(engine.rows, config.capital)


def decisions_of(folder: Path, market: Market) -> tuple[Ints, Floats]:
    """Return the rows of the market on which something was decided, and the targets `(D, N)`, from a run's log."""
    table = table_of(folder / "rebalances.parquet", ["kind", "time", "source", "targets"])
    kinds, sources = table.column("kind").to_pylist(), table.column("source").to_pylist()
    chosen = [k for k, kind in enumerate(kinds) if kind == "decision" and sources[k] != REAPPLIED]
    rows = np.searchsorted(market.end.max(axis=1), stamps_of(table)[chosen])
    place = {str(symbol): k for k, symbol in enumerate(market.symbols)}
    targets = np.zeros((len(chosen), market.n_assets))
    for k, pairs in enumerate(table.column("targets").take(chosen).to_pylist()):
        for symbol, weight in pairs or ():
            targets[k, place[symbol]] = weight
    return rows.astype(np.int64), targets

"""Driving a strategy over a market in one call."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from backtest.allocate import Method
from backtest.allocate.methods.equal_weight import EqualWeight
from backtest.config.model import Execution
from backtest.costs import Costs
from backtest.market.market import Market
from backtest.schedule import Calendar, Rebalance, compile_watch
from backtest.simulate.drive import Asked, Driven, drive
from backtest.simulate.probe import Probed, probe, rows_to_keep
from backtest.simulate.terms import make_terms
from backtest.strategy import Strategy
from backtest.strategy.allocator import Allocator

DAILY = Rebalance(any=(Calendar(calendar="day"),))
COSTS = Costs(commission_bps=5.0, half_spread_bps=2.0)


def asked_for(
    strategy: Strategy, market: Market, rebalance: Rebalance = DAILY, method: Method | None = None, first: int = 0
) -> Any:
    """Return who is asked, when, and on which terms."""
    watch = compile_watch(rebalance, market, first, max(first, strategy.history_rows - 1), strategy.wake_on)
    asked = Asked(strategy, "mine", Allocator(method or EqualWeight()), 7, watch.labels)
    return asked, watch, make_terms(market, first, COSTS, Execution(fill="next_close"), watch)


def driven(
    strategy: Strategy,
    market: Market,
    rebalance: Rebalance = DAILY,
    method: Method | None = None,
    keep: Collection[int] = (),
    first: int = 0,
) -> Driven:
    """Simulate with 10 000 of capital and small costs, filled at the next close."""
    asked, watch, terms = asked_for(strategy, market, rebalance, method, first)
    return drive(market, asked, watch, terms, 10_000.0, keep)


def probed(strategy: Strategy, market: Market, rebalance: Rebalance = DAILY, mode: str = "sampled") -> Probed:
    """Simulate, then probe."""
    asked, watch, terms = asked_for(strategy, market, rebalance)
    keep = set() if strategy.prepares else rows_to_keep((watch.fires & watch.wake_mask).nonzero()[0], mode)
    return probe(asked, market, drive(market, asked, watch, terms, 10_000.0, keep), mode)

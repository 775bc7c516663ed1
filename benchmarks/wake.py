"""What does it cost to wake Python: a strategy that is asked on the close of every bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import backtest
from backtest.allocate.methods.equal_weight import EqualWeight
from backtest.config.model import Execution
from backtest.costs import Costs
from backtest.market.build import make_market
from backtest.market.market import Market
from backtest.schedule import Calendar, Rebalance, compile_watch
from backtest.simulate.drive import Asked, Driven, drive
from backtest.simulate.terms import make_terms
from backtest.strategy.allocator import Allocator
from benchmarks.timing import Row, Section, interleaved, must
from benchmarks.workload import CAPITAL, COSTS, INVESTED, NEXT_OPEN, ROWS, monthly

ROUNDS = 15
LIMIT = 10e-6  # seconds a wake
SIZES = (10, 500)
DAILY = Rebalance(any=(Calendar(calendar="day"),))
TEXT = f"""A strategy is asked on the close of each of {ROWS:,} days. It answers with the same array of 0.98 / N each
time, so that every asset trades on every bar; or with None, so that nothing does. The same targets, known ahead, need
no wake: what the strategy takes beyond them is what waking costs. Per bar; timed in turn in {ROUNDS} rounds."""


class Answering(backtest.Strategy):
    """Give the same answer on every bar."""

    answer: Any = None

    def decide(self, ctx: Any) -> Any:  # noqa: ARG002
        """Return the answer."""
        return self.answer


def measure() -> Section:
    """Time a wake on few and on many assets."""
    rows = [row for assets in SIZES for row in _rows(assets)]
    return Section("Waking a strategy on every bar", TEXT, (), rows)


def _rows(assets: int) -> list[Row]:
    work = monthly(assets)
    market = make_market(**work.arrays, times=work.times)
    weights = np.full(assets, INVESTED / assets)
    targets = (np.arange(ROWS), np.tile(weights, (ROWS, 1)))
    actions: dict[str, Callable[[], Any]] = {
        "plan": lambda: backtest.simulate(market, targets, costs=COSTS, execution=NEXT_OPEN, capital=CAPITAL),
        "asked": driver(market, weights),
        "silent": driver(market, None),
    }
    check(actions)
    times = {name: each.per(ROWS) for name, each in interleaved(actions, ROUNDS).items()}
    wake = times["asked"].minus(times["plan"])
    return [
        Row(f"{assets} assets: the plan, without a wake", times["plan"]),
        Row(f"{assets} assets: a strategy that answers", times["asked"]),
        Row(f"{assets} assets: a strategy that answers None", times["silent"]),
        Row(
            f"{assets} assets: the wake alone (answers, beyond the plan)", wake, promise="≤ 10 µs",
            kept=wake.median <= LIMIT, brief=f"waking a Python strategy on every bar, {assets} assets",
        ),
    ]  # fmt: skip


def driver(market: Market, answer: Any) -> Callable[[], Driven]:
    """Make a call that drives the strategy over the whole market."""
    watch = compile_watch(DAILY, market, 0, 0)
    terms = make_terms(market, 0, Costs(**COSTS), Execution(**NEXT_OPEN), watch)
    asked = Asked(Answering(answer=answer), "answering", Allocator(EqualWeight()), labels=watch.labels)
    return lambda: drive(market, asked, watch, terms, CAPITAL)


def check(actions: dict[str, Callable[[], Any]]) -> None:
    """A strategy is asked on every bar, and its answers give the bits of the same plan."""
    asked, silent, plan = actions["asked"](), actions["silent"](), actions["plan"]()
    must(asked.n_wakes == silent.n_wakes == ROWS, "the strategy was not asked on every bar")
    must((asked.result.equity == plan.equity).all(), "answers and plan give another equity")
    must(not len(silent.result.fills), "a strategy that answers None traded")

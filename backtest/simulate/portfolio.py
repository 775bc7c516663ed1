"""From a configuration and its market to simulated books: the portfolio, and what it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from backtest.allocate import Constraints
from backtest.allocate.methods.fixed import Fixed
from backtest.config import AllocationChoice, Config, PortfolioBenchmark, history_rows, rows_wanted
from backtest.config.model import Execution
from backtest.costs import Account, Financing
from backtest.errors import StrategyError
from backtest.market.join import with_one_clock
from backtest.market.market import Market
from backtest.market.rows import rows_between
from backtest.schedule import START, Flow, Rebalance, Watch, compile_watch, flows_by_row
from backtest.schedule.event import WAKING, wrong_names
from backtest.simulate.callbacks import Callbacks
from backtest.simulate.checkpoint import Checkpoint
from backtest.simulate.drive import Asked, Driven, drive
from backtest.simulate.probe import Probed, probe, rows_to_keep
from backtest.simulate.result import Result
from backtest.simulate.terms import make_terms
from backtest.strategy import Strategy, load_strategy
from backtest.strategy.allocator import Allocator, Decisions


@dataclass(frozen=True)
class Simulated:
    """A driven portfolio, its benchmark, and what the probe saw."""

    driven: Driven
    benchmark: Result | None
    probed: Probed

    @property
    def result(self) -> Result:
        """The portfolio's own result."""
        return self.driven.result


def make_strategy(config: Config, strategies: Path) -> Strategy:
    """Load the strategy and give it its parameters."""
    name = config.strategy.name
    strategy = load_strategy(name, strategies)(**config.strategy.params)
    with Asked(strategy, name).blamed("in history_rows"):
        rows: Any = strategy.history_rows
        if not isinstance(rows, int) or rows < 1:
            raise StrategyError(f"received {rows!r}; expected a property that gives a number of bars, at least 1")
    with Asked(strategy, name).blamed("in wake_on"):
        if wrong := wrong_names(strategy.wake_on, WAKING):
            raise StrategyError(wrong)
    return strategy


def simulate_config(
    config: Config,
    market: Market,
    strategy: Strategy,
    progress: Callable[[int], None] | None = None,
    decisions: Decisions | None = None,
    callbacks: Callbacks | None = None,
    leg: Callable[[str], Checkpoint] | None = None,
) -> Simulated:
    """Simulate the portfolio of a configuration, probe it, and simulate its benchmark.

    The market may hold rows before the configured start, as history; it ends with the configured end. `decisions` are
    what other books on the same market were answered; they are added to, and change no bit of the result. `callbacks`
    hear of the portfolio's events, not of the benchmark's. `leg` gives the checkpoints of "portfolio" and "benchmark",
    from which they go on.
    """
    needed = history_rows(config, strategy)
    first, start_row = simulated_rows(config, market, needed)
    watch = compile_watch(config.rebalance, market, first, start_row, strategy.wake_on)
    asked = Asked(
        strategy,
        config.strategy.name,
        _allocator(config, config.allocation, config.constraints, config.account),
        config.seed,
        watch.labels,
    )
    held = config.account, config.financing, config.exits, config.flows
    terms = make_terms(
        market, first, config.costs, config.execution, watch, config.market.max_stale, *held, all_events=True
    )
    asked_on = np.flatnonzero(watch.fires & watch.wake_mask)
    keep = set() if strategy.prepares else rows_to_keep(asked_on, config.probe)
    known = Decisions(market) if decisions is None else decisions
    thorough = config.probe == "full"
    saved = None if leg is None else leg("portfolio")
    driven = drive(market, asked, watch, terms, config.capital, keep, progress, known, callbacks, thorough, saved)
    probed = probe(asked, market, driven, config.probe)
    saved = None if leg is None or config.benchmark is None else leg("benchmark")
    return Simulated(driven, _benchmark(config, market, first, start_row, known, saved), probed)


def simulated_rows(config: Config, market: Market, needed: int) -> tuple[int, int | None]:
    """Return the first simulated row, and the first row with enough history, None when there is none."""
    first, _ = rows_between(market, config.market.start, config.market.end)
    start_row = max(first, market.row_with(needed))
    return first, start_row if start_row < market.n_rows else None


def _allocator(config: Config, choice: AllocationChoice, rules: Constraints, account: Account) -> Allocator:
    return Allocator.of(choice, within(account, rules), config.costs, config.risk_free)


def within(account: Account, rules: Constraints) -> Constraints:
    """Return constraints that nowhere allow more than the account holds: with shorts, the gross exposure is limited."""
    is_limited = rules.long_only or rules.gross is not None
    return rules if is_limited else rules.model_copy(update={"gross": account.most_gross})


def _benchmark(
    config: Config,
    market: Market,
    first: int,
    start_row: int | None,
    decisions: Decisions,
    saved: Checkpoint | None,
) -> Result | None:
    """Run the benchmark on the same engine, with the same flows; fractions are of its own equity.

    A symbol is bought at its first close, and with what is paid in later, and held without costs.
    """
    chosen = config.benchmark
    if chosen is None:
        return None
    if isinstance(chosen, PortfolioBenchmark):
        own_start = max(first, market.row_with(rows_wanted(chosen.allocation, chosen.constraints)), start_row or 0)
        watch = compile_watch(chosen.rebalance, market, first, own_start if own_start < market.n_rows else None)
        account, financing = chosen.account or config.account, chosen.financing or config.financing
        allocator = _allocator(config, chosen.allocation, chosen.constraints, account)
        held = account, financing
        return _hold(market, allocator, watch, first, config, config.execution, held, decisions, saved)
    column = market.symbols.tolist().index(chosen.symbol)
    bought = None if start_row is None else market.first_bar(column, start_row, market.n_rows)
    watch = _bought_again(compile_watch(Rebalance(), market, first, bought), config.flows, market, first, bought)
    at_close = Execution(fill="same_close")
    allocator = Allocator(Fixed(weights={chosen.symbol: 1.0}))
    held = config.account, config.financing
    whole = replace(with_one_clock(market), member=None)  # held, whenever the portfolio may hold it
    return _hold(whole, allocator, watch, first, config, at_close, held, decisions, saved)


def _bought_again(watch: Watch, flows: Sequence[Flow], market: Market, first: int, bought: int | None) -> Watch:
    """Let a symbol that is held since row `bought` be bought with what is paid in after that, too."""
    if bought is None or not flows:
        return watch
    fires, rows = watch.fires.copy(), np.flatnonzero((flows_by_row(flows, market, first) > 0.0).any(axis=1))
    fires[rows[rows > bought]] |= START
    return replace(watch, fires=fires)


class _Hold(Strategy):
    """Hold what the allocation method says."""

    def decide(self, ctx: Any) -> Any:
        """Allocate over everything."""
        return ctx.allocate()


def _hold(
    market: Market,
    allocator: Allocator,
    watch: Watch,
    first: int,
    config: Config,
    execution: Execution,
    held: tuple[Account, Financing],
    decisions: Decisions,
    saved: Checkpoint | None,
) -> Result:
    asked = Asked(_Hold(), "benchmark", allocator, config.seed, watch.labels)
    terms = make_terms(
        market, first, allocator.costs, execution, watch, config.market.max_stale, *held, flows=config.flows
    )
    return drive(market, asked, watch, terms, config.capital, decisions=decisions, checkpoint=saved).result

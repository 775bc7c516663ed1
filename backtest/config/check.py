"""What only the data can say about a configuration: dates, symbols, fields, units, history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from backtest.allocate import AllocationChoice, Constraints, wants_returns
from backtest.allocate.names import Named, names_in
from backtest.config.check_allocation import wants
from backtest.config.check_financing import Unfit, idle_rates, unfit_rates
from backtest.config.check_flows import doubtful_flows, unmoved_flows
from backtest.config.model import NO_EXITS, Config, Execution, Exits, PortfolioBenchmark, SymbolBenchmark
from backtest.config.node import Keys, Node, problem_at
from backtest.costs import FREE, Costs
from backtest.costs.model import BPS
from backtest.errors import Problem, nearest
from backtest.market.market import Market
from backtest.market.masks import ever
from backtest.market.rows import SLACK_DAYS, as_day, iso
from backtest.schedule import Calendar, Rebalance
from backtest.strategy import Strategy
from backtest.types import ActionKind, Floats

Known = dict[str, None]  # symbols in order, quick to look up

NOWHERE = Node(None)
"""The tree of a configuration that was written in no file."""


def history_rows(config: Config, strategy: Strategy) -> int:
    """Return the bars that must exist up to and including the first decision, for strategy, allocation and costs."""
    wanted = rows_wanted(config.allocation, config.constraints)
    return max(strategy.history_rows, wanted, config.costs.history_rows)


def rows_wanted(choice: AllocationChoice, rules: Constraints) -> int:
    """Return the bars that must exist up to a decision, for a method, its fallbacks and what it must obey."""
    return max(choice.parameters.history_rows, wants_returns(choice, rules, choice.fallback) + 1)


def check_against(config: Config, market: Market, needed: int, tree: Node = NOWHERE) -> list[Problem]:
    """Return why `config` cannot run on `market`; an empty list when it can.

    `needed` is what `history_rows` returns. The market may end at the configured end or later. `tree` comes from
    `load_with_places` and gives the problems a file and line.
    """
    problems = [*_dates(config, market, tree), *_prices(config, market, tree), *_symbols(config, market, tree)]
    problems.extend(_wanted(config, market, tree, is_fatal=True))
    problems.extend(_unknown_calendars(config, market, tree))
    if not any(problem.path.startswith(("$.market.start", "$.market.end")) for problem in problems):
        problems.extend(_history(config, market, needed, ("market", "end"), tree))
        problems.extend(_benchmark_history(config, market, tree))
        problems.extend(_empty_universe(config, market, tree))
        problems.extend(unmoved_flows(config, market, _rows(config, market), tree))
    return problems


def warn_against(config: Config, market: Market, needed: int, tree: Node = NOWHERE) -> list[Problem]:
    """Return what may surprise of a `config` that can run on `market`; arguments as in `check_against`."""
    first, stop = _rows(config, market)
    start_row = max(first, market.row_with(needed))
    warnings = []
    if first < start_row < stop:
        message = f"cash until the first decision on {market.day(start_row)}, when there are {needed} bars of history"
        warnings.append(problem_at(tree, ("market", "start"), message))
    warnings.extend(_silent(config.rebalance, ("rebalance",), market, (start_row, stop), tree))
    warnings.extend(_wanted(config, market, tree, is_fatal=False))
    warnings.extend(_never_members(market, (first, stop), tree))
    warnings.extend(doubtful_flows(config, market, (first, stop), tree))
    warnings.extend(problem_at(tree, *idle) for idle in idle_rates(config.account, config.financing))
    if isinstance(config.benchmark, PortfolioBenchmark):
        later = market.row_with(rows_wanted(config.benchmark.allocation, config.benchmark.constraints))
        if start_row < later < stop:
            message = f"the benchmark holds cash until {market.day(later)}, when it has the history that it needs"
            warnings.append(problem_at(tree, ("benchmark", "allocation"), message))
        warnings.extend(
            _silent(config.benchmark.rebalance, ("benchmark", "rebalance"), market, (start_row, stop), tree)
        )
    return warnings


def _unknown_calendars(config: Config, market: Market, tree: Node) -> Iterator[Problem]:
    """Say that a trigger asks for sessions of a calendar that no symbol has."""
    rules: list[tuple[Keys, Rebalance]] = [(("rebalance",), config.rebalance)]
    if isinstance(config.benchmark, PortfolioBenchmark):
        rules.append((("benchmark", "rebalance"), config.benchmark.rebalance))
    known = market.calendars or (market.calendar,)
    for keys, rule in rules:
        for k, trigger in enumerate(rule.any):
            if isinstance(trigger, Calendar) and trigger.sessions not in (None, *known):
                asked, message = trigger.sessions or "", f"no symbol of {market.name!r} has this calendar"
                place = (*keys, "any", k, "sessions")
                close = nearest(asked, known)
                yield problem_at(tree, place, message, received=repr(asked), allowed=", ".join(known), nearest=close)


def _empty_universe(config: Config, market: Market, tree: Node) -> Iterator[Problem]:
    """Say that nobody belongs to the universe while it is simulated."""
    first, stop = _rows(config, market)
    if market.member is not None and first < stop and not ever(market.member, first, stop).any():
        message = f"nobody belongs to the universe between {market.day(first)} and {market.day(stop - 1)}"
        yield problem_at(tree, ("market", "symbols"), message)


def _never_members(market: Market, rows: tuple[int, int], tree: Node) -> Iterator[Problem]:
    """Name the symbols of a universe that belong to it at no time that is simulated."""
    first, stop = rows
    if market.member is not None and first < stop:
        absent = market.symbols[~ever(market.member, first, stop)].tolist()
        if absent:
            listed = ", ".join(absent[:5]) + (f" and {len(absent) - 5} more" if len(absent) > 5 else "")
            message = f"outside the universe from {market.day(first)} to {market.day(stop - 1)}: {listed}"
            yield problem_at(tree, ("market", "symbols"), message)


def _wanted(config: Config, market: Market, tree: Node, is_fatal: bool) -> list[Problem]:
    """Return what the allocations want and cannot have: what no decision can do without, or the rest."""
    return [
        problem_at(tree, want.keys, want.message, allowed=want.allowed)
        for want in wants(config, market)
        if want.is_fatal == is_fatal
    ]


def _rows(config: Config, market: Market) -> tuple[int, int]:
    """Return the rows ``[first, stop)`` that are simulated; empty when the dates lie outside the data."""
    start, end = config.market.start, config.market.end
    first = 0 if start is None else int(np.searchsorted(market.session, as_day(start), side="left"))
    stop = market.n_rows if end is None else int(np.searchsorted(market.session, as_day(end), side="right"))
    return first, stop


def _dates(config: Config, market: Market, tree: Node) -> Iterator[Problem]:
    low, high = int(market.session[0]), int(market.session[-1])
    covered = f"{iso(low)} to {iso(high)}"
    outside = False
    for key, day in (("start", config.market.start), ("end", config.market.end)):
        if day is not None and not low - SLACK_DAYS <= as_day(day) <= high + SLACK_DAYS:
            outside = True
            message = f"outside the data of {market.name!r}"
            yield problem_at(tree, ("market", key), message, received=str(day), allowed=covered)
    first, stop = _rows(config, market)
    if first >= stop and not outside:
        yield problem_at(
            tree, ("market", "start"), f"no session of {market.name!r} between start and end", allowed=covered
        )


def _prices(config: Config, market: Market, tree: Node) -> Iterator[Problem]:
    rates = _financing(config, market)
    for unfit in (*unfit_prices(market, config.costs, config.execution, config.exits), *rates):
        yield problem_at(tree, unfit.keys, unfit.message, received=unfit.received, allowed=unfit.allowed)


def _financing(config: Config, market: Market) -> Iterator[Unfit]:
    """Return what the financing asks for and the market does not have, of the benchmark's own too."""
    yield from unfit_rates(market, config.financing)
    own = config.benchmark.financing if isinstance(config.benchmark, PortfolioBenchmark) else None
    for unfit in unfit_rates(market, own or FREE):
        yield unfit._replace(keys=("benchmark", *unfit.keys))


def unfit_prices(market: Market, costs: Costs, execution: Execution, exits: Exits = NO_EXITS) -> Iterator[Unfit]:
    """Say what the prices of `market` are not fit for."""
    name = market.name
    if execution.fill == "next_open" and market.open is None:
        message = f"{name!r} has no opens to fill at; write `execution: {{fill: next_close}}`"
        yield Unfit(("execution", "fill"), message, execution.fill, "next_close or same_close")
    if market.n_clocks > 1:
        yield from _unfit_clocks(market, execution)
    has_ranges = market.open is not None and market.high is not None and market.low is not None
    for key, fraction in exits.model_dump(exclude_none=True).items() if not has_ranges else ():
        message = f"{name!r} has no opens, highs and lows to see exits in"
        yield Unfit(("exits", key), message, f"{fraction:g}", "null")
    if execution.participation is not None and market.volume is None:
        message = f"{name!r} has no volume to take a part of"
        yield Unfit(("execution", "participation"), message, f"{execution.participation:g}", "null")
    if execution.lots == "store" and not own_units(market, "lot").any():
        yield Unfit(("execution", "lots"), f"{name!r} tells no lots", "store", "fractional, whole or a number of units")
    if execution.ticks == "store" and not own_units(market, "tick").any():
        yield Unfit(("execution", "ticks"), f"{name!r} tells no ticks", "store", "any or an amount of money")
    yield from unfit_costs(market, costs)
    if execution.dividends == "reinvest" and market.price_kind != "raw":
        kind = market.price_kind.replace("_", " ")
        message = f"prices of {name!r} are {kind}, and no dividend is paid beside them; that needs raw prices"
        yield Unfit(("execution", "dividends"), message, "reinvest", "cash")
    if market.price_kind == "raw" or execution.allow_adjusted_units:
        return
    kind = market.price_kind.replace("_", " ")
    message = (
        f"units of {name!r} were never traded: its prices are {kind}; use raw prices, or write "
        "`execution: {allow_adjusted_units: true}`, which the report shows"
    )
    if execution.lots != "fractional":
        yield Unfit(("execution", "lots"), message, str(execution.lots), "fractional")
    if execution.ticks != "any":
        yield Unfit(("execution", "ticks"), message, str(execution.ticks), "any")
    if execution.participation is not None:
        yield Unfit(("execution", "participation"), message, f"{execution.participation:g}", "null")
    for key in ("commission_per_share", "impact_coefficient", "impact_eta", "impact_gamma"):
        if getattr(costs, key) > 0.0:
            yield Unfit(("costs", key), message, f"{getattr(costs, key):g}", "0")


def _unfit_clocks(market: Market, execution: Execution) -> Iterator[Unfit]:
    """Say what needs one close, or one moment, of all symbols."""
    clocks = " and ".join(market.calendars)
    if execution.fill == "same_close":
        message = f"the calendars {clocks} close at different times, and what has closed cannot be traded any more"
        yield Unfit(("execution", "fill"), message, execution.fill, "next_open or next_close")
    if execution.size == "at_fill":
        message = f"the calendars {clocks} open at different times: there is no one moment to size a basket at"
        yield Unfit(("execution", "size"), message, execution.size, "at_decision")


def own_units(market: Market, what: Literal["lot", "tick"]) -> Floats:
    """Return the lots or ticks that a store tells of its symbols, `(N,)`, 0 where it tells none."""
    table = market.properties
    return np.zeros(market.n_assets) if table is None else table[what].to_numpy(np.float64)


def unfit_costs(market: Market, costs: Costs) -> Iterator[Unfit]:
    """Say which costs are counted from what `market` does not have."""
    name = market.name
    if costs.half_spread is not None:
        keys, asked = ("costs", "half_spread", "series"), costs.half_spread.series
        series = market.series.get(asked)
        if series is None:
            listed = ", ".join(market.series) or "none"
            yield Unfit(keys, f"{name!r} has no such series", repr(asked), listed)
        elif not ((series.value >= 0.0) & (series.value * costs.half_spread.times < BPS)).all():
            lowest, highest = series.value.min(), series.value.max()
            message = f"{asked!r} of {name!r} holds what is no half spread in basis points"
            yield Unfit(keys, message, f"{lowest:g} to {highest:g}", f"numbers from 0 to below {BPS:g} bps")
    if costs.impact_coefficient > 0.0 and market.volume is None:
        message = f"{name!r} has no volume, which the square-root impact is counted from"
        yield Unfit(("costs", "impact_coefficient"), message, f"{costs.impact_coefficient:g}", "0")
    splits = market.actions[market.actions["kind"] == ActionKind.SPLIT]
    for key in ("impact_eta", "impact_gamma"):
        if getattr(costs, key) > 0.0 and splits.size:
            symbol, day = market.symbols[splits["asset"][0]], market.day(int(splits["row"][0]))
            message = (
                f"money per unit squared, and a unit of {symbol} is another one from its split of {day} on; "
                "impact_coefficient follows splits"
            )
            yield Unfit(("costs", key), message, f"{getattr(costs, key):g}", "0")


def _symbols(config: Config, market: Market, tree: Node) -> Iterator[Problem]:
    known = dict.fromkeys(str(symbol) for symbol in market.symbols)
    if isinstance(config.market.symbols, tuple):
        for k, symbol in enumerate(config.market.symbols):
            yield from _unknown_symbol(symbol, ("market", "symbols", k), market, known, tree)
    for named in _named(config):
        yield from _unknown_name(named, market, known, tree)
    if isinstance(config.benchmark, SymbolBenchmark):
        yield from _unknown_symbol(config.benchmark.symbol, ("benchmark", "symbol"), market, known, tree)


def _named(config: Config) -> Iterator[Named]:
    """Return every symbol, property and group that allocations and constraints name."""
    yield from names_in(("allocation",), config.allocation, config.constraints, ("constraints",))
    if isinstance(config.benchmark, PortfolioBenchmark):
        own = ("benchmark", "allocation"), ("benchmark", "constraints")
        yield from names_in(own[0], config.benchmark.allocation, config.benchmark.constraints, own[1])


def _unknown_name(named: Named, market: Market, known: Known, tree: Node) -> Iterator[Problem]:
    if named.property is None:
        yield from _unknown_symbol(named.name, named.keys, market, known, tree)
        return
    groups = market.labels
    labels = groups.get(named.property)
    if not named.is_label:
        allowed, what = list(groups), "no such property of the symbols of"
    elif labels is None:
        return  # told where the property stands
    else:
        allowed, what = sorted({str(label) for label in labels} - {""}), f"no symbol has this {named.property} in"
    if named.name not in allowed:
        message, listed = f"{what} {market.name!r}", ", ".join(allowed) or "none"
        close = nearest(named.name, allowed)
        yield problem_at(tree, named.keys, message, received=repr(named.name), allowed=listed, nearest=close)


def _unknown_symbol(symbol: str, keys: Keys, market: Market, known: Known, tree: Node) -> Iterator[Problem]:
    if symbol not in known:
        listed = ", ".join(list(known)[:20]) + (f", ... ({len(known)} in all)" if len(known) > 20 else "")
        message = f"no such symbol in the market {market.name!r}"
        yield problem_at(tree, keys, message, received=repr(symbol), allowed=listed, nearest=nearest(symbol, known))


def _benchmark_history(config: Config, market: Market, tree: Node) -> Iterator[Problem]:
    """A benchmark that never starts would be compared with as if cash were meant."""
    if isinstance(config.benchmark, PortfolioBenchmark):
        needed = rows_wanted(config.benchmark.allocation, config.benchmark.constraints)
        yield from _history(config, market, needed, ("benchmark", "allocation"), tree)
    elif config.benchmark is not None and config.benchmark.symbol in market.symbols:
        first, stop = _rows(config, market)
        column = market.symbols.tolist().index(config.benchmark.symbol)
        if market.first_bar(column, first, stop) is None:
            message = f"{config.benchmark.symbol!r} has no bar between start and end"
            yield problem_at(tree, ("benchmark", "symbol"), message)


def _history(config: Config, market: Market, needed: int, keys: Keys, tree: Node) -> Iterator[Problem]:
    _, stop = _rows(config, market)
    there = market.n_shared(stop - 1)
    if needed > there:
        shared = "" if market.n_clocks == 1 else ", in which all calendars have a session,"
        message = (
            f"the first decision needs {needed} bars of history, and there are only {there}{shared} up to "
            f"{market.day(stop - 1)}"
        )
        yield problem_at(tree, keys, message, allowed="a later end, data that begin earlier, or a shorter lookback")


def _silent(rule: Rebalance, keys: Keys, market: Market, rows: tuple[int, int], tree: Node) -> Iterator[Problem]:
    """Name the triggers known ahead that never fire while the portfolio lives."""
    start, stop = rows
    for k, trigger in enumerate(rule.any):
        if trigger.begins and start < stop and not trigger.rows(market)[start:stop].any():
            message = f"{trigger.label!r} never fires between {market.day(start)} and {market.day(stop - 1)}"
            yield problem_at(tree, (*keys, "any", k), message)

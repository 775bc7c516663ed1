"""What an allocation asks of a market and cannot have: market values, a package, room for its weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from backtest.allocate import AllocationChoice, Constraints, History
from backtest.allocate.choice import HOLD
from backtest.allocate.constraints.feasible import demand
from backtest.allocate.names import Keys, asks_for_caps, placed
from backtest.allocate.objective import NO_IMPACT
from backtest.config.model import Config, PortfolioBenchmark, StrategyChoice
from backtest.errors import AllocationError, InfeasibleError, InputError
from backtest.market.market import Market
from backtest.strategy.observe import CAPS
from backtest.types import CostShape

NO_CAPS = "a table by symbol, which looks ahead; equal_weight for a market; a store with that series"


class Want(NamedTuple):
    """Something that an allocation cannot have, and whether no decision can do without it."""

    keys: Keys
    message: str
    allowed: str | None
    is_fatal: bool


class Section(NamedTuple):
    """One of the allocations of a configuration, and where it and its constraints stand."""

    choice: AllocationChoice
    rules: Constraints
    keys: Keys
    rule_keys: Keys
    is_asked: bool  # for certain; a strategy of the user's may never ask


def wants(config: Config, market: Market) -> Iterator[Want]:
    """Return what the allocations of `config` want and `market`, or this installation, does not have."""
    for section in _sections(config):
        yield from _packages(section)
        if config.costs.shape == CostShape.CURVED:
            yield from _impact(section)
        if CAPS not in market.series:
            yield from _caps(section, market)
        yield from _room(section, config, market)


def _sections(config: Config) -> Iterator[Section]:
    always = config.strategy.name == StrategyChoice().name
    yield Section(config.allocation, config.constraints, ("allocation",), ("constraints",), always)
    own = config.benchmark
    if isinstance(own, PortfolioBenchmark):
        places = ("benchmark", "allocation"), ("benchmark", "constraints")
        yield Section(own.allocation, own.constraints, *places, is_asked=True)


def _packages(section: Section) -> Iterator[Want]:
    for keys, method in placed(section.keys, section.choice):
        try:
            method.refuse_unready()
        except InputError as error:
            yield Want(keys, str(error), None, section.is_asked)


def _impact(section: Section) -> Iterator[Want]:
    """Name the methods that would weigh impact."""
    for keys, method in placed(section.keys, section.choice):
        if getattr(method, "cost_horizon", None) is not None:
            yield Want((*keys, "cost_horizon"), NO_IMPACT, "null, or costs without impact", section.is_asked)


def _caps(section: Section, market: Market) -> Iterator[Want]:
    """Name what needs market caps. A method that can never answer is fatal where nothing comes after it."""
    message = f"market caps are needed, and {market.name!r} has no series {CAPS!r}"
    for keys in asks_for_caps(section.rule_keys, section.rules):
        yield Want(keys, message, NO_CAPS, section.is_asked)
    for at, method in placed(section.keys, section.choice):
        for keys in asks_for_caps(at, method):
            yield Want(keys, message, NO_CAPS, section.is_asked and not section.choice.fallback)


def _room(section: Section, config: Config, market: Market) -> Iterator[Want]:
    """Say when no weights of all symbols obey the constraints.

    Nobody is made to hold anything here, so that what does not fit then fits for no choice of symbols, at no decision.
    """
    chosen, asked = market.symbols, config.market.symbols
    if isinstance(asked, tuple):
        chosen = chosen[np.isin(chosen, asked)]
        if len(chosen) < len(asked):
            return  # who is missing is told where they stand
    n = len(chosen)
    groups = {name: labels[np.isin(market.symbols, chosen)] for name, labels in market.labels.items()}
    history = History(chosen, np.zeros((0, n)), current=np.zeros(n), caps=np.ones(n), groups=groups)
    try:
        region = section.rules.resolve(history)
        free = replace(region, lower=np.minimum(region.lower, 0.0), min_position=0.0, risk_caps=(), betas=())
        if any(method.holds_cash for _, method in placed(section.keys, section.choice)):
            free = free.with_cash()
        demand(free)
    except InfeasibleError as error:
        yield Want(section.rule_keys, str(error), None, section.is_asked and HOLD not in section.choice.fallback)
    except (InputError, AllocationError):
        return  # of a name that nobody has, told where it stands

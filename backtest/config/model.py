"""The configuration, whole: one frozen model, made of the parameter classes that live beside each variant.

Build it with `load`, which reads the notation of YAML and finds every problem; a `Config` made by hand takes the
sections as objects. Strategy and allocation parameters are checked where their classes are known: in `reader.py`.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from backtest.allocate.choice import AllocationChoice
from backtest.allocate.constraints.linear_only import risk_uncapped
from backtest.allocate.constraints.model import Constraints
from backtest.allocate.methods.fixed import Fixed
from backtest.allocate.names import methods_in
from backtest.costs import Costs
from backtest.parameters import Parameters
from backtest.schedule import Calendar, Rebalance

Money = Annotated[float, Field(ge=0.0)]
Figure = Literal[
    "equity", "underwater", "weights", "drift", "rolling", "monthly", "yearly", "distribution", "contributions",
    "bridge", "risk", "correlation", "trading", "drawdowns", "trades",
]  # fmt: skip

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")

MAX_STALE = 5
CAPITAL = 100_000.0
MOST_CAPITAL = 1e15
MOST_NET = 1.0


class MarketSection(Parameters):
    """Which data, which symbols, which dates."""

    source: str = Field(min_length=1)
    """Name of a store under data/."""

    symbols: Literal["all"] | Annotated[tuple[str, ...], Field(min_length=1)] = "all"
    """Symbols of the store to trade: all, or a list."""

    start: date | None = None
    """First session that is simulated; null is the first one of the data. Lookbacks may use the sessions before it."""

    end: date | None = None
    """Last session that is simulated, included; null is the last one of the data."""

    max_stale: int = Field(default=MAX_STALE, ge=0, le=1_000_000)
    """Age in sessions beyond which the last known price of a held symbol is flagged as stale."""

    @field_validator("symbols")
    @classmethod
    def _refuse_twice(cls, symbols: str | tuple[str, ...]) -> str | tuple[str, ...]:
        twice = sorted({symbol for symbol in symbols if symbols.count(symbol) > 1}) if symbols != "all" else []
        if twice:
            raise PydanticCustomError("twice", "asked for more than once: {symbols}", {"symbols": ", ".join(twice)})
        return symbols

    @field_validator("end")
    @classmethod
    def _refuse_backwards(cls, end: date | None, info: ValidationInfo) -> date | None:
        start = info.data.get("start")
        if start is not None and end is not None and start > end:
            raise PydanticCustomError("backwards", "before start {start}", {"start": str(start)})
        return end


class StrategyChoice(Parameters):
    """Which strategy, with which parameters."""

    name: str = Field(default="allocate", min_length=1)
    """Name of a file in strategies/, without .py."""

    params: dict[str, Any] = Field(default_factory=dict)
    """Values of the strategy's typed fields; what is left out has the strategy's own default."""


class Execution(Parameters):
    """How decisions become trades."""

    fill: Literal["next_open", "next_close", "same_close"] = "next_open"
    """When a decision taken at a close is filled: at the next open, the next close, or that very close."""

    size: Literal["at_decision", "at_fill"] = "at_decision"
    """Which prices turn weights into quantities: those of the decision, or those of the fill."""

    lots: Literal["fractional", "whole"] | Annotated[float, Field(gt=0.0)] = "fractional"
    """Smallest quantity traded: fractional (any), whole (one unit), or a number of units for every symbol."""

    min_trade: Money = 0.0
    """Trades worth less than this are not made, in money."""

    cash_reserve: Money = 0.0
    """Cash that buying never touches, in money."""

    warn_below: float = Field(default=0.98, ge=0.0, le=1.0)
    """Warn when less than this fraction of what was to be bought could be paid for.

    Buys that come to less than 0.1 % of the equity are not counted.
    """

    allow_adjusted_units: bool = False
    """Allow lots and per-share costs on adjusted prices, whose units were never traded; the report then says so."""


class Accounting(Parameters):
    """How profit is told as realised and unrealised."""

    lots: Literal["fifo", "lifo", "highest_cost", "average"] = "fifo"
    """Which lot a trade closes first: the oldest, the youngest, the one that earns least, or one at average cost."""


class SymbolBenchmark(Parameters):
    """Compare with holding one symbol."""

    symbol: str = Field(min_length=1)
    """A symbol of the market, bought at the close of the first decision and held, without costs."""


class PortfolioBenchmark(Parameters):
    """Compare with a portfolio run by the same engine, with the same costs and execution."""

    allocation: AllocationChoice = Field(default_factory=AllocationChoice)
    """Its allocation method, over all symbols."""

    rebalance: Rebalance = Field(default_factory=lambda: monthly())
    """When it rebalances."""

    constraints: Constraints = Field(default_factory=Constraints)
    """What its weights must obey; it does not inherit the constraints of the portfolio."""

    @field_validator("allocation")
    @classmethod
    def _refuse_shorts(cls, choice: AllocationChoice) -> AllocationChoice:
        return without_shorts(choice)


class Report(Parameters):
    """What is drawn for people."""

    html: bool = True
    """Write report.html, which opens offline."""

    png: bool = True
    """Write figures/*.png."""

    figures: Literal["all"] | tuple[Figure, ...] = ("equity", "weights", "monthly", "contributions")
    """Which pictures: a list, or all there are."""


class Artefacts(Parameters):
    """How much detail a run folder keeps."""

    weights: Literal["auto", "bars", "sessions", "rebalances"] = "auto"
    """Rows of weights and positions: every bar, session or rebalance; auto is every bar up to 50 million cells."""


def monthly() -> Rebalance:
    """Return the rule of a configuration that says nothing about rebalancing: the first session of each month."""
    return Rebalance(any=(Calendar(calendar="month"),))


class Config(Parameters):
    """One simulated portfolio, every default filled in."""

    name: str
    """Short name, part of the run folder's name: letters, digits, '-', '_' and '.', at most 80."""

    market: MarketSection
    """Which data, which symbols, which dates."""

    capital: float = Field(default=CAPITAL, gt=0.0, le=MOST_CAPITAL)
    """Cash at the start, in the currency of the store."""

    seed: int = Field(default=0, ge=0)
    """Seed of every random number of the run."""

    strategy: StrategyChoice = Field(default_factory=StrategyChoice)
    """Which strategy, with which parameters: a name, or {name, params}."""

    allocation: AllocationChoice = Field(default_factory=AllocationChoice)
    """Which allocation method turns history into weights: {method, ...its parameters}, and what if it gives up."""

    constraints: Constraints = Field(default_factory=Constraints)
    """What weights must obey, whatever the method."""

    rebalance: Rebalance = Field(default_factory=monthly)
    """When to rebalance: never, one trigger, or {any: [triggers], initial}."""

    execution: Execution = Field(default_factory=Execution)
    """How decisions become trades."""

    costs: Costs = Field(default_factory=Costs)
    """What each fill costs."""

    accounting: Accounting = Field(default_factory=Accounting)
    """How profit is told as realised and unrealised; it changes no trade and no return."""

    risk_free: float = Field(default=0.0, gt=-1.0)
    """Risk-free return a year, as a fraction: 0.02 is 2 %."""

    benchmark: SymbolBenchmark | PortfolioBenchmark | None = None
    """What to compare with: null, {symbol}, or {allocation, rebalance, constraints}."""

    probe: Literal["sampled", "full", "off"] = "sampled"
    """How many decisions are computed again without their future, to catch a look ahead."""

    report: Report = Field(default_factory=Report)
    """What is drawn for people."""

    artefacts: Artefacts = Field(default_factory=Artefacts)
    """How much detail a run folder keeps."""

    @field_validator("allocation")
    @classmethod
    def _refuse_shorts(cls, choice: AllocationChoice) -> AllocationChoice:
        return without_shorts(choice)

    @field_validator("name")
    @classmethod
    def _refuse_signs(cls, name: str) -> str:
        if not _SLUG.fullmatch(name):
            allowed = "letters, digits, '-', '_' and '.', at most 80, the first a letter or digit"
            raise PydanticCustomError("slug", "cannot be part of a folder's name", {"allowed": allowed})
        return name

    @model_validator(mode="after")
    def _refuse_idle_money(self) -> Self:
        for key, message in idle_money(self.capital, self.execution).items():
            raise PydanticCustomError("idle", "execution.{key}: {message}", {"key": key, "message": message})
        return self

    @model_validator(mode="after")
    def _refuse_debt(self) -> Self:
        own = self.benchmark.constraints if isinstance(self.benchmark, PortfolioBenchmark) else Constraints()
        for key, message in {**beyond_cash(own), **beyond_cash(self.constraints)}.items():
            raise PydanticCustomError("debt", "constraints.{key}: {message}", {"key": key, "message": message})
        return self

    @model_validator(mode="after")
    def _refuse_uncapped_risk(self) -> Self:
        benchmark = self.benchmark if isinstance(self.benchmark, PortfolioBenchmark) else PortfolioBenchmark()
        for key, part in (("", self), ("benchmark.", benchmark)):
            said = risk_uncapped(part.constraints, part.allocation, part.allocation.fallback)
            if said:
                raise PydanticCustomError("uncapped", "{key}constraints: {said}", {"key": key, "said": said})
        return self


def without_shorts(choice: AllocationChoice) -> AllocationChoice:
    """Return the choice, none of whose methods is written with a weight that a cash account cannot hold."""
    for method in methods_in(choice):
        weights = method.weights if isinstance(method, Fixed) else {}
        for symbol, weight in weights.items():
            if weight < 0.0:
                received = {"symbol": symbol, "weight": f"{weight:g}"}
                message = "fixed weight {weight} of {symbol} is a short position, which a cash account cannot hold"
                raise PydanticCustomError("short", message, received)
    return choice


def beyond_cash(rules: Constraints) -> dict[str, str]:
    """Return what is wrong with each constraint that lets weights be what a cash account cannot hold."""
    found = {}
    if not rules.long_only:
        found["long_only"] = "a cash account holds no shorts; allowed: true"
    if rules.net is not None and rules.net_range[1] > MOST_NET:
        found["net"] = f"a cash account cannot borrow, and {rules.net_range[1]:g} of the equity is more than all of it"
    return found


def idle_money(capital: float, execution: Execution) -> dict[str, str]:
    """Return what is wrong with each amount of `execution` that leaves none of the capital to trade with."""
    amounts = {"min_trade": execution.min_trade, "cash_reserve": execution.cash_reserve}
    return {
        key: f"not less than the capital, {capital:g}: nothing could ever be bought"
        for key, amount in amounts.items()
        if amount >= capital
    }

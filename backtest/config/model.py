"""The configuration, whole: one frozen model, made of the parameter classes that live beside each variant.

Build it with `load`, which reads the notation of YAML and finds every problem; a `Config` made by hand takes the
sections as objects. Strategy and allocation parameters are checked where their classes are known: in `reader.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from backtest.allocate.choice import AllocationChoice
from backtest.allocate.constraints.linear_only import risk_uncapped
from backtest.allocate.constraints.model import Constraints
from backtest.config.holds import Beyond, beyond_rules, beyond_weights, unpaid
from backtest.config.node import path_text
from backtest.costs import Account, Costs, Financing
from backtest.parameters import Parameters
from backtest.schedule import Calendar, Flow, Rebalance

Money = Annotated[float, Field(ge=0.0)]
Figure = Literal[
    "equity", "underwater", "weights", "drift", "rolling", "monthly", "yearly", "distribution", "contributions",
    "bridge", "risk", "correlation", "trading", "drawdowns", "trades",
]  # fmt: skip

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")

MAX_STALE = 5
CAPITAL = 100_000.0
MOST_CAPITAL = 1e15


StoreName = Annotated[str, Field(min_length=1)]


class UniverseFile(Parameters):
    """Symbols that belong to the universe between dates, so that those that failed are in it."""

    file: str = Field(min_length=1)
    """File of columns symbol, from, to as CSV, relative to the workspace; dates included, none: no limit."""


class MarketSection(Parameters):
    """Which data, which symbols, which dates."""

    source: StoreName | Annotated[tuple[StoreName, ...], Field(min_length=1)]
    """Name of a store under data/, or a list of names: their symbols in one market, each with its own calendar."""

    bars: Literal["stored", "session"] = "stored"
    """Bars as they are stored, or one a session made of finer ones: first open, last close, extremes, sum of volume."""

    symbols: Literal["all"] | Annotated[tuple[str, ...], Field(min_length=1)] | UniverseFile = "all"
    """Symbols of the store to trade: all, a list, or a file that says when each entered and left."""

    start: date | None = None
    """First session that is simulated; null is the first one of the data. Lookbacks may use the sessions before it."""

    end: date | None = None
    """Last session that is simulated, included; null is the last one of the data."""

    stream: bool | Literal["auto"] = "auto"
    """Whether prices pass through memory a row group at a time: true, false, or auto: where they would fill half of it.
    The numbers are the same; `prepare` is not to be had, nor covariances of more than 25 million bars of holdings."""

    max_stale: int = Field(default=MAX_STALE, ge=0, le=1_000_000)
    """Age in sessions beyond which the last known price of a held symbol is flagged as stale."""

    @field_validator("source")
    @classmethod
    def _refuse_twice_stores(cls, source: str | tuple[str, ...]) -> str | tuple[str, ...]:
        listed = () if isinstance(source, str) else source
        twice = sorted({name for name in listed if listed.count(name) > 1})
        if twice:
            raise PydanticCustomError("twice", "the same store is there more than once: {name}", {"name": twice[0]})
        return source

    @field_validator("symbols")
    @classmethod
    def _refuse_twice(cls, symbols: str | tuple[str, ...] | UniverseFile) -> str | tuple[str, ...] | UniverseFile:
        listed = symbols if isinstance(symbols, tuple) else ()
        twice = sorted({symbol for symbol in listed if listed.count(symbol) > 1})
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

    lots: Literal["fractional", "whole", "store"] | Annotated[float, Field(gt=0.0)] = "fractional"
    """Smallest quantity traded: fractional (any), whole (one unit), store (each symbol's lot), or a number of units.

    A lot of 0 in the store is any quantity.
    """

    ticks: Literal["any", "store"] | Annotated[float, Field(gt=0.0)] = "any"
    """Steps of limit and stop prices: any (none), store (each symbol's tick), or an amount of money.

    Levels are rounded so that an order asks for less. A tick of 0 in the store is any price.
    """

    min_trade: Money = 0.0
    """Trades worth less than this are not made, in money."""

    cash_reserve: Money = 0.0
    """Cash that buying never touches, in money; a cash account only, as on margin buying is not paid from cash."""

    intrabar: Literal["pessimistic", "optimistic", "open_high_low_close", "open_low_high_close"] = "pessimistic"
    """What is assumed about the way of the price inside a bar, for orders that wait and declared exits."""

    participation: float | None = Field(default=None, gt=0.0, le=1.0)
    """Largest part of a bar's volume that all trades of a symbol in it may take together; null: any quantity trades."""

    carry: Literal["gtc"] | Annotated[int, Field(ge=0)] = 0
    """How many bars of its symbol the order of a target may meet: 0 (the next row only), a number, or gtc."""

    min_order: Money = 0.0
    """Orders worth less than this are not sent, in money; orders that only reduce always are."""

    keep_net: bool = False
    """When a basket has to be cut, cut what it reduces by the same factor as what it opens; on margin only.

    Then long and short are reached alike, and the net exposure is on its way from the old to the new one.
    """

    warn_below: float = Field(default=0.98, ge=0.0, le=1.0)
    """Warn when less than this fraction of what was to be bought could be paid for.

    Buys that come to less than 0.1 % of the equity are not counted.
    """

    dividends: Literal["cash", "reinvest"] = "cash"
    """What a dividend on raw prices becomes: cash, or more of what paid it, at the day's first price without cost."""

    allow_adjusted_units: bool = False
    """Allow lots, ticks and per-share costs on adjusted prices, which were never traded; the report says so."""


Distance = Annotated[float, Field(gt=0.0)]
Fraction = Annotated[float, Field(gt=0.0, lt=1.0)]


class Exits(Parameters):
    """Exits that watch every position, as fractions of its average price."""

    stop: Fraction | None = None
    """Sell when the price has moved this far against the position: 0.05 is 5 % below the price of a long."""

    target: Distance | None = None
    """Take the profit when the price has moved this far in favour of the position."""

    trail: Fraction | None = None
    """Sell this far, in money of the entry price, behind the best price since the entry."""

    @property
    def are_none(self) -> bool:
        """Whether no exit is declared."""
        return self.stop is None and self.target is None and self.trail is None


NO_EXITS = Exits()


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

    account: Account | None = None
    """What kind of account it has; null is that of the portfolio."""

    financing: Financing | None = None
    """What its money and shorts earn and cost a year; null is the financing of the portfolio."""


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

    exits: Exits = Field(default_factory=Exits)
    """Stop-loss, take-profit and trailing exits of the strategy's positions; the benchmark has none."""

    costs: Costs = Field(default_factory=Costs)
    """What each fill costs."""

    account: Account = Field(default_factory=Account)
    """Whether the account may borrow and be short: cash, margin, or {kind, initial, maintenance}."""

    financing: Financing = Field(default_factory=Financing)
    """What money, shorts and perpetual futures earn and cost a year; a margin account has to write what it pays."""

    flows: tuple[Flow, ...] = ()
    """Money paid in or taken out: {amount, every}, {fraction_annual, every}, {amount, date}, {file}, or a list."""

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

    @field_validator("name")
    @classmethod
    def _refuse_signs(cls, name: str) -> str:
        if not _SLUG.fullmatch(name):
            allowed = "letters, digits, '-', '_' and '.', at most 80, the first a letter or digit"
            raise PydanticCustomError("slug", "cannot be part of a folder's name", {"allowed": allowed})
        return name

    @model_validator(mode="after")
    def _refuse_idle_money(self) -> Self:
        for key, message in idle_money(self.capital, self.execution, self.account).items():
            raise PydanticCustomError("idle", "execution.{key}: {message}", {"key": key, "message": message})
        return self

    @model_validator(mode="after")
    def _refuse_beyond_account(self) -> Self:
        for keys, message, allowed in self._beyond_account():
            hint = f"; allowed: {allowed}" if allowed else ""
            raise PydanticCustomError("beyond", "{said}", {"said": f"{path_text(keys)[2:]}: {message}{hint}"})
        return self

    def _beyond_account(self) -> Iterator[Beyond]:
        """Return what is asked of an account, the benchmark's included, that it cannot hold."""
        yield from unpaid(self.account, self.financing, self.costs)
        yield from beyond_rules(self.account, self.constraints)
        yield from beyond_weights(self.account, self.constraints, self.allocation)
        own = self.benchmark
        if isinstance(own, PortfolioBenchmark):
            account = own.account or self.account
            yield from unpaid(account, own.financing or self.financing)
            yield from beyond_rules(account, own.constraints)
            yield from beyond_weights(account, own.constraints, own.allocation)

    @model_validator(mode="after")
    def _refuse_uncapped_risk(self) -> Self:
        benchmark = self.benchmark if isinstance(self.benchmark, PortfolioBenchmark) else PortfolioBenchmark()
        for key, part in (("", self), ("benchmark.", benchmark)):
            said = risk_uncapped(part.constraints, part.allocation, part.allocation.fallback)
            if said:
                raise PydanticCustomError("uncapped", "{key}constraints: {said}", {"key": key, "said": said})
        return self


def idle_money(capital: float, execution: Execution, account: Account) -> dict[str, str]:
    """Return what is wrong with each amount of `execution` that leaves nothing to trade with, or that nobody keeps."""
    amounts = {"min_trade": execution.min_trade, "cash_reserve": execution.cash_reserve}
    found = {
        key: f"not less than the capital, {capital:g}: nothing could ever be bought"
        for key, amount in amounts.items()
        if amount >= capital
    }
    if execution.keep_net and not account.is_margin:
        found["keep_net"] = "a cash account buys with what it sells: it is for account: margin"
    elif execution.keep_net and execution.participation is not None:
        found["keep_net"] = "which part of a basket the volume of its bars lets through is not one factor for all of it"
    if account.is_margin and execution.cash_reserve > 0.0:
        found["cash_reserve"] = "on margin no cash is kept back: constraints.cash_reserve holds a part of the equity"
    return found

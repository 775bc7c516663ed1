"""Simulating targets that are already known: arrays or data frames in, a result out."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from backtest.config import load_section
from backtest.config.holds import unpaid
from backtest.config.model import CAPITAL, MAX_STALE, MOST_CAPITAL, NO_EXITS, Execution, Exits, idle_money
from backtest.costs import CASH, FREE, Account, Costs, Financing
from backtest.errors import InputError, unknown
from backtest.market.build import make_market
from backtest.market.market import Market
from backtest.schedule import Flow
from backtest.simulate.book import new_book
from backtest.simulate.callbacks import Callback, Callbacks
from backtest.simulate.engine import Engine
from backtest.simulate.result import Result, collect
from backtest.simulate.targets import Targets, plan_from
from backtest.simulate.terms import make_terms, silent_watch

Flows = Flow | Mapping[str, Any] | Sequence[Flow | Mapping[str, Any]] | pd.Series


def simulate(
    market: Market | pd.DataFrame | Mapping[str, Any],
    targets: Targets,
    *,
    costs: Costs | Mapping[str, Any] | None = None,
    execution: Execution | Mapping[str, Any] | None = None,
    exits: Exits | Mapping[str, float] | None = None,
    account: Account | Mapping[str, float | str] | str = "cash",
    financing: Financing | Mapping[str, float] | None = None,
    flows: Flows = (),
    capital: float = CAPITAL,
    on: Mapping[str, Callback] | None = None,
    all_events: bool = False,
) -> Result:
    """Simulate a book that aims at `targets`, decided on the close of their bars.

    `market` is a `Market`, a frame of closes, or `{"open": …, "close": …}` of frames or `(T, N)` arrays. `targets` are
    weights as fractions of equity after costs (see `targets.plan_from` for their forms). `costs`, `execution`, `exits`,
    `account` ("cash", "margin" or a mapping), `financing` and `flows` (one, or a list) take the keys of a
    configuration; `flows` may also be a Series of money by date. `on` are functions of one event by the name of the
    event; what they raise becomes a warning. `all_events` lets `Result.story` tell every event.

    >>> closes = {"close": [[10.0], [11.0], [12.0]]}
    >>> result = simulate(closes, ([0], [[0.5]]), execution={"fill": "next_close"}, capital=100.0)
    >>> result.equity.tolist()
    [100.0, 100.0, 105.0]
    """
    bars = market if isinstance(market, Market) else make_market(**_fields(market))
    rates = costs if isinstance(costs, Costs) else load_section(Costs, costs or {}, "costs")
    manner = execution if isinstance(execution, Execution) else load_section(Execution, execution or {}, "execution")
    if not 0.0 < capital <= MOST_CAPITAL:
        raise InputError(f"capital: received {capital!r}; allowed: above 0, at most {MOST_CAPITAL:g}")
    kind, carry = _account(account, financing, manner, rates)
    moves = _flows(flows)
    leave = exits if isinstance(exits, Exits) else load_section(Exits, exits, "exits") if exits else NO_EXITS
    callbacks = None if on is None else Callbacks(on)
    told = all_events or callbacks is not None
    held = kind, carry, leave, moves
    terms = make_terms(bars, 0, rates, manner, silent_watch(bars.n_rows), MAX_STALE, *held, all_events=told)
    plan = plan_from(bars, targets, kind)
    expected = plan.weights.size * (1 if leave == NO_EXITS else 2)  # what was bought may leave before the next basket
    engine = Engine(bars, new_book(bars.n_assets, capital), terms, plan, fills_expected=expected)
    if callbacks is not None:
        callbacks.listen(engine, bars, (), {})
    engine.advance(bars.n_rows)
    engine.close()
    result = collect(bars, engine, capital, (), {}, plan)
    if callbacks is not None:
        callbacks.tell(bars.n_rows - 1, result.unfilled)
        for failure in callbacks.failures():
            warnings.warn(failure, stacklevel=2)
    return result


def _account(
    account: Account | Mapping[str, float | str] | str,
    financing: Financing | Mapping[str, float] | None,
    execution: Execution,
    costs: Costs,
) -> tuple[Account, Financing]:
    """Read both sections, and refuse an account that does not say what it pays, or cannot hold what it pays for."""
    kind = CASH if isinstance(account, str) and account == CASH.kind else account
    if not isinstance(kind, Account):
        kind = load_section(Account, {"kind": kind} if isinstance(kind, str) else kind, "account")
    given = FREE if financing is None else financing
    carry = given if isinstance(given, Financing) else load_section(Financing, given, "financing")
    for said in unpaid(kind, carry, costs):
        raise InputError(f"{said.message}; allowed: {said.allowed}")
    if idle := idle_money(math.inf, execution, kind).get("keep_net"):
        raise InputError(f"execution.keep_net: {idle}")
    if kind.is_margin and execution.cash_reserve > 0.0:
        raise InputError("execution.cash_reserve: on margin no cash is kept back: smaller weights leave more of it")
    return kind, carry


def _flows(given: Flows) -> tuple[Flow, ...]:
    """Read flows in any of their forms."""
    if isinstance(given, pd.Series):
        if not isinstance(given.index, pd.DatetimeIndex):
            raise InputError(f"flows: the index holds {given.index.dtype}; expected dates")
        days = given.index.strftime("%Y-%m-%d")
        given = [{"amount": float(amount), "date": day} for day, amount in zip(days, given, strict=True)]
    listed = [given] if isinstance(given, Flow | Mapping) else given
    return tuple(each if isinstance(each, Flow) else load_section(Flow, each, "flows") for each in listed)


def _fields(market: pd.DataFrame | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(market, pd.DataFrame):
        return {"close": market}
    if "close" not in market:
        raise InputError(f"market: received the fields {', '.join(market) or 'none'}; 'close' is needed")
    known = ("open", "high", "low", "close", "volume", "symbols", "times", "price_kind", "actions", "member")
    for name in market:
        if name not in known:
            raise InputError("market: " + unknown("field", name, known))
    return dict(market)

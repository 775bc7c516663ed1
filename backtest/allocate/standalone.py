"""Weights without a run: from arrays and frames, through the same checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from backtest.allocate.answer import answer
from backtest.allocate.base import History, Method, Weights
from backtest.allocate.choice import AllocationChoice, Step
from backtest.allocate.constraints.linear_only import risk_uncapped
from backtest.allocate.constraints.model import UNBOUND, Constraints
from backtest.allocate.given import Given
from backtest.allocate.given_vectors import Vector, held_outside
from backtest.allocate.made import made, section
from backtest.allocate.moments.base import Covariance, Mean
from backtest.allocate.names import Named, names_in_method, names_in_rules, refuse_strangers
from backtest.allocate.objective import pays
from backtest.allocate.real import shown
from backtest.allocate.table import METHODS
from backtest.costs import Costs
from backtest.errors import InputError, unknown
from backtest.types import Floats

CHAIN = 'a list, such as ["inverse_volatility", "hold"]'
UNPAID = "costs are not looked at: nothing has a cost_horizon"

Estimator = str | Mapping[str, Any] | Covariance | Mean


def allocate(
    method: str,
    *,
    returns: pd.DataFrame | Floats | None = None,
    covariance: pd.DataFrame | Floats | Estimator | None = None,
    mean: Vector | Estimator | None = None,
    views: Any = None,
    confidences: Sequence[float] | Floats | None = None,
    constraints: Constraints | Mapping[str, Any] | None = None,
    current: Vector | None = None,
    caps: Vector | None = None,
    groups: Mapping[str, Any] | pd.DataFrame | None = None,
    periods_per_year: float | None = None,
    risk_free: float = 0.0,
    prices: Vector | None = None,
    costs: Costs | Mapping[str, Any] | None = None,
    fallback: Sequence[Any] = (),
    strict: bool = False,
    **parameters: Any,
) -> Weights:
    """Weigh symbols with the method of that name, within `constraints`, and verify the answer.

    `returns` `(n, N)` are simple returns per bar, oldest first, one column a symbol; NaN is a missing return. A method
    looks at the last rows only, as many as its lookback. In place of them, or beside them, `covariance` `(N, N)` and
    `mean` `(N,)` are annual, as is `risk_free`; a name or {estimator: NAME, ...} in their place is the method's
    parameter of that name, how to estimate them from the returns. A symbol without a number in them (NaN, or not among
    their names) gets no weight; a name that is no symbol is refused. Bars a year come from a DatetimeIndex, or from
    `periods_per_year`; with neither, a year is one bar.

    `current` are the weights held now, `caps` market values, `prices` what a unit costs, `groups` labels by property,
    e.g. {"sector": {"AAPL": "Tech"}}; each by name, or in the order of the columns. `constraints`, `fallback`, `strict`
    and `parameters` are what a configuration writes.

    >>> allocate("equal_weight", returns=[[0.0, 0.0, 0.0, 0.0]]).weights
    array([0.25, 0.25, 0.25, 0.25])
    """
    if not isinstance(method, str):
        raise InputError(f"method: received {shown(method)}; allowed: the name of one, {', '.join(METHODS)}")
    if method not in METHODS:
        raise InputError(unknown("allocation method", method, METHODS))
    if not isinstance(strict, bool | np.bool_):
        raise InputError(f"strict: received {shown(strict)}; allowed: True or False")
    known: dict[str, Any] = {"covariance": covariance, "mean": mean}
    parameters |= {name: known.pop(name) for name in tuple(known) if _is_estimator(known[name])}
    chosen = made(method, METHODS[method], parameters)
    rules = UNBOUND if constraints is None else section("constraints", Constraints, constraints)
    charged = None if costs is None else section("costs", Costs, costs)
    chain = _chain(method, parameters, fallback)
    given = Given(
        returns=returns,
        covariance=known.get("covariance"),
        mean=known.get("mean"),
        views=views,
        confidences=confidences,
        current=current,
        caps=caps,
        groups=groups,
        periods_per_year=periods_per_year,
        risk_free=risk_free,
        prices=prices,
        costs=charged,
    )
    history = given.history()
    if history.forecast.covariance is None and len(history.returns) < chosen.wants_returns:
        raise InputError(
            f"{method} looks at {chosen.wants_returns} returns; received {len(history.returns)}; "
            "allowed: more rows, or a shorter lookback"
        )
    refuse_strangers(_names(method, chosen, chain, rules), history)
    said = risk_uncapped(rules, chosen, chain)
    if said:
        raise InputError(f"constraints: {said}")
    found = answer(chosen, history, rules, chain, strict)
    unpaid = costs is not None and not any(pays(link) for link in (chosen, *chain))
    words = (*found.warnings, *_sold(current, history), *((UNPAID,) if unpaid else ()))
    return replace(found, warnings=words) if len(words) > len(found.warnings) else found


def _names(method: str, chosen: Method, chain: Sequence[Step], rules: Constraints) -> Iterator[Named]:
    """Return every name of a symbol or a group in a method, its fallbacks and its constraints."""
    yield from names_in_method((method,), chosen)
    for step in chain:
        if not isinstance(step, str):
            yield from names_in_method((step.method,), step.parameters)
    yield from names_in_rules(("constraints",), rules)


def _sold(current: Any, history: History) -> tuple[str, ...]:
    """Say what is held now under names that are none of the symbols: it will be sold, or is misspelt."""
    if not history.outside:
        return ()
    names = held_outside(current, history.symbols.tolist())
    return (f"current: held in what is none of the symbols, and sold: {', '.join(names)}",)


def _is_estimator(given: Any) -> bool:
    """Say whether something is how to estimate numbers, and not the numbers."""
    return isinstance(given, str | Covariance | Mean) or (isinstance(given, Mapping) and "estimator" in given)


def _chain(method: str, parameters: Mapping[str, Any], fallback: Any) -> tuple[Step, ...]:
    """Return the fallback chain; in YAML too it is a list, were it of one."""
    if not isinstance(fallback, list | tuple):
        raise InputError(f"fallback: not a list: received {shown(fallback)}; allowed: {CHAIN}")
    if not fallback:
        return ()
    given = {"method": method, **parameters, "fallback": tuple(fallback)}
    return made("allocate", AllocationChoice, given).fallback

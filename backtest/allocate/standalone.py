"""Weights without a run: from arrays and frames, through the same checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from pydantic import BaseModel, ValidationError

from backtest.allocate.answer import answer
from backtest.allocate.base import Weights
from backtest.allocate.choice import AllocationChoice, Step
from backtest.allocate.constraints.linear_only import risk_uncapped
from backtest.allocate.constraints.model import UNBOUND, Constraints
from backtest.allocate.given import Given
from backtest.allocate.given_vectors import Vector
from backtest.allocate.moments.base import Covariance, Mean
from backtest.allocate.names import refuse_strangers
from backtest.allocate.objective import pays
from backtest.allocate.real import shown
from backtest.allocate.table import METHODS
from backtest.costs import Costs
from backtest.errors import InputError, unknown
from backtest.types import Floats

CHAIN = 'a list, such as ["inverse_volatility", "hold"]'
UNPAID = "costs are not looked at: nothing has a cost_horizon"

Model = TypeVar("Model", bound=BaseModel)
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
    costs: Costs | Mapping[str, float] | None = None,
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
    chosen = _made(method, METHODS[method], parameters)
    rules = UNBOUND if constraints is None else _section("constraints", Constraints, constraints)
    charged = None if costs is None else _section("costs", Costs, costs)
    chain = _chain(method, parameters, fallback)
    given = Given(
        returns,
        known.get("covariance"),
        known.get("mean"),
        views,
        confidences,
        current,
        caps,
        groups,
        periods_per_year,
        risk_free,
        prices,
        charged,
    )
    history = given.history()
    if history.forecast.covariance is None and len(history.returns) < chosen.wants_returns:
        raise InputError(
            f"{method} looks at {chosen.wants_returns} returns; received {len(history.returns)}; "
            "allowed: more rows, or a shorter lookback"
        )
    refuse_strangers(method, chosen, history)
    for step in chain:
        if not isinstance(step, str):
            refuse_strangers(step.method, step.parameters, history)
    said = risk_uncapped(rules, chosen, chain)
    if said:
        raise InputError(f"constraints: {said}")
    if rules is not UNBOUND:
        rules.refuse_strangers(history)
    found = answer(chosen, history, rules, chain, strict)
    if costs is None or any(pays(link) for link in (chosen, *chain)):
        return found
    return replace(found, warnings=(*found.warnings, UNPAID))


def _is_estimator(given: Any) -> bool:
    """Say whether something is how to estimate numbers, and not the numbers."""
    return isinstance(given, str | Covariance | Mean) or (isinstance(given, Mapping) and "estimator" in given)


def _section(what: str, kind: type[Model], given: Any) -> Model:
    """Return a section of a configuration, which may be given as a mapping."""
    if isinstance(given, kind):
        return given
    if not isinstance(given, Mapping):
        allowed = f"a mapping with {', '.join(kind.model_fields)}; or {kind.__name__}"
        raise InputError(f"{what}: not a mapping: received {shown(given)}; allowed: {allowed}")
    return _made(what, kind, given)


def _chain(method: str, parameters: Mapping[str, Any], fallback: Any) -> tuple[Step, ...]:
    """Return the fallback chain; in YAML too it is a list, were it of one."""
    if not isinstance(fallback, list | tuple):
        raise InputError(f"fallback: not a list: received {shown(fallback)}; allowed: {CHAIN}")
    if not fallback:
        return ()
    given = {"method": method, **parameters, "fallback": tuple(fallback)}
    return _made("allocate", AllocationChoice, given).fallback


def _made(what: str, kind: type[Model], parameters: Mapping[str, Any]) -> Model:
    """Make a model from its parameters, or say everything that is wrong with them."""
    try:
        return kind.model_validate(dict(parameters))
    except ValidationError as error:
        said = []
        for detail in error.errors():
            name = str(detail["loc"][0]) if detail["loc"] else ""
            if detail["type"] == "extra_forbidden" and len(detail["loc"]) == 1:
                said.append(f"{what}: {unknown('parameter', name, kind.model_fields)}")
            else:
                where = ".".join(map(str, (what, *detail["loc"])))
                received = "" if detail["type"] == "missing" or not name else f"; received {shown(detail['input'])}"
                said.append(f"{where}: {detail['msg'].removeprefix('Value error, ')}{received}")
        raise InputError("\n".join(said)) from error

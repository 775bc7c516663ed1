"""From a method, a history and constraints to weights that were checked, or to the next method of the chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from time import perf_counter

import numpy as np

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.choice import HOLD, MethodChoice
from backtest.allocate.constraints.demanded import attempted, demand_usable
from backtest.allocate.constraints.model import UNBOUND, Constraints
from backtest.allocate.constraints.obey import obedient
from backtest.allocate.constraints.positions import positioned
from backtest.allocate.constraints.region import Region
from backtest.allocate.constraints.risk import Question
from backtest.allocate.moments.given import heeded
from backtest.allocate.sample import no_year
from backtest.allocate.threads import one_thread
from backtest.allocate.verify import verified_part
from backtest.errors import AllocationError, InputError

Link = Method | MethodChoice | str
"""One item of a fallback chain; the only word is `hold`."""


def answer(
    method: Method | MethodChoice,
    history: History,
    constraints: Constraints | None = None,
    fallback: Sequence[Link] = (),
    strict: bool = False,
) -> Weights:
    """Return the method's weights within the constraints, or those of the first method of the chain that has some.

    What gave up, and why, is in the status ("fell back to NAME: ...") and in the warnings. `hold` answers with weights
    that are all NaN: every position stays as it is. Under `strict`, or at the end of the chain, the AllocationError is
    raised. A mistake of the caller's (InputError) is never a reason to fall back.
    """
    began = perf_counter()
    rules = constraints or UNBOUND
    failures: list[str] = []
    for link in (method, *fallback):
        try:
            found = _held(history) if link == HOLD else _alone(_method(link), history, rules)
        except AllocationError as error:
            if strict or not fallback:
                raise
            failures.append(f"{name_of(link)} gave up: {error}")
            continue
        told = _told(found, link, failures)
        gave_up = tuple(name_of(each) for each in (method, *fallback)[: len(failures)])
        return replace(told, seconds=perf_counter() - began, method=name_of(link), gave_up=gave_up)
    raise AllocationError("nothing of the fallback chain gave weights: " + "; ".join(failures))


def _alone(method: Method, history: History, rules: Constraints) -> Weights:
    """Answer on one thread of BLAS where it is used at all."""
    if not method.computes and rules == UNBOUND:
        return answered(method, history, rules)
    with one_thread():
        return answered(method, history, rules)


def answered(method: Method, history: History, rules: Constraints) -> Weights:
    """Return the verified weights of one method, or raise."""
    if not len(history.symbols):
        return Weights(np.zeros(0), status="nothing can be traded")
    name = name_of(method)
    own = recent(history, method.wants_returns, name)
    region = rules.resolve(own)
    region = region.with_cash() if method.holds_cash else region
    _refuse_unknown_year(region, history)
    own, unheard = _heard(method, own, region)
    question = Question(method, own, rules.risk_lookback, history.returns)
    demand_usable(region, question)
    find = positioned if region.has_positions_rule else obedient

    def attempt(inside: Region) -> Weights:
        found = find(question, inside)
        return verified_part(name, found.answer, found.columns, found.region)

    checked = attempted(attempt, region, question)
    said = (*region.remarks, *unheard)
    return replace(checked, warnings=(*said, *checked.warnings)) if said else checked


def _heard(method: Method, history: History, region: Region) -> tuple[History, tuple[str, ...]]:
    """Return the history with the parts of a forecast that are looked at, and a warning of the others."""
    parts = method.heeds | {"covariance"} if region.needs_covariance else method.heeds
    forecast, unheard = heeded(history.forecast, parts)
    return (replace(history, forecast=forecast), unheard) if unheard else (history, ())


def _refuse_unknown_year(region: Region, history: History) -> None:
    """A rule on risk is a year's; measured by a covariance of one bar it would never bind."""
    estimated = history.forecast.covariance is None and len(history.returns) > 0
    if region.risk_caps and history.periods_per_year is None and estimated:
        raise InputError(no_year(f"constraints.{region.risk_caps[0].name}"))


def wants_returns(method: Method | MethodChoice, constraints: Constraints | None, fallback: Sequence[Link]) -> int:
    """Return how many returns must be at hand for a method, its constraints and each method of its chain."""
    methods = [_method(link).wants_returns for link in (method, *fallback) if link != HOLD]
    return max((*methods, 0 if constraints is None else constraints.wants_returns))


def name_of(link: Link) -> str:
    """Return a method's name in YAML; that of its class when it has none."""
    return link if isinstance(link, str) else _named(type(_method(link)))


@cache
def _named(kind: type[Method]) -> str:
    from backtest.allocate.table import METHODS

    return next((name for name, known in METHODS.items() if known is kind), kind.__name__)


def recent(history: History, n: int, name: str) -> History:
    """Return the history with its last `n` returns, which must be there unless the covariance is known without them."""
    if len(history.returns) < n and history.forecast.covariance is None:
        raise AllocationError(f"{name} looks at {n} returns; only {len(history.returns)} exist")
    return history.recent(n)


def _method(link: Link) -> Method:
    if isinstance(link, MethodChoice):
        return link.parameters
    if isinstance(link, Method):
        return link
    raise AllocationError(f"a fallback is a method or the word {HOLD!r}; received {link!r}")


def _held(history: History) -> Weights:
    return Weights(np.full(len(history.symbols), np.nan), status=HOLD)


def _told(found: Weights, link: Link, failures: list[str]) -> Weights:
    """Say in status and warnings what was not done."""
    if not failures:
        return found
    own = () if found.status in ("ok", HOLD) else (found.status,)
    status = HOLD if link == HOLD else f"fell back to {name_of(link)}: {failures[-1]}"
    return replace(found, status=status, warnings=(*failures, *own, *found.warnings))

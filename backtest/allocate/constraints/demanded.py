"""Whether any weights obey, asked with a method and its data at hand: its symbols, and the risk that it sees."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np

from backtest.allocate.base import Weights
from backtest.allocate.constraints.calm import refuse_few
from backtest.allocate.constraints.feasible import demand, later, least_relaxation
from backtest.allocate.constraints.model import UNBOUND
from backtest.allocate.constraints.obey import usable
from backtest.allocate.constraints.region import NEAR, Region
from backtest.allocate.constraints.risk import Question
from backtest.allocate.constraints.risk_clash import least_risk, refuse_caps
from backtest.allocate.constraints.rules import rules_of
from backtest.allocate.sample import Sample
from backtest.errors import AllocationError, InfeasibleError
from backtest.types import Ints

EASE = 4e-10
"""Of equity: room that solvers need beyond what is missed, four times what they aim for."""

ROOM = 1e-8
"""Of equity: with more room than this between bounds and net exposure nothing is missed."""

Attempt = Callable[[Region], Weights]
"""A method's verified answer within a region."""


def demand_usable(region: Region, question: Question) -> None:
    """Raise InfeasibleError when no weights obey the linear rules, of the symbols that the method has data for.

    Which those are is asked only where all symbols together cannot obey: a few of them seldom can, but least weights
    are asked of fewer then, and what would have to change is another number. Ranges of beta are looked at too then, for
    the change that is advised must be enough for them.
    """
    try:
        demand(region)
    except InfeasibleError:
        columns = _usable(region, question)
        if len(columns) == region.n_assets and not region.betas:
            raise
        demand(_with_betas(region, columns, question))


def _with_betas(region: Region, columns: Ints, question: Question) -> Region:
    """Return the region of some of the symbols, with its ranges of beta as rows where they can be measured."""
    part = region.part(columns)
    if not region.betas:
        return part
    try:
        sample = question.measured
        if not np.isin(columns, sample.columns).all():
            return part
        own = np.searchsorted(sample.columns, columns)
        return part.with_covariance(None if sample.covariance is None else sample.covariance[np.ix_(own, own)])
    except AllocationError:
        return part


def _usable(region: Region, question: Question) -> Ints:
    """Return the symbols that the method, and the measure of its risk, have data for; all where that is not known."""
    try:
        history = question.history
        columns = usable(question.weighed(UNBOUND.resolve(history)), history.symbols)
        measured = question.measured.columns if region.needs_covariance else columns
    except AllocationError:
        return np.arange(region.n_assets)
    return np.intersect1d(columns, measured)


def attempted(attempt: Attempt, region: Region, question: Question) -> Weights:
    """Return what `attempt` does; where rules can be kept only to rounding, within a region that is wider by as much.

    When it gives up for what the rules on risk ask, by what `question` measures it by, raise InfeasibleError.
    """
    try:
        return attempt(region)
    except InfeasibleError:
        raise
    except AllocationError:
        wider = eased(region)
        if wider is not None:
            with suppress(AllocationError):
                return attempt(wider)
        if region.needs_covariance:
            _told_as_written(region, wider or region, question.measured)
        raise


def _told_as_written(region: Region, wider: Region, sample: Sample) -> None:
    """Raise InfeasibleError when nothing in `wider` keeps the rules on risk; the numbers said are those of `region`."""
    try:
        demand_risk(wider, sample)
    except InfeasibleError:
        demand_risk(region, sample)
        raise


def eased(region: Region) -> Region | None:
    """Return a region that no solver finds empty; None where it has room, or is empty by more than rounding.

    Solvers are content with 1e-10, and `demand` with 1e-9: between them is what one calls empty and the other does not.
    """
    low, high = region.net
    if region.is_simple and min(region.upper.sum() - low, high - region.lower.sum()) > ROOM:
        return None
    rules = rules_of(region)
    missed = least_relaxation(rules, region, range(len(rules)))[0]
    if missed > NEAR:
        return None
    by = 2.0 * missed + EASE
    return replace(
        region,
        row_lower=region.row_lower - by,
        row_upper=region.row_upper + by,
        gross=region.gross + by,
        turnover=region.turnover + by,
    )


def demand_risk(region: Region, sample: Sample) -> None:
    """Raise InfeasibleError when the rules on risk are what cannot be kept; asked when a solver has given up.

    The linear rules, ranges of beta among them, first; then the least risk that they allow, against each cap.
    """
    inside = region.take(sample.columns).with_covariance(sample.covariance)
    demand(inside)
    if inside.risk_caps:
        _refuse_caps(inside)


def _refuse_caps(region: Region) -> None:
    """Raise InfeasibleError when the caps on risk cannot be kept; advised is what few positions can keep too."""
    try:
        refuse_caps(region, least_risk)
    except InfeasibleError as error:
        if not region.has_positions_rule:
            raise
        refuse_few(region)
        raise InfeasibleError(f"{error}{later(replace(region, risk_caps=()))}") from None

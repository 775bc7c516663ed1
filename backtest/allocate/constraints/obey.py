"""A method's answer inside a region: its own when it optimises, the projection of it otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.constraints.project import projected
from backtest.allocate.constraints.region import Region
from backtest.allocate.constraints.risk import Risk, with_risk
from backtest.allocate.estimated import WithCovariance
from backtest.allocate.verify import OPTIMAL
from backtest.types import Floats, Ints

ROUNDING = 1e-12
"""Of equity: weights that differ by less are the same."""


@dataclass(frozen=True)
class Obedient:
    """An answer, and what it must be verified against: the region of the `columns` that can have a weight."""

    answer: Weights
    columns: Ints
    region: Region


def obedient(method: Method, history: History, region: Region, risk: Risk) -> Obedient:
    """Return the method's answer inside the region; the residual ``moved`` is how far it went to get there, Σ|Δw| / 2.

    The rules on risk are measured by the method's own covariance; they are completed here for a method that has none.
    """
    own = isinstance(method, WithCovariance)
    words: tuple[str, ...] = ()
    condition: Mapping[str, float] = {}
    if region.needs_covariance and not own:
        sample = risk.sample(method, history)
        region, words, condition = with_risk(region, sample), sample.warnings, sample.condition
    found = method.weigh(history, region)
    if words or condition:
        found = replace(found, warnings=(*words, *found.warnings), condition={**condition, **found.condition})
    if region.needs_covariance and own:
        region = with_risk(region, risk.sample(method, history))
    columns = usable(found, history)
    inside = region.take(columns)
    if not method.optimises and found.weights.shape == history.symbols.shape and np.isfinite(found.weights).all():
        weights = np.zeros(len(history.symbols))
        allowed = inside.with_cash() if found.leaves_cash else inside  # as the verifier does
        weights[columns] = projected(found.weights[columns], allowed)
        if not np.array_equal(weights, found.weights):
            found = _moved(found, weights)
    return Obedient(found, columns, inside)


def _moved(found: Weights, weights: Floats) -> Weights:
    """Return an answer with other weights: what was said of how good its own are does not hold for them.

    All weights made smaller alike, for a cash reserve, are no move; the objective is that of the weights before all the
    same, and is not said. Rounding leaves everything as it is.
    """
    moved = float(np.abs(weights - found.weights).sum()) / 2.0
    if moved <= ROUNDING:
        return replace(found, weights=weights)
    blank = replace(found, weights=weights, objective=float("nan"), claim=None)
    total, own = float(weights.sum()), float(found.weights.sum())
    if own != 0.0 and np.abs(weights - found.weights * (total / own)).max() <= ROUNDING:
        return blank
    others = {name: size for name, size in found.residuals.items() if name not in OPTIMAL}
    return replace(blank, residuals={**others, "moved": moved})


def usable(found: Weights, history: History) -> Ints:
    """Return the columns of the symbols that are not left out for lack of data."""
    if not found.left_out:
        return np.arange(len(history.symbols))
    return np.flatnonzero(~np.isin(history.symbols, found.left_out))

"""A method's answer inside a region: its own when it optimises, the projection of it otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.constraints.project import projected
from backtest.allocate.constraints.region import Region
from backtest.allocate.constraints.risk import Risk, with_risk
from backtest.allocate.estimated import Estimated, WithCovariance, spread
from backtest.allocate.sample import Sample
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
    if not region.needs_covariance:
        found = method.weigh(history, region)
    elif isinstance(method, WithCovariance):
        sample = method.sample(history)
        found, region = _from(sample, method, history, region), with_risk(region, sample)
    else:
        sample = risk.sample(method, history)
        region = with_risk(region, sample)
        found = method.weigh(history, region)
        words, condition = (*sample.warnings, *found.warnings), {**sample.condition, **found.condition}
        found = replace(found, warnings=words, condition=condition)
    columns = usable(found, history)
    inside = region.take(columns)
    if not method.optimises and found.weights.shape == history.symbols.shape and np.isfinite(found.weights).all():
        found = moved_into(inside, columns, found)
    return Obedient(found, columns, inside)


def _from(sample: Sample, method: WithCovariance, history: History, region: Region) -> Weights:
    """Return a method's answer from what it estimated, which its own template would estimate again."""
    if type(method).weigh is not Estimated.weigh:
        return method.weigh(history, region)
    inside = region.take(sample.columns).with_covariance(sample.covariance)
    return spread(method.weigh_sample(sample, inside), sample, len(history.symbols))


def moved_into(inside: Region, columns: Ints, found: Weights) -> Weights:
    """Return an answer whose weights at `columns` are the nearest in the region of those, and 0 elsewhere."""
    weights = np.zeros(len(found.weights))
    allowed = inside.with_cash() if found.leaves_cash else inside  # as the verifier does
    weights[columns] = projected(found.weights[columns], allowed)
    return found if np.array_equal(weights, found.weights) else _moved(found, weights)


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

"""A method's answer inside a region: its own when it optimises, the projection of it otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backtest.allocate.base import Weights
from backtest.allocate.constraints.project import projected
from backtest.allocate.constraints.region import Region
from backtest.allocate.constraints.risk import Question, with_risk
from backtest.allocate.estimated import WithCovariance
from backtest.allocate.verify import OPTIMAL
from backtest.types import Floats, Ints, Strings

ROUNDING = 1e-12
"""Of equity: weights that differ by less are the same."""


NOTHING = "the nearest weights that the constraints allow are none at all: everything stays in cash"


@dataclass(frozen=True)
class Obedient:
    """An answer, and what it must be verified against: the region of the `columns` that can have a weight."""

    answer: Weights
    columns: Ints
    region: Region


def obedient(question: Question, region: Region) -> Obedient:
    """Return the method's answer inside the region; the residual ``moved`` is how far it went to get there, Σ|Δw| / 2.

    The rules on risk are measured by the method's own covariance; they are completed here for a method that has none.
    """
    method, symbols = question.method, question.history.symbols
    if not region.needs_covariance:
        found = question.weighed(region)
    elif isinstance(method, WithCovariance):
        found, region = question.weighed(region), with_risk(region, question.measured)
    else:
        sample = question.measured
        region = with_risk(region, sample)
        found = question.weighed(region)
        words, condition = (*sample.warnings, *found.warnings), {**sample.condition, **found.condition}
        found = replace(found, warnings=words, condition=condition)
    columns = usable(found, symbols)
    inside = region.take(columns)
    if not method.optimises and found.weights.shape == symbols.shape and np.isfinite(found.weights).all():
        found = moved_into(inside, columns, found)
    return Obedient(found, columns, inside)


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
    if not weights.any():
        blank = replace(blank, warnings=(*found.warnings, NOTHING))
    total, own = float(weights.sum()), float(found.weights.sum())
    if own != 0.0 and np.abs(weights - found.weights * (total / own)).max() <= ROUNDING:
        return blank
    others = {name: size for name, size in found.residuals.items() if name not in OPTIMAL}
    return replace(blank, residuals={**others, "moved": moved})


def usable(found: Weights, symbols: Strings) -> Ints:
    """Return the columns of the symbols that are not left out for lack of data."""
    if not found.left_out:
        return np.arange(len(symbols))
    return np.flatnonzero(~np.isin(symbols, found.left_out))

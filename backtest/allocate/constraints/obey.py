"""A method's answer inside a region: its own when it optimises, the projection of it otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.constraints.project import projected
from backtest.allocate.constraints.region import Region
from backtest.allocate.constraints.risk import Risk, with_risk
from backtest.allocate.estimated import WithCovariance
from backtest.types import Ints


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
    if region.needs_covariance and not own:
        sample = risk.sample(method, history)
        region, words = with_risk(region, sample), sample.warnings
    found = method.weigh(history, region)
    found = replace(found, warnings=(*words, *found.warnings)) if words else found
    if region.needs_covariance and own:
        region = with_risk(region, risk.sample(method, history))
    columns = usable(found, history)
    inside = region.take(columns)
    if not method.optimises and found.weights.shape == history.symbols.shape and np.isfinite(found.weights).all():
        weights = np.zeros(len(history.symbols))
        allowed = inside if found.status == "ok" else inside.with_cash()  # as the verifier does
        weights[columns] = projected(found.weights[columns], allowed)
        if not np.array_equal(weights, found.weights):
            moved = float(np.abs(weights - found.weights).sum()) / 2.0
            found = replace(found, weights=weights, residuals={**found.residuals, "moved": moved})
    return Obedient(found, columns, inside)


def usable(found: Weights, history: History) -> Ints:
    """Return the columns of the symbols that are not left out for lack of data."""
    if not found.left_out:
        return np.arange(len(history.symbols))
    return np.flatnonzero(~np.isin(history.symbols, found.left_out))

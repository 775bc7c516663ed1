"""Which symbols are kept when there may be no more of them, or no smaller ones: a rule that looks at sizes alone.

The method answers without the limits; the largest weights are kept, as many as are allowed; it answers again with those
symbols alone; the smaller half of those that are still too small is dropped, and so on. Each round drops a symbol or
ends, so that there are at most N.

Symbols with a least weight above 0 are kept before others, and of a group with a least weight as many of its largest as
that takes. Where a cap on turnover does not let those go that are held now, they are kept, the largest first. Between
sizes that are equal (within 1e-9 of each other) the symbol's name decides.
"""

from __future__ import annotations

import numpy as np

from backtest.allocate.base import Weights
from backtest.allocate.constraints.case import Case, unlimited
from backtest.allocate.constraints.feasible import obeys
from backtest.allocate.constraints.region import Region
from backtest.allocate.constraints.ties import TIE, ordered
from backtest.errors import AllocationError, InfeasibleError
from backtest.types import Floats, Ints


def by_rule(case: Case) -> Weights:
    """Return an answer that the rule leads to from the one without limits; raise where it leads nowhere."""
    found = case.loose.answer
    while not keeps_to(found.weights, case.region):
        keep = kept_of(found.weights, case.region)
        if not len(keep):
            raise AllocationError(f"min_position {case.region.min_position:g}: nothing is left that is as large")
        found = case.again(_affordable(keep, found.weights, case))
    return found


def keeps_to(weights: Floats, region: Region) -> bool:
    """Say whether no more and no smaller weights are held than are allowed."""
    return len(kept_of(weights, region)) == np.count_nonzero(weights)


def kept_of(weights: Floats, region: Region) -> Ints:
    """Return the columns that are kept, in order: all that are held when their number and sizes are allowed."""
    sizes = np.abs(weights)
    n_held = int(np.count_nonzero(sizes))
    n_small = int(np.sum((sizes > 0.0) & (sizes < region.min_position * (1.0 - TIE))))
    most = n_held - (n_small + 1) // 2
    if region.max_positions is not None:
        most = min(most, region.max_positions)
    ranked = ordered(region, sizes)[:n_held]
    if most < n_held:
        must = np.isin(ranked, _must(ranked, region))
        ranked = np.concatenate([ranked[must], ranked[~must]])[:most]
    return np.sort(ranked)


def _affordable(keep: Ints, weights: Floats, case: Case) -> Ints:
    """Return the columns to keep; where a cap on turnover forbids to leave the others, those held now come first."""
    region = case.region
    if not _may_hold_only(keep, case) and np.isfinite(region.turnover) and region.current is not None:
        keep = np.sort(ordered(region, np.abs(region.current), np.abs(weights))[: len(keep)])
    if not _may_hold_only(keep, case):
        raise InfeasibleError(f"the {len(keep)} symbols with the largest weights alone cannot obey the constraints")
    return keep


def _may_hold_only(keep: Ints, case: Case) -> bool:
    """Say whether any weights of these symbols obey the linear rules, the others at 0."""
    dropped = np.delete(np.arange(case.region.n_assets), keep)
    lost = np.intersect1d(dropped, case.loose.columns)
    must = (case.region.lower[lost] > 0.0) | (case.region.upper[lost] < 0.0)
    return not must.any() and obeys(unlimited(case.region.without(dropped)))


def _must(ranked: Ints, region: Region) -> Ints:
    """Return the columns without which a least weight, of a symbol or of a group, could not be had."""
    must = set(np.flatnonzero((region.lower > 0.0) | (region.upper < 0.0)).tolist())
    for row, low, name in zip(region.rows, region.row_lower, region.names, strict=True):
        if name == "net" or not low > 0.0:
            continue
        missing = float(low)
        for column in ranked[row[ranked] > 0.0]:
            if missing <= TIE * low:
                break
            must.add(int(column))
            missing -= float(row[column] * region.upper[column])
    return np.array(sorted(must), np.int64)

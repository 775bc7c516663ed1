"""The largest number of positions and their smallest size, by a stated rule around any method.

Both make the problem a combinatorial one, which no convex solver answers. The rule: answer without them; keep the
largest weights, as many as are allowed; answer again with those symbols alone; drop the smaller half of those that are
still too small, and so on. Each round drops a symbol or ends, so that there are at most N. The answer obeys; it need
not be the best.

Symbols with a least weight above 0 are kept before others, and of a group with a least weight as many of its largest as
that takes. Where a cap on turnover does not let those go that are held now, they are kept, the largest first. A method
that optimises sees all symbols each time (its estimates do not change) and may hold only some; one that does not sees
only those that are kept.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backtest.allocate.base import Forecast, History, Method, Views
from backtest.allocate.constraints.feasible import demand
from backtest.allocate.constraints.obey import Obedient, obedient
from backtest.allocate.constraints.region import Region
from backtest.allocate.constraints.risk import Risk
from backtest.errors import AllocationError, InfeasibleError
from backtest.types import Floats, Ints


def positioned(method: Method, history: History, region: Region, risk: Risk) -> Obedient:
    """Return an answer with no more and no smaller positions than are allowed."""
    convex = replace(region, max_positions=None, min_position=0.0)
    found = obedient(method, history, convex, risk)
    while True:
        weights = found.answer.weights
        keep = kept_of(weights, region)
        if len(keep) == np.count_nonzero(weights):
            most, least = region.max_positions, region.min_position
            return replace(found, region=replace(found.region, max_positions=most, min_position=least))
        if not len(keep):
            raise AllocationError(_stuck(weights, region))
        _refuse_dropping(np.setdiff1d(found.columns, keep), region)
        found = _again(method, history, convex, risk, _affordable(keep, weights, convex))


def _refuse_dropping(dropped: Ints, region: Region) -> None:
    """Raise when a symbol would be dropped that must have a weight."""
    lost = dropped[region.lower[dropped] > 0.0]
    if len(lost):
        named = ", ".join(map(str, lost if region.symbols is None else region.symbols[lost]))
        rule = f"min_position {region.min_position:g}" if region.max_positions is None else ""
        rule = rule or f"max_positions {region.max_positions}"
        raise InfeasibleError(f"{rule} leaves no room for {named}, whose min_weight is above 0: drop one or the other")


def _affordable(keep: Ints, weights: Floats, convex: Region) -> Ints:
    """Return the columns to keep; where a cap on turnover forbids to leave the others, those held now come first."""
    everything = np.arange(convex.n_assets)
    try:
        demand(convex.without(np.delete(everything, keep)))
    except InfeasibleError:
        if not np.isfinite(convex.turnover) or convex.current is None:
            raise
        order = np.lexsort((-np.abs(weights), -np.abs(convex.current)))
        keep = np.sort(order[: len(keep)])
        demand(convex.without(np.delete(everything, keep)))
    return keep


def kept_of(weights: Floats, region: Region) -> Ints:
    """Return the columns that are kept, in order: all that are held when their number and sizes are allowed."""
    sizes = np.abs(weights)
    held = np.flatnonzero(sizes)
    small = np.flatnonzero((sizes > 0.0) & (sizes < region.min_position))
    most = len(held) - (len(small) + 1) // 2
    if region.max_positions is not None:
        most = min(most, region.max_positions)
    if most >= len(held):
        return held
    ranked = held[np.argsort(-sizes[held], kind="stable")]
    must = _must(ranked, region)
    order = np.concatenate([ranked[np.isin(ranked, must)], ranked[~np.isin(ranked, must)]])
    return np.sort(order[:most])


def _must(ranked: Ints, region: Region) -> Ints:
    """Return the columns without which a least weight, of a symbol or of a group, could not be had."""
    must = set(np.flatnonzero(region.lower > 0.0).tolist())
    for row, low, name in zip(region.rows, region.row_lower, region.names, strict=True):
        if name == "net" or not low > 0.0:
            continue
        missing = float(low)
        for column in ranked[row[ranked] > 0.0]:
            if missing <= 0.0:
                break
            must.add(int(column))
            missing -= float(row[column] * region.upper[column])
    return np.array(sorted(must), np.int64)


def _again(method: Method, history: History, convex: Region, risk: Risk, kept: Ints) -> Obedient:
    """Answer with the symbols that are kept, the others at 0."""
    if method.optimises:
        dropped = np.delete(np.arange(convex.n_assets), kept)
        return obedient(method, history, convex.without(dropped), risk)
    found = obedient(method, narrowed(history, kept), convex.take(kept), risk.of(kept))
    weights = np.zeros(convex.n_assets)
    weights[kept] = found.answer.weights
    return Obedient(replace(found.answer, weights=weights), kept[found.columns], found.region)


def narrowed(history: History, columns: Ints) -> History:
    """Return the history of some of the symbols; what is held of the others will be sold."""
    current, outside = history.current, history.outside
    if current is not None:
        outside += float(np.abs(np.delete(current, columns)).sum())
    forecast = history.forecast
    covariance = None if forecast.covariance is None else forecast.covariance[np.ix_(columns, columns)]
    return replace(
        history,
        symbols=history.symbols[columns],
        returns=np.ascontiguousarray(history.returns[:, columns]),
        current=_part(current, columns),
        outside=outside,
        prices=_part(history.prices, columns),
        caps=_part(history.caps, columns),
        groups={key: labels[columns] for key, labels in history.groups.items()},
        forecast=Forecast(_part(forecast.mean, columns), covariance, _views(forecast.views, columns)),
        first_row=None,
    )


def _views(views: Views | None, columns: Ints) -> Views | None:
    """Return the views on these symbols alone; one on any other symbol means nothing without it."""
    if views is None:
        return None
    about = ~np.delete(views.holdings, columns, axis=1).any(axis=1)
    uncertainty = None if views.uncertainty is None else views.uncertainty[np.ix_(about, about)]
    sure = None if views.confidences is None else views.confidences[about]
    return (
        Views(views.holdings[np.ix_(about, columns)], views.returns[about], sure, uncertainty) if about.any() else None
    )


def _part(values: Floats | None, columns: Ints) -> Floats | None:
    return None if values is None else values[columns]


def _stuck(weights: Floats, region: Region) -> str:
    held = np.count_nonzero(weights)
    least = float(np.abs(weights[weights != 0.0]).min()) if held else 0.0
    return (
        f"min_position {region.min_position:g}: with all smaller ones dropped nothing is left; the last "
        f"{held} positions went down to {least:.6g}"
    )

"""The independent check that every answer of every method passes.

It knows nothing of solvers: each rule of the region is computed anew from the weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from backtest.allocate.base import Weights
from backtest.allocate.constraints.region import Region
from backtest.errors import AllocationError
from backtest.types import Floats, Ints

TOLERANCE = 1e-9
"""Of equity: a rule broken by less is rounding."""

OPTIMAL = {"kkt": 1e-9, "risk_contribution": 1e-8, "budget_gap": 1e-8, "duality_gap": 1e-9}
"""Residuals, and the largest that is taken for an answer.

Those of an answer with a claim, which every method that optimises makes, are measured here; of others the method's word
is taken. Solvers aim for 4e-10; the search for a cap on risk leaves up to 1e-9, and a linear program 1e-11.
"""


def verified(method: str, answer: Weights, region: Region) -> Weights:
    """Return the answer when it is numbers that obey the region; raise for the worst breach otherwise.

    Breaches of bounds within the tolerance are taken away. An answer that says that it left something in cash need not
    have the least net exposure when nobody asked for one. Whether an answer is as good as it claims is measured from
    its weights, and the residual that is found stands in the answer, without the claim.
    """
    weights = answer.weights
    n = region.n_assets
    if weights.shape != (n,):
        raise AllocationError(f"{method} answered with shape {weights.shape}; expected {(n,)}")
    if not np.isfinite(weights).all():
        raise AllocationError(f"{method} answered with {np.sum(~np.isfinite(weights))} weights that are not numbers")
    if answer.leaves_cash:
        region = region.with_cash()
    breach = worst_breach(weights, region)
    if breach is not None:
        raise AllocationError(f"{method} answered with {breach}")
    answer = _measured(answer)
    _refuse_residuals(method, answer)
    inside = np.clip(weights, region.lower, region.upper)
    return answer if np.array_equal(inside, weights) else replace(answer, weights=inside)


def verified_part(method: str, answer: Weights, columns: Ints, region: Region) -> Weights:
    """Verify an answer for `N` symbols of which only those at `columns` may have a weight; `region` is theirs."""
    weights = answer.weights
    if weights.ndim != 1 or len(columns) == len(weights):
        return verified(method, answer, region)
    others = np.delete(weights, columns)
    if others.any():
        raise AllocationError(
            f"{method} answered with {np.sum(others != 0.0)} weights of symbols without the data for one"
        )
    part = verified(method, replace(answer, weights=weights[columns]), region)
    whole = np.zeros(len(weights))
    whole[columns] = part.weights
    unchanged = answer.claim is None and np.array_equal(whole, weights)
    return answer if unchanged else replace(part, weights=whole)


def worst_breach(weights: Floats, region: Region) -> str | None:
    """Say which rule the weights break the most, by more than the tolerance; None when they obey all."""
    worst, said = TOLERANCE * max(1.0, float(np.abs(weights).sum())), None
    for breach in _breaches(weights, region):
        if breach.size > worst:
            worst, said = breach.size, breach.text.format(*breach.numbers)
    return said


class Breach(NamedTuple):
    """By how much a rule is broken, and how to say it; nothing is formatted for the many that are not."""

    size: float
    text: str
    numbers: tuple[float | str, ...]


def _breaches(weights: Floats, region: Region) -> Iterator[Breach]:
    """Return the breach of each kind of rule; those below 0 are none."""
    if not len(weights):
        return
    yield from _of_bounds(weights, region)
    yield from _of_rows(weights, region)
    if np.isfinite(region.gross):
        gross = float(np.abs(weights).sum())
        text = "a gross exposure of {:.9g}; at most {:.9g} is allowed"
        yield Breach(gross - region.gross, text, (gross, region.gross))
    if region.current is not None and np.isfinite(region.turnover):
        traded = (float(np.abs(weights - region.current).sum()) + region.outside) / 2.0
        text = "a turnover of {:.9g}; at most {:.9g} is allowed"
        yield Breach(traded - region.turnover, text, (traded, region.turnover))
    if region.covariance is not None:
        yield from _of_risk(weights, region, region.covariance)
    yield from _of_positions(weights, region)


def _of_bounds(weights: Floats, region: Region) -> Iterator[Breach]:
    below, above = region.lower - weights, weights - region.upper
    low, high = int(below.argmax()), int(above.argmax())
    least, most = float(region.lower[low]), float(region.upper[high])
    only = "; long-only weights are at least 0" if least == 0.0 else "; at least {:.9g} is allowed"
    yield Breach(float(below[low]), "a weight of {:.9g}" + only, (float(weights[low]), least))
    yield Breach(float(above[high]), "a weight of {:.9g}; at most {:.9g} is allowed", (float(weights[high]), most))


def _of_rows(weights: Floats, region: Region) -> Iterator[Breach]:
    values = (region.rows @ weights).tolist()
    for value, low, high, name in zip(
        values, region.row_lower.tolist(), region.row_upper.tolist(), region.names, strict=True
    ):
        what = "weights that add up to {1:.9g}" if name == "net" else "{0} at {1:.9g}"
        yield Breach(value - high, what + "; at most {2:.9g} is allowed", (name, value, high))
        yield Breach(low - value, what + "; at least {2:.9g} is allowed", (name, value, low))


def _of_risk(weights: Floats, region: Region, covariance: Floats) -> Iterator[Breach]:
    for cap in region.risk_caps:
        risk = cap.risk(weights, covariance)
        yield Breach(risk - cap.most, "{} of {:.9g} a year; at most {:.9g} is allowed", (cap.name, risk, cap.most))


def _of_positions(weights: Floats, region: Region) -> Iterator[Breach]:
    if region.max_positions is None and region.min_position == 0.0:
        return
    sizes = np.abs(weights)
    held = int(np.sum(sizes > 0.0))
    if region.max_positions is not None:
        text = "{} positions; at most {} are allowed"
        yield Breach(float(held - region.max_positions), text, (held, region.max_positions))
    if region.min_position > 0.0 and held:
        least = float(sizes[sizes > 0.0].min())
        text = "a position of {:.9g}; those that are held are at least {:.9g}"
        yield Breach(region.min_position - least, text, (least, region.min_position))


def _measured(answer: Weights) -> Weights:
    """Return the answer with the residual of what it claims, in place of what was said of it."""
    if answer.claim is None:
        return answer
    name, residual = answer.claim.residual(answer.weights)
    return replace(answer, residuals={**answer.residuals, name: residual}, claim=None)


def _refuse_residuals(method: str, answer: Weights) -> None:
    for name, most in OPTIMAL.items():
        residual = answer.residuals.get(name, 0.0)
        if not residual <= most:
            raise AllocationError(
                f"{method} answered with a {name} residual of {residual:.3g}; at most {most:g} is allowed"
            )

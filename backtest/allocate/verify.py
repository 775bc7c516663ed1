"""The independent check that every answer of every method passes.

It knows nothing of solvers: each rule of the region is computed anew from the weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from backtest.allocate.base import Weights
from backtest.allocate.constraints.region import Region
from backtest.errors import AllocationError
from backtest.types import Floats, Ints

TOLERANCE = 1e-9
"""Of equity: a rule broken by less is rounding."""

OPTIMAL = {"kkt": 1e-8, "risk_contribution": 1e-8, "budget_gap": 1e-8, "duality_gap": 1e-6}
"""Residuals, and the largest that is taken for an answer.

Those of an answer with a claim are measured here. Of others the method's word is taken: a linear program's duality gap,
and the worst residual of the problems inside of a method that solves several. Solvers aim for 4e-10; the ridge that
chooses among equally good weights, and the search for a cap on risk, leave up to 3e-9 in one problem of hundreds, and
for a singular covariance, rarely, more than is taken.
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
    for size, text in _breaches(weights, region):
        if size > worst:
            worst, said = size, text
    return said


def _breaches(weights: Floats, region: Region) -> Iterator[tuple[float, str]]:
    """Return by how much each kind of rule is broken, and how to say it."""
    if not len(weights):
        return
    yield from _of_bounds(weights, region)
    yield from _of_rows(weights, region)
    gross = float(np.abs(weights).sum())
    yield gross - region.gross, f"a gross exposure of {gross:.9g}; at most {region.gross:.9g} is allowed"
    if region.current is not None:
        traded = (float(np.abs(weights - region.current).sum()) + region.outside) / 2.0
        yield traded - region.turnover, f"a turnover of {traded:.9g}; at most {region.turnover:.9g} is allowed"
    if region.covariance is not None:
        yield from _of_risk(weights, region, region.covariance)
    yield from _of_positions(weights, region)


def _of_bounds(weights: Floats, region: Region) -> Iterator[tuple[float, str]]:
    low, high = int(np.argmax(region.lower - weights)), int(np.argmax(weights - region.upper))
    least, most = region.lower[low], region.upper[high]
    only = "; long-only weights are at least 0" if least == 0.0 else f"; at least {least:.9g} is allowed"
    yield float(least - weights[low]), f"a weight of {weights[low]:.9g}{only}"
    yield float(weights[high] - most), f"a weight of {weights[high]:.9g}; at most {most:.9g} is allowed"


def _of_rows(weights: Floats, region: Region) -> Iterator[tuple[float, str]]:
    for value, low, high, name in zip(
        region.rows @ weights, region.row_lower, region.row_upper, region.names, strict=True
    ):
        what = f"weights that add up to {value:.9g}" if name == "net" else f"{name} at {value:.9g}"
        yield float(value - high), f"{what}; at most {high:.9g} is allowed"
        yield float(low - value), f"{what}; at least {low:.9g} is allowed"


def _of_risk(weights: Floats, region: Region, covariance: Floats) -> Iterator[tuple[float, str]]:
    for cap in region.risk_caps:
        apart = weights - cap.start
        risk = float(np.sqrt(max(0.0, float(apart @ covariance @ apart))))
        yield risk - cap.most, f"{cap.name} of {risk:.9g} a year; at most {cap.most:.9g} is allowed"


def _of_positions(weights: Floats, region: Region) -> Iterator[tuple[float, str]]:
    sizes = np.abs(weights)
    held = int(np.sum(sizes > 0.0))
    if region.max_positions is not None:
        yield float(held - region.max_positions), f"{held} positions; at most {region.max_positions} are allowed"
    if region.min_position > 0.0 and held:
        least = float(sizes[sizes > 0.0].min())
        said = f"a position of {least:.9g}; those that are held are at least {region.min_position:.9g}"
        yield region.min_position - least, said


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

"""How far from optimal weights are, measured from the weights alone, without asking a solver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.allocate.constraints.region import Region
from backtest.errors import AllocationError
from backtest.types import Bools, Floats

TIGHT = 1e-9
"""A rule binds when it is met this nearly, relative to what is added up in it."""


def kkt_residual(Q: Floats, c: Floats, region: Region, w: Floats, rates: Floats | None = None) -> float:
    """Return the worst relative residual of the optimality conditions of min ½wᵀQw + cᵀw + Σ rateᵢ|wᵢ − currentᵢ|.

    The multipliers are the best that exist: non-negative, 0 for rules that do not bind, and such that the largest slope
    along which a weight could still move and gain is least (a linear program in the multipliers; in closed form with
    the net exposure alone). Relative to the slopes of the assets held, cancellation left out: the largest of
    Σⱼ|Qᵢⱼwⱼ| + |cᵢ| + rateᵢ. Whether w obeys the rules is another question, which is not asked here.
    """
    slopes = _slopes(Q, c, region, w, rates)
    fields = _fields(region, w)
    scale = _scale(Q, c, w, rates)
    if not len(fields):
        return _worst(slopes, np.zeros(len(w))) / scale
    only = fields[0]
    if len(fields) == 1 and (only.right == 1.0).all() and (only.left == 1.0).all():
        return _one_row(slopes, only) / scale
    return _many_rows(slopes, fields, scale)


@dataclass(frozen=True)
class _Slopes:
    """Slope of the objective to the right and to the left of each weight, and where the bounds let it move."""

    right: Floats
    left: Floats
    can_rise: Bools
    can_fall: Bools


@dataclass(frozen=True)
class _Field:
    """What one unit of a multiplier adds to the slopes on both sides; the range the multiplier may have."""

    right: Floats
    left: Floats
    least: float
    most: float


def _slopes(Q: Floats, c: Floats, region: Region, w: Floats, rates: Floats | None) -> _Slopes:
    gradient = Q @ w + c
    room = TIGHT * max(1.0, float(np.abs(w).max(initial=0.0)))
    right = left = gradient
    if rates is not None:
        up, down = _sides(w, region.held)
        right, left = gradient + rates * up, gradient + rates * down
    return _Slopes(right, left, w < region.upper - room, w > region.lower + room)


def _sides(w: Floats, anchor: Floats) -> tuple[Floats, Floats]:
    """Return the slope of |w − anchor| to the right and to the left."""
    beside = w - anchor
    at = np.abs(beside) <= TIGHT * np.maximum(1.0, np.abs(anchor))
    sign = np.sign(beside)
    return np.where(at, 1.0, sign), np.where(at, -1.0, sign)


def _fields(region: Region, w: Floats) -> list[_Field]:
    """Return the rules that bind, beside the bounds."""
    fields = []
    for row, low, high in zip(region.rows, region.row_lower, region.row_upper, strict=True):
        value, room = float(row @ w), TIGHT * max(1.0, float(np.abs(row) @ np.abs(w)))
        at_low, at_high = value <= low + room, value >= high - room
        if at_low or at_high:
            fields.append(_Field(row, row, -np.inf if at_low else 0.0, np.inf if at_high else 0.0))
    sums = [(np.zeros(len(w)), region.gross)]
    if region.current is not None:
        sums.append((region.current, 2.0 * region.turnover - region.outside))
    for anchor, most in sums:
        if np.abs(w - anchor).sum() >= most - TIGHT * max(1.0, abs(most)):
            fields.append(_Field(*_sides(w, anchor), 0.0, np.inf))
    return fields + _risk_fields(region, w)


def _risk_fields(region: Region, w: Floats) -> list[_Field]:
    fields: list[_Field] = []
    for cap in region.risk_caps:
        if region.covariance is None:
            raise AllocationError(f"{cap.name}: a covariance is needed to measure risk")
        force = region.covariance @ (w - cap.start)
        risk = float(np.sqrt(max(0.0, float((w - cap.start) @ force))))
        if risk >= cap.most * (1.0 - 10.0 * TIGHT) and risk > 0.0:
            fields.append(_Field(force / risk, force / risk, 0.0, np.inf))
    return fields


def _scale(Q: Floats, c: Floats, w: Floats, rates: Floats | None) -> float:
    held = np.flatnonzero(w)
    chosen = held if held.size else np.arange(len(w))
    size = np.abs(Q[np.ix_(chosen, held)]) @ np.abs(w[held]) + np.abs(c[chosen])
    if rates is not None:
        size = size + rates[chosen]
    return float(size.max(initial=0.0)) or 1.0


def _worst(slopes: _Slopes, added: Floats) -> float:
    """Return the largest gain that is left, with something added to all slopes."""
    rise = np.where(slopes.can_rise, -(slopes.right + added), 0.0)
    fall = np.where(slopes.can_fall, slopes.left + added, 0.0)
    return float(max(rise.max(initial=0.0), fall.max(initial=0.0)))


def _one_row(slopes: _Slopes, field: _Field) -> float:
    """Return the residual with the best multiplier of a row of ones: half-way between the two that pull."""
    rise = float((-slopes.right)[slopes.can_rise].max(initial=-np.inf))
    fall = float((-slopes.left)[slopes.can_fall].min(initial=np.inf))
    middle = 0.5 * (rise + fall) if np.isfinite([rise, fall]).all() else rise if np.isfinite(rise) else fall
    multiplier = float(np.clip(middle if np.isfinite(middle) else 0.0, field.least, field.most))
    return _worst(slopes, np.full(len(slopes.right), multiplier))


def _many_rows(slopes: _Slopes, fields: list[_Field], scale: float) -> float:
    """Return the residual, relative, with the best multipliers: a linear program."""
    from scipy.optimize import linprog

    right, left = (np.column_stack([getattr(field, side) for field in fields]) for side in ("right", "left"))
    rise, fall = slopes.can_rise, slopes.can_fall
    size = np.maximum(
        1e-300, np.abs(np.vstack([right, left])).max(axis=0)
    )  # a multiplier's unit: its largest entry is 1
    matrix = np.vstack([-right[rise], left[fall]]) / size
    matrix = np.column_stack([matrix, np.full(len(matrix), -1.0)])
    limit = np.concatenate([slopes.right[rise], -slopes.left[fall]]) / scale
    bounds = [(field.least, field.most) for field in fields]
    cost = np.append(np.zeros(len(fields)), 1.0)
    options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    found = linprog(cost, matrix, limit, bounds=[*bounds, (0.0, None)], method="highs-ds", options=options)
    if found.status != 0:
        return float("inf")
    added = (found.x[:-1] / size) * scale
    rest = _Slopes(slopes.right + right @ added, slopes.left + left @ added, rise, fall)
    return _worst(rest, np.zeros(len(rise))) / scale

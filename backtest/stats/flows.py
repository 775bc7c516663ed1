"""Returns of an account that money moves into and out of."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from backtest.types import Floats, Ints

NS_PER_DAY = 86_400 * 10**9
GRID = np.exp(14.0 * np.linspace(-1.0, 1.0, 801) ** 3)
"""Growth factors between which a root is looked for: rates from −99.9999 % to 1,000,000 % a year, dense around none."""


def xirr(amounts: Floats, times: Ints, days_per_year: float = 365.0) -> float:
    """Return the rate per year at which the amounts are worth nothing: Σ aᵢ (1 + r)^(−dᵢ / 365) = 0.

    dᵢ are the days from the first amount to each. Money paid in is negative, money taken out and the final value are
    positive. Actual days over 365, as spreadsheets count; `days_per_year` = 365.25 is the year of this package. With
    several roots, the one nearest to zero; NaN where there is none, or all amounts have one sign. Microsoft Excel,
    XIRR; Bacon (2008), "internal rate of return".
    """
    years = (times - times[0]) / (NS_PER_DAY * days_per_year) if times.size else np.empty(0)
    if not ((amounts > 0.0).any() and (amounts < 0.0).any()):
        return math.nan

    def value(growth: Floats) -> Floats:
        return np.asarray((amounts * np.power.outer(growth, -years)).sum(axis=-1))

    with np.errstate(over="ignore", invalid="ignore"):  # (1e-6)^-100 and its likes end the search on that side
        sign = np.sign(value(GRID))
    sides = np.flatnonzero((sign[:-1] * sign[1:] <= 0.0) & np.isfinite(sign[:-1] * sign[1:]))
    if not sides.size:
        return math.nan
    best = sides[np.argmin(np.abs(np.log(GRID[sides]) + np.log(GRID[sides + 1])))]
    return _bisected(value, float(GRID[best]), float(GRID[best + 1])) - 1.0


def time_weighted(values: Floats, flows: Floats) -> float:
    """Return the compound return of an account, Π (vₜ − fₜ) / vₜ₋₁ − 1, as if no money had moved.

    `values` `(T,)` are the account *after* the flow of the same row, `flows` `(T,)` what was paid in (+) or taken out
    (−) at the end of each row; the first flow is part of the first value and is not used. NaN when the account was
    at or below zero before the end. Bacon (2008), "true time-weighted return".
    """
    before = values[:-1]
    if values.size < 2 or not (before > 0.0).all():
        return math.nan
    return float(np.prod((values[1:] - flows[1:]) / before) - 1.0)


def modified_dietz(start: float, end: float, flows: Floats, shares: Floats) -> float:
    """Return (end − start − Σf) / (start + Σ wf), w the share of the period for which each flow was in the account.

    Not annualised. NaN when the capital on average is not above zero. Dietz (1966); GIPS.
    """
    capital = start + float(flows @ shares)
    return (end - start - float(flows.sum())) / capital if capital > 0.0 else math.nan


def _bisected(value: Callable[[Floats], Floats], low: float, high: float) -> float:
    """Halve a bracket until nothing is left between its ends."""
    ends = [end for end in (low, high) if float(value(np.array(end))) == 0.0]
    if ends:
        return ends[0]
    above = float(value(np.array(low))) > 0.0
    while low < (middle := 0.5 * (low + high)) < high:
        low, high = (middle, high) if (float(value(np.array(middle))) > 0.0) == above else (low, middle)
    return middle

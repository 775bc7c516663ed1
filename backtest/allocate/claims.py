"""What an answer claims to be the best of, so that the verifier can look for itself; no solver is asked."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np

from backtest.allocate.constraints.region import Region, RiskCap, trading_cost
from backtest.allocate.solve.fractional import fractional
from backtest.allocate.solve.kkt import kkt_residual
from backtest.allocate.solve.quadratic import quadratic
from backtest.allocate.solve.solution import Solution
from backtest.types import Bools, Floats

ENOUGH = 1e-9
"""A residual up to this, with multipliers that need not be the best, is one that need not be looked at again."""

TIGHT = 1e-9
"""A bound or row is met when it is this near."""


class Claim(Protocol):
    """Something that weights can be held against."""

    def residual(self, weights: Floats) -> tuple[str, float]:
        """Return the name of the residual, and how far weights `(K,)` are from what is claimed; 0 is exact."""


@dataclass(frozen=True, eq=False)
class Least:
    """The least ½wᵀQw + cᵀw + Σ rateᵢ|wᵢ − currentᵢ| of the region."""

    Q: Floats
    c: Floats
    region: Region
    rates: Floats | None = None

    def residual(self, weights: Floats) -> tuple[str, float]:
        """Return the worst relative residual of the optimality conditions (`kkt_residual` says which)."""
        return "kkt", stationarity(self.Q, self.c, self.region, weights, self.rates)


@dataclass(frozen=True, eq=False)
class Ratio:
    """The largest (aᵀw − Σ rateᵢ|wᵢ − currentᵢ|) / √(wᵀQw) of the region."""

    Q: Floats
    a: Floats
    region: Region
    rates: Floats | None = None

    def residual(self, weights: Floats) -> tuple[str, float]:
        """Return that of ½wᵀQw − λ · gain at λ = variance / gain: the conditions are the same."""
        gain = float(self.a @ weights) - trading_cost(weights, self.rates, self.region)
        if not gain > 0.0:
            return "kkt", np.inf
        price = float(weights @ self.Q @ weights) / gain
        rates = None if self.rates is None else price * self.rates
        return "kkt", stationarity(self.Q, -price * self.a, self.region, weights, rates)


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of the risk that are the budgets `(K,)`; with `bounds` `(2, K)`, but for what a bound holds up or down."""

    covariance: Floats
    budgets: Floats
    bounds: Floats | None = None

    def residual(self, weights: Floats) -> tuple[str, float]:
        """Return the largest gap: ``risk_contribution``, of shares of risk, or ``budget_gap`` where a bound binds."""
        contributions = weights * (self.covariance @ weights)
        if self.bounds is None:
            return "risk_contribution", _number(np.abs(contributions / contributions.sum() - self.budgets).max())
        low, high = weights <= self.bounds[0] + TIGHT, weights >= self.bounds[1] - TIGHT
        between = ~(low | high)
        of = between if self.budgets[between].sum() > 0.0 else high
        level = contributions[of].sum() / self.budgets[of].sum()
        excess = contributions / level - self.budgets
        excess[low] = np.minimum(excess[low], 0.0)
        excess[high] = np.maximum(excess[high], 0.0)
        return "budget_gap", _number(np.abs(excess).max())


@dataclass(frozen=True)
class Claimed(Solution):
    """A solution, and what it claims to be the best of."""

    claim: Claim | None = None


def least(Q: Floats, c: Floats, region: Region, *, rates: Floats | None = None, guess: Any = None) -> Claimed:
    """Return what `quadratic` does, with its claim."""
    return claimed(quadratic(Q, c, region, rates=rates, guess=guess), Least(Q, c, region, rates))


def best_ratio(Q: Floats, a: Floats, region: Region, *, rates: Floats | None = None) -> Claimed:
    """Return what `fractional` does, with its claim."""
    return claimed(fractional(Q, a, region, rates=rates), Ratio(Q, a, region, rates))


def stationarity(Q: Floats, c: Floats, region: Region, w: Floats, rates: Floats | None) -> float:
    """Return the KKT residual: in closed form under bounds and a net exposure, and else with multipliers at hand.

    Only where least squares over the weights between their bounds gives no multipliers that do is the linear program of
    `kkt_residual` solved, which takes milliseconds.
    """
    if rates is None and region.is_simple:
        return _simple(Q, c, region, w)
    if rates is None and np.isinf(region.turnover) and np.isinf(region.gross):
        found = _with_rows(Q, c, region, w)
        if found <= ENOUGH:
            return found
    return kkt_residual(Q, c, region, w, rates)


def _simple(Q: Floats, c: Floats, region: Region, w: Floats) -> float:
    """Return the residual with the best multiplier of the net exposure: half-way between the slopes that pull."""
    slope = Q @ w + c
    falls, rises = w > region.lower + TIGHT, w < region.upper - TIGHT
    push = float(slope.max(where=falls, initial=-np.inf))  # of what could be sold
    pull = float(slope.min(where=rises, initial=np.inf))  # of what could be bought
    total, (low, high) = float(w.sum()), region.net
    at_low, at_high = total <= low + TIGHT, total >= min(high, region.gross) - TIGHT
    middle = 0.5 * (push + pull) if np.isfinite(push + pull) else pull if np.isfinite(pull) else push
    middle = middle if np.isfinite(middle) else 0.0
    if not at_low:
        middle = min(middle, 0.0)  # more may be sold, so nothing that is held costs more than cash
    if not at_high:
        middle = max(middle, 0.0)
    return max(push - middle, middle - pull, 0.0) / _scale(Q, c, w)


def _with_rows(Q: Floats, c: Floats, region: Region, w: Floats) -> float:
    """Return a residual with multipliers of what binds, by least squares: at least that of the best ones."""
    rows, low, high = _binding(region, w)
    slope = Q @ w + c
    falls, rises = w > region.lower + TIGHT, w < region.upper - TIGHT
    between = falls & rises
    y = np.linalg.lstsq(rows[:, between].T, slope[between], rcond=None)[0]
    y = np.where(low, y, np.minimum(y, 0.0))
    rest = slope - rows.T @ np.where(high, y, np.maximum(y, 0.0))
    return max(float(rest.max(where=falls, initial=0.0)), -float(rest.min(where=rises, initial=0.0))) / _scale(Q, c, w)


def _binding(region: Region, w: Floats) -> tuple[Floats, Bools, Bools]:
    """Return the rows that bind, and which of them at the low and at the high end; a cap on risk is as its tangent."""
    values = region.rows @ w
    low, high = values <= region.row_lower + TIGHT, values >= region.row_upper - TIGHT
    binds = low | high
    tangents = [row for cap in region.risk_caps if (row := _tangent(cap, region.covariance, w)) is not None]
    if not tangents:
        return region.rows[binds], low[binds], high[binds]
    of_caps = np.zeros(len(tangents), np.bool_)
    return np.vstack([region.rows[binds], *tangents]), np.append(low[binds], of_caps), np.append(high[binds], ~of_caps)


def _tangent(cap: RiskCap, covariance: Floats | None, w: Floats) -> Floats | None:
    """Return the gradient of a risk that is at its cap; None where the cap does not bind."""
    if covariance is None:
        return None
    apart = w - cap.start
    force = covariance @ apart
    risk = float(np.sqrt(max(0.0, float(apart @ force))))
    if risk == 0.0 or risk < cap.most * (1.0 - TIGHT):
        return None
    gradient: Floats = force / risk
    return gradient


def _scale(Q: Floats, c: Floats, w: Floats) -> float:
    """Return the largest slope of what is held, cancellation left out."""
    size = np.abs(Q) @ np.abs(w) + np.abs(c)
    return float(size.max(where=w != 0.0, initial=0.0)) or float(size.max(initial=0.0)) or 1.0


def _number(gap: float) -> float:
    return float(gap) if np.isfinite(gap) else np.inf


def claimed(solution: Solution, claim: Claim) -> Claimed:
    """Return a solution with what it claims."""
    return Claimed(**{each.name: getattr(solution, each.name) for each in fields(Solution)}, claim=claim)

"""What a linear program over scenarios claims: that no weights have a smaller tail; by weak duality, in arithmetic.

The mean of the worst 1 − β of n losses is the largest of their means under weights q that add up to 1, none above
1 / (n(1 − β)). Any such q makes of the objective a linear function of the weights that is nowhere above it, and any
prices of the region's limits make of that a bound that no weights are below. A solver gives q and the prices, but what
it gives need not be believed: whatever is wrong with them makes the bound lower.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backtest.allocate.constraints.region import Region, trading_cost
from backtest.allocate.solve.solution import Prices
from backtest.types import Floats

ROUNDING = 1e-9
"""A slope towards an end that is infinitely far away is rounding below this share of the largest slope."""


@dataclass(frozen=True, eq=False)
class LeastTail:
    """The smallest mean of the worst 1 − `confidence` of losses, or of drawdowns, with costs, of the region."""

    scenarios: Floats  # (n, K)
    confidence: float
    region: Region
    rates: Floats | None
    prices: Prices
    risk: Callable[[Floats], float]  # of the returns (n,) of one portfolio

    def residual(self, weights: Floats) -> tuple[str, float]:
        """Return how far the weights are above the bound, relative to the risk and the returns themselves."""
        returns = self.scenarios @ weights
        cost = trading_cost(weights, self.rates, self.region)
        risk = self.risk(returns)
        slopes = -self.scenarios.T @ shares(self.prices.inner, self.confidence)
        gap = risk + cost - bound(slopes, self.region, self.rates, self.prices)
        size = abs(risk) + cost + float(np.abs(returns).mean())
        relative = max(gap, 0.0) / size if size > 0.0 else max(gap, 0.0)
        return "duality_gap", relative if np.isfinite(relative) else np.inf


def bound(slopes: Floats, region: Region, rates: Floats | None, prices: Prices) -> float:
    """Return a number that slopes · w + Σ rateᵢ|wᵢ − currentᵢ| is not below in the region, whatever the prices."""
    low, high = region.row_lower, region.row_upper
    rows = np.clip(prices.rows, np.where(np.isfinite(high), -np.inf, 0.0), np.where(np.isfinite(low), np.inf, 0.0))
    ends = np.where(rows > 0.0, low, np.where(rows < 0.0, high, 0.0))
    gross = max(prices.gross, 0.0) if np.isfinite(region.gross) else 0.0
    most = region.most_traded
    turnover = max(prices.turnover, 0.0) if np.isfinite(most) else 0.0
    limits = float(rows @ ends) - gross * (region.gross if gross else 0.0) - turnover * (most if turnover else 0.0)
    moved = turnover + (np.zeros(len(slopes)) if rates is None else rates)
    return limits + float(_least(slopes - rows @ region.rows, moved, gross, region).sum())


def _least(slopes: Floats, moved: Floats, gross: float, region: Region) -> Floats:
    """Return the least slopeᵢwᵢ + movedᵢ|wᵢ − currentᵢ| + gross|wᵢ| between the bounds of each asset `(K,)`.

    It is at a bound or at a kink.
    """
    current, (lower, upper) = region.held, _ends(region)
    noise = ROUNDING * float(np.abs(slopes).max(initial=0.0))
    least = np.full(len(slopes), np.inf)
    for ends, steepest in ((lower, -slopes + moved + gross), (upper, slopes + moved + gross)):
        least[~np.isfinite(ends) & (steepest < -noise)] = -np.inf
    for at in (lower, upper, np.zeros(len(slopes)), current):
        here = np.isfinite(at) & (at >= lower) & (at <= upper)
        w = np.where(here, at, 0.0)
        value = slopes * w + moved * np.abs(w - current) + gross * np.abs(w)
        least = np.where(here, np.minimum(least, value), least)
    return least


def _ends(region: Region) -> tuple[Floats, Floats]:
    """Return the least and the most that each weight can be, by its bounds, the gross exposure and the turnover."""
    current, most = region.held, region.most_traded
    lower = np.maximum(region.lower, np.maximum(-region.gross, current - most))
    return lower, np.minimum(region.upper, np.minimum(region.gross, current + most))


def shares(inner: tuple[Floats, ...], confidence: float) -> Floats:
    """Return what each scenario's return is multiplied by `(n,)`, as it must be: of losses q, of drawdowns λ.

    A drawdown is what the returns since the highest sum have lost, so that Σ qₜ · drawdownₜ is at least Σ −λₜ · returnₜ
    for any λ from 0 to λₜ₊₁ + qₜ, 0 beyond the last.
    """
    n = len(inner[0])
    most = 1.0 / (n * (1.0 - confidence))
    q = np.clip(inner[0], 0.0, most)
    total = float(q.sum())
    q = q / total if total > 1.0 else q + (most - q) * ((1.0 - total) / float((most - q).sum())) if total < 1.0 else q
    if len(inner) == 1:
        return q
    shares, after = np.empty(n), 0.0
    for t in range(n - 1, -1, -1):
        after = min(max(float(inner[1][t]), 0.0), after + float(q[t]))
        shares[t] = after
    return shares

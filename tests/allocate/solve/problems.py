"""Random quadratic programs with every rule a region has, and what is asked of their answers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backtest.allocate.constraints.region import Region, RiskCap, long_only
from backtest.allocate.solve.quadratic import quadratic
from backtest.errors import AllocationError
from backtest.types import Floats


@dataclass(frozen=True)
class Case:
    """Minimise ½wᵀQw + cᵀw + Σ rates · |w − current| over a region that is not empty."""

    Q: Floats
    c: Floats
    region: Region
    rates: Floats | None

    def value(self, w: Floats) -> float:
        """Return the objective."""
        current = np.zeros(len(w)) if self.region.current is None else self.region.current
        cost = 0.0 if self.rates is None else float(self.rates @ np.abs(w - current))
        return float(0.5 * w @ self.Q @ w + self.c @ w) + cost

    def size(self, w: Floats) -> float:
        """Return how large the objective is, cancellation left out."""
        return float(np.abs(w) @ np.abs(self.Q) @ np.abs(w) + np.abs(self.c) @ np.abs(w)) + 1e-9 * np.abs(self.Q).max()


def breach(region: Region, w: Floats) -> float:
    """Return the worst miss of a rule; of a risk cap relative."""
    value = region.rows @ w
    worst = [region.lower - w, w - region.upper, region.row_lower - value, value - region.row_upper]
    misses = [float(np.max(miss)) for miss in worst] + [float(np.abs(w).sum()) - region.gross]
    if region.current is not None:
        misses.append((float(np.abs(w - region.current).sum()) + region.outside) / 2.0 - region.turnover)
    for cap in region.risk_caps:
        beside = w - cap.start
        assert region.covariance is not None
        misses.append(float(np.sqrt(max(0.0, beside @ region.covariance @ beside))) / cap.most - 1.0)
    return max(misses)


def random_case(seed: int, most: int = 12, caps: bool = False) -> Case | None:
    """Return a case of 1 to `most` assets: sometimes singular, with twins, an asset without risk, tight rules."""
    g = np.random.default_rng(seed)
    n = int(g.integers(1, most + 1))
    Q = random_covariance(g, n)
    c = [np.zeros(n), -g.normal(0.05, 0.1, n), -g.normal(0.5, 1.0, n)][g.integers(3)]
    region = long_only(n)
    low = np.full(n, -g.choice([0.1, 0.3, 1.0]) if g.random() < 0.4 else 0.0)
    region = replace(region, lower=low, upper=np.full(n, g.choice([1.0, 0.4, min(1.0, 3.0 / n)])))
    if g.random() < 0.3:
        region = replace(region, row_lower=np.array([g.choice([0.0, 0.5])]))
    rates = np.abs(g.normal(size=n)) * 0.02 if g.random() < 0.3 else None
    try:
        inside = quadratic(np.eye(n), -g.normal(size=n) / n, region).weights
    except AllocationError:
        return None
    region = _with_rows(g, region, inside) if g.random() < 0.5 else region
    region = _with_sums(g, region, inside)
    return Case(Q, c, _with_caps(g, region, inside, Q) if caps else region, rates)


def random_covariance(g: np.random.Generator, n: int) -> Floats:
    """Return an annual covariance of three factors, sometimes from fewer observations than assets."""
    days = int(g.choice([max(2, n // 2), n + 1, 252]))
    returns = 0.01 * (
        g.normal(size=(days, 3)) @ g.normal(size=(3, n)) + g.normal(size=(days, n)) * g.uniform(0.3, 3, n)
    )
    if n > 2 and g.random() < 0.15:
        returns[:, 1] = returns[:, 0]
    if n > 2 and g.random() < 0.1:
        returns[:, 2] = 0.0
    return np.atleast_2d(np.cov(returns.T)) * 252


def _with_rows(g: np.random.Generator, region: Region, inside: Floats) -> Region:
    m = int(g.integers(1, 4))
    rows = (g.random((m, len(inside))) < 0.4) * (g.normal(size=(m, len(inside))) if g.random() < 0.2 else 1.0)
    value = rows @ inside
    return replace(
        region,
        rows=np.vstack([region.rows, rows]),
        row_lower=np.append(region.row_lower, np.where(g.random(m) < 0.5, -np.inf, value - g.choice([0.0, 0.05], m))),
        row_upper=np.append(region.row_upper, value + g.choice([0.0, 0.03], m)),
        names=("net", *(f"group {k}" for k in range(m))),
    )


def _with_sums(g: np.random.Generator, region: Region, inside: Floats) -> Region:
    if g.random() < 0.4:
        region = replace(region, gross=float(np.abs(inside).sum() * g.choice([1.0, 1.1, 1.5])))
    if g.random() < 0.5:
        current = inside + g.normal(size=len(inside)) * 0.3 / len(inside) * (g.random(len(inside)) < 0.6)
        turnover = float(np.abs(inside - current).sum() / 2.0 * g.choice([1.0, 1.2, 2.0]))
        region = replace(region, current=current, turnover=turnover if g.random() < 0.6 else np.inf)
    return region


def _with_caps(g: np.random.Generator, region: Region, inside: Floats, Q: Floats) -> Region:
    n = len(inside)
    S = Q if g.random() < 0.7 else np.diag(Q.diagonal())
    volatility, equal = float(np.sqrt(inside @ S @ inside)), np.full(n, 1.0 / n)
    error = float(np.sqrt((inside - equal) @ S @ (inside - equal)))
    caps = (
        RiskCap(volatility * float(g.choice([1.02, 1.2])) + 1e-4, np.zeros(n), "max_volatility"),
        RiskCap(error * float(g.choice([1.05, 1.5])) + 1e-4, equal, "tracking_error"),
    )
    return replace(region, risk_caps=caps[: int(g.integers(1, 3))], covariance=S)

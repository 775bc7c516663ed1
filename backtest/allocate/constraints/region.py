"""What weights must obey, resolved for the assets of one decision into numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from backtest.errors import AllocationError
from backtest.types import Floats, Ints, Strings

INVESTED = 1.0

NEAR = 1e-9
"""Of equity: a rule that is missed by less is met."""

LARGEST = 1e100
"""Risk a year, and size of a weight, beyond which limits are all the same: sums and squares are still numbers."""


@dataclass(frozen=True)
class RiskCap:
    """√((w − from)ᵀ Σ (w − from)) ≤ most, annual: a cap on volatility, or on tracking error against `start`."""

    most: float
    start: Floats  # (N,): zeros for volatility, the benchmark's weights for tracking error
    name: str

    def __post_init__(self) -> None:
        """A cap that large never binds; its square must still be a number."""
        object.__setattr__(self, "most", min(self.most, LARGEST))

    def risk(self, weights: Floats, covariance: Floats) -> float:
        """Return the risk of weights that is capped, a year."""
        apart = weights - self.start
        return float(np.sqrt(max(0.0, float(apart @ covariance @ apart))))


@dataclass(frozen=True)
class BetaRange:
    """least ≤ wᵀΣb / bᵀΣb ≤ most: a range of the beta against a benchmark; a row once the covariance is known."""

    least: float
    most: float
    benchmark: Floats  # (N,)


@dataclass(frozen=True)
class Region:
    """The weights `(N,)` that are allowed.

    lower ≤ w ≤ upper; row_lower ≤ rows · w ≤ row_upper, with `names` for the rows (net, groups, beta); Σ|w| ≤ gross;
    (Σ|w − current| + outside) / 2 ≤ turnover; the risk caps and the beta ranges, which need `covariance`; at most
    `max_positions` weights that are not 0, and none of those smaller than `min_position` in size.

    The net exposure is a row like the others, named ``net``. `net_given` says whether a person asked for it: a method
    that may hold cash (Kelly, fixed weights) then keeps to it, and otherwise only to its upper end.
    """

    lower: Floats
    upper: Floats
    rows: Floats  # (m, N)
    row_lower: Floats
    row_upper: Floats
    names: tuple[str, ...] = ()
    net_given: bool = False
    ceiling: float = INVESTED  # what the cash reserve leaves: nobody is advised to invest more
    gross: float = float("inf")
    turnover: float = float("inf")
    current: Floats | None = None
    outside: float = 0.0  # Σ|weight| that is sold in any case, and counts as turnover
    risk_caps: tuple[RiskCap, ...] = field(default=())
    betas: tuple[BetaRange, ...] = field(default=())  # not yet rows, for want of a covariance
    covariance: Floats | None = None  # (N, N) annual: what the risk caps are measured by
    max_positions: int | None = None
    min_position: float = 0.0
    symbols: Strings | None = None  # (N,): only to say who is meant
    remarks: tuple[str, ...] = ()  # what a person should know of how the rules were read

    @property
    def n_assets(self) -> int:
        """Number of assets, N."""
        return len(self.lower)

    @property
    def held(self) -> Floats:
        """Weights held now `(N,)`, zeros where nobody knows them."""
        return np.zeros(self.n_assets) if self.current is None else self.current

    @property
    def most_traded(self) -> float:
        """Most that Σ|w − current| may be; no limit where nobody knows what is held."""
        return float("inf") if self.current is None else 2.0 * self.turnover - self.outside

    @property
    def is_simple(self) -> bool:
        """Whether there is nothing but bounds and the net exposure."""
        plain = self.names == ("net",) and np.isinf(self.turnover) and not self.needs_covariance
        return bool(plain and (np.isinf(self.gross) or (self.gross >= self.net[1] and (self.lower >= 0.0).all())))

    @property
    def needs_covariance(self) -> bool:
        """Whether a rule cannot be checked without a covariance."""
        return bool(self.risk_caps or self.betas)

    @property
    def has_positions_rule(self) -> bool:
        """Whether the number or the size of positions is limited, which no convex solver understands."""
        few = self.max_positions is not None and self.max_positions < self.n_assets
        return few or self.min_position > 0.0

    @property
    def net(self) -> tuple[float, float]:
        """Least and most that the weights may add up to."""
        if "net" not in self.names:
            return -np.inf, np.inf
        k = self.names.index("net")
        return float(self.row_lower[k]), float(self.row_upper[k])

    def take(self, columns: Ints) -> Self:
        """Return the region of some of the assets, the others at 0 (and sold, where they are held).

        When these assets cannot obey the rules without the others, InfeasibleError is raised.
        """
        if len(columns) == self.n_assets:
            return self
        from backtest.allocate.constraints.feasible import demand  # it reads regions

        part = self.part(columns)
        demand(part)
        return part

    def part(self, columns: Ints) -> Self:
        """Return what `take` does, whether or not any weights obey.

        A benchmark is scaled up for what it loses, so that it stays as much invested as it was.
        """
        current, outside = self.current, self.outside
        if current is not None:
            outside += float(np.abs(np.delete(current, columns)).sum())
            current = current[columns]
        covariance = self.covariance
        return replace(
            self,
            lower=self.lower[columns],
            upper=self.upper[columns],
            rows=self.rows[:, columns],
            current=current,
            outside=outside,
            risk_caps=tuple(replace(cap, start=_part(cap.start, columns)) for cap in self.risk_caps),
            betas=tuple(replace(beta, benchmark=_part(beta.benchmark, columns)) for beta in self.betas),
            covariance=None if covariance is None else covariance[np.ix_(columns, columns)],
            symbols=None if self.symbols is None else self.symbols[columns],
        )

    def with_cash(self) -> Self:
        """Return the region for a method that may hold cash: the net exposure from 0, unless a person gave it."""
        if self.net_given or "net" not in self.names:
            return self
        low = self.row_lower.copy()
        low[self.names.index("net")] = min(0.0, low[self.names.index("net")])
        return replace(self, row_lower=low)

    def with_covariance(self, covariance: Floats | None) -> Self:
        """Return the region with Σ `(N, N)`, annual: ranges of beta become rows named ``beta``, caps can be measured.

        Nothing changes where no rule asks for risk.
        """
        if covariance is None or not self.needs_covariance:
            return self
        betas = [covariance @ beta.benchmark / _variance(covariance, beta.benchmark) for beta in self.betas]
        return replace(
            self,
            rows=np.vstack([self.rows, *betas]),
            row_lower=np.append(self.row_lower, [beta.least for beta in self.betas]),
            row_upper=np.append(self.row_upper, [beta.most for beta in self.betas]),
            names=(*self.names, *("beta" for _ in self.betas)),
            betas=(),
            covariance=covariance,
        )

    def without(self, dropped: Ints) -> Self:
        """Return the region with some assets held at 0."""
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[dropped] = upper[dropped] = 0.0
        return replace(self, lower=lower, upper=upper)


def trading_cost(weights: Floats, rates: Floats | None, region: Region) -> float:
    """Return Σ rateᵢ|wᵢ − currentᵢ|, from zeros where nobody knows what is held; 0 without rates."""
    if rates is None:
        return 0.0
    return float(rates @ np.abs(weights if region.current is None else weights - region.current))


def long_only(n: int, net: float = INVESTED) -> Region:
    """Return the region of weights of at least 0 that add up to `net`."""
    whole = np.array([net])
    return Region(np.zeros(n), np.full(n, net), np.ones((1, n)), whole, whole, names=("net",))


def _part(benchmark: Floats, columns: Ints) -> Floats:
    """Return a benchmark's weights in some assets, adding up to what all of them did."""
    part, total = benchmark[columns], float(benchmark.sum())
    kept = float(part.sum())
    return part * (total / kept) if kept > 0.0 else part


def _variance(covariance: Floats, weights: Floats) -> float:
    variance = float(weights @ covariance @ weights)
    if not variance > 0.0:
        raise AllocationError("beta: its benchmark has no risk, so that nothing has a beta against it")
    return variance

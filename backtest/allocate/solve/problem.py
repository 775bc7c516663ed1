"""A quadratic program over a region, as the active-set method sees it: points, pieces and rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from backtest.allocate.arrays import frozen_symmetric
from backtest.allocate.constraints.region import Region
from backtest.errors import AllocationError
from backtest.types import Floats, Ints

MERGED = 1e-11
"""Points nearer to each other than this are one."""

RIDGE = 2e-10
"""Relative to each asset's variance: what makes the best weights unique where several are equally good."""

FLAT = 1e-4
"""Assets with less than this share of the mean variance get the ridge of one that has it."""


@dataclass(frozen=True)
class Problem:
    """Minimise ½wᵀQw + cᵀw + Σ costs over K variables; the arrays are those of `kernels.active_set.descend`."""

    Q: Floats  # (K, K) symmetric
    c: Floats  # (K,)
    ridge: Floats  # (K,)
    points: Floats  # (K, P) sorted; beyond `last` +inf
    last: Ints  # (K,)
    costs: Floats  # (S, K)
    coef: Floats  # (M, S, K)
    anchor: Floats  # (M, K)
    limits: Floats  # (2, M)

    @property
    def lower(self) -> Floats:
        """First point of each variable `(K,)`."""
        first: Floats = self.points[:, 0]
        return first

    @property
    def upper(self) -> Floats:
        """Last point of each variable `(K,)`."""
        last: Floats = self.points[np.arange(len(self.last)), self.last]
        return last

    @classmethod
    def of(cls, Q: Floats, c: Floats, region: Region, rates: Floats | None = None) -> Self:
        """Return the problem of a region without its risk caps, which are no rows."""
        if (region.lower > region.upper).any():
            k = int(np.argmax(region.lower > region.upper))
            raise AllocationError(f"asset {k} must have at least {region.lower[k]:g} and at most {region.upper[k]:g}")
        Q, c = frozen_symmetric(Q), np.array(c, dtype=np.float64)
        if region.is_simple and rates is None:
            return cls._simple(Q, c, region)
        return cls._general(Q, c, region, rates)

    @classmethod
    def _simple(cls, Q: Floats, c: Floats, region: Region) -> Self:
        """Return the problem of bounds and a net exposure."""
        n = region.n_assets
        limits = np.array([region.row_lower, np.minimum(region.row_upper, region.gross)])
        return cls(
            Q,
            c,
            _ridge(Q),
            np.column_stack([region.lower, region.upper]),
            (region.lower < region.upper).astype(np.int64),
            np.zeros((1, n)),
            np.array(region.rows, dtype=np.float64).reshape(1, 1, n),
            np.zeros((1, n)),
            limits,
        )

    @classmethod
    def _general(cls, Q: Floats, c: Floats, region: Region, rates: Floats | None) -> Self:
        """Return the problem with the kinks that costs, turnover and gross exposure put between the bounds."""
        n, none = region.n_assets, np.zeros(region.n_assets)
        current, turnover = region.held, region.most_traded
        kinks = [current] if rates is not None or np.isfinite(turnover) else []
        largest = float(np.maximum(np.abs(region.lower), np.abs(region.upper)).sum())
        sums = [(current, turnover)] if np.isfinite(turnover) else []
        long = bool((region.lower >= 0.0).all())
        if region.gross < (min(largest, region.net[1]) if long else largest):
            kinks, sums = [*kinks, none], [*sums, (none, region.gross)]
        points, last = _points(region, kinks)
        left = np.ascontiguousarray(points[:, : max(1, points.shape[1] - 1)].T)  # where each piece begins, (S, K)
        linear = np.broadcast_to(region.rows[:, None, :], (len(region.rows), len(left), n))
        return cls(
            Q,
            c,
            _ridge(Q),
            points,
            last,
            np.zeros(left.shape) if rates is None else rates * _sign(left, current),
            np.ascontiguousarray(np.concatenate([linear, *(_sign(left, start)[None] for start, _ in sums)])),
            np.vstack([np.zeros((len(region.rows), n)), *(start for start, _ in sums)]),
            np.array(
                [
                    np.append(region.row_lower, [-np.inf for _ in sums]),
                    np.append(region.row_upper, [most for _, most in sums]),
                ]
            ),
        )

    def with_objective(self, Q: Floats, c: Floats, costs: Floats) -> Self:
        """Return the same rules with another objective."""
        return replace(self, Q=Q, c=c, ridge=self.ridge if Q is self.Q else _ridge(Q), costs=costs)


def _ridge(Q: Floats) -> Floats:
    """Return what is added to the diagonal to break ties."""
    diagonal = Q.diagonal()
    mean = float(diagonal.mean()) if diagonal.size else 0.0
    ridge: Floats = RIDGE * np.maximum(diagonal, FLAT * mean)
    return ridge


def _points(region: Region, kinks: list[Floats]) -> tuple[Floats, Ints]:
    """Return the sorted points of each asset `(K, P)` and the number of its last."""
    columns = [region.lower, np.where(region.lower < region.upper, region.upper, np.inf)]
    kept = [np.ones(region.n_assets, dtype=bool), region.lower < region.upper]
    for kink in kinks:
        inside = (kink > region.lower + MERGED) & (kink < region.upper - MERGED)
        for other in columns[2:]:
            inside &= ~(np.abs(other - kink) <= MERGED)
        columns.append(np.where(inside, kink, np.inf))
        kept.append(inside)
    points = np.ascontiguousarray(np.sort(np.column_stack(columns), axis=1))
    last: Ints = np.column_stack(kept).sum(axis=1) - 1
    return points, last.astype(np.int64)


def _sign(left: Floats, anchor: Floats) -> Floats:
    """Return the slope of |w − anchor| in each piece."""
    return np.where(left >= anchor - MERGED, 1.0, -1.0)

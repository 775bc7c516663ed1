"""Which symbols may be held, and which way, as a program with whole numbers.

Two columns of 0 or 1 for each symbol say that it is held long, or short: its weight is then at least `min_position` in
size, and otherwise 0. Columns stand in the order of names, so that the order of the symbols decides nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from backtest.allocate.constraints.feasible import obeys
from backtest.allocate.constraints.region import Region
from backtest.allocate.constraints.ties import ordered
from backtest.errors import AllocationError
from backtest.types import Floats, Ints

CUTS = 100
"""Signs that may turn out not to obey within rounding after all, before the search gives up."""


TIED = 1e-5
"""Of equity: what all places in the order of choice count together, beside the distance."""


class Whole:
    """The linear rules of a region with its limits on positions."""

    def __init__(self, region: Region) -> None:
        from backtest.allocate.solve.program import Program

        self.region, self.order = region, ordered(region)
        turned = _turned(region, self.order)
        n, least, one = region.n_assets, region.min_position, np.eye(region.n_assets)
        self.low, self.high = _reach(turned)
        self.program: Any = Program.of(replace(turned, max_positions=None, min_position=0.0))
        can = np.concatenate([self.high > 0.0, self.low < 0.0]).astype(np.float64)
        self.long = self.program.columns(2 * n, 0.0, can)
        self.short = self.long + n
        low, high = np.diag(np.minimum(self.low, 0.0)), np.diag(np.maximum(self.high, 0.0))
        self.program.rows([(0, one), (self.long, -high), (self.short, least * one)], -np.inf, np.zeros(n))
        self.program.rows([(0, one), (self.long, -least * one), (self.short, -low)], np.zeros(n), np.inf)
        self.program.rows([(self.long, one), (self.short, one)], -np.inf, np.ones(n))
        if region.max_positions is not None:
            self.program.rows([(self.long, np.ones((1, 2 * n)))], -np.inf, float(region.max_positions))

    def near(self, weights: Floats) -> Ints | None:
        """Return the signs of the weights `(N,)` with the least Σ|w − weights|; None where there are none.

        Of choices that are equally near (within `TIED`) the one of larger weights is taken, then of earlier names.
        """
        n, one = self.region.n_assets, np.eye(self.region.n_assets)
        apart = self.program.columns(2 * n, 0.0, np.inf)
        anchor = weights[self.order]
        self.program.rows([(0, one), (apart, -one), (apart + n, one)], anchor, anchor)
        self.program.cost(apart, np.ones(2 * n))
        place = np.argsort(ordered(self.region, np.abs(weights)))[self.order]
        self.program.cost(self.long, np.tile(TIED * (place + 1.0) / n**2, 2))
        return self._signs()

    def fewest(self) -> int | None:
        """Return the least number of symbols that obey; None where no number does."""
        self.program.cost(self.long, np.ones(2 * self.region.n_assets))
        signs = self._signs()
        return None if signs is None else int(np.count_nonzero(signs))

    def largest(self, most: float) -> float | None:
        """Return the largest size up to `most` that all positions can have; None where the region is empty.

        Its own `min_position` must be 0. The signs come from the search, and the size from a linear program for them.
        """
        n, one = self.region.n_assets, np.eye(self.region.n_assets)
        size = self.program.columns(1, 0.0, most)
        self.program.cost(size, np.array([-1.0]))
        high, low = self.high + most, self.low - most
        ones = np.ones((n, 1))
        self.program.rows([(0, one), (size, ones), (self.short, np.diag(high))], -np.inf, high)
        self.program.rows([(0, one), (size, -ones), (self.long, np.diag(low))], low, np.inf)
        signs = self._signs()
        return None if signs is None else size_of(self.region, signs, most)

    def _signs(self) -> Ints | None:
        """Return the best signs `(N,)`, in the order of the region, that obey by more than HiGHS's word."""
        n = self.region.n_assets
        for _ in range(CUTS):
            found = self.program.solve_whole(self.long, 2 * n)
            if found is None:
                return None
            held = np.round(found[self.long : self.long + 2 * n])
            signs = np.zeros(n, np.int64)
            signs[self.order] = (held[:n] - held[n:]).astype(np.int64)
            if obeys(within(self.region, signs)):
                return signs
            self.program.rows([(self.long, (1.0 - 2.0 * held)[np.newaxis])], 1.0 - held.sum(), np.inf)
        raise AllocationError("no symbols were found that obey max_positions and min_position within rounding")


def within(region: Region, signs: Ints) -> Region:
    """Return the region of weights of these signs, 1 long, -1 short, 0 not held, each of at least the smallest size."""
    least = region.min_position
    lower = np.where(signs > 0, np.maximum(region.lower, least), np.where(signs < 0, region.lower, 0.0))
    upper = np.where(signs < 0, np.minimum(region.upper, -least), np.where(signs > 0, region.upper, 0.0))
    return replace(region, lower=lower, upper=upper, max_positions=None, min_position=0.0)


def size_of(region: Region, signs: Ints, most: float) -> float:
    """Return the largest size, up to `most`, that all positions with these signs can have."""
    from backtest.allocate.solve.program import Program

    program = Program.of(within(region, signs))
    held = np.flatnonzero(signs)
    size = program.columns(1, 0.0, most)
    program.cost(size, np.array([-1.0]))
    sides = np.zeros((len(held), region.n_assets))
    sides[np.arange(len(held)), held] = signs[held]
    program.rows([(0, sides), (size, -np.ones((len(held), 1)))], 0.0, np.inf)
    sizes = np.abs(program.solve().weights[held])
    return float(min(most, sizes.min(initial=most)))


def _turned(region: Region, order: Ints) -> Region:
    """Return the linear rules with the assets in another order."""
    return replace(
        region,
        lower=region.lower[order],
        upper=region.upper[order],
        rows=region.rows[:, order],
        current=None if region.current is None else region.current[order],
        symbols=None if region.symbols is None else region.symbols[order],
    )


def _reach(region: Region) -> tuple[Floats, Floats]:
    """Return the least and most weight of each asset beside the least and most of all others: small numbers help."""
    least, most = region.net
    high = np.minimum(region.upper, most - (region.lower.sum() - region.lower))
    low = np.maximum(region.lower, least - (region.upper.sum() - region.upper))
    return np.minimum(low, high), np.maximum(low, high)

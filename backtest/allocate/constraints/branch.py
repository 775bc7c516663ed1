"""The best choice of few positions, by branch and bound: a search that ends with a proof, or at its limit.

Each problem leaves the limits on positions out, for some symbols that must be held and some that must not; what is best
there is no worse than what any choice among the others gives. Where that already obeys the limits it is a choice; where
it is no better than the best choice so far (relative 1e-9), nothing beyond it is looked at; otherwise a symbol is held
in one branch and not in the other: the largest that is not decided, and of equal ones the first by name.

Source: Bertsimas and Shioda (2009), "Algorithm for cardinality-constrained quadratic optimization".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from backtest.allocate.constraints.region import Region
from backtest.allocate.constraints.ties import TIE, is_better, ordered
from backtest.types import Bools, Floats

PROBLEMS = 512
"""Problems that a search may solve, up to 20 symbols; of more, as many fewer as they are larger.

Up to 9 symbols that are held one way there are no more than 2⁹: the search always ends."""

AT_EASE = 20
"""Symbols of which a problem takes no longer than Python."""

Solve = Callable[[Region], tuple[Floats, float] | None]
"""Weights that are best in a region, and the value that is minimised; None where there are none."""


def affordable(n_assets: int, most: int = PROBLEMS) -> int:
    """Return how many problems of this size a search may solve."""
    return max(1, int(most * min(1.0, AT_EASE / max(1, n_assets)) ** 2))


@dataclass(frozen=True)
class Node:
    """Bounds of each asset, and which must be held; `solved` where the bounds are those of the problem before."""

    lower: Floats
    upper: Floats
    chosen: Bools
    solved: tuple[Floats, float] | None = None


@dataclass
class Search:
    """Finds the best choice in a region; `problems` counts what was solved, at most `most`."""

    solve: Solve
    region: Region
    most: int
    value: float = np.inf
    best: Region | None = None
    problems: int = 0
    is_exact: bool = True

    def run(self) -> None:
        """Look at branches until none can be better."""
        self.convex = replace(self.region, max_positions=None, min_position=0.0)
        must = (self.region.lower > 0.0) | (self.region.upper < 0.0)
        least = self.region.min_position
        lower = np.where(self.region.lower > 0.0, np.maximum(self.region.lower, least), self.region.lower)
        upper = np.where(self.region.upper < 0.0, np.minimum(self.region.upper, -least), self.region.upper)
        waiting = [*self._limited(Node(lower, upper, must))]
        while waiting:
            if self.problems >= self.most:
                self.is_exact = False
                return
            waiting += self._branches(waiting.pop())

    def _branches(self, node: Node) -> Iterator[Node]:
        """Return what a problem leaves to look at, the most promising last; keep it when it is a choice."""
        found = node.solved
        inside = replace(self.convex, lower=node.lower, upper=node.upper)
        if found is None and not (node.lower > node.upper).any():
            self.problems += 1
            found = self.solve(inside)
        if found is None or not is_better(found[1], self.value):
            return
        column = self._undecided(found[0], node)
        if column is None:
            self.value, self.best = found[1], inside
            return
        for way in (*self._without(node, column), *self._held(node, column, found)):
            yield from self._limited(way)

    def _undecided(self, weights: Floats, node: Node) -> int | None:
        """Return the asset to decide on; None when the weights obey the limits."""
        sizes = np.abs(weights)
        small = (sizes > 0.0) & (sizes < self.region.min_position * (1.0 - TIE))
        most = self.region.max_positions
        too_many = most is not None and np.count_nonzero(sizes) > most
        of = (sizes > 0.0) & ~node.chosen if too_many else small
        if not of.any():
            return None
        return int(ordered(self.region, of.astype(np.float64), sizes)[0])

    def _limited(self, node: Node) -> Iterator[Node]:
        """Return the node, with all others at 0 where no more may be held; nothing where too many must be."""
        most, n_chosen = self.region.max_positions, int(node.chosen.sum())
        if most is None or n_chosen < most:
            yield node
        elif n_chosen == most:
            lower, upper = np.where(node.chosen, node.lower, 0.0), np.where(node.chosen, node.upper, 0.0)
            yield Node(lower, upper, node.chosen)

    def _without(self, node: Node, column: int) -> Iterator[Node]:
        """Return the branch in which an asset is not held."""
        if node.lower[column] <= 0.0 <= node.upper[column]:
            lower, upper = node.lower.copy(), node.upper.copy()
            lower[column] = upper[column] = 0.0
            yield Node(lower, upper, node.chosen)

    def _held(self, node: Node, column: int, found: tuple[Floats, float]) -> Iterator[Node]:
        """Return the branches in which an asset is held; with a smallest size one each way, the present way last."""
        chosen, least = node.chosen.copy(), self.region.min_position
        chosen[column] = True
        if least == 0.0:
            yield Node(node.lower, node.upper, chosen, found)
            return
        way = 1.0 if found[0][column] > 0.0 else -1.0
        for sign in (-way, way):
            lower, upper = node.lower.copy(), node.upper.copy()
            if sign > 0.0:
                lower[column] = max(lower[column], least)
            else:
                upper[column] = min(upper[column], -least)
            large = sign == way and abs(found[0][column]) >= least  # nothing changes for it
            yield Node(lower, upper, chosen, found if large else None)

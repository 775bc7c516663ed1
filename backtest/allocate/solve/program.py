"""A linear program over a region, put together block by block and solved by the simplex method of HiGHS (scipy)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from backtest.allocate.constraints.region import Region
from backtest.allocate.solve.evened import evened
from backtest.allocate.solve.solution import Priced, Prices
from backtest.errors import AllocationError
from backtest.types import Bools, Floats

TIGHT = 1e-10
"""Feasibility that the simplex is asked for, the least that HiGHS takes."""

DUST = 1e-11
"""A weight nearer than this to a bound, to 0 or to the weight held now, is there."""

NODES = 20_000
"""Branches that the search among whole numbers may look at: a clock would not give the same answer each time."""

INFEASIBLE = 2
"""Status of scipy for a program that nothing obeys."""

Block = tuple[int, Floats]


@dataclass
class Program:
    """Columns with bounds and costs, rows with ranges; the first `K` columns are the weights.

    |w − current| and |w| become the sums of two parts, each at least 0, where the region or the rates ask for them.
    """

    region: Region
    lower: list[Floats] = field(default_factory=list)
    upper: list[Floats] = field(default_factory=list)
    costs: list[tuple[int, Floats]] = field(default_factory=list)
    blocks: list[tuple[Sequence[Block], Floats, Floats]] = field(default_factory=list)
    width: int = 0
    sums: dict[str, int] = field(default_factory=dict)
    """Number of the block of the row of Σ|w| or Σ|w − current|, by name."""
    own: int = 0
    """Number of the first block that is not of the region."""

    @classmethod
    def of(cls, region: Region, rates: Floats | None = None) -> Self:
        """Return the program of a region, with the cost of trading."""
        program = cls(region)
        program.columns(region.n_assets, region.lower, region.upper)
        program.rows([(0, region.rows)], region.row_lower, region.row_upper)
        if rates is not None or np.isfinite(region.most_traded):
            program._sizes("turnover", region.held, region.most_traded, rates)
        if np.isfinite(region.gross):
            program._sizes("gross", np.zeros(region.n_assets), region.gross, None)
        program.own = len(program.blocks)
        return program

    def columns(self, n: int, lower: Floats | float, upper: Floats | float) -> int:
        """Add n columns; return the number of the first."""
        self.lower.append(np.broadcast_to(lower, n))
        self.upper.append(np.broadcast_to(upper, n))
        self.width += n
        return self.width - n

    def cost(self, first: int, costs: Floats) -> None:
        """Add to the costs of columns from `first` on."""
        self.costs.append((first, costs))

    def rows(self, blocks: Sequence[Block], lower: Floats | float, upper: Floats | float) -> None:
        """Add rows lower ≤ Σ block · columns ≤ upper, each block from the column it is given with."""
        n = len(blocks[0][1])
        self.blocks.append((blocks, np.broadcast_to(lower, n), np.broadcast_to(upper, n)))

    def _sizes(self, name: str, anchor: Floats, most: float, rates: Floats | None) -> None:
        """Add Σ|w − anchor| ≤ most, and its cost."""
        n, one = len(anchor), np.eye(len(anchor))
        parts = self.columns(2 * n, 0.0, np.inf)
        self.rows([(0, one), (parts, -one), (parts + n, one)], anchor, anchor)
        if np.isfinite(most):
            self.sums[name] = len(self.blocks)
            self.rows([(parts, np.ones((1, 2 * n)))], -np.inf, most)
        if rates is not None:
            self.cost(parts, np.tile(rates, 2))

    def solve(self, unit: float = 1.0, even: bool = False) -> Priced:
        """Return the best weights; the objective is counted in `unit`. Raise where no weights obey all rules.

        Where several are equally good, with `even` those of the least sum of squares, else any.
        """
        from scipy.optimize import linprog

        cost, problem = self._assembled()
        options = {"primal_feasibility_tolerance": TIGHT, "dual_feasibility_tolerance": TIGHT}
        found: Any = linprog(cost, **problem, method="highs-ds", options=options)
        if found.status != 0:
            why = "" if found.status == INFEASIBLE else f", or none were found (scipy's status {found.status})"
            raise AllocationError(f"no weights obey all constraints at once{why}")
        n = self.region.n_assets
        weights = snapped((evened(found, problem, cost, n) if even else found.x)[:n], self.region)
        gap, prices = _gap(found, problem, cost), self._prices(found, unit)
        return Priced(weights, float(found.fun) * unit, gap, int(found.nit), prices=prices)

    def _prices(self, found: Any, unit: float) -> Prices:
        """Return what the rows of the program cost: those of the region in `unit`."""
        lower, upper = (np.concatenate([block[k] for block in self.blocks]) for k in (1, 2))
        equal, at_most, at_least = _kinds(lower, upper)
        price, split = np.zeros(len(lower)), int(at_most.sum())
        price[equal] = found.eqlin.marginals
        price[at_most] += found.ineqlin.marginals[:split]
        price[at_least] -= found.ineqlin.marginals[split:]
        parts = np.split(price, np.cumsum([len(block[1]) for block in self.blocks])[:-1])
        sums = {name: -float(parts[k][0]) * unit for name, k in self.sums.items()}
        return Prices(parts[0] * unit, inner=tuple(parts[self.own :]), **sums)

    def solve_whole(self, first: int, n: int) -> Floats | None:
        """Return the best columns, the `n` from `first` on whole numbers; None where none obey all rows.

        Rows are met within the 1e-6 of HiGHS: what is found must be looked at again. Raise where it gives up.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp

        cost, lower, upper = self._costs(), *(np.concatenate([block[k] for block in self.blocks]) for k in (1, 2))
        whole = np.zeros(self.width)
        whole[first : first + n] = 1.0
        bounds = Bounds(np.concatenate(self.lower), np.concatenate(self.upper))
        rows = LinearConstraint(self._matrix(), lower, upper)
        options = {"node_limit": NODES, "mip_rel_gap": 0.0}
        found: Any = milp(cost, constraints=rows, bounds=bounds, integrality=whole, options=options)
        if found.x is None and found.status != INFEASIBLE:
            raise AllocationError(f"the search for symbols that obey all constraints gave up: {found.message}")
        return None if found.x is None else np.asarray(found.x, dtype=np.float64)

    def _costs(self) -> Floats:
        """Return the cost of each column."""
        cost = np.zeros(self.width)
        for first, values in self.costs:
            cost[first : first + len(values)] += values
        return cost

    def _assembled(self) -> tuple[Floats, dict[str, Any]]:
        """Return the costs and the rest of the program as scipy wants it: equalities, then upper limits."""
        from scipy import sparse

        lower, upper = (np.concatenate([block[k] for block in self.blocks]) for k in (1, 2))
        matrix = self._matrix()
        equal, at_most, at_least = _kinds(lower, upper)
        return self._costs(), {
            "A_eq": matrix[equal],
            "b_eq": lower[equal],
            "A_ub": sparse.vstack([matrix[at_most], -matrix[at_least]], format="csr"),
            "b_ub": np.concatenate([upper[at_most], -lower[at_least]]),
            "bounds": np.column_stack([np.concatenate(self.lower), np.concatenate(self.upper)]),
        }

    def _matrix(self) -> Any:
        """Return all rows as one sparse matrix."""
        from scipy import sparse

        entries: list[tuple[Floats, Any, Any]] = []
        above = 0
        for blocks, lower, _ in self.blocks:
            for first, values in blocks:
                i, j = np.nonzero(values)
                entries.append((values[i, j], i + above, j + first))
            above += len(lower)
        values, i, j = (np.concatenate([entry[k] for entry in entries]) for k in range(3))
        return sparse.csr_matrix((values, (i, j)), shape=(above, self.width))


def _kinds(lower: Floats, upper: Floats) -> tuple[Bools, Bools, Bools]:
    """Return which rows are equalities, and which of the others have an upper and a lower limit."""
    equal = lower == upper
    return equal, np.isfinite(upper) & ~equal, np.isfinite(lower) & ~equal


def snapped(weights: Floats, region: Region) -> Floats:
    """Return weights without the dust that rounding leaves beside bounds, zeros and weights held now."""
    snapped = np.array(weights, dtype=np.float64)
    anchors = [region.lower, region.upper, np.zeros(region.n_assets)]
    if region.current is not None:
        anchors.append(region.current)
    for anchor in anchors:
        near = np.isfinite(anchor) & (np.abs(snapped - anchor) <= DUST * np.maximum(1.0, np.abs(anchor)))
        snapped[near] = anchor[near]
    return np.clip(snapped, region.lower, region.upper)


def _gap(found: Any, problem: dict[str, Any], cost: Floats) -> float:
    """Return the duality gap of a linear program, relative to the size of what is added up in it."""
    bounds = problem["bounds"]
    lower, upper = (np.where(np.isfinite(side), side, 0.0) for side in (bounds[:, 0], bounds[:, 1]))
    dual = (
        problem["b_eq"] @ found.eqlin.marginals
        + problem["b_ub"] @ found.ineqlin.marginals
        + lower @ found.lower.marginals
        + upper @ found.upper.marginals
    )
    size = float(np.abs(cost) @ np.abs(found.x)) + abs(float(dual))
    return abs(float(found.fun) - float(dual)) / size if size > 0.0 else 0.0

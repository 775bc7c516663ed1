"""Of the many answers that a linear program may have, the one whose weights have the least sum of squares.

The simplex method ends at a corner, and where several are equally good (an asset twice, a tail of whole scenarios) the
order of the assets says at which. All optimal answers have the columns of no reduced cost in common: what moves among
them is the null space of the rows on these columns. Nothing is done where there are no more of them than rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest.allocate.constraints.region import Region
from backtest.allocate.solve.solution import Solution
from backtest.errors import AllocationError
from backtest.types import Bools, Floats, Ints

FREE = 1e-10
"""A column of less reduced cost than this may move, in units in which what is minimised is of the order of 1."""

NULL = 1e-11
"""A singular value below this share of the largest is none."""

STILL = 1e-12
"""Weights that move by less than this do not move."""

WORSE = 1e-10
"""Relative, and where it is next to nothing in those units: what is minimised may grow by no more than this."""

NEXT_TO_NOTHING = 1e-3


def evened(found: Any, problem: dict[str, Any], cost: Floats, n: int) -> Floats:
    """Return all columns of an optimal answer; the first `n` are the weights.

    `found` and `problem` are what scipy's `linprog` answers and is asked.
    """
    z = np.asarray(found.x, dtype=np.float64)
    loose = np.abs(found.lower.marginals + found.upper.marginals) <= FREE
    slack = np.abs(found.ineqlin.marginals) <= FREE
    if loose.sum() + slack.sum() <= len(problem["b_eq"]) + len(problem["b_ub"]):
        return z
    face = _Face.of(problem, z, loose, slack, n)
    moves = face.moves()
    if np.abs(moves[:n]).max(initial=0.0) <= STILL:
        return z
    step = _least(z, moves, face, n)
    if step is None:
        return z
    other = z + moves[: len(z)] @ step
    return other if cost @ other - cost @ z <= WORSE * max(abs(float(cost @ z)), NEXT_TO_NOTHING) else z


@dataclass(frozen=True)
class _Face:
    """Columns (weights, others, then the room of each row that is no equality) and rows that hold among them."""

    rows: Any  # sparse (M, C), of the columns that may move
    z: Floats  # (C,)
    lower: Floats  # (C,)
    upper: Floats  # (C,)
    n: int

    @classmethod
    def of(cls, problem: dict[str, Any], z: Floats, loose: Bools, slack: Bools, n: int) -> _Face:
        from scipy import sparse

        room = problem["b_ub"] - problem["A_ub"] @ z
        eye = sparse.identity(len(room), format="csr")
        above = sparse.hstack([problem["A_eq"], sparse.csr_matrix((len(problem["b_eq"]), len(room)))])
        rows = sparse.vstack([above, sparse.hstack([problem["A_ub"], eye])])
        moving = np.concatenate([loose, slack])
        rows = (rows @ sparse.diags(moving.astype(np.float64))).tocsr()
        rows.eliminate_zeros()
        low, high = problem["bounds"].T
        lower, upper = np.append(low, np.zeros(len(room))), np.append(high, np.full(len(room), np.inf))
        return cls(rows, np.append(z, room), lower, upper, n)

    def moves(self) -> Floats:
        """Return a basis of what the columns can do together `(C, d)`.

        A column that is in one row alone follows from the others there, so that both are put aside, and so on; what is
        left is small and dense.
        """
        order, left = self._aside()
        used = np.flatnonzero(np.diff(self.rows[left].tocsc().indptr)) if len(left) else np.empty(0, np.int64)
        used = np.union1d(used, self._idle(order, used))
        core = self.rows[left][:, used].toarray()
        basis = np.zeros((len(self.z), 0))
        if len(used):
            inside = _null_space(core)
            basis = np.zeros((len(self.z), inside.shape[1]))
            basis[used] = inside
        for row, column in reversed(order):
            start, end = self.rows.indptr[row], self.rows.indptr[row + 1]
            columns, values = self.rows.indices[start:end], self.rows.data[start:end]
            own = float(values[columns == column][0])
            basis[column] = -(values @ basis[columns]) / own  # its own entry is still 0
        return basis

    def _aside(self) -> tuple[list[tuple[int, int]], Ints]:
        """Return (row, column) pairs in the order in which they are put aside, and the rows that are left."""
        others = self.rows[:, self.n :]
        ends, columns = others.indptr.tolist(), others.indices.tolist()
        in_row = [columns[ends[i] : ends[i + 1]] for i in range(len(ends) - 1)]
        rows_of: list[set[int]] = [set() for _ in range(others.shape[1])]
        for row, mine in enumerate(in_row):
            for column in mine:
                rows_of[column].add(row)
        order: list[tuple[int, int]] = []
        waiting = [column for column, mine in enumerate(rows_of) if len(mine) == 1]
        while waiting:
            column = waiting.pop()
            if len(rows_of[column]) != 1:
                continue
            row = rows_of[column].pop()
            order.append((row, column + self.n))
            for other in in_row[row]:
                rows_of[other].discard(row)
                if len(rows_of[other]) == 1:
                    waiting.append(other)
        gone = np.zeros(len(in_row), dtype=bool)
        gone[[row for row, _ in order]] = True
        return order, np.flatnonzero(~gone)

    def _idle(self, order: list[tuple[int, int]], used: Ints) -> Ints:
        """Return the columns that are only in rows put aside, and are not themselves put aside: they move freely."""
        touched = np.zeros(len(self.z), dtype=bool)
        touched[self.rows.indices] = True
        touched[[column for _, column in order]] = False
        touched[used] = False
        return np.flatnonzero(touched)


def _null_space(core: Floats) -> Floats:
    """Return an orthonormal basis of what a matrix takes to 0, as columns."""
    if not len(core):
        return np.eye(core.shape[1])
    _, sizes, vectors = np.linalg.svd(core)
    rank = int((sizes > NULL * float(sizes.max(initial=0.0))).sum())
    null: Floats = vectors[rank:].T
    return null


def _least(z: Floats, moves: Floats, face: _Face, n: int) -> Floats | None:
    """Return how far to go along each move for weights of the least sum of squares, inside all bounds."""
    from backtest.allocate.solve.quadratic import quadratic

    inside = moves[:n]
    straight = np.asarray(-np.linalg.lstsq(inside, z[:n], rcond=NULL)[0], np.float64)
    there = face.z + moves @ straight
    if (there >= face.lower - STILL).all() and (there <= face.upper + STILL).all():
        return straight  # nothing is in the way, as between twins
    finite = np.isfinite(face.lower) | np.isfinite(face.upper)
    bound = np.flatnonzero((np.abs(moves).max(axis=1) > STILL) & finite)
    at, d = face.z[bound], moves.shape[1]
    region = Region(
        np.full(d, -np.inf),
        np.full(d, np.inf),
        moves[bound],
        np.minimum(face.lower[bound] - at, 0.0),
        np.maximum(face.upper[bound] - at, 0.0),
        tuple("" for _ in bound),
    )
    try:
        found = quadratic(inside.T @ inside, inside.T @ z[:n], region, guess=Solution(np.zeros(d), 0.0, 0.0))
    except AllocationError:
        return None
    return found.weights if found.status == "ok" else None

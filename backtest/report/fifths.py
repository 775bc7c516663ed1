"""Holdings that are too many to name, and too alike for the largest to matter: groups by size, made anew each bar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.report.colours import LONGS, SHORTS
from backtest.report.numbers import RunNumbers
from backtest.types import Floats, Ints

GROUPS = ("Largest fifth", "2nd fifth", "3rd fifth", "4th fifth", "Smallest fifth")


@dataclass(frozen=True)
class Fifths:
    """Five groups of as many holdings each, by the size of their weights at the moment; those of shorts beside them."""

    has_shorts: bool

    @property
    def labels(self) -> list[str]:
        """What the groups are called."""
        if not self.has_shorts:
            return list(GROUPS)
        return [f"{name} of {side}" for side in ("longs", "shorts") for name in GROUPS]

    @property
    def inks(self) -> list[str]:
        """The classes that colour them."""
        return [f"f{place}" for place in range(len(self.labels))]

    @property
    def paints(self) -> list[str]:
        """Their colours on white."""
        return [*LONGS, *SHORTS][: len(self.labels)]

    @property
    def by(self) -> str:
        """What the assets are summed by."""
        return "size"

    def weights(self, run: RunNumbers, rows: Ints) -> Floats:
        """Return the weights of a run on `rows`, a column a group; those of shorts are below zero."""
        held = run.weights[rows]
        longs = _in_groups(np.maximum(held, 0.0))
        return np.hstack((longs, -_in_groups(np.maximum(-held, 0.0)))) if self.has_shorts else longs


def _in_groups(sizes: Floats) -> Floats:
    """Sum sizes `(W, N)` by rank: where not as many were held as five divides, earlier groups have one more."""
    ranked = -np.sort(-sizes, axis=1)
    summed = np.concatenate((np.zeros((len(sizes), 1)), np.cumsum(ranked, axis=1)), axis=1)
    held = np.count_nonzero(ranked, axis=1)[:, None]
    ends = np.ceil(held * np.arange(len(GROUPS) + 1) / len(GROUPS)).astype(np.int64)
    return np.diff(np.take_along_axis(summed, ends, axis=1), axis=1)

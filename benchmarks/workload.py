"""The portfolio that benchmarks and peers share, from a seed: 500 assets over ten years, rebalanced each month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ASSETS, ROWS = 500, 2_520
INVESTED = 0.98
RATE = 0.001
CAPITAL = 100_000.0
COSTS = {"commission_bps": 10.0}
NEXT_OPEN = {"fill": "next_open"}


@dataclass(frozen=True)
class Workload:
    """Opens and closes `(T, N)`, and equal weights `(D, N)` decided on the close of `rows` `(D,)`."""

    times: pd.DatetimeIndex
    open: NDArray[np.float64]
    close: NDArray[np.float64]
    rows: NDArray[np.int64]
    weights: NDArray[np.float64]

    @property
    def targets(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Targets as `simulate` takes them from arrays."""
        return self.rows, self.weights

    @property
    def arrays(self) -> dict[str, Any]:
        """A market as `simulate` takes it from arrays."""
        return {"open": self.open, "close": self.close}

    @cached_property
    def frames(self) -> dict[str, Any]:
        """The same as data frames."""
        return {name: pd.DataFrame(values, self.times) for name, values in self.arrays.items()}

    @cached_property
    def target_frame(self) -> pd.DataFrame:
        """The targets as a data frame, one row a decision."""
        return pd.DataFrame(self.weights, self.times[self.rows])

    @cached_property
    def plan_index(self) -> NDArray[np.int64]:
        """Row of `weights` decided on each row, `(T,)`, −1 for none."""
        index = np.full(len(self.close), -1, np.int64)
        index[self.rows] = np.arange(len(self.rows))
        return index

    @cached_property
    def filled(self) -> NDArray[np.float64]:
        """Weights on the rows in which they fill, the one after the decision, `(T, N)`; NaN elsewhere."""
        filled = np.full(self.close.shape, np.nan)
        decided = self.rows < len(self.close) - 1
        filled[self.rows[decided] + 1] = self.weights[decided]
        return filled


def monthly(assets: int = ASSETS, rows: int = ROWS, seed: int = 7) -> Workload:
    """Random walks; 0.98 / N in each asset on the first weekday of each month."""
    rng = np.random.default_rng(seed)
    times = pd.bdate_range("2014-01-01", periods=rows)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0003, 0.02, (rows, assets)), axis=0))
    open_ = close * np.exp(rng.normal(0.0, 0.005, close.shape))
    month = times.year * 12 + times.month
    first = np.flatnonzero(np.diff(month, prepend=-1) != 0)
    return Workload(times, open_, close, first, np.full((len(first), assets), INVESTED / assets))

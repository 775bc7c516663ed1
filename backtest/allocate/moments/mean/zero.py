"""No opinion on returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from backtest.allocate.moments.base import Mean
from backtest.types import Floats

if TYPE_CHECKING:
    from backtest.allocate.sample import Sample


class ZeroMean(Mean):
    """Nothing is expected of any asset: 0 a year."""

    estimator: Literal["zero"] = "zero"
    """0 for every asset."""

    needs_returns: ClassVar[bool] = False

    def estimate(self, sample: Sample) -> Floats:
        """Return zeros."""
        return np.zeros(len(sample.symbols))

"""The mean of what was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from backtest.allocate.moments.base import Mean
from backtest.types import Floats

if TYPE_CHECKING:
    from backtest.allocate.sample import Sample


class HistoricalMean(Mean):
    """The arithmetic mean of the returns in the lookback, times the return periods in a year."""

    estimator: Literal["historical"] = "historical"
    """The arithmetic mean of the lookback."""

    def estimate(self, sample: Sample) -> Floats:
        """Average."""
        mean: Floats = sample.scenarios().mean(axis=0) * sample.scale
        return mean

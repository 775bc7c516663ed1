"""Equal weight: 1/N of the symbols that can be traded now."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.constraints.region import Region


class EqualWeight(Method):
    """The same weight, 1/N, for every symbol that can be traded now. No parameters, no estimate, no error."""

    computes: ClassVar[bool] = False

    @property
    def heeds(self) -> frozenset[str]:
        """Nothing."""
        return frozenset()

    def weigh(self, history: History, region: Region) -> Weights:  # noqa: ARG002
        """Divide by the number of symbols."""
        n = len(history.symbols)
        return Weights(np.full(n, 1.0 / n) if n else np.zeros(0))

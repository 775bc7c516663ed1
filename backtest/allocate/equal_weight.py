"""Equal weight: 1/N of the symbols that can be traded now."""

from __future__ import annotations

import numpy as np

from backtest.allocate.base import History, Method, Weights


class EqualWeight(Method):
    """The same weight, 1/N, for every symbol that can be traded now. No parameters, no estimate, no error."""

    def weigh(self, history: History) -> Weights:
        """Divide by the number of symbols."""
        n = len(history.symbols)
        return Weights(np.full(n, 1.0 / n) if n else np.zeros(0))

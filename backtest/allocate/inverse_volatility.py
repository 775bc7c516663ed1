"""Inverse volatility: calm symbols get more."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from backtest.allocate.base import History, Method, Weights
from backtest.errors import AllocationError


class InverseVolatility(Method):
    """Weights in proportion to 1/σ, with σ the sample deviation (ddof = 1) of simple returns over the lookback.

    A symbol with fewer than `min_observations` returns in the window, or whose price never moved, gets nothing and is
    named in the warnings. Source: the "naive" risk parity of Maillard, Roncalli and Teïletche (2010), exact when all
    correlations are equal.
    """

    lookback: int = Field(default=252, ge=2)
    """Number of returns that the volatility is estimated from."""

    min_observations: int = Field(default=60, ge=2)
    """Returns a symbol needs in the window; the whole window when the lookback is shorter."""

    @property
    def history_rows(self) -> int:
        """One bar more than returns."""
        return self.lookback + 1

    def weigh(self, history: History) -> Weights:
        """Estimate, invert, normalise."""
        count = np.sum(~np.isnan(history.returns), axis=0)
        enough = count >= min(self.min_observations, self.lookback)
        volatility = np.zeros(len(history.symbols))
        volatility[enough] = np.nanstd(history.returns[:, enough], axis=0, ddof=1)
        # Rounding leaves about 1e-17 on a constant price: far below any price that moves, above exact zero.
        usable = volatility > 1e-12
        if not usable.any():
            raise AllocationError(
                f"inverse_volatility has nothing to hold: in the last {self.lookback} bars none of "
                f"{len(history.symbols)} symbols has "
                f"{min(self.min_observations, self.lookback)} returns and a price that moves"
            )
        weights = np.zeros(len(history.symbols))
        weights[usable] = 1.0 / volatility[usable]
        left_out = ", ".join(str(symbol) for symbol in history.symbols[~usable])
        return Weights(
            weights / weights.sum(), warnings=(f"without weight for lack of data: {left_out}",) if left_out else ()
        )

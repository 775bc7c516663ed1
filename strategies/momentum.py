"""Cross-sectional momentum."""

import numpy as np
from pydantic import Field

from backtest import Strategy


class Momentum(Strategy):
    """Hold the strongest symbols, weighted by the configured allocation method."""

    lookback: int = Field(default=126, ge=1)
    """Bars over which strength, the total return, is measured."""

    top: int = Field(default=5, ge=1)
    """How many symbols to hold."""

    @property
    def history_rows(self):
        return self.lookback + 1

    def decide(self, ctx):
        closes = ctx.history("close", self.lookback + 1)
        strength = closes[-1] / closes[0] - 1
        strength = np.where(np.isnan(strength), -np.inf, strength)  # no price then or now: never among the strongest
        best = strength.argsort(kind="stable")[-self.top :]
        return ctx.allocate(ctx.symbols[best[strength[best] > -np.inf]])

"""Moving-average crossover, known ahead for all rows at once."""

import numpy as np
from pydantic import Field

from backtest import Strategy


class MovingAverage(Strategy):
    """Give each symbol an equal slice, held while its fast average is above its slow one, else in cash."""

    fast: int = Field(default=50, ge=1)
    """Bars of the fast average."""

    slow: int = Field(default=200, ge=2)
    """Bars of the slow average."""

    @property
    def history_rows(self):
        return self.slow

    def prepare(self, panel):
        closes = panel.field("close")
        rising = _average(closes, self.fast) > _average(closes, self.slow)
        return np.where(rising, 1.0 / closes.shape[1], 0.0)


def _average(prices, n):
    """Mean of the last `n` prices that exist, NaN before there are `n` rows."""
    there = ~np.isnan(prices)
    total = np.cumsum(np.where(there, prices, 0.0), axis=0)
    count = np.cumsum(there, axis=0)
    total[n:], count[n:] = total[n:] - total[:-n], count[n:] - count[:-n]
    out = np.full(prices.shape, np.nan)
    enough = count[n - 1 :] > 0
    np.divide(total[n - 1 :], count[n - 1 :], out=out[n - 1 :], where=enough)
    return out

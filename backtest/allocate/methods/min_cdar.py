"""Minimum CDaR: the smallest average of the worst drawdowns."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from backtest.allocate.constraints.region import Region
from backtest.allocate.solve.linear import minimise_cdar
from backtest.allocate.solve.solution import Priced
from backtest.allocate.tail import Tail, tail_mean
from backtest.types import Floats


class MinCdar(Tail):
    """Minimise the conditional drawdown at risk: the mean of the worst 1 − `confidence` of the lookback's drawdowns.

    One drawdown a return: how far the sum of the returns so far (not compounded, from 0 at the start) is below its
    highest. Cash earns nothing. With `cost_horizon`, what trading as often as that would cost over the lookback counts
    as drawdown. Of several equally good weights, as of an asset twice, those of the least sum of squares are taken. The
    objective is the CDaR, as a fraction of the money at the start, positive. Source: Chekhlov, Uryasev and Zabarankin
    (2005), "Drawdown measure in portfolio optimization".
    """

    name: ClassVar[str] = "min_cdar"

    def own_rates(self, per_return: Floats, n: int) -> Floats:
        """What trading as often as that costs over the lookback counts as drawdown."""
        return per_return * n

    def solved(self, scenarios: Floats, region: Region, rates: Floats | None) -> Priced:
        """Return the weights of the smallest mean of the worst drawdowns."""
        return minimise_cdar(scenarios, self.confidence, region, rates=rates)

    def risk(self, returns: Floats) -> float:
        """Return the CDaR."""
        return cdar(returns, self.confidence)


def cdar(returns: Floats, confidence: float) -> float:
    """Return the mean of the worst 1 − `confidence` of the drawdowns of returns `(n,)` that are added up."""
    path = np.cumsum(returns)
    peak = np.maximum.accumulate(np.maximum(path, 0.0))
    return tail_mean(peak - path, confidence)

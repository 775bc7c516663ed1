"""Minimum CDaR: the smallest average of the worst drawdowns."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from backtest.allocate.base import Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import Estimated
from backtest.allocate.frontier import earning_a_year
from backtest.allocate.methods.min_cvar import tail_mean
from backtest.allocate.objective import PaysCosts, answer
from backtest.allocate.sample import Sample
from backtest.allocate.solve.linear import minimise_cdar
from backtest.types import Floats


class MinCdar(PaysCosts, Estimated):
    """Minimise the conditional drawdown at risk: the mean of the worst 1 − `confidence` of the lookback's drawdowns.

    One drawdown a return: how far the sum of the returns so far (not compounded, from 0 at the start) is below its
    highest. Cash earns nothing. With `cost_horizon`, what trading as often as that would cost over the lookback counts
    as drawdown. The objective is the CDaR, as a fraction of the money at the start, positive. Source: Chekhlov, Uryasev
    and Zabarankin (2005), "Drawdown measure in portfolio optimization".
    """

    optimises: ClassVar[bool] = True
    is_linear: ClassVar[bool] = True

    confidence: float = Field(default=0.95, gt=0.0, lt=1.0)
    """Share of the drawdowns outside of the tail: 0.95 looks at the worst 5 %."""

    target_return: float | None = None
    """Least mean return of the scenarios a year, as a fraction and before costs; null for none."""

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Solve one linear program."""
        scenarios = sample.scenarios()
        rates, region = self.trading_rates(sample, region, self.bars_per_return)
        region = earning_a_year(sample, scenarios, region, self.target_return, "min_cdar")
        in_all = None if rates is None else rates * (len(scenarios) / sample.scale)
        solution = minimise_cdar(scenarios, self.confidence, region, rates=in_all)
        return answer(
            solution,
            cdar(scenarios @ solution.weights, self.confidence),
            warnings=sample.gap_warning,
            residual="duality_gap",
        )


def cdar(returns: Floats, confidence: float) -> float:
    """Return the mean of the worst 1 − `confidence` of the drawdowns of returns `(n,)` that are added up."""
    path = np.cumsum(returns)
    peak = np.maximum.accumulate(np.maximum(path, 0.0))
    return tail_mean(peak - path, confidence)

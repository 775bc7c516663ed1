"""Minimum CVaR: the smallest average of the worst losses."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from backtest.allocate.base import Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import Estimated
from backtest.allocate.frontier import earning_a_year
from backtest.allocate.objective import PaysCosts, answer
from backtest.allocate.sample import Sample
from backtest.allocate.solve.linear import minimise_cvar
from backtest.types import Floats


class MinCvar(PaysCosts, Estimated):
    """Minimise the conditional value at risk: the mean of the worst 1 − `confidence` of the losses in the lookback.

    Each return of the lookback is a scenario of the same probability; where the tail ends inside a scenario, that
    scenario counts in part. Cash earns nothing. With `cost_horizon`, the costs per return are losses like the others.
    The objective is the CVaR per return (not a year), positive for a loss. Source: Rockafellar and Uryasev (2000),
    "Optimization of conditional value-at-risk".
    """

    optimises: ClassVar[bool] = True
    is_linear: ClassVar[bool] = True

    confidence: float = Field(default=0.95, gt=0.0, lt=1.0)
    """Share of the scenarios outside of the tail: 0.95 looks at the worst 5 %."""

    target_return: float | None = None
    """Least mean return of the scenarios a year, as a fraction and before costs; null for none."""

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Solve one linear program."""
        scenarios = sample.scenarios()
        rates, region = self.trading_rates(sample, region, self.bars_per_return)
        region = earning_a_year(sample, scenarios, region, self.target_return, "min_cvar")
        per_return = None if rates is None else rates / sample.scale
        solution = minimise_cvar(scenarios, self.confidence, region, rates=per_return)
        return answer(
            solution,
            cvar(scenarios @ solution.weights, self.confidence),
            warnings=sample.gap_warning,
            residual="duality_gap",
        )


def cvar(returns: Floats, confidence: float) -> float:
    """Return the mean of the worst 1 − `confidence` of equally probable returns `(n,)`, as a loss.

    The tail holds n(1 − confidence) scenarios, the last of them in part.
    """
    return tail_mean(-returns, confidence)


def tail_mean(losses: Floats, confidence: float) -> float:
    """Return the mean of the largest 1 − `confidence` of equally probable numbers `(n,)`."""
    size = len(losses) * (1.0 - confidence)
    shares = np.clip(size - np.arange(len(losses)), 0.0, 1.0)
    return float(np.sort(losses)[::-1] @ shares / size)

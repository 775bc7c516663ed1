"""Minimum CVaR: the smallest average of the worst losses."""

from __future__ import annotations

from typing import ClassVar

from backtest.allocate.constraints.region import Region
from backtest.allocate.solve.linear import minimise_cvar
from backtest.allocate.solve.solution import Priced
from backtest.allocate.tail import Tail, tail_mean
from backtest.types import Floats


class MinCvar(Tail):
    """Minimise the conditional value at risk: the mean of the worst 1 − `confidence` of the losses in the lookback.

    Each return of the lookback is a scenario of the same probability; where the tail ends inside a scenario, that
    scenario counts in part. Cash earns nothing. With `cost_horizon`, the costs per return are losses like the others.
    Of several equally good weights, as of an asset twice, those of the least sum of squares are taken. The objective is
    the CVaR per return (not a year), positive for a loss. Source: Rockafellar and Uryasev (2000), "Optimization of
    conditional value-at-risk".
    """

    name: ClassVar[str] = "min_cvar"

    def own_rates(self, per_return: Floats, n: int) -> Floats:  # noqa: ARG002
        """Costs are losses like the others."""
        return per_return

    def solved(self, scenarios: Floats, region: Region, rates: Floats | None) -> Priced:
        """Return the weights of the smallest mean of the worst losses."""
        return minimise_cvar(scenarios, self.confidence, region, rates=rates)

    def risk(self, returns: Floats) -> float:
        """Return the CVaR."""
        return cvar(returns, self.confidence)


def cvar(returns: Floats, confidence: float) -> float:
    """Return the mean of the worst 1 − `confidence` of equally probable returns `(n,)`, as a loss.

    The tail holds n(1 − confidence) scenarios, the last of them in part.
    """
    return tail_mean(-returns, confidence)

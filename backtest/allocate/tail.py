"""What methods share that minimise the mean of a tail: of losses, or of drawdowns."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from pydantic import Field

from backtest.allocate.base import Weights
from backtest.allocate.claim_tail import LeastTail
from backtest.allocate.claims import claimed
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import Estimated
from backtest.allocate.frontier import earning_a_year
from backtest.allocate.objective import PaysCosts, answer
from backtest.allocate.sample import Sample
from backtest.allocate.solve.solution import Priced
from backtest.types import Floats


class Tail(PaysCosts, Estimated):
    """Base of methods that take each return of the lookback for a scenario, and solve one linear program."""

    optimises: ClassVar[bool] = True
    is_linear: ClassVar[bool] = True
    name: ClassVar[str]
    """In YAML, for messages."""

    confidence: float = Field(default=0.95, gt=0.0, lt=1.0)
    """Share outside of the tail: 0.95 looks at the worst 5 %."""

    target_return: float | None = None
    """Least mean return of the scenarios a year, as a fraction and before costs; null for none."""

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Solve one linear program."""
        scenarios = sample.scenarios()
        rates, region = self.trading_rates(sample, region, self.bars_per_return)
        region = earning_a_year(sample, scenarios, region, self.target_return, self.name)
        own = None if rates is None else self.own_rates(rates / sample.scale, len(scenarios))
        found = self.solved(scenarios, region, own)
        assert found.prices is not None
        claim = LeastTail(scenarios, self.confidence, region, own, found.prices, self.risk)
        risk = self.risk(scenarios @ found.weights)
        return answer(claimed(found, claim), risk, warnings=sample.gap_warning, residual="duality_gap")

    @abstractmethod
    def own_rates(self, per_return: Floats, n: int) -> Floats:
        """Return costs per return `(K,)` as they count in the objective, over `n` returns."""

    @abstractmethod
    def solved(self, scenarios: Floats, region: Region, rates: Floats | None) -> Priced:
        """Return the weights of the smallest tail."""

    @abstractmethod
    def risk(self, returns: Floats) -> float:
        """Return what is minimised, of the returns `(n,)` of one portfolio."""


def tail_mean(losses: Floats, confidence: float) -> float:
    """Return the mean of the largest 1 − `confidence` of equally probable numbers `(n,)`, the last of them in part."""
    size = len(losses) * (1.0 - confidence)
    shares = np.clip(size - np.arange(len(losses)), 0.0, 1.0)
    return float(np.sort(losses)[::-1] @ shares / size)

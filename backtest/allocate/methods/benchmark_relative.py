"""Benchmark-relative: beat a benchmark without straying far from it, or follow it as closely as the rules allow."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
from pydantic import Field

from backtest.allocate.base import History, Weights
from backtest.allocate.benchmark import Benchmark, benchmark_weights
from backtest.allocate.claims import Claimed, least
from backtest.allocate.constraints.region import Region, RiskCap
from backtest.allocate.estimated import WithCovariance, WithMean
from backtest.allocate.frontier import Frontier, Unreachable
from backtest.allocate.objective import PaysCosts, answer, covariance_of, variance
from backtest.allocate.sample import Sample
from backtest.errors import AllocationError
from backtest.types import Floats

FOLLOWING = 2.5
"""What γ/2 of a year's active variance is worth in a year's costs when only following; as in `min_variance`."""


class BenchmarkRelative(PaysCosts, WithMean):
    """Maximise active return minus a price of active risk, within a tracking error; or only follow.

    With active weights a = w − b: maximise (μ − r)ᵀa − γ/2 · aᵀΣa subject to √(aᵀΣa) ≤ `tracking_error`, where γ is
    `risk_aversion`, r what cash earns, and either of the two may be left out. With neither, minimise aᵀΣa: the closest
    that the constraints allow, which needs no expected returns. With `cost_horizon`, return is after the costs a year.
    A tracking error that cannot be met is an error that names the least that can. The objective is the active return
    less its price, or the tracking error when only following. Sources: Roll (1992), "A mean/variance analysis of
    tracking error"; Grinold and Kahn (1999), "Active portfolio management".
    """

    optimises: ClassVar[bool] = True

    benchmark: Benchmark = "equal_weight"
    """`equal_weight` or `market_cap` of the symbols that can be held now, or a mapping from symbol to weight.

    A benchmark symbol that cannot be held now is named in the warnings, and the others share its weight in proportion.
    """

    tracking_error: float | None = Field(default=None, gt=0.0)
    """Most volatility of the active return a year, as a fraction; null for no limit."""

    risk_aversion: float | None = Field(default=None, gt=0.0)
    """Active return a year given up for half a unit of active variance; null for no price."""

    @property
    def follows(self) -> bool:
        """Whether there is nothing to beat the benchmark by: expected returns are then not looked at."""
        return self.tracking_error is None and self.risk_aversion is None

    @property
    def heeds(self) -> frozenset[str]:
        """A covariance; a mean only where there is something to beat the benchmark by."""
        return frozenset({"covariance"}) if self.follows else super().heeds

    def sample(self, history: History) -> Sample:
        """Return the usable symbols, without a mean when only following."""
        return WithCovariance.sample(self, history) if self.follows else super().sample(history)

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Solve one quadratic program around the benchmark."""
        base, warnings = benchmark_weights(self.benchmark, sample)
        rates, region = self.trading_rates(sample, region, self.bars_per_return)
        found = (self._follow if self.follows else self._lead)(sample, base, region, rates)
        return replace(found, warnings=(*warnings, *found.warnings))

    def _follow(self, sample: Sample, base: Floats, region: Region, rates: Floats | None) -> Weights:
        covariance = covariance_of(sample)
        per_risk = None if rates is None else rates / FOLLOWING
        solution = least(covariance, -covariance @ base, region, rates=per_risk)
        return answer(solution, float(np.sqrt(variance(covariance, solution.weights - base))))

    def _lead(self, sample: Sample, base: Floats, region: Region, rates: Floats | None) -> Weights:
        frontier, price = Frontier.of(sample, region, rates), self.risk_aversion or 0.0
        if self.tracking_error is None:
            solution = frontier.at_price(price, base)
        else:
            sample.needs_year("tracking_error")
            solution = self._within(frontier, self.tracking_error, base, price)
        risk = variance(frontier.covariance, solution.weights - base)
        gained = frontier.earned(solution.weights) - float(frontier.excess @ base)
        return answer(solution, gained - price / 2.0 * risk)

    def _within(self, frontier: Frontier, most: float, base: Floats, price: float) -> Claimed:
        try:
            return frontier.within(RiskCap(most, base, "tracking_error"), price)
        except Unreachable as error:
            raise AllocationError(
                f"tracking_error {most:g} is out of reach: the constraints allow at least {error.best:.6g} a year"
            ) from error

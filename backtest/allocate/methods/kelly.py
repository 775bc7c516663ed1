"""Kelly: the fastest growth, or a fraction of it."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from backtest.allocate.base import Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import WithMean
from backtest.allocate.frontier import Frontier
from backtest.allocate.objective import ALL_CASH, CASH, PaysCosts, answer, variance
from backtest.allocate.sample import Sample
from backtest.errors import InputError


class Kelly(PaysCosts, WithMean):
    """Maximise (μ − r)ᵀw − wᵀΣw / (2f): the growth rate of log wealth in continuous time, for f = `fraction` = 1.

    Without constraints w = f · Σ⁻¹(μ − r), and (μ − r)/σ² with one asset. What is not worth holding stays cash, and
    leverage is held only as far as the constraints let it. Below 1 the fraction is a risk aversion of 1/f, so that
    bounds are kept without scaling afterwards. Simple returns, variance about the mean, everything a year. The
    objective is the rate of growth above cash of the answer, (μ − r)ᵀw − wᵀΣw / 2, after costs. Sources: Kelly (1956);
    Thorp (2006), "The Kelly criterion in blackjack, sports betting and the stock market", §8; fractions: MacLean,
    Ziemba and Blazenko (1992).
    """

    optimises: ClassVar[bool] = True
    holds_cash: ClassVar[bool] = True

    fraction: float = Field(default=1.0, gt=0.0, le=1.0)
    """Share of the full Kelly bet: 0.5 is half Kelly, three quarters of the growth at half of the volatility."""

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Solve one quadratic program, cash allowed."""
        rates, region = self.trading_rates(sample, region.with_cash(), self.bars_per_return)
        frontier = Frontier.of(sample, region, rates)
        solution = frontier.at_price(1.0 / self.fraction)
        w = solution.weights
        growth = frontier.earned(w) - variance(frontier.covariance, w) / 2.0
        if not w.any():
            return answer(solution, growth, status=CASH, warnings=(ALL_CASH,))
        return answer(solution, growth)


def bet_fraction(probability: float, odds: float, loss: float = 1.0) -> float:
    """Return the share of wealth to bet when a win pays `odds` per unit bet and a loss takes `loss` of it, at least 0.

    p/a − (1 − p)/b: 53 % at even money is worth 6 % of wealth. Source: Kelly (1956); Thorp (2006), §2.

    >>> round(bet_fraction(0.53, 1.0), 12)
    0.06
    """
    if not 0.0 <= probability <= 1.0:
        raise InputError(f"probability: received {probability}; allowed: 0 to 1")
    if not (odds > 0.0 and loss > 0.0):
        raise InputError(f"odds and loss: received {odds} and {loss}; allowed: above 0")
    return max(0.0, probability / loss - (1.0 - probability) / odds)

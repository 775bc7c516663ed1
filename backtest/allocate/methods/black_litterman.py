"""Black–Litterman: what the market's own weights imply, moved by views as far as these are trusted."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from backtest.allocate.base import History, Weights
from backtest.allocate.beliefs import View, beliefs
from backtest.allocate.claims import least
from backtest.allocate.constraints.region import Region, trading_cost
from backtest.allocate.estimated import WithCovariance
from backtest.allocate.moments.mean.market import market_remarks, market_weights
from backtest.allocate.objective import PaysCosts, answer, covariance_of, variance
from backtest.allocate.posterior import equilibrium, posterior
from backtest.allocate.sample import Sample
from backtest.errors import AllocationError
from backtest.types import Floats

AHEAD = "the market is one static table: its weights look ahead to the day it was made"

Portfolio = Literal["caps", "equal_weight"] | Annotated[dict[str, float], Field(min_length=1)]


class BlackLitterman(PaysCosts, WithCovariance):
    """Maximise μᵀw − δ/2 · wᵀΣw, with μ the equilibrium returns δΣw_market after the views.

    μ = π + τΣPᵀ (PτΣPᵀ + Ω)⁻¹ (q − Pπ). Each row of P is a portfolio that is viewed and q what it will return; Ω says
    how uncertain: by confidence (Idzorek), by a deviation, or else as the prior. Views come from here and from the
    strategy. Without views the answer is the market, where the constraints allow it. He and Litterman's own weights
    are those of `risk: posterior` where cash may be held: then they do not add up to 1. Expected returns that the
    caller gives take the place of the equilibrium. Certain views that contradict each other are an error. Views of a
    configuration are the same at each decision: over years they are an opinion held from the first day to the last,
    right or wrong, and one formed by what came later looks ahead. Views that change come from a strategy. With
    `cost_horizon`, return is after the costs a year. The objective is the utility above cash. Sources: Black and
    Litterman (1992), "Global portfolio optimization"; He and Litterman (1999); Idzorek (2005).
    """

    optimises: ClassVar[bool] = True

    market: Portfolio = "caps"
    """The market: `caps` known at the decision, `equal_weight`, or a mapping from symbol to weight, in any one unit.

    A mapping holds for the whole run, and so looks ahead to the day it was made: the warnings say so.
    """

    risk_aversion: float | None = Field(default=2.5, gt=0.0)
    """δ, return above cash a year per unit of variance; null: the market's own in the lookback."""

    tau: float = Field(default=0.05, gt=0.0)
    """Uncertainty of the equilibrium returns, as a part of Σ."""

    views: tuple[View, ...] = ()
    """Views on portfolios: [{holdings: {A: 1, B: -1}, return: 0.05, confidence: 0.6}, ...].

    The same at each decision; what nobody could expect at the first of them looks ahead.
    """

    risk: Literal["prior", "posterior"] = "prior"
    """The covariance that weights are chosen by: Σ, or Σ + M, with the uncertainty M that is left in the means."""

    @property
    def heeds(self) -> frozenset[str]:
        """All of it."""
        return frozenset({"covariance", "mean", "views"})

    def reads_returns(self, history: History) -> bool:
        """Say whether returns are looked at."""
        return (self.risk_aversion is None and len(history.returns) > 0) or super().reads_returns(history)

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Prior, views, posterior, one quadratic program."""
        covariance = covariance_of(sample)
        if (self.views or sample.views is not None) and len(sample.returns):
            sample.needs_year("views")
        market, remarks = self._market(sample)
        aversion = self._aversion(sample, covariance, market)
        prior = self._prior(sample, covariance, market, aversion)
        views, dropped = beliefs(sample, self.views, covariance, self.tau)
        mean, left = posterior(prior, covariance, self.tau, views.holdings, views.returns, views.uncertainty)
        risk = covariance + left if self.risk == "posterior" else covariance
        rates, region = self.trading_rates(sample, region, self.bars_per_return)
        solution = least(aversion * risk, -mean, region, rates=rates)
        utility = float(mean @ solution.weights) - aversion / 2.0 * variance(risk, solution.weights)
        utility -= trading_cost(solution.weights, rates, region)
        return answer(solution, utility, warnings=(*remarks, *dropped))

    def _market(self, sample: Sample) -> tuple[Floats, tuple[str, ...]]:
        """Return the market's weights `(K,)`, and what to warn of."""
        if isinstance(self.market, str):
            return market_weights(sample, self.market), market_remarks(sample, self.market)
        weights = np.array([self.market.get(str(symbol), 0.0) for symbol in sample.symbols])
        if not weights.sum() > 0.0:
            raise AllocationError("market: none of its symbols can be held now")
        scaled: Floats = weights / weights.sum()
        return scaled, (AHEAD,)

    def _aversion(self, sample: Sample, covariance: Floats, market: Floats) -> float:
        if self.risk_aversion is not None:
            return self.risk_aversion
        earned = float((sample.scenarios() @ market).mean() * sample.scale) - sample.cash
        if not earned > 0.0:
            raise AllocationError(
                f"risk_aversion: the market earned {earned:.4g} a year above cash in the lookback, which implies no "
                "aversion to risk: give risk_aversion"
            )
        return earned / variance(covariance, market)

    def _prior(self, sample: Sample, covariance: Floats, market: Floats, aversion: float) -> Floats:
        """Return the expected returns above cash before the views, `(K,)`."""
        if sample.mean is None:
            return equilibrium(covariance, market, aversion)
        prior: Floats = sample.mean - sample.cash
        return prior

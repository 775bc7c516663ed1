"""Nested clustered optimisation: optimise inside each cluster, then between the clusters."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from backtest.allocate.base import History, Weights
from backtest.allocate.budgeting import refuse_riskless
from backtest.allocate.claim_nested import Fund, Nested
from backtest.allocate.claims import Claim, Least, Ratio
from backtest.allocate.clusters import Clusters
from backtest.allocate.constraints.region import Region, long_only
from backtest.allocate.estimated import WithCovariance, WithMean
from backtest.allocate.objective import covariance_of, excess_mean, variance
from backtest.allocate.sample import Sample
from backtest.allocate.solve.fractional import NothingBeatsCash, fractional
from backtest.allocate.solve.quadratic import quadratic
from backtest.errors import AllocationError
from backtest.types import Floats

Goal = Literal["min_variance", "max_sharpe"]


class Nco(Clusters, WithMean):
    """Optimise inside each cluster of a tree, then once more over the clusters, each a fund of its own weights.

    Errors in Σ stay inside the cluster they belong to, and each problem is better conditioned than the whole.
    Long-only solves unless the constraints allow short positions; then Σ⁻¹a / 1ᵀΣ⁻¹a, as in the paper, with a the
    ones or the excess means. Under `max_sharpe` the assets of a cluster in which nothing beats cash get no weight and
    are named; when that is so of all clusters, it is an error. The paper clusters by k-means over silhouettes; here
    it is the tree, which needs no random start. Constraints that the answer breaks move it to the nearest allowed
    weights. The objective is the volatility a year. Source: López de Prado (2019), "A robust estimator of the
    efficient frontier".
    """

    inner: Goal = "min_variance"
    """What is optimised inside a cluster."""

    outer: Goal = "min_variance"
    """What is optimised between clusters."""

    @property
    def heeds(self) -> frozenset[str]:
        """A covariance; a mean only where a goal asks for it."""
        return super().heeds if self._wants_mean else frozenset({"covariance"})

    def reads_returns(self, history: History) -> bool:
        """Say whether returns are looked at."""
        if self.ranks and len(history.returns) > 0:
            return True
        return super().reads_returns(history) if self._wants_mean else WithCovariance.reads_returns(self, history)

    def sample(self, history: History) -> Sample:
        """Return the usable symbols; with expected returns only where a goal asks for them."""
        return super().sample(history) if self._wants_mean else WithCovariance.sample(self, history)

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Solve each cluster, then the reduced problem."""
        covariance = covariance_of(sample)
        refuse_riskless(covariance)
        excess = excess_mean(sample) if self._wants_mean else np.zeros(len(covariance))
        short = bool((region.lower < 0.0).any())
        parts, warnings = self._funds(sample, covariance, excess, short)
        funds = np.stack([part.whole(len(covariance)) for part in parts], axis=1)
        between, claim = solved(self.outer, funds.T @ covariance @ funds, funds.T @ excess, short)
        weights: Floats = funds @ between
        return Weights(
            weights,
            objective=float(np.sqrt(variance(covariance, weights))),
            claim=Nested(parts, claim),
            condition={"clusters": float(funds.shape[1])},
            warnings=warnings,
        )

    @property
    def _wants_mean(self) -> bool:
        return "max_sharpe" in (self.inner, self.outer)

    def _funds(
        self, sample: Sample, covariance: Floats, excess: Floats, short: bool
    ) -> tuple[tuple[Fund, ...], tuple[str, ...]]:
        """Return the best of each cluster, and what to warn of."""
        k = len(covariance)
        cluster = np.zeros(k, np.int64)
        if k > 1:
            separation = self.separation(sample, covariance)
            cluster = self.cut(separation, self.merges(separation))
        funds, warnings = [], []
        for number in range(int(cluster.max()) + 1):
            own = np.flatnonzero(cluster == number)
            try:
                funds.append(Fund(own, *solved(self.inner, covariance[np.ix_(own, own)], excess[own], short)))
            except NothingBeatsCash:
                names = ", ".join(str(symbol) for symbol in sample.symbols[own])
                warnings.append(f"without weight, because nothing in their cluster beats cash: {names}")
        if not funds:
            raise NothingBeatsCash("nco: in no cluster anything beats cash")
        return tuple(funds), tuple(warnings)


def solved(goal: Goal, covariance: Floats, excess: Floats, short: bool) -> tuple[Floats, Claim]:
    """Return optimal weights that add up to 1, and what they claim."""
    n = len(covariance)
    region = replace(long_only(n), lower=np.full(n, -np.inf), upper=np.full(n, np.inf)) if short else long_only(n)
    best = goal == "max_sharpe"
    claim: Claim = Ratio(covariance, excess, region) if best else Least(covariance, np.zeros(n), region)
    if n == 1:
        if best and not excess[0] > 0.0:
            raise NothingBeatsCash("the only asset does not beat cash")
        return np.ones(1), claim
    if short:
        return inverted(covariance, excess if best else np.ones(n)), claim
    solution = fractional(covariance, excess, region) if best else quadratic(covariance, np.zeros(n), region)
    return solution.weights, claim


def inverted(covariance: Floats, aim: Floats) -> Floats:
    """Return Σ⁻¹a / 1ᵀΣ⁻¹a."""
    try:
        raw = np.asarray(np.linalg.solve(covariance, aim), np.float64)
    except np.linalg.LinAlgError as error:
        raise AllocationError("nco: the covariance of a cluster is singular; choose one that is shrunk") from error
    total = float(raw.sum())
    if not total > 1e-12 * float(np.abs(raw).sum()):
        raise NothingBeatsCash("nco: the best portfolio of a cluster is short in sum")
    weights: Floats = raw / total
    return weights

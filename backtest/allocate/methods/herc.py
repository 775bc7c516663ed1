"""Hierarchical equal risk contribution: clusters share by risk down their tree, assets inside a cluster."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from backtest.allocate.base import History, Weights
from backtest.allocate.budgeting import refuse_riskless
from backtest.allocate.clusters import Clusters
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import WithCovariance
from backtest.allocate.objective import covariance_of, variance
from backtest.allocate.sample import Sample
from backtest.errors import AllocationError
from backtest.types import Floats, Ints

Risk = Literal["variance", "volatility", "cvar", "equal_weight"]


class Herc(Clusters, WithCovariance):
    """The tree itself, cut into clusters: at each merge above the cut a side gets the other's share of their risk.

    Inside a cluster assets get weights in inverse proportion to their own risk; a cluster's risk is that of those
    weights, and a side's the sum over its clusters. Unlike `hrp` the cuts are where the tree has them. The defaults
    are Riskfolio's and skfolio's ward linkage on √((1 − ρ)/2); the number of clusters is by silhouette where theirs
    is by a gap index and Raffinot's by the gap statistic, so give `clusters` to compare. Constraints that the answer
    breaks move it to the nearest allowed weights. The objective is the volatility a year. Source: Raffinot (2018),
    "The hierarchical equal risk contribution portfolio".
    """

    risk: Risk = "variance"
    """What risk is: `variance`, `volatility`, `cvar` (mean loss in the tail), or `equal_weight`: all alike."""

    confidence: float = Field(default=0.95, gt=0.0, lt=1.0)
    """The tail of `cvar` is the worst 1 − confidence of the returns."""

    def reads_returns(self, history: History) -> bool:
        """Say whether returns are looked at."""
        wanted = self.ranks or self.risk == "cvar"
        return (wanted and len(history.returns) > 0) or super().reads_returns(history)

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:  # noqa: ARG002
        """Weigh inside the clusters, then the clusters."""
        covariance = covariance_of(sample)
        refuse_riskless(covariance)
        if len(covariance) == 1:
            return Weights(np.ones(1), objective=float(np.sqrt(covariance[0, 0])))
        separation = self.separation(sample, covariance)
        tree = self.merges(separation)
        cluster = self.cut(separation, tree)
        weights, risks = self._inside(sample, covariance, cluster)
        weights = weights * shares(tree, cluster, risks)[cluster]
        return Weights(
            weights / weights.sum(),
            objective=float(np.sqrt(variance(covariance, weights / weights.sum()))),
            condition={"clusters": float(len(risks))},
            warnings=sample.gap_warning if self.risk == "cvar" else (),
        )

    def _inside(self, sample: Sample, covariance: Floats, cluster: Ints) -> tuple[Floats, Floats]:
        """Return weights that add up to 1 in each cluster `(K,)`, and the risks of the clusters `(C,)`."""
        one = self._risks(sample, covariance, np.eye(len(covariance)))
        weights = 1.0 / (one / one.min())
        count = int(cluster.max()) + 1
        weights /= np.bincount(cluster, weights, count)[cluster]
        mixes = np.zeros((len(weights), count))
        mixes[np.arange(len(weights)), cluster] = weights
        return weights, self._risks(sample, covariance, mixes)

    def _risks(self, sample: Sample, covariance: Floats, mixes: Floats) -> Floats:
        """Return the risk of each column of `mixes` `(K, M)`."""
        if self.risk == "equal_weight":
            return np.ones(mixes.shape[1])
        if self.risk == "cvar":
            return tail_losses(sample.scenarios() @ mixes, self.confidence)
        variances: Floats = np.einsum("km,km->m", mixes, covariance @ mixes)
        return np.sqrt(variances) if self.risk == "volatility" else variances


def shares(tree: Floats, cluster: Ints, risks: Floats) -> Floats:
    """Return what each cluster gets of the whole, `(C,)`: each side of a merge, the other's share of their risk.

    `tree` is scipy's `(K − 1, 4)`, `cluster` the cluster of each asset, from cutting that tree.
    """
    k, count = len(tree) + 1, len(risks)
    member = np.zeros((2 * k - 1, count), np.bool_)  # the clusters that each node has assets of
    member[np.arange(k), cluster] = True
    found = np.ones(count)
    for step, (left, right) in enumerate(tree[:, :2].astype(np.int64).tolist()):
        member[k + step] = member[left] | member[right]
        if member[k + step].sum() < 2:
            continue  # inside a cluster
        first, second = float(risks[member[left]].sum()), float(risks[member[right]].sum())
        share = second / (first + second) if first + second > 0.0 else 0.5
        found[member[left]] *= share
        found[member[right]] *= 1.0 - share
    return found


def tail_losses(returns: Floats, confidence: float) -> Floats:
    """Return the mean loss in the worst 1 − confidence of the rows, for each column; the last row counts in part.

    Source: Rockafellar and Uryasev (2002), "Conditional value-at-risk for general loss distributions".
    """
    rows = (1.0 - confidence) * len(returns)
    losses = -np.sort(returns, axis=0)
    counted = np.clip(rows - np.arange(len(returns)), 0.0, 1.0)
    tail: Floats = counted @ losses / rows
    if not (tail > 0.0).all():
        raise AllocationError("cvar: an asset or a cluster has no losses in its tail, so risk cannot be shared by it")
    return tail

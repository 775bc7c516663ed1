"""Hierarchical risk parity: halve a list of assets, similar ones side by side, and share by risk between the halves."""

from __future__ import annotations

from typing import Literal

import numpy as np

from backtest.allocate.arrays import frozen
from backtest.allocate.base import History, Weights
from backtest.allocate.budgeting import refuse_riskless
from backtest.allocate.clusters import Tree, leaves
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import WithCovariance
from backtest.allocate.objective import covariance_of, variance
from backtest.allocate.sample import Sample
from backtest.types import Floats, Ints


class Hrp(Tree, WithCovariance):
    """Recursive bisection along the leaves of a tree of correlations; no matrix is inverted, so Σ may be singular.

    The leaves are cut in two halves by number; each half gets the other's share of the variance of both, measured
    with inverse-variance weights inside; and so on within the halves. Of two assets that merge, the one listed first
    comes first, so the order of the symbols matters; with `order: optimal` it does not. The defaults are the paper's
    own numerical example: single linkage on the distances between columns. PyPortfolioOpt has `distance:
    correlation`; skfolio and Riskfolio that too, with `linkage: ward` and `order: optimal`. Constraints that the
    answer breaks move it to the nearest allowed weights. The objective is the volatility a year. Source: López de
    Prado (2016), "Building diversified portfolios that outperform out of sample".
    """

    order: Literal["tree", "optimal"] = "tree"
    """The leaves as the tree has them (quasi-diagonalisation), or with branches turned so that neighbours are near.

    The second is slow for hundreds of assets.
    """

    def reads_returns(self, history: History) -> bool:
        """Say whether returns are looked at."""
        return (self.ranks and len(history.returns) > 0) or super().reads_returns(history)

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:  # noqa: ARG002
        """Order the assets, then bisect."""
        covariance = covariance_of(sample)
        refuse_riskless(covariance)
        weights = bisected(covariance, self._order(sample, covariance))
        return Weights(weights, objective=float(np.sqrt(variance(covariance, weights))))

    def _order(self, sample: Sample, covariance: Floats) -> Ints:
        if len(covariance) < 3:
            return np.arange(len(covariance))
        separation = self.separation(sample, covariance)
        return leaves(self.merges(separation), separation, self.order == "optimal")


def bisected(covariance: Floats, order: Ints) -> Floats:
    """Return the weights `(K,)` of recursive bisection of the assets in that order; they add up to 1."""
    from backtest.kernels.bisect import bisect

    weights = np.empty(len(order))
    fixed = order.astype(np.int64)
    fixed.flags.writeable = False
    bisect(frozen(covariance), fixed, weights)
    scaled: Floats = weights / weights.sum()
    return scaled

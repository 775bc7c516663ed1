"""What weights made in two steps claim: each step the best of its own problem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.allocate.claims import Claim
from backtest.types import Floats, Ints


@dataclass(frozen=True, eq=False)
class Fund:
    """Weights `(k,)` inside a cluster, which add up to 1, and what they claim to be the best of."""

    own: Ints  # (k,) columns of the assets of the cluster
    weights: Floats
    claim: Claim

    def whole(self, n: int) -> Floats:
        """Return the weights of all `n` assets, 0 outside of the cluster."""
        weights = np.zeros(n)
        weights[self.own] = self.weights
        return weights


@dataclass(frozen=True, eq=False)
class Nested:
    """Funds, each the best of its cluster, in weights that are the best of the funds."""

    funds: tuple[Fund, ...]
    between: Claim

    def residual(self, weights: Floats) -> tuple[str, float]:
        """Return the worst residual of all the problems, or how far the weights `(K,)` are from being of these funds.

        What a fund has is the sum of the weights of its cluster: clusters have no asset in common.
        """
        held = np.array([weights[fund.own].sum() for fund in self.funds])
        made = sum((share * fund.whole(len(weights)) for share, fund in zip(held, self.funds, strict=True)), 0.0)
        apart = float(np.abs(made - weights).max(initial=0.0))
        inside = (fund.claim.residual(fund.weights)[1] for fund in self.funds)
        return "kkt", max(apart, self.between.residual(held)[1], *inside)

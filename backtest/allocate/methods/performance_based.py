"""Performance-based: what did well gets more."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from backtest.allocate.base import Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import Estimated
from backtest.allocate.sample import Sample
from backtest.types import Floats

NOTHING = "no score is above zero"


class PerformanceBased(Estimated):
    """Weights in proportion to how each column did over the lookback, above a floor; negative scores get the floor.

    wᵢ = f/K + (1 − f) · max(sᵢ, 0) / Σ max(s, 0), with f the `floor` and K the columns with enough data. The score s is

    - `sharpe`: mean return above the risk-free rate / sample deviation (ddof = 1);
    - `win_rate`: share of the returns that are above 0;
    - `profit_factor`: sum of the gains / sum of the losses;
    - `return`: what one unit of money became, less 1.

    Missing returns are not counted.

    Columns that never lost have no finite profit factor: they share what is above the floor equally. When no score is
    above 0 every column gets 1/K, and the status says so. Columns are the symbols of a market, or strategies when their
    returns are what `backtest.allocate` is given. Source of the Sharpe ratio: Sharpe (1966, 1994); the others are
    definitions.
    """

    computes: ClassVar[bool] = False

    by: Literal["sharpe", "win_rate", "profit_factor", "return"] = "sharpe"
    """What a good performance is: sharpe, win_rate, profit_factor or return."""

    floor: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of the equal weight that each gets however badly it did: with 0.2 at least 0.2 / K."""

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:  # noqa: ARG002
        """Score, cut at 0, normalise, lift to the floor."""
        scores = SCORES[self.by](sample.observed, sample.cash / sample.scale)
        kept = shares(scores)
        k = len(scores)
        if kept is None:
            return Weights(np.full(k, 1.0 / k), status=NOTHING, warnings=(f"{NOTHING}: equal weights",))
        return Weights(self.floor / k + (1.0 - self.floor) * kept)


def sharpe(returns: Floats, risk_free: float = 0.0) -> Floats:
    """Return mean / deviation of returns `(n, K)` above a risk-free return per return, `(K,)`; not made annual."""
    ratio: Floats = (np.nanmean(returns, axis=0) - risk_free) / np.nanstd(returns, axis=0, ddof=1)
    return ratio


def win_rate(returns: Floats, risk_free: float = 0.0) -> Floats:  # noqa: ARG001
    """Return the share of returns `(n, K)` that are above 0, `(K,)`."""
    won: Floats = np.sum(returns > 0.0, axis=0) / np.sum(~np.isnan(returns), axis=0)
    return won


def profit_factor(returns: Floats, risk_free: float = 0.0) -> Floats:  # noqa: ARG001
    """Return gains / losses of returns `(n, K)`, `(K,)`; infinite where nothing was lost, 0 where nothing moved."""
    gains = np.nansum(np.maximum(returns, 0.0), axis=0)
    losses = np.nansum(np.maximum(-returns, 0.0), axis=0)
    some = losses > 0.0
    factor: Floats = np.where(some, gains / np.where(some, losses, 1.0), np.where(gains > 0.0, np.inf, 0.0))
    return factor


def total_return(returns: Floats, risk_free: float = 0.0) -> Floats:  # noqa: ARG001
    """Return the compounded return of returns `(n, K)`, `(K,)`."""
    whole: Floats = np.nanprod(1.0 + returns, axis=0) - 1.0
    return whole


SCORES: dict[str, Callable[[Floats, float], Floats]] = {
    "sharpe": sharpe,
    "win_rate": win_rate,
    "profit_factor": profit_factor,
    "return": total_return,
}


def shares(scores: Floats) -> Floats | None:
    """Return scores `(K,)` cut at 0 as shares of 1; None when none is above 0. Infinite ones share equally."""
    endless = np.isinf(scores)
    above = endless.astype(np.float64) if endless.any() else np.maximum(scores, 0.0)
    whole = above.sum()
    return above / whole if whole > 0.0 else None

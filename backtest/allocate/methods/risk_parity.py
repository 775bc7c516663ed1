"""Risk parity: every asset brings the same share of the risk."""

from __future__ import annotations

import numpy as np

from backtest.allocate.base import Weights
from backtest.allocate.budgeting_within import budgeted_within
from backtest.allocate.claims import Shares
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import WithCovariance
from backtest.allocate.objective import covariance_of, variance
from backtest.allocate.sample import Sample
from backtest.types import Floats


class RiskParity(WithCovariance):
    """Equal risk contributions, wᵢ (Σw)ᵢ / wᵀΣw = 1/N: the only long-only weights of the kind, fully invested.

    With equal correlations they are inverse volatility. Where bounds bind, what is not at a bound still contributes
    alike (Richard and Roncalli 2019), and the residual is the `budget_gap`; other constraints that the answer breaks
    move it to the nearest allowed weights. The objective is the volatility a year. Source: Maillard, Roncalli and
    Teïletche (2010), "The properties of equally weighted risk contribution portfolios".
    """

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Solve with a budget of 1/K each."""
        return by_budget(sample, np.full(len(sample.symbols), 1.0 / len(sample.symbols)), region)


def by_budget(sample: Sample, budgets: Floats, region: Region) -> Weights:
    """Return the weights with these shares of the risk, as far as the bounds let."""
    covariance = covariance_of(sample)
    found = budgeted_within(covariance, budgets, region)
    return Weights(
        found.weights,
        objective=float(np.sqrt(variance(covariance, found.weights))),
        residuals={"risk_contribution" if found.bounds is None else "budget_gap": found.gap},
        claim=Shares(covariance, budgets, found.bounds),
        warnings=found.warnings,
        iterations=found.iterations,
    )

"""The same problems in other libraries, each called as its manual says.

Every call gets the same numbers: mean and covariance are given, not estimated again, wherever a library takes them (for
skfolio as a prior that is ready made). Imports stay inside, so that a library that is missing is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.problems import AVERSION, CONFIDENCE, Assets

Solve = Callable[[Assets], Any]


def pyportfolioopt() -> dict[str, Solve]:
    """PyPortfolioOpt: cvxpy for everything; its maximum Sharpe ratio is homogenised like ours."""
    import pypfopt

    def frontier(mean: Any, assets: Assets, how: str, **options: float) -> Any:
        made = pypfopt.EfficientFrontier(mean, assets.covariance, weight_bounds=(0, assets.limit))
        getattr(made, how)(**options)
        return made.weights

    def tail(kind: Any, how: str) -> Solve:
        def solve(assets: Assets) -> Any:
            made = kind(assets.mean, assets.returns, beta=CONFIDENCE, weight_bounds=(0, assets.limit))
            getattr(made, how)()
            return made.weights

        return solve

    def deviations(assets: Assets) -> Any:
        return pd.Series(np.sqrt(np.diag(assets.covariance)), assets.covariance.index)

    return {
        "min_variance": lambda a: frontier(None, a, "min_volatility"),
        "max_sharpe": lambda a: frontier(a.mean, a, "max_sharpe", risk_free_rate=0.0),
        "mean_variance": lambda a: frontier(a.mean, a, "max_quadratic_utility", risk_aversion=AVERSION),
        "max_diversification": lambda a: frontier(deviations(a), a, "max_sharpe", risk_free_rate=0.0),
        "min_cvar": tail(pypfopt.EfficientCVaR, "min_cvar"),
        "min_cdar": tail(pypfopt.EfficientCDaR, "min_cdar"),
        "hrp": lambda a: list(pypfopt.HRPOpt(cov_matrix=a.covariance).optimize(linkage_method="single").values()),
    }


def skfolio() -> dict[str, Solve]:
    """skfolio: cvxpy with Clarabel; its utility is μᵀw − λ wᵀΣw, so that λ is half of our risk aversion."""
    from skfolio import RiskMeasure
    from skfolio import optimization as models
    from skfolio.cluster import HierarchicalClustering, LinkageMethod
    from skfolio.prior import BasePrior, ReturnDistribution

    class Known(BasePrior):  # type: ignore[misc]
        """Moments that are there already."""

        def __init__(self, assets: Any = None) -> None:
            self.assets = assets

        def fit(self, X: Any, y: Any = None, **fit_params: Any) -> Any:  # noqa: ARG002
            self.return_distribution_ = ReturnDistribution(
                mu=self.assets.means, covariance=self.assets.matrix, returns=self.assets.values
            )
            return self

    goals = models.ObjectiveFunction

    def fitted(kind: Any, assets: Assets, **options: Any) -> Any:
        return kind(prior_estimator=Known(assets), **options).fit(assets.returns).weights_

    def mean_risk(risk: Any, goal: Any = goals.MINIMIZE_RISK, **options: Any) -> Solve:
        chosen = {"risk_measure": risk, "objective_function": goal, **options}
        return lambda a: fitted(models.MeanRisk, a, max_weights=a.limit, **chosen)

    single = HierarchicalClustering(linkage_method=LinkageMethod.SINGLE)
    return {
        "min_variance": mean_risk(RiskMeasure.VARIANCE),
        "max_sharpe": mean_risk(RiskMeasure.VARIANCE, goals.MAXIMIZE_RATIO),
        "mean_variance": mean_risk(RiskMeasure.VARIANCE, goals.MAXIMIZE_UTILITY, risk_aversion=AVERSION / 2),
        "risk_parity": lambda a: fitted(models.RiskBudgeting, a),
        "max_diversification": lambda a: fitted(models.MaximumDiversification, a, max_weights=a.limit),
        "min_cvar": mean_risk(RiskMeasure.CVAR, cvar_beta=CONFIDENCE),
        "min_cdar": mean_risk(RiskMeasure.CDAR, cdar_beta=CONFIDENCE),
        "hrp": lambda a: fitted(models.HierarchicalRiskParity, a, hierarchical_clustering_estimator=single),
    }


def riskfolio() -> dict[str, Solve]:
    """Riskfolio-Lib: cvxpy; its utility is μᵀw − λ wᵀΣw too, on the standard deviation unless told otherwise."""
    import riskfolio as lib

    def portfolio(assets: Assets, mean: Any = None, limit: float | None = None) -> Any:
        made = lib.Portfolio(returns=assets.returns, upperlng=assets.limit if limit is None else limit, alpha=0.05)
        made.mu = (assets.mean if mean is None else mean).to_frame().T
        made.cov = assets.covariance
        return made

    def classic(risk: str, goal: str) -> Solve:
        def solve(assets: Assets) -> Any:
            found = portfolio(assets).optimization(model="Classic", rm=risk, obj=goal, rf=0, l=0, hist=True)
            return found["weights"].to_numpy()

        return solve

    def diversified(assets: Assets) -> Any:
        deviations = pd.Series(np.sqrt(np.diag(assets.covariance)), assets.covariance.index)
        found = portfolio(assets, deviations).optimization(model="Classic", rm="MV", obj="Sharpe", rf=0, l=0, hist=True)
        return found["weights"].to_numpy()

    def parity(assets: Assets) -> Any:
        found = portfolio(assets, limit=1.0).rp_optimization(model="Classic", rm="MV", rf=0, b=None, hist=True)
        return found["weights"].to_numpy()

    def hierarchical(assets: Assets) -> Any:
        made = lib.HCPortfolio(returns=assets.returns)
        found = made.optimization(
            model="HRP", codependence="pearson", rm="MV", rf=0, linkage="single", leaf_order=False
        )  # fmt: skip
        return found["weights"].to_numpy()

    return {
        "min_variance": classic("MV", "MinRisk"),
        "max_sharpe": classic("MV", "Sharpe"),
        "risk_parity": parity,
        "max_diversification": diversified,
        "min_cvar": classic("CVaR", "MinRisk"),
        "min_cdar": classic("CDaR", "MinRisk"),
        "hrp": hierarchical,
    }


LIBRARIES: dict[str, tuple[str, Callable[[], dict[str, Solve]]]] = {
    "PyPortfolioOpt": ("pypfopt", pyportfolioopt),
    "skfolio": ("skfolio", skfolio),
    "Riskfolio-Lib": ("riskfolio", riskfolio),
}


def installed() -> dict[str, dict[str, Solve]]:
    """The libraries that are there, each with what it can solve."""
    return {name: make() for name, (module, make) in LIBRARIES.items() if find_spec(module) is not None}

"""Hierarchical methods and Black–Litterman: the same conventions give the same numbers as the libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest.allocate import allocate
from backtest.allocate.posterior import doubt, doubt_of_confidence, equilibrium, posterior
from benchmarks.problems import YEAR, Assets, random_assets

from .peers import peer

for name in ("pypfopt", "skfolio.optimization", "skfolio.prior", "riskfolio"):
    peer(name)
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # a peer's own warnings are its own

EQUAL = 1e-12
LINKAGES = ("single", "complete", "average", "ward")
TAU, AVERSION = 0.05, 2.5


def hierarchy(linkage: str, clusters: int | None = None) -> Any:
    from skfolio.cluster import HierarchicalClustering, LinkageMethod

    return HierarchicalClustering(linkage_method=LinkageMethod[linkage.upper()], max_clusters=clusters)


def riskfolio(assets: Assets, model: str, **options: Any) -> Any:
    import riskfolio as lib

    portfolio = lib.HCPortfolio(returns=assets.returns)
    return portfolio.optimization(model=model, codependence="pearson", rm="MV", rf=0, **options)["weights"].to_numpy()


@pytest.mark.parametrize("n", [2, 5, 20, 60, 200])
@pytest.mark.parametrize("linkage", LINKAGES)
def test_hrp(linkage: str, n: int) -> None:
    """With `order: tree` that of PyPortfolioOpt, with `order: optimal` that of skfolio; Riskfolio has both."""
    import pypfopt
    from skfolio.optimization import HierarchicalRiskParity

    assets = random_assets(n, rows=500)
    chosen = {"covariance": assets.covariance, "linkage": linkage, "distance": "correlation"}
    tree, optimal = (allocate("hrp", order=order, **chosen).weights for order in ("tree", "optimal"))
    theirs = pypfopt.HRPOpt(cov_matrix=assets.covariance).optimize(linkage_method=linkage)
    np.testing.assert_allclose(tree, list(theirs.values()), rtol=0, atol=EQUAL)
    np.testing.assert_allclose(tree, riskfolio(assets, "HRP", linkage=linkage, leaf_order=False), rtol=0, atol=EQUAL)
    np.testing.assert_allclose(optimal, riskfolio(assets, "HRP", linkage=linkage, leaf_order=True), rtol=0, atol=EQUAL)
    theirs = HierarchicalRiskParity(hierarchical_clustering_estimator=hierarchy(linkage)).fit(assets.returns).weights_
    np.testing.assert_allclose(optimal, theirs, rtol=0, atol=EQUAL)


@pytest.mark.parametrize("n", [6, 20, 60])
@pytest.mark.parametrize("clusters", [2, 3, 5])
@pytest.mark.parametrize("linkage", ["average", "ward"])
def test_herc(linkage: str, clusters: int, n: int) -> None:
    from skfolio.optimization import HierarchicalEqualRiskContribution

    assets = random_assets(n, rows=500)
    ours = allocate("herc", covariance=assets.covariance, linkage=linkage, clusters=clusters).weights
    theirs = HierarchicalEqualRiskContribution(hierarchical_clustering_estimator=hierarchy(linkage, clusters))
    np.testing.assert_allclose(ours, theirs.fit(assets.returns).weights_, rtol=0, atol=EQUAL)
    np.testing.assert_allclose(ours, riskfolio(assets, "HERC", linkage=linkage, k=clusters), rtol=0, atol=EQUAL)


@pytest.mark.parametrize("n", [6, 20, 60])
@pytest.mark.parametrize("clusters", [2, 3, 5])
def test_nco(clusters: int, n: int) -> None:
    """Riskfolio's inner and outer problems are solved by an interior point method, to about 1e-5 of a weight."""
    assets = random_assets(n, rows=500)
    ours = allocate("nco", covariance=assets.covariance, linkage="ward", distance="correlation", clusters=clusters)
    theirs = riskfolio(assets, "NCO", linkage="ward", k=clusters, obj="MinRisk")
    np.testing.assert_allclose(ours.weights, theirs, rtol=0, atol=1e-4)


@pytest.fixture
def six() -> Assets:
    return random_assets(6, rows=500)


@pytest.fixture
def caps(six: Assets) -> pd.Series:
    return pd.Series([5.0, 4.0, 3.0, 2.0, 1.0, 1.0], six.returns.columns)


HOLDINGS = np.array([[1.0, 0, 0, 0, 0, 0], [0, 1.0, -1.0, 0, 0, 0]])
RETURNS = np.array([0.12, 0.03])
CONFIDENCES = np.array([0.3, 0.8])


@pytest.mark.parametrize("confident", [False, True], ids=["as the prior", "Idzorek"])
def test_black_litterman_posterior(six: Assets, caps: pd.Series, confident: bool) -> None:
    """Posterior mean and covariance of PyPortfolioOpt and skfolio, and the weights that follow from them."""
    import pypfopt
    from skfolio.moments import EquilibriumMu
    from skfolio.prior import BlackLitterman, EmpiricalPrior

    names, market = list(six.returns.columns), (caps / caps.sum()).to_numpy()
    prior = pypfopt.black_litterman.market_implied_prior_returns(caps, AVERSION, six.covariance, 0.0)
    np.testing.assert_allclose(equilibrium(six.matrix, market, AVERSION), prior, rtol=EQUAL)
    errors = doubt(six.matrix, TAU, HOLDINGS) * (doubt_of_confidence(CONFIDENCES) if confident else 1.0)
    found, left = posterior(prior.to_numpy(), six.matrix, TAU, HOLDINGS, RETURNS, np.diag(errors))

    options = {"omega": "idzorek", "view_confidences": CONFIDENCES} if confident else {}
    theirs = pypfopt.BlackLittermanModel(six.covariance, pi=prior, Q=RETURNS, P=HOLDINGS, tau=TAU, **options)
    np.testing.assert_allclose(found, theirs.bl_returns(), rtol=EQUAL)
    np.testing.assert_allclose(six.matrix + left, theirs.bl_cov(), rtol=EQUAL)

    daily = (RETURNS / YEAR).tolist()
    views = [f"{names[0]} == {daily[0]!r}", f"{names[1]} - {names[2]} == {daily[1]!r}"]
    model = BlackLitterman(
        views=views,
        view_confidences=list(CONFIDENCES) if confident else None,
        tau=TAU,
        prior_estimator=EmpiricalPrior(mu_estimator=EquilibriumMu(risk_aversion=AVERSION, weights=market)),
    )
    fitted = model.fit(six.returns).return_distribution_
    np.testing.assert_allclose(found, fitted.mu * YEAR, rtol=1e-10)
    np.testing.assert_allclose(six.matrix + left, fitted.covariance * YEAR, rtol=1e-10)

    said = [
        {"holdings": {names[0]: 1.0}, "return": RETURNS[0]},
        {"holdings": {names[1]: 1.0, names[2]: -1.0}, "return": RETURNS[1]},
    ]
    if confident:
        said = [{**view, "confidence": c} for view, c in zip(said, CONFIDENCES, strict=True)]
    given = {"covariance": six.covariance, "periods_per_year": YEAR, "risk_aversion": AVERSION}
    ours = allocate("black_litterman", caps=caps, views=said, tau=TAU, **given).weights
    after = allocate("mean_variance", mean=theirs.bl_returns(), **given).weights
    np.testing.assert_allclose(ours, after, rtol=0, atol=EQUAL)


def test_black_litterman_of_riskfolio(six: Assets, caps: pd.Series) -> None:
    """Riskfolio's τ is one over the number of returns."""
    from riskfolio.src.ParamsEstimation import black_litterman

    market = caps / caps.sum()
    tau, prior = 1.0 / len(six.values), equilibrium(six.matrix, market.to_numpy(), AVERSION)
    errors = np.diag(doubt(six.matrix, tau, HOLDINGS))
    found, left = posterior(prior, six.matrix, tau, HOLDINGS, RETURNS, errors)
    views = (RETURNS / YEAR).reshape(-1, 1)
    mean, covariance, _ = black_litterman(six.returns, market.to_frame(), HOLDINGS, views, delta=AVERSION, rf=0)
    np.testing.assert_allclose(found, np.ravel(mean) * YEAR, rtol=1e-10)
    np.testing.assert_allclose(six.matrix + left, np.asarray(covariance) * YEAR, rtol=1e-10)

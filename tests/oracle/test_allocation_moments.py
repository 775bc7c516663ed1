"""Every estimator of covariances and means against scikit-learn, pandas or the library with the same convention.

Where conventions differ the difference is named, and taken out before comparing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest.allocate import History
from backtest.allocate.methods.max_sharpe import MaxSharpe
from backtest.allocate.moments import COVARIANCES
from benchmarks.problems import YEAR, Assets, random_assets

from .peers import peer

for name in ("sklearn.covariance", "pypfopt", "skfolio.moments", "riskfolio"):
    peer(name)
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # a peer's own warnings are its own

EQUAL = 1e-12
SIZES = (2, 20, 100)
ROWS = 400


@pytest.fixture(params=SIZES)
def assets(request: pytest.FixtureRequest) -> Assets:
    return random_assets(request.param, rows=ROWS)


def estimate(name: str, assets: Assets, **parameters: Any) -> np.ndarray:
    return COVARIANCES[name](**parameters).estimate(assets.values).matrix


def mean(estimator: Any, assets: Assets, caps: Any = None, risk_free: float = 0.0) -> np.ndarray:
    """Expected returns as a method gets them, with the sample covariance."""
    symbols = np.array(assets.returns.columns, np.str_)
    history = History(symbols, assets.values, periods_per_year=float(YEAR), caps=caps, risk_free=risk_free)
    found = MaxSharpe(lookback=ROWS, mean=estimator, covariance="sample").sample(history).mean
    assert found is not None
    return found


def same(ours: Any, theirs: Any) -> None:
    theirs = np.asarray(theirs, np.float64)
    assert np.abs(np.asarray(ours) - theirs).max() <= EQUAL * np.abs(theirs).max()


def test_ledoit_wolf_and_oas_are_scikit_learns(assets: Assets) -> None:
    from sklearn.covariance import ledoit_wolf, oas

    same(estimate("ledoit_wolf", assets), ledoit_wolf(assets.values)[0])
    same(estimate("oas", assets, formula="scikit_learn"), oas(assets.values)[0])


def test_constant_correlation_is_pyportfolioopts(assets: Assets) -> None:
    """Theirs takes the sample covariance with n − 1 and the rest with n; the paper has n throughout, as we do."""
    from pypfopt.risk_models import CovarianceShrinkage

    theirs = CovarianceShrinkage(assets.returns, returns_data=True, frequency=1)
    theirs.S = np.cov(assets.values.T, bias=True)
    same(estimate("ledoit_wolf", assets, target="constant_correlation"), theirs.ledoit_wolf("constant_correlation"))


@pytest.mark.parametrize("half_life", [10.0, 63.0, 400.0])
def test_ewma_is_pandas(assets: Assets, half_life: float) -> None:
    theirs = assets.returns.ewm(halflife=half_life).cov().iloc[-len(assets.returns.columns) :]
    same(estimate("ewma", assets, half_life=half_life), theirs)


def test_ewma_about_zero_is_skfolios(assets: Assets) -> None:
    from skfolio.moments import EWCovariance

    theirs = EWCovariance(half_life=40).fit(assets.returns).covariance_
    same(estimate("ewma", assets, half_life=40.0, demean=False), theirs)


@pytest.mark.parametrize(("variant", "number", "psd"), [("gs1", "gerber1", True), ("gs2", "gerber2", False)])
def test_gerber_is_theirs(assets: Assets, variant: str, number: str, psd: bool) -> None:
    """Both multiply by volatilities with n, we with n − 1."""
    from riskfolio.src.ParamsEstimation import covar_matrix
    from skfolio.moments import GerberCovariance

    ours = estimate("gerber", assets, variant=variant) * (ROWS - 1) / ROWS
    same(ours, GerberCovariance(psd_variant=psd).fit(assets.returns).covariance_)
    same(ours, covar_matrix(assets.returns, method=number))


@pytest.mark.parametrize(("n", "rows"), [(100, 1_000), (200, 400)])
@pytest.mark.parametrize("seed", [0, 1])
def test_denoised_is_theirs(n: int, rows: int, seed: int) -> None:
    """Their search for the noise is local; with enough eigenvalues it ends where ours, which is global, does."""
    from riskfolio.src.ParamsEstimation import covar_matrix
    from skfolio.moments import DenoiseCovariance, DetoneCovariance

    assets = random_assets(n, rows=rows, seed=seed)
    ours = estimate("denoised", assets)
    same(ours, DenoiseCovariance().fit(assets.returns).covariance_)
    same(ours, covar_matrix(assets.returns, method="fixed"))
    detoned = DetoneCovariance(covariance_estimator=DenoiseCovariance()).fit(assets.returns).covariance_
    same(estimate("denoised", assets, detoned=True), detoned)


def test_historical_and_ewma_means(assets: Assets) -> None:
    from pypfopt.expected_returns import ema_historical_return, mean_historical_return
    from skfolio.moments import EWMu

    same(mean("historical", assets), mean_historical_return(assets.returns, returns_data=True, compounding=False))
    span = {"estimator": "ewma", "half_life": np.log(0.5) / np.log(1.0 - 2.0 / 181.0)}
    same(mean(span, assets), ema_historical_return(assets.returns, returns_data=True, compounding=False, span=180))
    theirs = EWMu(half_life=40).fit(assets.returns).mu_ * YEAR
    same(mean({"estimator": "ewma", "half_life": 40.0}, assets), theirs)


@pytest.mark.parametrize("n", [20, 100])
def test_shrunk_means_are_skfolios(n: int) -> None:
    """With more than two assets: theirs does not keep the intensity of James and Stein within [0, 1]."""
    from skfolio.moments import ShrunkMu, ShrunkMuMethods

    assets = random_assets(n, rows=ROWS)
    theirs = ShrunkMu(method=ShrunkMuMethods.JAMES_STEIN).fit(assets.returns).mu_ * YEAR
    same(mean("shrunk", assets), theirs)
    theirs = ShrunkMu(method=ShrunkMuMethods.BAYES_STEIN, vol_weighted_target=True).fit(assets.returns).mu_ * YEAR
    same(mean({"estimator": "shrunk", "rule": "bayes_stein"}, assets), theirs)


def test_equilibrium_means(assets: Assets) -> None:
    from pypfopt.black_litterman import market_implied_prior_returns
    from skfolio.moments import EquilibriumMu

    caps = pd.Series(np.arange(1.0, len(assets.returns.columns) + 1.0), assets.returns.columns)
    ours = mean({"estimator": "equilibrium", "risk_aversion": 2.5}, assets, caps=caps.to_numpy())
    same(ours, market_implied_prior_returns(caps, 2.5, assets.covariance, 0.0))
    theirs = EquilibriumMu(risk_aversion=2.5, weights=(caps / caps.sum()).to_numpy()).fit(assets.returns).mu_
    same(ours, theirs * YEAR)


def test_capm_means_are_pyportfolioopts(assets: Assets) -> None:
    """The market is the mean of all assets, as in theirs when none is given."""
    from pypfopt.expected_returns import capm_return

    theirs = capm_return(assets.returns, returns_data=True, compounding=False, risk_free_rate=0.02)
    same(mean({"estimator": "capm", "market": "equal_weight"}, assets, risk_free=0.02), theirs)

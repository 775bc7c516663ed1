"""Each estimator against a number that somebody else computed; the source of each is in the golden files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backtest.allocate.base import Forecast, History
from backtest.allocate.moments import COVARIANCES, MEANS
from backtest.allocate.moments.mean.equilibrium import EquilibriumMean
from backtest.allocate.moments.mean.zero import ZeroMean
from backtest.allocate.sample import Sample, sample_of
from tests.allocate.moments.data import apart

GOLDEN = Path(__file__).parents[2] / "golden"
PEERS: dict[str, Any] = json.loads((GOLDEN / "allocate_moments.json").read_text())
RETURNS = np.array(PEERS["returns"])
SYMBOLS = np.array(list("ABCDEF"))


def cases(kind: str) -> list[Any]:
    chosen = [case for case in PEERS["cases"] if case["kind"] == kind]
    return [pytest.param(case, id="-".join(str(value) for value in case["estimator"].values())) for case in chosen]


@pytest.mark.parametrize("case", cases("covariance"))
def test_covariance(case: dict[str, Any]) -> None:
    estimate = COVARIANCES[case["estimator"]["estimator"]].model_validate(case["estimator"]).estimate(RETURNS)
    assert apart(estimate.matrix, np.array(case["expected"])) <= case["tolerance"]
    if "shrinkage" in case:
        assert estimate.notes["shrinkage"] == pytest.approx(case["shrinkage"], rel=2.5 * case["tolerance"])


@pytest.mark.parametrize("case", cases("mean"))
def test_mean(case: dict[str, Any]) -> None:
    """Peers' means are per period: with one period a year they are the same."""
    sample = with_covariance(RETURNS, case.get("risk_free", 0.0))
    mean = MEANS[case["estimator"]["estimator"]].model_validate(case["estimator"]).estimate(sample)
    np.testing.assert_allclose(mean, case["expected"], rtol=1e-9, atol=1e-15)


def test_every_estimator_has_an_external_number() -> None:
    told = {(case["kind"], case["estimator"]["estimator"]) for case in PEERS["cases"]}
    assert {name for kind, name in told if kind == "covariance"} == set(COVARIANCES)
    assert {name for kind, name in told if kind == "mean"} | {"zero"} == set(MEANS)


def test_zero_is_zero() -> None:
    np.testing.assert_array_equal(ZeroMean().estimate(with_covariance(RETURNS, 0.05)), np.zeros(6))


def test_equilibrium_of_he_and_litterman() -> None:
    """He and Litterman (1999), tables 1 and 2: seven countries, δ = 2.5; published in per cent to one decimal."""
    names = ["Australia", "Canada", "France", "Germany", "Japan", "UK", "USA"]
    caps = np.array([1.6, 2.2, 5.2, 5.5, 11.6, 12.4, 61.5])
    volatility = np.array([0.160, 0.203, 0.248, 0.271, 0.210, 0.200, 0.187])
    correlation = np.array(
        [
            [1, 0.488, 0.478, 0.515, 0.439, 0.512, 0.491],
            [0.488, 1, 0.664, 0.655, 0.310, 0.608, 0.779],
            [0.478, 0.664, 1, 0.861, 0.355, 0.783, 0.668],
            [0.515, 0.655, 0.861, 1, 0.354, 0.777, 0.653],
            [0.439, 0.310, 0.355, 0.354, 1, 0.405, 0.306],
            [0.512, 0.608, 0.783, 0.777, 0.405, 1, 0.652],
            [0.491, 0.779, 0.668, 0.653, 0.306, 0.652, 1],
        ]
    )
    covariance = correlation * np.outer(volatility, volatility)
    history = History(np.array(names), np.empty((0, 7)), caps=caps, forecast=Forecast(covariance=covariance))
    mean = EquilibriumMean().estimate(sample_of(history, 252, None, 1, reads_returns=False))
    np.testing.assert_allclose(100 * mean, [3.9, 6.9, 8.4, 9.0, 4.3, 6.8, 7.6], atol=0.051)


def with_covariance(returns: np.ndarray[Any, np.dtype[np.float64]], risk_free: float) -> Sample:
    """Return a sample of all the returns with their sample covariance, per period."""
    covariance = np.cov(returns, rowvar=False)
    history = History(
        SYMBOLS, returns, risk_free=risk_free, periods_per_year=1.0, forecast=Forecast(covariance=covariance)
    )
    return sample_of(history, len(returns), None, 1, reads_returns=True)

"""The door to skfolio: with it, its own weights; without it, a word on how to get it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest.allocate import allocate
from backtest.errors import AllocationError, InputError

RETURNS = np.random.default_rng(5).normal(0.0005, [0.01, 0.02, 0.03, 0.015], (300, 4))


def weigh(estimator: str, **others: Any) -> Any:
    return allocate("skfolio", returns=RETURNS, estimator=estimator, **others)


@pytest.mark.skipif(find_spec("skfolio") is not None, reason="skfolio is installed")
def test_without_skfolio_the_error_says_how_to_get_it() -> None:
    with pytest.raises(InputError, match="not installed: pip install skfolio"):
        weigh("MeanRisk")


def test_an_estimator_must_be_named() -> None:
    with pytest.raises(InputError, match="estimator"):
        allocate("skfolio", returns=RETURNS)


@pytest.fixture
def theirs() -> Any:
    """skfolio's own answer on the returns that the method looks at."""
    optimization = pytest.importorskip("skfolio.optimization")
    frame = pd.DataFrame(RETURNS[-252:], columns=list("0123"))
    return lambda name, **params: getattr(optimization, name)(**params).fit(frame).weights_


peers = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # a peer's own warnings are its own


class TestWithSkfolio:
    pytestmark = peers

    @pytest.mark.parametrize("name", ["MeanRisk", "HierarchicalRiskParity", "RiskBudgeting", "MaximumDiversification"])
    def test_weights_are_theirs(self, theirs: Any, name: str) -> None:
        np.testing.assert_allclose(weigh(name).weights, theirs(name), rtol=0, atol=1e-12)

    def test_names_of_choices_and_numbers(self, theirs: Any) -> None:
        from skfolio import RiskMeasure

        found = weigh("MeanRisk", params={"risk_measure": "cvar", "cvar_beta": 0.9}).weights
        expected = theirs("MeanRisk", risk_measure=RiskMeasure.CVAR, cvar_beta=0.9)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
        assert np.abs(found - weigh("MeanRisk").weights).max() > 1e-4

    def test_estimators_inside_estimators(self, theirs: Any) -> None:
        from skfolio.moments import LedoitWolf
        from skfolio.prior import EmpiricalPrior

        prior = {"estimator": "EmpiricalPrior", "params": {"covariance_estimator": {"estimator": "LedoitWolf"}}}
        found = weigh("MeanRisk", params={"prior_estimator": prior}).weights
        expected = theirs("MeanRisk", prior_estimator=EmpiricalPrior(covariance_estimator=LedoitWolf()))
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)

    def test_our_constraints_are_obeyed(self, theirs: Any) -> None:
        assert theirs("MeanRisk").max() > 0.4
        found = weigh("MeanRisk", constraints={"max_weight": 0.4}).weights
        assert found.max() <= 0.4 + 1e-12
        assert found.sum() == pytest.approx(1.0, abs=1e-12)

    def test_a_fit_that_fails_can_fall_back(self, theirs: Any) -> None:  # noqa: ARG002
        impossible = {"min_weights": 0.9}
        with pytest.raises(AllocationError, match="MeanRisk could not be fitted"):
            weigh("MeanRisk", params=impossible)
        saved = weigh("MeanRisk", params=impossible, fallback=["equal_weight"])
        np.testing.assert_array_equal(saved.weights, np.full(4, 0.25))

    @pytest.mark.parametrize(
        ("estimator", "params", "said"),
        [
            ("MeanRis", {}, "did you mean 'MeanRisk'"),
            ("Random", {}, "unknown estimator"),  # its weights have no seed
            ("ObjectiveFunction", {}, "unknown estimator"),
            ("MeanRisk", {"risk_mesure": "CVAR"}, "did you mean 'risk_measure'"),
            ("MeanRisk", {"risk_measure": "CVAT"}, "did you mean 'CVAR'"),
            ("MeanRisk", {"prior_estimator": {"estimator": "Nix"}}, "params.prior_estimator"),
            ("MeanRisk", {"prior_estimator": {"estimator": "EmpiricalPrior", "parms": {}}}, "did you mean 'params'"),
        ],
    )
    def test_mistakes_are_explained(self, theirs: Any, estimator: str, params: dict[str, Any], said: str) -> None:  # noqa: ARG002
        with pytest.raises(InputError, match=said):
            weigh(estimator, params=params)

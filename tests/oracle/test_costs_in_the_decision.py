"""Costs inside the decision, and drawdowns, against skfolio: its answers are never better than ours.

skfolio charges a cost per period: ours, spread over the horizon. Objectives are computed here, of both answers, after
skfolio's (which are off by about 1e-9) are scaled to add up to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backtest.allocate import allocate
from backtest.allocate.methods.min_cdar import cdar
from backtest.allocate.methods.min_cvar import cvar
from backtest.types import Floats

from .peers import peer

optimization = peer("skfolio.optimization")
skfolio = peer("skfolio")
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # a peer's own warnings are its own

YEAR, BPS, HORIZON, GAMMA = 252.0, 30.0, 126, 4.0
RATE = BPS / 1e4 / HORIZON  # per period
WORSE = 1e-7


class Problem:
    """Returns, what is held, and the objectives of weights, all to be as large as possible."""

    def __init__(self, seed: int, n: int) -> None:
        rng = np.random.default_rng([seed, n])
        common = rng.normal(0.0004, 0.008, (252, 1)) * rng.uniform(0.5, 1.5, n)
        self.returns: Floats = common + rng.normal(0.0003, 0.012, (252, n))
        self.held = rng.dirichlet(np.ones(n))
        self.mean = self.returns.mean(axis=0)
        self.covariance = np.atleast_2d(np.cov(self.returns.T))

    def gain(self, w: Floats) -> float:
        return float(self.mean @ w - RATE * np.abs(w - self.held).sum())

    def utility(self, w: Floats) -> float:
        return self.gain(w) - GAMMA / 2.0 * float(w @ self.covariance @ w)

    def sharpe(self, w: Floats) -> float:
        return self.gain(w) / float(np.sqrt(w @ self.covariance @ w))

    def tail(self, w: Floats) -> float:
        return -cvar(self.returns @ w, 0.9) - RATE * float(np.abs(w - self.held).sum())

    def drawdown(self, w: Floats) -> float:
        return -cdar(self.returns @ w, 0.9)

    def ours(self, method: str, **more: Any) -> Floats:
        moments = {} if method.startswith("min_") else {"covariance": self.covariance * YEAR, "mean": self.mean * YEAR}
        given = {"periods_per_year": YEAR, "costs": {"commission_bps": BPS}, "current": self.held, **moments}
        return allocate(method, returns=self.returns, **given, **more).weights

    def theirs(self, costs: float = RATE, **more: Any) -> Floats:
        model = optimization.MeanRisk(
            transaction_costs=costs, previous_weights=self.held, solver="CLARABEL", **more
        ).fit(self.returns)
        weights = np.maximum(np.asarray(model.weights_), 0.0)
        return weights / weights.sum()

    def compare(self, objective: Callable[[Floats], float], ours: Floats, theirs: Floats) -> None:
        best, other = objective(ours), objective(theirs)
        assert best >= other - WORSE * abs(other)
        assert best == pytest.approx(other, rel=1e-3, abs=1e-9)
        assert ours.min() >= 0.0
        assert ours.sum() == pytest.approx(1.0, abs=1e-9)


@pytest.fixture(params=[(seed, n) for n in (2, 10, 50) for seed in range(3)], ids=str)
def problem(request: pytest.FixtureRequest) -> Problem:
    return Problem(*request.param)


def test_utility_after_costs(problem: Problem) -> None:
    goal = optimization.ObjectiveFunction.MAXIMIZE_UTILITY
    theirs = problem.theirs(objective_function=goal, risk_aversion=GAMMA / 2.0)
    problem.compare(problem.utility, problem.ours("mean_variance", risk_aversion=GAMMA, cost_horizon=HORIZON), theirs)


def test_sharpe_after_costs(problem: Problem) -> None:
    ours = problem.ours("max_sharpe", cost_horizon=HORIZON)
    goal = optimization.ObjectiveFunction.MAXIMIZE_RATIO
    theirs = problem.theirs(objective_function=goal, risk_measure=skfolio.RiskMeasure.STANDARD_DEVIATION)
    problem.compare(problem.sharpe, ours, theirs)


def test_cvar_without_costs(problem: Problem) -> None:
    theirs = problem.theirs(0.0, risk_measure=skfolio.RiskMeasure.CVAR, cvar_beta=0.9)
    problem.compare(lambda w: -cvar(problem.returns @ w, 0.9), problem.ours("min_cvar", confidence=0.9), theirs)


def test_cvar_with_costs_is_never_worse_than_without(problem: Problem) -> None:
    """skfolio leaves costs out of a CVaR; ours counts them as losses."""
    ours = problem.ours("min_cvar", confidence=0.9, cost_horizon=HORIZON)
    assert problem.tail(ours) >= problem.tail(problem.ours("min_cvar", confidence=0.9)) - 1e-12
    assert problem.tail(ours) >= problem.tail(problem.held) - 1e-12


def test_cdar(problem: Problem) -> None:
    theirs = problem.theirs(0.0, risk_measure=skfolio.RiskMeasure.CDAR, cdar_beta=0.9)
    problem.compare(problem.drawdown, problem.ours("min_cdar", confidence=0.9), theirs)

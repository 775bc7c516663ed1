"""The residual is 0 at a known optimum, and as large as the slope that is left anywhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtest.allocate.constraints.region import RiskCap, long_only
from backtest.allocate.solve.kkt import kkt_residual

Q = np.diag([0.01, 0.04, 0.25])
BEST = np.array([100.0, 25.0, 4.0]) / 129.0
NONE = np.zeros(3)


def test_optimum_has_no_residual_and_others_have() -> None:
    assert kkt_residual(Q, NONE, long_only(3), BEST) <= 1e-15
    worse = np.array([0.5, 0.3, 0.2])
    slopes = Q @ worse  # 0.005, 0.012, 0.05: the best multiplier is half-way, the scale is the largest
    assert kkt_residual(Q, NONE, long_only(3), worse) == pytest.approx((slopes.max() - slopes.min()) / 2 / 0.05)


def test_a_small_step_away_is_seen() -> None:
    moved = BEST + 1e-7 * np.array([1.0, -1.0, 0.0])
    assert 1e-8 < kkt_residual(Q, NONE, long_only(3), moved) < 1e-6


def test_a_bound_excuses_only_what_it_holds_back() -> None:
    region = replace(long_only(3), upper=np.array([0.6, 1.0, 1.0]))
    rest = 0.4 * np.array([25.0, 4.0]) / 29.0
    assert kkt_residual(Q, NONE, region, np.append(0.6, rest)) <= 1e-15
    least = replace(long_only(3), lower=np.array([0.6, 0.0, 0.0]))
    assert kkt_residual(Q, NONE, least, np.append(0.6, rest)) > 0.01


def test_multiplier_of_a_limit_has_one_sign() -> None:
    region = replace(long_only(3), row_lower=np.zeros(1))
    assert kkt_residual(Q, NONE, region, BEST) > 0.1  # less would be calmer, and cash is allowed
    assert kkt_residual(Q, NONE, region, NONE) == 0.0


def test_rows_and_sums_have_multipliers() -> None:
    rows = np.vstack([np.ones(3), [1.0, 0.0, 0.0]])
    group = replace(
        long_only(3), rows=rows, row_lower=np.array([1.0, 0.0]), row_upper=np.array([1.0, 0.6]), names=("net", "g")
    )
    w = np.append(0.6, 0.4 * np.array([25.0, 4.0]) / 29.0)
    assert kkt_residual(Q, NONE, group, w) <= 1e-12
    assert kkt_residual(Q, NONE, replace(group, row_upper=np.array([1.0, 0.7])), w) > 0.01
    still = replace(long_only(3), current=np.array([0.2, 0.3, 0.5]), turnover=0.0)
    assert kkt_residual(Q, NONE, still, still.current) <= 1e-12
    assert kkt_residual(Q, NONE, replace(still, turnover=0.1), still.current) > 0.1
    gross = replace(long_only(3), lower=np.full(3, -1.0), row_lower=np.zeros(1), gross=0.5)
    assert kkt_residual(Q, np.array([-1.0, 0.0, 0.0]), gross, np.array([0.5, 0.0, 0.0])) <= 1e-12


def test_costs_excuse_what_is_left_alone() -> None:
    region = replace(long_only(3), current=np.array([0.2, 0.3, 0.5]))
    assert kkt_residual(Q, NONE, region, region.current, rates=np.full(3, 1.0)) == 0.0
    assert kkt_residual(Q, NONE, region, region.current, rates=np.full(3, 1e-3)) > 0.1


def test_a_risk_cap_pulls_along_its_gradient() -> None:
    start = np.zeros(3)
    cap = RiskCap(0.05, start, "max_volatility")
    region = replace(long_only(3), row_lower=np.zeros(1), risk_caps=(cap,), covariance=Q)
    mean = np.array([0.02, 0.03, 0.05])
    w = np.linalg.solve(Q, mean)
    w *= 0.05 / np.sqrt(w @ Q @ w)
    assert kkt_residual(np.zeros((3, 3)), -mean, region, w) <= 1e-9
    assert kkt_residual(np.zeros((3, 3)), -mean, region, 0.9 * w) > 0.1

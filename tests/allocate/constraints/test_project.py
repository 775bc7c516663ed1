"""The projection: the identity inside, the nearest point outside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from backtest.allocate.constraints.project import projected, shifted
from backtest.allocate.verify import worst_breach
from tests.allocate.constraints.given import region, sectors

RULES: list[dict[str, Any]] = [
    {"max_weight": 0.25},
    {"min_weight": 0.1},
    {"max_weight": {"A": 0.05, "default": 0.4}, "min_weight": {"F": 0.3}},
    {"groups": {"sector": {"Tech": {"max": 0.3}, "Oil": {"min": 0.5}}}},
    {"turnover": 0.2},
    {"turnover": 0.3, "max_weight": 0.5, "groups": {"sector": {"Tech": {"max": 0.5}}}},
    {"long_only": False, "gross": 1.2, "max_weight": 0.4, "net": 0.8},
    {"net": [0.2, 0.9], "max_weight": 0.2},
]


def asked(rules: dict[str, Any]) -> Any:
    return region(6, rules, current=np.full(6, 1 / 6), **sectors("Tech", "Oil", "Tech", "Oil", "Tech", "Oil"))


@pytest.mark.parametrize("rules", RULES)
def test_the_answer_is_the_nearest_point(rules: dict[str, Any]) -> None:
    """p is the nearest point of a convex set to x exactly when (x − p)ᵀ(v − p) ≤ 0 for all v in it: the largest, by a
    linear program that knows nothing of projections, is 0.
    """
    allowed = asked(rules)
    raw = np.array([0.6, 0.2, 0.1, 0.1, 0.0, 0.0])
    low, high = allowed.net
    x = raw * min(max(raw.sum(), low), high)
    p = projected(raw, allowed)
    assert worst_breach(p, allowed) is None
    assert _most(x - p, allowed) <= float((x - p) @ p) + 1e-8


def _most(direction: np.ndarray, allowed: Any) -> float:
    """Return the largest directionᵀv over the region."""
    n, eye = 6, np.eye(6)
    nil, one = np.zeros((n, n)), np.ones((1, n))
    rows = [np.hstack([s * eye, -eye, nil]) for s in (1, -1)] + [np.hstack([s * eye, nil, -eye]) for s in (1, -1)]
    limits = [np.zeros(2 * n), allowed.current, -allowed.current]
    if np.isfinite(allowed.gross):
        rows.append(np.hstack([0 * one, one, 0 * one]))
        limits.append([allowed.gross])
    if np.isfinite(allowed.turnover):
        rows.append(np.hstack([0 * one, 0 * one, one]))
        limits.append([2 * allowed.turnover])
    for sign, ends in ((1.0, allowed.row_upper), (-1.0, allowed.row_lower)):
        finite = np.isfinite(ends)
        rows.append(np.hstack([sign * allowed.rows[finite], np.zeros((finite.sum(), 2 * n))]))
        limits.append(sign * ends[finite])
    bounds = [*zip(allowed.lower, allowed.upper, strict=True), *[(0, None)] * (2 * n)]
    cost = np.concatenate([-direction, np.zeros(2 * n)])
    found = linprog(cost, A_ub=np.vstack(rows), b_ub=np.concatenate(limits), bounds=bounds)
    assert found.status == 0
    return -float(found.fun)


@pytest.mark.parametrize("rules", RULES)
def test_what_is_allowed_comes_back_bit_for_bit(rules: dict[str, Any]) -> None:
    allowed = asked(rules)
    inside = projected(np.array([0.6, 0.2, 0.1, 0.1, 0.0, 0.0]), allowed)
    assert projected(inside, allowed) is inside


def test_a_cash_reserve_takes_from_all_in_proportion() -> None:
    np.testing.assert_allclose(
        projected(np.array([0.7, 0.2, 0.1]), region(3, {"cash_reserve": 0.1})), [0.63, 0.18, 0.09], rtol=1e-15
    )


def test_a_cap_moves_the_rest_up_by_the_same() -> None:
    """The nearest point to (0.7, 0.2, 0.1) with no weight above 0.4 and a sum of 1: 0.15 more for both others."""
    np.testing.assert_allclose(
        projected(np.array([0.7, 0.2, 0.1]), region(3, {"max_weight": 0.4})), [0.4, 0.35, 0.25], atol=1e-12
    )


def test_what_leaves_cash_may_go_on_doing_so() -> None:
    allowed = region(3, {"max_weight": 0.4}).with_cash()
    np.testing.assert_allclose(projected(np.array([0.6, 0.1, 0.0]), allowed), [0.4, 0.1, 0.0], atol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_the_shift_is_what_a_quadratic_program_finds(seed: int) -> None:
    """Against a bisection for λ that knows nothing of pieces."""
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 12))
    lower = random.uniform(-0.2, 0.1, n)
    upper = lower + random.uniform(0.0, 0.6, n)
    net = random.uniform(lower.sum(), upper.sum())
    plain = region(n)
    asked = replace(plain, lower=lower, upper=upper, row_lower=np.array([net]), row_upper=np.array([net]))
    raw = random.normal(0.1, 0.5, n)
    low, high = -5.0, 5.0
    for _ in range(200):
        middle = (low + high) / 2.0
        low, high = (low, middle) if np.clip(raw + middle, lower, upper).sum() > net else (middle, high)
    np.testing.assert_allclose(shifted(raw, asked), np.clip(raw + low, lower, upper), atol=1e-12)

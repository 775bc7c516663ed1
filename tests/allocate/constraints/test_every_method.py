"""Every method under every kind of rule: the rules are checked again here, by nothing of the package's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtest.allocate import METHODS, Constraints, History, Method, answer
from backtest.allocate.constraints.narrow import narrowed
from backtest.errors import AllocationError

N = 6
REQUIRED: dict[str, dict[str, Any]] = {
    "benchmark_relative": {"tracking_error": 0.2},
    "fixed": {"weights": {"A": 0.5, "B": 0.2, "F": 0.3}},
    "mean_variance": {"risk_aversion": 3.0},
    "mixed": {"of": ["equal_weight", {"method": "min_variance", "weight": 2.0}]},
    "risk_budgeting": {"budgets": {"A": 0.3, "B": 0.2, "C": 0.2, "D": 0.1, "E": 0.1, "F": 0.1}},
}
RULES: dict[str, dict[str, Any]] = {
    "none": {},
    "bounds": {"min_weight": 0.05, "max_weight": 0.3},
    "symbols": {"max_weight": {"A": 0.05, "default": 0.6}, "min_weight": {"F": 0.1}},
    "reserve": {"cash_reserve": 0.2, "max_weight": 0.5},
    "groups": {"groups": {"sector": {"Tech": {"min": 0.2, "max": 0.4}, "Oil": {"max": 0.7}}}},
    "overlapping": {
        "groups": {"sector": {"Tech": {"max": 0.4}}, "size": {"small": {"min": 0.3}, "large": {"max": 0.6}}}
    },
    "turnover": {"turnover": 0.1},
    "short": {"long_only": False, "gross": 1.4, "max_weight": 0.5},
    "gross": {"gross": 0.6, "net": [0.0, 1.0]},
    "few": {"max_positions": 3},
    "large": {"min_position": 0.15},
    "all": {"max_weight": 0.5, "turnover": 0.4, "cash_reserve": 0.05, "groups": {"sector": {"Oil": {"min": 0.1}}}},
}
METHODS_HERE = [name for name in METHODS if name != "skfolio"]


def made(name: str) -> Method:
    return METHODS[name](**REQUIRED.get(name, {}))


def known() -> History:
    """A year and a half of days, all six symbols with a factor in common."""
    random = np.random.default_rng(7)
    returns = random.normal(0.0006, 0.008, (400, N)) + random.normal(0.0, 0.006, (400, 1))
    return History(
        np.array(list("ABCDEF")),
        returns * np.linspace(0.6, 1.8, N),
        current=np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.1]),
        prices=np.full(N, 10.0),
        caps=np.arange(1.0, N + 1.0),
        groups={"sector": np.array(["Tech", "Oil"] * 3), "size": np.array(["small"] * 3 + ["large"] * 3)},
        periods_per_year=252.0,
    )


@pytest.mark.parametrize("kind", RULES)
@pytest.mark.parametrize("name", METHODS_HERE)
def test_the_rules_are_kept(name: str, kind: str) -> None:
    rules, history = RULES[kind], known()
    w = answer(made(name), history, Constraints.model_validate(rules)).weights
    near = 1e-8
    most, least = rules.get("max_weight", 1.0), rules.get("min_weight", 0.0)
    if rules.get("long_only", True):
        assert w.min() >= 0.0
        assert w.sum() <= 1.0 - rules.get("cash_reserve", 0.0) + near
    if isinstance(most, float):
        assert w.max() <= most
        assert not isinstance(least, float) or w.min() >= least or not rules.get("long_only", True)
    else:
        assert w[0] <= 0.05
        assert w[5] >= 0.1
    for key, groups in rules.get("groups", {}).items():
        for label, limits in groups.items():
            held = w[history.groups[key] == label].sum()
            assert limits.get("min", -9.0) - near <= held <= limits.get("max", 9.0) + near
    assert history.current is not None
    assert np.abs(w - history.current).sum() / 2.0 <= rules.get("turnover", 9.0) + near
    assert np.abs(w).sum() <= rules.get("gross", 9.0) + near
    assert np.count_nonzero(w) <= rules.get("max_positions", N)
    assert not w.any() or np.abs(w[w != 0.0]).min() >= rules.get("min_position", 0.0) - near


@pytest.mark.parametrize("kind", RULES)
@pytest.mark.parametrize("name", METHODS_HERE)
def test_the_same_question_has_the_same_bits(name: str, kind: str) -> None:
    rules = Constraints.model_validate(RULES[kind])
    one, other = (answer(made(name), known(), rules).weights for _ in range(2))
    assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("kind", RULES)
@pytest.mark.parametrize("name", METHODS_HERE)
def test_the_order_of_the_symbols_does_not_matter(name: str, kind: str) -> None:
    """Six symbols in another order: the same weights by name. Only a tie is broken by order, as it says."""
    if (name, kind) == ("equal_weight", "few"):
        return
    rules, order = Constraints.model_validate(RULES[kind]), np.array([3, 0, 5, 1, 4, 2])
    straight = answer(made(name), known(), rules).weights
    turned = answer(made(name), narrowed(known(), order), rules).weights
    np.testing.assert_allclose(turned, straight[order], atol=1e-7)


@pytest.mark.parametrize("name", METHODS_HERE)
def test_rules_on_risk_are_kept(name: str) -> None:
    """Measured by the plain sample covariance of the last year, which is within a few per cent of the shrunk one."""
    text: dict[str, Any] = {"max_volatility": 0.14, "beta": {"min": 0.8, "max": 0.9}, "tracking_error": {"max": 0.04}}
    text["tracking_error"]["benchmark"] = "equal_weight"
    rules, history = Constraints.model_validate(text), known()
    if name in ("min_cvar", "min_cdar"):
        with pytest.raises(AllocationError, match="is a linear program, which cannot obey max_volatility"):
            answer(made(name), history, rules)
        return
    w, equal = answer(made(name), history, rules).weights, np.full(N, 1.0 / N)
    sample = np.cov(history.returns[-252:].T) * 252.0
    assert np.sqrt(w @ sample @ w) < 0.14 * 1.05
    assert np.sqrt((w - equal) @ sample @ (w - equal)) < 0.04 * 1.05
    assert 0.8 * 0.98 < w @ sample @ equal / (equal @ sample @ equal) < 0.9 * 1.02

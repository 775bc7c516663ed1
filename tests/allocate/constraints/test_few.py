"""Few positions against brute force: every set of symbols is tried, by a program that knows nothing of the search."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import backtest
from backtest.allocate.base import Weights
from backtest.errors import AllocationError, InfeasibleError

NAMES = list("ABCDEFGH")


def covariance(n: int, seed: int) -> pd.DataFrame:
    returns = np.random.default_rng(seed).normal(size=(3 * n, n)) * np.linspace(0.1, 0.3, n)
    return pd.DataFrame(np.cov(returns.T), NAMES[:n], NAMES[:n])


def obtained(method: str, rules: dict[str, Any], known: dict[str, Any]) -> Weights | None:
    try:
        return backtest.allocate(method, constraints=rules, **known)
    except AllocationError:
        return None


def bounded(rules: dict[str, Any], held: tuple[int, ...], n: int) -> dict[str, Any]:
    """The rules with the limits on positions written as bounds, for one choice of symbols."""
    other = {name: rule for name, rule in rules.items() if name not in ("max_positions", "min_position", "max_weight")}
    least, most = rules.get("min_position", 0.0), rules.get("max_weight", 1.0)
    limits = {NAMES[k]: most if k in held else 0.0 for k in range(n)}
    return {**other, "min_weight": {NAMES[k]: min(least, most) for k in held}, "max_weight": limits}


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(3, 6),
    number=st.integers(1, 5),
    size=st.sampled_from([0.0, 0.1, 0.25, 0.35]),
    most=st.sampled_from([0.4, 0.7, 1.0]),
    method=st.sampled_from(["min_variance", "max_sharpe", "max_diversification"]),
)
def test_the_choice_is_the_best_of_all(seed: int, n: int, number: int, size: float, most: float, method: str) -> None:
    rules = {"max_positions": max(number, int(np.ceil(1 / most))), "min_position": size, "max_weight": most}
    known: dict[str, Any] = {"covariance": covariance(n, seed)}
    if method == "max_sharpe":
        known["mean"] = np.random.default_rng(seed).uniform(0.01, 0.2, n)
    sign = 1.0 if method == "min_variance" else -1.0
    values = [
        sign * each.objective
        for count in range(1, min(rules["max_positions"], n) + 1)
        for held in combinations(range(n), count)
        if size <= most and (each := obtained(method, bounded(rules, held, n), known)) is not None
    ]
    found = obtained(method, rules, known)
    assert (found is None) == (not values)
    if found is not None:
        assert sign * found.objective <= min(values) + 1e-8 * abs(min(values))
        assert not any("need not be the best" in text for text in found.warnings)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), n=st.integers(3, 7))
def test_only_what_nothing_obeys_is_infeasible_and_the_advice_works(data: st.DataObject, n: int) -> None:
    """A method that does not optimise, under bounds by symbol, groups that bind, and a cap on turnover."""
    part = st.sampled_from([0.15, 0.2, 0.3, 0.45, 0.6, 1.0])
    rules: dict[str, Any] = {
        "max_positions": data.draw(st.integers(1, n)),
        "min_position": data.draw(st.sampled_from([0.0, 0.1, 0.2, 0.3])),
        "max_weight": {name: data.draw(part) for name in NAMES[:n]},
        "groups": {"sector": {"Oil": {"min": data.draw(st.sampled_from([0.0, 0.2, 0.4]))}}},
        "turnover": data.draw(st.sampled_from([0.3, 0.6, 1.0])),
    }
    known = {
        "covariance": covariance(n, n),
        "current": np.eye(n)[0],
        "groups": {"sector": {name: data.draw(st.sampled_from(["Oil", "Tech"])) for name in NAMES[: n - 1]}},
    }
    known["groups"]["sector"][NAMES[n - 1]] = "Oil"
    said = refusal(rules, known)
    assert (said == "") == feasible(rules, known, n), said
    if said.startswith(("no weights obey max_positions", "no weights obey min_position")):
        for advice in said.split("works: ")[1].split(", or "):
            assert refusal(_changed(rules, advice), known) == ""


def refusal(rules: dict[str, Any], known: dict[str, Any]) -> str:
    """What is said of rules that nothing obeys."""
    try:
        backtest.allocate("inverse_volatility", constraints=rules, **_returns(known))
    except InfeasibleError as error:
        return str(error)
    return ""


def _returns(known: dict[str, Any]) -> dict[str, Any]:
    """Returns in place of a covariance, which inverse volatility does not read."""
    deviations = np.sqrt(np.diag(known["covariance"]))
    waves = np.random.default_rng(1).normal(size=(60, len(deviations))) * deviations
    returns = pd.DataFrame(waves, columns=known["covariance"].columns)
    return {"returns": returns, "lookback": 60, "current": known["current"], "groups": known["groups"]}


def _changed(rules: dict[str, Any], advice: str) -> dict[str, Any]:
    """Do what the message says."""
    new = dict(rules)
    for step in advice.split(" and "):
        _, name, _, _, _, value = step.split()
        new[name] = int(value) if name == "max_positions" else float(value)
    return new


def feasible(rules: dict[str, Any], known: dict[str, Any], n: int) -> bool:
    """Whether any choice of symbols obeys, a linear program each: weights and trades side by side."""
    most = np.array([rules["max_weight"][name] for name in NAMES[:n]])
    oil = np.array([float(known["groups"]["sector"][name] == "Oil") for name in NAMES[:n]])
    eye, nothing = np.eye(n), np.zeros(n)
    rows = [np.hstack([eye, -eye]), np.hstack([-eye, -eye]), np.append(nothing, np.ones(n)), np.append(-oil, nothing)]
    limits = np.concatenate(
        [known["current"], -known["current"], [2 * rules["turnover"], -rules["groups"]["sector"]["Oil"]["min"]]]
    )
    for held in product((False, True), repeat=n):
        if sum(held) > rules["max_positions"]:
            continue
        bounds = [(rules["min_position"], most[k]) if held[k] else (0.0, 0.0) for k in range(n)]
        if any(low > high for low, high in bounds):
            continue
        found = linprog(
            np.zeros(2 * n),
            A_ub=np.vstack(rows),
            b_ub=limits + 1e-9,
            A_eq=np.append(np.ones(n), nothing)[np.newaxis],
            b_eq=[1.0],
            bounds=bounds + [(0, None)] * n,
        )
        if found.status == 0:
            return True
    return False


@settings(max_examples=30, deadline=None)
@given(
    order=st.permutations(range(6)),
    levels=st.lists(st.sampled_from([0.1, 0.2, 0.3]), min_size=6, max_size=6),
    number=st.integers(1, 5),
    size=st.sampled_from([0.0, 0.15, 0.22]),
    scale=st.sampled_from([1.0, 1e-4, 0.1, 3.0, 700.0]),
    method=st.sampled_from(["min_variance", "risk_parity", "max_diversification"]),
)
def test_neither_order_nor_unit_of_the_symbols_decides(
    order: list[int], levels: list[float], number: int, size: float, scale: float, method: str
) -> None:
    """Volatilities of three levels, and equal correlations: most choices are ties, which names decide."""
    deviations = np.array(levels)
    matrix = np.outer(deviations, deviations) * (0.7 * np.eye(6) + 0.3)
    whole = pd.DataFrame(matrix, NAMES[:6], NAMES[:6])
    rules = {"max_positions": number, "min_position": size}
    plain = backtest.allocate(method, covariance=whole, constraints=rules).weights
    turned = whole.iloc[order, order] * scale
    again = backtest.allocate(method, covariance=turned, constraints=rules).weights
    np.testing.assert_allclose(again, plain[order], atol=1e-7)


def test_a_search_that_is_not_finished_says_so() -> None:
    found = backtest.allocate(
        "min_variance", covariance=np.diag(np.linspace(1.0, 1.1, 60)), constraints={"max_positions": 20}
    )
    assert np.count_nonzero(found.weights) == 20
    assert found.warnings[-1] == (
        "max_positions 20: which symbols are held need not be the best choice; the search was not finished"
    )


@pytest.mark.parametrize("rules", [{"min_position": 0.3}, {"max_positions": 2, "min_position": 0.3}])
def test_shorts_are_positions_too(rules: dict[str, Any]) -> None:
    known = {"covariance": covariance(4, 5), "mean": [0.1, -0.2, 0.05, -0.02], "risk_aversion": 2.0}
    both_ways = {"long_only": False, "gross": 2.0, "net": [-1.0, 1.0]}
    found = backtest.allocate("mean_variance", constraints={**both_ways, **rules}, **known)
    held = np.abs(found.weights[found.weights != 0.0])
    assert held.min() >= 0.3 - 1e-9
    assert len(held) <= rules.get("max_positions", 4)
    best = max(
        each.objective
        for signs in product((-1, 0, 1), repeat=4)
        if 0 < np.abs(signs).sum() <= rules.get("max_positions", 4)
        and (each := obtained("mean_variance", {**both_ways, **_one_way(signs)}, known)) is not None
    )
    assert found.objective == pytest.approx(best, rel=1e-8)


def _one_way(signs: tuple[int, ...]) -> dict[str, Any]:
    least = {name: (0.3 if sign > 0 else -2.0 if sign < 0 else 0.0) for name, sign in zip(NAMES, signs, strict=False)}
    most = {name: (2.0 if sign > 0 else -0.3 if sign < 0 else 0.0) for name, sign in zip(NAMES, signs, strict=False)}
    return {"min_weight": least, "max_weight": most}

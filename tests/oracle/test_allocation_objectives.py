"""No library finds a better answer than ours, on real and on random data, and none of our answers breaks a rule.

Objectives of PyPortfolioOpt, skfolio and Riskfolio-Lib are taken of their weights after the smallest repair that makes
those obey the rules, so that breaking one earns nothing. `benchmarks/libraries.py` says how each is called.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtest.allocate import allocate
from backtest.market.store import load
from benchmarks.libraries import installed
from benchmarks.problems import (
    AVERSION,
    CAPPED,
    FROM_RETURNS,
    OURS,
    YEAR,
    Assets,
    badness,
    ours,
    random_assets,
    repaired,
    violation,
)

from .peers import peer

for name in ("pypfopt", "skfolio.optimization", "riskfolio"):
    peer(name)
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # a peer's own warnings are its own

WORSE = 1e-7  # relative
BROKEN = 1e-8
LIBRARIES = installed()
METHODS = tuple(method for method in OURS if method != "hrp")
SIZES = (2, 5, 20, 50, 100, 200)


def us20(n: int) -> Assets:
    """The first `n` of twenty US stocks, five years of days."""
    market = load(Path(__file__).parents[2] / "data", "us20", start="2015-01-01", end="2019-12-31", rows_before=0)
    days = pd.DatetimeIndex(market.session.astype("datetime64[D]").astype("datetime64[ns]"))
    closes = pd.DataFrame(market.close, days, [str(symbol) for symbol in market.symbols])
    return Assets(closes.iloc[:, :n].pct_change().dropna())


def compare(method: str, assets: Assets) -> None:
    found = ours(method, assets)
    assert found.status == "ok", found.status
    assert violation(method, assets, found.weights) <= BROKEN
    mine = badness(method, assets, found.weights)
    theirs = {}
    for name, solve in LIBRARIES.items():
        if method in solve:
            weights = repaired(method, assets, np.asarray(solve[method](assets), np.float64))
            theirs[name] = badness(method, assets, weights)
    assert theirs, f"no library solves {method}"
    best = min(theirs, key=lambda name: theirs[name])
    apart = mine - theirs[best]
    assert apart <= WORSE * max(abs(theirs[best]), 1e-12), f"{best} is better by {apart:.3g}: {theirs}, ours {mine}"


@pytest.mark.parametrize("method", METHODS)
def test_the_comparison_can_fail(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that are moved by a thousandth are found to be worse by all."""
    assets = random_assets(20, rows=400)
    found = ours(method, assets)
    other = np.roll(found.weights, 1)
    moved = replace(found, weights=0.999 * found.weights + 0.001 * other)
    monkeypatch.setitem(globals(), "ours", lambda *_: moved)
    with pytest.raises(AssertionError, match="is better by"):
        compare(method, assets)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("method", METHODS)
def test_random_data(method: str, n: int) -> None:
    compare(method, random_assets(n, rows=400 if method in FROM_RETURNS else 1_000))


@pytest.mark.parametrize("n", [2, 7, 20])
@pytest.mark.parametrize("method", METHODS)
def test_real_data(method: str, n: int) -> None:
    compare(method, us20(n))


@pytest.mark.parametrize("cap", [0.1, 1.0])
@pytest.mark.parametrize("method", CAPPED)
def test_a_tight_and_an_idle_cap(method: str, cap: float) -> None:
    compare(method, random_assets(30, seed=1, rows=300, cap=cap))


@pytest.mark.parametrize("method", ["min_variance", "max_sharpe", "risk_parity", "max_diversification"])
def test_nearly_singular_covariances(method: str) -> None:
    """Barely more returns than assets: the condition number is about 10⁵."""
    compare(method, random_assets(60, seed=2, rows=65))


def frontier(assets: Assets, low: float) -> object:
    import pypfopt

    return pypfopt.EfficientFrontier(assets.mean, assets.covariance, weight_bounds=(low, assets.limit))


def parts(assets: Assets) -> dict[str, str]:
    return {name: "abc"[k % 3] for k, name in enumerate(assets.returns.columns)}


@pytest.mark.parametrize("n", [6, 40, 150])
@pytest.mark.parametrize("low", [0.0, -0.1], ids=["long", "long and short"])
@pytest.mark.parametrize("method", ["min_variance", "max_sharpe", "mean_variance"])
def test_groups_and_shorts(method: str, low: float, n: int) -> None:
    """PyPortfolioOpt's sector constraints; with short positions, weights from −0.1."""
    assets, groups = random_assets(n, seed=3), parts(random_assets(n, seed=3))
    theirs = frontier(assets, low)
    theirs.add_sector_constraints(groups, {"b": 0.2}, {"a": 0.25, "c": 0.5})
    if method == "min_variance":
        theirs.min_volatility()
    elif method == "max_sharpe":
        theirs.max_sharpe(risk_free_rate=0.0)
    else:
        theirs.max_quadratic_utility(risk_aversion=AVERSION)
    found = allocate(
        method, covariance=assets.covariance, mean=assets.mean, periods_per_year=YEAR,
        groups={"part": groups}, **OURS[method],
        constraints={
            "min_weight": low, "max_weight": assets.limit, "long_only": low == 0.0,
            "groups": {"part": {"a": {"max": 0.25}, "b": {"min": 0.2}, "c": {"max": 0.5}}}, "net": 1.0,
        },
    ).weights  # fmt: skip
    member = np.array(list(groups.values()))
    assert abs(found.sum() - 1.0) <= BROKEN
    assert found.min() >= low - BROKEN
    assert found.max() <= assets.limit + BROKEN
    assert found[member == "a"].sum() <= 0.25 + BROKEN
    assert found[member == "b"].sum() >= 0.2 - BROKEN
    assert found[member == "c"].sum() <= 0.5 + BROKEN
    mine, its = badness(method, assets, found), badness(method, assets, theirs.weights)
    # Theirs is not repaired here, and breaks rules by up to 1e-8; what that may earn it is allowed for.
    assert mine - its <= 10 * WORSE * abs(its)


@pytest.mark.parametrize("n", [3, 20, 100])
def test_a_target_return_and_a_target_volatility(n: int) -> None:
    """Between the calmest and the richest portfolio, PyPortfolioOpt's efficient_return and efficient_risk."""
    assets = random_assets(n, seed=4)
    calm = ours("min_variance", assets).weights
    least, most = float(assets.mean @ calm), float(np.sort(assets.mean)[-3:] @ [0.2, 0.4, 0.4])
    target = 0.6 * least + 0.4 * most
    given = {"covariance": assets.covariance, "mean": assets.mean, "periods_per_year": YEAR}
    capped = {"constraints": {"max_weight": assets.limit}}
    theirs = frontier(assets, 0.0)
    theirs.efficient_return(target)
    mine = allocate("mean_variance", target_return=target, **given, **capped).weights
    its = badness("min_variance", assets, theirs.weights)
    assert assets.mean @ mine >= target - BROKEN
    assert violation("min_variance", assets, mine) <= BROKEN
    assert badness("min_variance", assets, mine) - its <= 10 * WORSE * its
    volatility = float(np.sqrt(its))
    back = allocate("mean_variance", target_volatility=volatility, **given, **capped).weights
    theirs = frontier(assets, 0.0)
    theirs.efficient_risk(volatility)
    assert np.sqrt(badness("min_variance", assets, back)) <= volatility * (1.0 + BROKEN)
    assert assets.mean @ back >= assets.mean @ theirs.weights - 10 * WORSE * abs(target)


@pytest.mark.parametrize("n", [5, 40])
def test_a_tracking_error(n: int) -> None:
    """Against cvxpy and Clarabel directly, on which all three libraries stand."""
    import cvxpy

    assets = random_assets(n, seed=5)
    equal, covariance = np.full(n, 1.0 / n), assets.covariance.to_numpy()
    found = allocate(
        "min_variance", covariance=assets.covariance, periods_per_year=YEAR,
        constraints={"tracking_error": {"max": 0.03, "benchmark": "equal_weight"}},
    ).weights  # fmt: skip
    active = found - equal
    assert np.sqrt(active @ covariance @ active) <= 0.03 * (1.0 + BROKEN)
    assert violation("risk_parity", assets, found) <= BROKEN  # long only, and adds up to 1
    w, root = cvxpy.Variable(n), np.linalg.cholesky(covariance).T
    rules = [cvxpy.sum(w) == 1, w >= 0, cvxpy.norm(root @ (w - equal)) <= 0.03]
    cvxpy.Problem(cvxpy.Minimize(cvxpy.sum_squares(root @ w)), rules).solve(solver="CLARABEL")
    best = float(w.value @ covariance @ w.value)
    assert found @ covariance @ found - best <= 10 * WORSE * best


@pytest.mark.parametrize("n", [4, 30, 120])
@pytest.mark.parametrize("rule", ["turnover", "gross", "beta", "max_volatility", "all"])
@pytest.mark.parametrize("method", ["min_variance", "mean_variance"])
def test_every_other_rule(method: str, rule: str, n: int) -> None:
    """Turnover, gross exposure, beta and volatility, alone and together, against the same program in cvxpy."""
    import cvxpy

    assets = random_assets(n, seed=6)
    covariance, mean, equal = assets.matrix, assets.means, np.full(n, 1.0 / n)
    calm = float(np.sqrt(badness("min_variance", assets, ours("min_variance", assets).weights)))
    slopes = covariance @ equal / (equal @ covariance @ equal)
    w, root = cvxpy.Variable(n), np.linalg.cholesky(covariance).T
    known = {
        "turnover": (0.3, cvxpy.norm1(w - equal) / 2 <= 0.3, lambda x: np.abs(x - equal).sum() / 2 - 0.3),
        "gross": (1.4, cvxpy.norm1(w) <= 1.4, lambda x: np.abs(x).sum() - 1.4),
        "beta": (
            {"min": 0.8, "max": 0.9, "benchmark": "equal_weight"},
            cvxpy.abs(slopes @ w - 0.85) <= 0.05,
            lambda x: abs(slopes @ x - 0.85) - 0.05,
        ),
        "max_volatility": (
            1.5 * calm,
            cvxpy.norm(root @ w) <= 1.5 * calm,
            lambda x: np.linalg.norm(root @ x) - 1.5 * calm,
        ),
    }
    chosen = list(known) if rule == "all" else [rule]
    found = allocate(
        method, covariance=assets.covariance, mean=assets.mean, periods_per_year=YEAR, current=equal, **OURS[method],
        constraints={"net": 1.0, "long_only": False, "min_weight": -0.2, "max_weight": max(assets.limit, 0.6),
                     **{name: known[name][0] for name in chosen}},
    ).weights  # fmt: skip
    assert abs(found.sum() - 1.0) <= BROKEN
    assert found.min() >= -0.2 - BROKEN
    assert max(known[name][2](found) for name in chosen) <= BROKEN
    rules = [cvxpy.sum(w) == 1, w >= -0.2, w <= max(assets.limit, 0.6), *(known[name][1] for name in chosen)]
    risk = cvxpy.sum_squares(root @ w)
    goal = risk if method == "min_variance" else AVERSION / 2 * risk - mean @ w
    cvxpy.Problem(cvxpy.Minimize(goal), rules).solve(solver="CLARABEL")
    best = badness(method, assets, w.value)
    assert badness(method, assets, found) - best <= 10 * WORSE * abs(best)

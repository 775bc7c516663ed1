"""The smallest tail is held against a bound of our own arithmetic, whatever a solver says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backtest
from backtest.allocate import Weights, verified
from backtest.allocate.claim_tail import LeastTail, bound, shares
from backtest.allocate.constraints.region import Region, long_only
from backtest.allocate.methods.min_cdar import MinCdar, cdar
from backtest.allocate.methods.min_cvar import MinCvar, cvar
from backtest.allocate.solve.linear import minimise_cdar, minimise_cvar
from backtest.allocate.solve.solution import Priced, Prices
from backtest.errors import AllocationError
from backtest.types import Floats

from .optimising import draws, seen, weigh

BOTH: dict[str, tuple[Callable[..., Priced], Callable[[Floats, float], float]]] = {
    "cvar": (minimise_cvar, cvar),
    "cdar": (minimise_cdar, cdar),
}


def cases(n: int) -> list[tuple[Region, Floats | None]]:
    """Return regions with each kind of limit, and costs."""
    held, costs = np.full(n, 1.0 / n), np.full(n, 1e-4)
    groups = np.vstack([np.ones(n), np.arange(n) % 2])
    short = replace(long_only(n), lower=np.full(n, -0.3), upper=np.full(n, 0.6))
    grouped = replace(
        long_only(n), rows=groups, row_lower=np.array([0.5, 0.2]), row_upper=np.array([1.0, 0.3]), names=("net", "g")
    )
    return [
        (long_only(n), None),
        (replace(short, gross=1.4), None),
        (replace(short, lower=np.full(n, -np.inf), upper=np.full(n, np.inf), gross=1.4), None),
        (replace(long_only(n), current=held, turnover=0.2), None),
        (replace(grouped, current=held), costs),
        (replace(short, current=held, turnover=0.2, gross=1.1), costs),
    ]


def claimed(name: str, returns: Floats, region: Region, rates: Floats | None) -> tuple[Priced, LeastTail]:
    solve, risk = BOTH[name]
    found = solve(returns, 0.9, region, rates=rates)
    assert found.prices is not None
    return found, LeastTail(returns, 0.9, region, rates, found.prices, lambda path: risk(path, 0.9))


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("k", range(6))
def test_what_is_least_meets_its_bound_and_what_is_not_does_not(name: str, k: int) -> None:
    region, rates = cases(8)[k]
    returns = draws(k, 8, 60)
    found, claim = claimed(name, returns, region, rates)
    assert claim.residual(found.weights)[1] <= 1e-10
    off = 0.95 * found.weights + 0.05 / 8
    assert claim.residual(off)[1] > 1e-4


@pytest.mark.parametrize("name", BOTH)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.integers(0, 5), size=st.floats(0.0, 3.0))
def test_no_prices_prove_what_is_not_so(name: str, seed: int, k: int, size: float) -> None:
    """Prices at random, of any sign: the bound they give is below the least there is."""
    region, rates = cases(5)[k]
    g = np.random.default_rng(seed)
    returns = 0.01 * g.standard_t(4, (30, 5))
    found, claim = claimed(name, returns, region, rates)
    assert claim.residual(found.weights)[1] <= 1e-9
    inner = tuple(np.asarray(part + size * 0.1 * g.normal(size=part.shape)) for part in claim.prices.inner)
    rows = claim.prices.rows + size * 0.01 * g.normal(size=claim.prices.rows.shape)
    gross, turnover = size * 0.01 * g.normal(size=2)
    prices = Prices(rows, float(gross), float(turnover), inner)
    below = bound(-returns.T @ shares(inner, 0.9), region, rates, prices)
    assert below <= found.objective + 1e-12


@pytest.mark.parametrize(("name", "method"), [("min_cvar", MinCvar), ("min_cdar", MinCdar)])
def test_the_verifier_refuses_a_tail_that_is_not_the_smallest(name: str, method: Any) -> None:
    returns = draws(3, 6, 120)
    answer = backtest.allocate(name, returns=returns, lookback=120)
    assert answer.residuals["duality_gap"] <= 1e-10
    own = weigh(method(lookback=120), seen(returns))
    lie = Weights(np.full(6, 1.0 / 6.0), claim=own.claim, residuals={"duality_gap": 0.0})
    with pytest.raises(AllocationError, match="answered with a duality_gap residual of"):
        verified(name, lie, long_only(6))

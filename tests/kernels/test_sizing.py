"""Two ways to the equity after costs: the general one, and the quick one for a single rate."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from backtest.kernels import sizing
from backtest.kernels.costs import Rates

N = 40


@numba.njit
def quickly(equity, smallest, rate, w, h):  # type: ignore[no-untyped-def]
    member, terms, more = np.empty(w.shape[0]), np.empty(w.shape[0]), np.empty(w.shape[0])
    return sizing.equity_after_rates(equity, smallest, rate, w, h, member, terms, more)


@numba.njit
def generally(equity, rate, w, h, minimum, per_trade=0.0):  # type: ignore[no-untyped-def]
    member, unit_rate, work = np.ones(w.shape[0]), np.full(w.shape[0], rate), np.empty(w.shape[0])
    rates = Rates(rate, 0.0, minimum, per_trade, 0.0, 0.0, 0)
    quotes = np.ones(w.shape[0])
    return sizing.equity_after(equity, 0.0, 0.0, 0.0, w, h, member, unit_rate, quotes, rates, None, 0, work)


@pytest.mark.parametrize("seed", range(200))
def test_both_ways_find_the_same_root(seed: int) -> None:
    rng = np.random.default_rng(seed)
    equity, rate = 10.0 ** rng.uniform(2.0, 9.0), 10.0 ** rng.uniform(-6.0, -0.5)
    w, h = rng.dirichlet(np.ones(N)), rng.dirichlet(np.ones(N)) * equity
    x = quickly(equity, 0.0, rate, w, h)
    assert x > 0.0
    assert x == pytest.approx(equity - rate * np.abs(w * x - h).sum(), rel=1e-14)
    assert x == pytest.approx(generally(equity, rate, w, h, 0.0), rel=1e-14)


def test_without_costs_nothing_is_lost() -> None:
    assert quickly(100.0, 0.0, 0.0, np.full(4, 0.25), np.zeros(4)) == 100.0


def test_the_quick_way_steps_back_when_another_asset_would_join() -> None:
    """At x = E the second asset is within the smallest trade of its aim; after the first one's cost it is not."""
    w, h = np.array([0.5, 0.5]), np.array([0.0, 510.0])
    assert quickly(1000.0, 10.5, 0.2, w, h) == -1.0


def test_a_fee_per_trade_is_paid_by_every_trade_and_by_no_other() -> None:
    w, h = np.array([0.5, 0.3, 0.2]), np.array([0.0, 310.0, 0.0])
    x = generally(1000.0, 0.01, w, h, 0.0, 2.0)
    assert x == pytest.approx(1000.0 - 3 * 2.0 - 0.01 * np.abs(w * x - h).sum(), rel=1e-14)
    nowhere = np.array([0.0, 1000.0, 0.0])
    assert generally(1000.0, 0.0, np.array([0.0, 1.0, 0.0]), nowhere, 0.0, 2.0) == 1000.0
    least = generally(1000.0, 0.01, w, h, 4.0, 2.0)  # 2 + 1 % of 490, of 15 and of 196, and at least 4
    assert least == pytest.approx(1000.0 - (2.0 + 0.005 * least) - 4.0 - 4.0, rel=1e-14)


def test_a_minimum_that_costs_more_than_there_is_has_no_root() -> None:
    assert generally(5.0, 0.0, np.array([1.0]), np.array([0.0]), 10.0) == pytest.approx(0.0, abs=1e-50)

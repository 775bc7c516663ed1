"""Parity with vectorbt: 500 assets over ten years, equal weights each month, filled at the next open.

vectorbt sizes orders where they fill, from the value before the costs of the row; we size at the decision, or at the
fill when told so, from the value *after* costs. Where the two conventions coincide the numbers must too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backtest
from backtest.simulate.result import Result
from benchmarks.workload import CAPITAL, COSTS, NEXT_OPEN, RATE, Workload, monthly

from .peers import peer

vectorbt = peer("vectorbt")
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # a peer's own warnings are its own

PARITY = 1e-9


@pytest.fixture(scope="module")
def work() -> Workload:
    return monthly()


def ours(work: Workload, costs: dict[str, float], size: str = "at_decision") -> Result:
    execution = {**NEXT_OPEN, "size": size}
    return backtest.simulate(work.arrays, work.targets, costs=costs, execution=execution, capital=CAPITAL)


def theirs(work: Workload, size: Any, size_type: str, fees: float) -> Any:
    """One account that holds everything, sells before it buys, and trades at the open."""
    return vectorbt.Portfolio.from_orders(
        work.close, size, size_type=size_type, price=work.open, fees=fees, init_cash=CAPITAL, cash_sharing=True,
        group_by=True, call_seq="auto", freq="1D",
    )  # fmt: skip


def traded(result: Result) -> Any:
    """Signed quantity of every order, `(T, N)`, NaN where there is none."""
    quantity = np.full(result.market.close.shape, np.nan)
    quantity[result.fills["row"], result.fills["asset"]] = result.fills["quantity"]
    return quantity


def apart(result: Result, peer: Any) -> float:
    """Largest difference of equity, relative to ours."""
    return float(np.abs(np.ravel(peer.value()) / result.equity - 1.0).max())


@pytest.mark.parametrize("costs", [{}, COSTS], ids=["free", "10 bps"])
def test_the_same_orders_give_the_same_account(work: Workload, costs: dict[str, float]) -> None:
    result = ours(work, costs)
    peer = theirs(work, traded(result), "amount", RATE if costs else 0.0)
    np.testing.assert_allclose(np.ravel(peer.value()), result.equity, rtol=PARITY)
    np.testing.assert_allclose(np.ravel(peer.cash()), result.cash, rtol=PARITY, atol=PARITY * CAPITAL)
    assert len(peer.orders.values) == len(result.fills) == (len(work.rows)) * work.close.shape[1]
    np.testing.assert_allclose(peer.orders.values["fees"].sum(), result.fills["commission"].sum(), rtol=PARITY, atol=0)


def test_the_same_positions_are_reached_from_target_amounts(work: Workload) -> None:
    result = ours(work, COSTS)
    wanted = np.where(np.isnan(traded(result)), np.nan, result.positions())
    peer = theirs(work, wanted, "targetamount", RATE)
    np.testing.assert_allclose(np.ravel(peer.value()), result.equity, rtol=PARITY)


def test_target_percents_without_costs_are_our_weights_sized_at_the_fill(work: Workload) -> None:
    result = ours(work, {}, "at_fill")
    peer = theirs(work, work.filled, "targetpercent", 0.0)
    np.testing.assert_allclose(np.ravel(peer.value()), result.equity, rtol=PARITY)


def test_what_target_percents_under_costs_differ_by(work: Workload) -> None:
    """vectorbt holds w × E, we hold w × x with x = E − costs: it is invested more, by the share that costs are of E.

    So each row after a rebalance differs by at most that share times what the portfolio moves until the next one.
    """
    result = ours(work, COSTS, "at_fill")
    peer = theirs(work, work.filled, "targetpercent", RATE)
    done = result.decisions[result.decisions["done_row"] >= 0]
    share = 1.0 - done["equity_after"] / done["equity"]
    after = np.searchsorted(done["done_row"], np.arange(len(result.equity)), side="right") - 1
    base = done["equity_after"][np.maximum(after, 0)]
    moved = np.where(after >= 0, np.abs(result.equity / base - 1.0), 0.0)
    longest = np.array([moved[after == k].max() for k in range(len(done))])
    bound = float((share * (longest + RATE)).sum())
    assert 1e-9 < apart(result, peer) <= bound < 1e-3

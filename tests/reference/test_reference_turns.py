"""Who fills first at the open, and what an order through zero costs: by hand."""

from __future__ import annotations

import pytest

from . import Account, Answer, Order
from .worked import cancels, run, run_all, trades

FLAT = (10.0, 10.0, 10.0, 10.0)
MARGIN = Account("margin", initial=0.5, maintenance=0.25)


def test_reductions_before_openings_and_openings_by_number() -> None:
    # All 1000 are in A. Order 1 buys B for 600, order 2 for 600 more, order 3 sells A: the sale of 1000 pays for the
    # first and for 400 of the second; the rest of it is cancelled.
    orders = [Order(1, 60.0), Order(1, 60.0), Order(0, -100.0)]
    out = run_all([[FLAT, FLAT]] * 3, {0: Order(0, 100.0), 1: orders})
    assert [(f.order_id, f.quantity) for f in out.fills[1:]] == [(3, -100.0), (1, 60.0), (2, pytest.approx(40.0))]
    assert cancels(out) == [(2, 2, "unaffordable")]


def test_explicit_openings_come_before_the_basket() -> None:
    # B for 800 first; 500 of A were wanted, 200 are left: f = 0.4. The orders of an answer have the first numbers.
    out = run_all([[FLAT, FLAT]] * 2, {0: Answer([0.5, 0.0], [Order(1, 80.0)])})
    assert [(f.order_id, f.asset) for f in out.fills] == [(0, 1), (1, 0)]
    assert out.decisions[0].scale == pytest.approx(0.4)


def test_an_order_split_at_zero_is_one_fill_and_one_minimum() -> None:
    # 50 held, 80 sold: 50 close, 30 open a short. One minimum of 5: cash 1000 - 500 - 5 + 800 - 5.
    out = run([FLAT] * 3, {0: Order(0, 50.0), 1: Order(0, -80.0)}, account=MARGIN, minimum=5.0)
    assert trades(out) == [(1, 50.0, 10.0), (2, -80.0, 10.0)]
    assert [f.commission for f in out.fills] == [5.0, 5.0]
    assert out.cash[2] == 1290.0
    assert out.quantities[2] == [-30.0]


def test_a_cash_account_drops_the_part_that_would_be_short() -> None:
    out = run([FLAT] * 3, {0: Order(0, 50.0), 1: Order(0, -80.0)})
    assert trades(out) == [(1, 50.0, 10.0), (2, -50.0, 10.0)]
    assert [(e.kind, e.value) for e in out.events][:1] == [("short_dropped", -30.0)]
    assert cancels(out) == [(2, 1, "short_dropped")]

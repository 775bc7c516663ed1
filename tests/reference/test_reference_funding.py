"""Perpetual futures by hand: longs pay funding to shorts, and nothing but funding."""

from __future__ import annotations

import pytest

from . import Account, Finance, Outcome, simulate

EXACT = 1e-12
DAYS = [0.0, 0.0, 365.0]


def hold(weights: list[float], finance: Finance, **options: object) -> Outcome:
    """Hold two assets, whose prices are 10 and never move, from row 1 on; row 2 ends a year after row 1."""
    flat = [[10.0, 10.0]] * 3
    given: dict[str, object] = {"open": flat, "close": flat, "symbols": "AB", "capital": 1000.0, "ends": DAYS}
    given |= {"plan": {0: weights}, "account": Account("margin"), "finance": finance, "max_gross": 2.0}
    return simulate(**(given | options))  # type: ignore[arg-type]


def test_longs_pay_and_shorts_receive() -> None:
    # Long 600 and short 200: 10 % of 600 is paid, 10 % of 200 received.
    out = hold([0.6, -0.2], Finance(funding=0.1))
    assert (out.carry[1].funding, out.equity[2]) == pytest.approx((-40.0, 960.0), rel=EXACT)
    # At a negative rate it is the other way round.
    assert hold([0.6, -0.2], Finance(funding=-0.1)).equity[2] == pytest.approx(1040.0, rel=EXACT)


def test_no_money_is_lent_for_a_perpetual_future() -> None:
    # 1.5 times the equity, half of that short: neither debt nor a fee nor a rebate, and interest on all of 1000.
    rates = Finance(cash=0.02, loan=0.5, rebate=0.5, borrow=0.5, funding=0.0)
    entry = hold([0.9, -0.6], rates).carry[1]
    assert (entry.interest, entry.loan, entry.rebate, entry.borrow, entry.funding) == (20.0, 0.0, 0.0, 0.0, 0.0)


def test_beside_others_only_those_that_are_perpetual() -> None:
    # A is bought for 900; the short of 500 in B is a perpetual future and brings no cash. Interest on 100.
    rates = Finance(cash=0.02, loan=0.5, rebate=0.5, borrow=0.5, funding=[0.3, 0.1], perpetual=[False, True])
    entry = hold([0.9, -0.5], rates).carry[1]
    assert (entry.interest, entry.loan, entry.rebate, entry.borrow) == pytest.approx((2.0, 0.0, 0.0, 0.0), rel=EXACT)
    assert entry.funding == pytest.approx(50.0, rel=EXACT)
    # The other way round: A short for 500 is lent, its proceeds bear no interest; B costs funding.
    entry = hold([-0.5, 0.9], rates).carry[1]
    assert (entry.interest, entry.rebate, entry.borrow) == pytest.approx((20.0, 250.0, -250.0), rel=EXACT)
    assert entry.funding == pytest.approx(-90.0, rel=EXACT)


@pytest.mark.parametrize("funding", [[0.1, 0.2], [[9.0, 9.0], [0.1, 0.2], [9.0, 9.0]]])
def test_the_rate_is_the_one_known_a_row_before(funding: list[float]) -> None:
    assert hold([0.5, 0.5], Finance(funding=funding)).carry[1].funding == pytest.approx(-150.0, rel=EXACT)


def test_funding_goes_by_the_mark_of_the_row_before() -> None:
    # 100 units at 10; the close of row 1 is 12: 10 % of 1200.
    out = hold([1.0, 0.0], Finance(funding=0.1), close=[[10.0, 10.0], [12.0, 10.0], [20.0, 10.0]])
    assert out.carry[1].funding == pytest.approx(-120.0, rel=EXACT)


def test_what_longs_seem_to_have_paid_can_be_taken_out() -> None:
    # Long for 1000, half of it covered by margin: 500 may be taken out, and nothing need be sold for it.
    rates = {"flows": {2: -500.0}, "capital": 1000.0}
    out = hold([1.0, 0.0], Finance(funding=0.0), **rates)
    assert ([fill.reason for fill in out.fills], out.cash[2]) == (["target"], -500.0)
    # A share bought with the cash has to be sold for it.
    out = hold([1.0, 0.0], Finance(), **rates)
    assert [fill.reason for fill in out.fills] == ["target", "withdrawal"]

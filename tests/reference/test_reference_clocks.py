"""Several clocks in one book, worked by hand. Stamps are hours; a bar is (open, high, low, close)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from . import Account, Answer, Order, Outcome, Trading, simulate
from .worked import NAN, NO_BAR, Bar, trades

FLAT = (10.0, 10.0, 10.0, 10.0)
DAY = 24.0
STOCKS, COINS = (14.5, 21.0), (0.0, 24.0)  # hours of a day
TOKYO, NEW_YORK = (0.0, 6.0), (14.5, 21.0)


def run(
    rows: Sequence[Sequence[Bar]],
    answers: Mapping[int, Any],
    hours: Sequence[Sequence[tuple[float, float] | None]],
    groups: Sequence[int] = (0, 1),
    **options: Any,
) -> Outcome:
    """Simulate assets A, B, ... and 1000 of money; `hours` are the hours of each group by row, None: no session."""
    tables = {
        name: [[bar[k] for bar in row] for row in rows] for k, name in enumerate(("open", "high", "low", "close"))
    }
    stamps = [
        [[NAN if h is None else DAY * row + h[side] for h in each] for row, each in enumerate(hours)] for side in (0, 1)
    ]
    return simulate(
        **tables,
        symbols="ABCDEF"[: len(rows[0])],
        capital=options.pop("capital", 1000.0),
        plan=answers,
        groups=groups,
        group_starts=stamps[0],
        group_ends=stamps[1],
        **options,
    )


def moments(out: Outcome) -> list[tuple[int, int, float]]:
    """Row, asset and quantity of every fill."""
    return [(fill.row, fill.asset, fill.quantity) for fill in out.fills]


def test_a_basket_waits_for_the_group_that_has_no_session_and_nothing_lapses() -> None:
    weekend = [[STOCKS, COINS], [None, COINS], [None, COINS], [STOCKS, COINS]]
    rows = [[FLAT, FLAT], [NO_BAR, FLAT], [NO_BAR, FLAT], [FLAT, FLAT]]
    out = run(rows, {0: [0.5, 0.5]}, weekend)
    assert moments(out) == [(1, 1, 50.0), (3, 0, 50.0)]
    assert out.events == []
    assert (out.decisions[0].done_row, out.decisions[0].n_fills) == (3, 2)


def test_an_asset_that_is_halted_on_a_session_of_its_group_lapses_as_ever() -> None:
    out = run([[FLAT, FLAT], [NO_BAR, FLAT], [FLAT, FLAT]], {0: [0.5, 0.5]}, [[STOCKS, COINS]] * 3)
    assert moments(out) == [(1, 1, 50.0)]
    assert [(e.row, e.kind, e.asset) for e in out.events] == [(1, "halted", 0)]


def test_proceeds_pay_for_what_opens_later_and_for_nothing_earlier() -> None:
    hours = [[TOKYO, NEW_YORK]] * 4
    rows = [[FLAT, FLAT]] * 4
    eastward = run(rows, {0: [1.0, 0.0], 1: [0.0, 1.0]}, hours)  # Tokyo is sold first
    assert moments(eastward) == [(1, 0, 100.0), (2, 0, -100.0), (2, 1, 100.0)]
    westward = run(rows, {0: [0.0, 1.0], 1: [1.0, 0.0]}, hours)  # Tokyo is to be bought before New York is sold
    assert moments(westward) == [(1, 1, 100.0), (2, 1, -100.0)]
    assert [(e.row, e.kind, e.value) for e in westward.events] == [(2, "scaled", 0.0)]
    assert westward.cash[-1] == 1000.0


def test_groups_that_open_at_one_instant_are_one_market() -> None:
    hours = [[NEW_YORK, NEW_YORK]] * 4
    out = run([[FLAT, FLAT]] * 4, {0: [0.0, 1.0], 1: [1.0, 0.0]}, hours)
    assert moments(out) == [(1, 1, 100.0), (2, 1, -100.0), (2, 0, 100.0)]


def test_a_bar_that_began_before_the_decision_is_no_opportunity() -> None:
    # Decided at 24:00, when the coins close; the other market's next bar began at 23:00 and is over at 29:00.
    early = [(-1.0, 5.0), COINS]
    rows = [[FLAT, FLAT], [(20.0, 20.0, 20.0, 20.0), FLAT], [(9.0, 9.0, 9.0, 9.0), FLAT]]
    out = run(rows, {0: [0.4, 0.5]}, [early] * 3)
    assert trades(out) == [(1, 50.0, 10.0), (2, 40.0, 9.0)]
    assert out.events == []


def test_the_first_bar_may_begin_at_the_very_instant_of_the_decision() -> None:
    out = run([[FLAT, FLAT]] * 2, {0: [0.0, 1.0]}, [[STOCKS, COINS]] * 2)  # closes at 24:00, opens at 24:00
    assert moments(out) == [(1, 1, 100.0)]


def test_an_order_does_not_see_the_bar_that_began_before_it() -> None:
    # A limit that the early bar would have filled, and a trail that would have seen its high.
    early = [(-1.0, 5.0), COINS]
    dip = (10.0, 18.0, 5.0, 10.0)
    rows = [[FLAT, FLAT], [dip, FLAT], [FLAT, FLAT], [(10.0, 10.0, 8.0, 9.0), FLAT]]
    out = run(rows, {0: Answer(orders=[Order(0, 10.0, "limit", limit=9.0)])}, [early] * 4)
    assert trades(out) == [(3, 10.0, 9.0)]
    plan = {0: [1.0, 0.0], 2: Answer(orders=[Order(0, -100.0, "trailing", trail=3.0, reduce_only=True)])}
    out = run([[FLAT, FLAT]] * 3 + [[dip, FLAT], [FLAT, FLAT], [FLAT, FLAT]], plan, [early] * 6)
    assert trades(out) == [(2, 100.0, 10.0)]


def test_a_day_order_works_through_the_first_session_of_its_own_group() -> None:
    hours = [[STOCKS, COINS], [None, COINS], [STOCKS, COINS], [STOCKS, COINS]]
    rows = [[FLAT, FLAT], [NO_BAR, FLAT], [FLAT, FLAT], [(8.0, 8.0, 8.0, 8.0), FLAT]]
    out = run(rows, {0: Answer(orders=[Order(0, 1.0, "limit", limit=9.0, tif="day")])}, hours)
    assert [(e.row, e.kind, e.reason) for e in out.events] == [(3, "order_cancelled", "expired")]
    assert out.fills == []


def test_a_share_is_not_untradable_on_a_saturday() -> None:
    # Sized on Saturday at Friday's close, filled at Monday's open; coins meanwhile on Sunday.
    hours = [[STOCKS, COINS], [None, COINS], [None, COINS], [STOCKS, COINS]]
    rows = [[FLAT, FLAT], [NO_BAR, FLAT], [NO_BAR, FLAT], [(11.0, 11.0, 11.0, 11.0), FLAT]]
    out = run(rows, {1: [0.5, 0.3]}, hours)
    assert out.events == []
    assert [(f.row, f.asset, f.quantity, f.price, f.decision_price) for f in out.fills] == [
        (2, 1, 30.0, 10.0, 10.0),
        (3, 0, 50.0, 11.0, 10.0),
    ]


def test_a_share_that_was_halted_on_friday_is_untradable_on_saturday() -> None:
    hours = [[STOCKS, COINS], [STOCKS, COINS], [None, COINS], [STOCKS, COINS]]
    rows = [[FLAT, FLAT], [NO_BAR, FLAT], [NO_BAR, FLAT], [FLAT, FLAT]]
    out = run(rows, {2: [0.5, 0.3]}, hours)
    assert [(e.row, e.kind, e.asset) for e in out.events] == [(2, "untradable_target", 0)]
    assert moments(out) == [(3, 1, 30.0)]


def test_staleness_counts_the_sessions_of_the_own_group() -> None:
    hours = [[STOCKS, COINS], [STOCKS, COINS], *[[None, COINS]] * 6, [STOCKS, COINS], [STOCKS, COINS]]
    rows = [[FLAT, FLAT], [FLAT, FLAT], *[[NO_BAR, FLAT]] * 6, [NO_BAR, FLAT], [NO_BAR, FLAT]]
    out = run(rows, {0: [0.5, 0.5]}, hours, max_stale=1)
    assert [(e.row, e.kind, e.asset, e.value) for e in out.events] == [(9, "stale", 0, 2.0)]


def test_a_weekend_of_other_assets_makes_no_drift_of_shares() -> None:
    hours = [[STOCKS, COINS], [STOCKS, COINS], [None, COINS], [STOCKS, COINS]]
    coin = (20.0, 20.0, 20.0, 20.0)
    rows = [[FLAT, FLAT], [FLAT, FLAT], [NO_BAR, coin], [FLAT, coin]]
    out = run(rows, {0: [0.75, 0.25]}, hours)
    # The coins doubled on Saturday: 500 of 1250, from a quarter. The shares, which fell as far (60 % from 75 %), have
    # no bar and do not drift before Monday.
    assert out.drift[2] == pytest.approx(0.15)
    assert out.drift_asset[2] == 1
    assert out.drift[3] == pytest.approx(0.15)
    assert out.drift_asset[3] == 0  # of equal ones the first column


def test_a_basket_over_two_rows_takes_its_reference_twice() -> None:
    # Row 1: only the coins are bought, 30 % of 1000. They double before the shares are bought in row 2.
    hours = [[STOCKS, COINS], [None, COINS], [STOCKS, COINS], [STOCKS, COINS]]
    coin = (20.0, 20.0, 20.0, 20.0)
    rows = [[FLAT, FLAT], [NO_BAR, FLAT], [FLAT, coin], [FLAT, coin]]
    out = run(rows, {0: [0.5, 0.3]}, hours)
    assert out.drift[1] == 0.0
    # The references of the end of row 2 are the weights there, so that nothing drifts from them without a move.
    assert out.drift[2:] == [0.0, 0.0]
    assert out.decisions[0].done_row == 2


def test_a_margin_call_sells_pro_rata_at_each_open() -> None:
    hours = [[TOKYO, NEW_YORK]] * 4
    fall = (10.0, 10.0, 6.5, 6.5)
    held = (6.5, 6.5, 6.5, 6.5)
    rows = [[FLAT, FLAT], [FLAT, FLAT], [fall, fall], [held, held]]
    account = Account("margin", initial=0.5, maintenance=0.45)
    out = run(rows, {0: [1.0, 1.0]}, hours, account=account, max_gross=2.0)
    # At row 2: 200 units are worth 1300, debt 1000: equity 300 < 0.45 x 1300. The initial margin allows 600 of
    # positions: 700 go, in equal parts, though Tokyo opens first.
    called = [fill for fill in out.fills if fill.reason == "margin_call"]
    assert [(f.row, f.asset) for f in called] == [(3, 0), (3, 1)]
    assert [f.quantity * f.price for f in called] == pytest.approx([-350.0, -350.0])


def test_a_margin_call_leaves_alone_what_began_to_trade_before_it() -> None:
    early = [(-1.0, 5.0), COINS]
    fall, held = (10.0, 10.0, 6.5, 6.5), (6.5, 6.5, 6.5, 6.5)
    rows = [[FLAT, FLAT], [FLAT, FLAT], [FLAT, FLAT], [fall, fall], [held, held]]
    out = run(rows, {0: [1.0, 1.0]}, [early] * 5, account=Account("margin", 0.5, 0.45), max_gross=2.0)
    called = [fill for fill in out.fills if fill.reason == "margin_call"]
    assert [(f.row, f.asset) for f in called] == [(4, 1)]


def test_a_withdrawal_is_paid_at_the_last_open_and_pays_for_nothing_else() -> None:
    hours = [[TOKYO, NEW_YORK]] * 4
    rows = [[FLAT, FLAT]] * 4
    out = run(rows, {0: [0.5, 0.5], 1: Answer(orders=[Order(0, 5.0)])}, hours, flows={2: -200.0})
    assert [(f.row, f.asset, f.reason) for f in out.fills[2:]] == [(2, 0, "withdrawal"), (2, 1, "withdrawal")]
    assert [f.quantity for f in out.fills[2:]] == pytest.approx([-10.0, -10.0])
    assert [(e.row, e.kind, e.reason) for e in out.events] == [
        (2, "order_cancelled", "unaffordable"),
        (2, "cash_flow", ""),
    ]
    assert out.cash[-1] == pytest.approx(0.0, abs=1e-9)


def test_settlement_counts_the_sessions_of_what_was_sold() -> None:
    friday_to_tuesday = [[STOCKS, COINS]] * 3 + [[None, COINS]] * 2 + [[STOCKS, COINS]] * 2
    rows = [[FLAT, FLAT]] * 3 + [[NO_BAR, FLAT]] * 2 + [[FLAT, FLAT]] * 2
    plan = {0: [1.0, 0.0], 1: Answer(orders=[Order(0, -100.0)])} | {
        row: Answer(orders=[Order(1, 10.0)]) for row in range(2, 6)
    }
    out = run(rows, plan, friday_to_tuesday, account=Account(settlement=2))
    # Sold in row 2, a Friday; usable from Tuesday (row 6) on.
    assert [(f.row, f.asset) for f in out.fills if f.asset == 1] == [(6, 1)]


def test_closes_fill_in_the_order_of_the_ends() -> None:
    hours = [[TOKYO, NEW_YORK]] * 4
    rows = [[FLAT, FLAT]] * 4
    out = run(rows, {0: [1.0, 0.0], 1: [0.0, 1.0], 2: [1.0, 0.0]}, hours, fill="next_close")
    assert moments(out) == [(1, 0, 100.0), (2, 0, -100.0), (2, 1, 100.0), (3, 1, -100.0)]


def test_an_empty_basket_is_done_in_the_next_row() -> None:
    hours = [[STOCKS, COINS], [None, COINS], [STOCKS, COINS]]
    out = run([[FLAT, FLAT], [NO_BAR, FLAT], [FLAT, FLAT]], {0: [0.0, 0.0]}, hours)
    assert (out.decisions[0].done_row, out.decisions[0].n_orders) == (1, 0)
    assert out.drift[1] == 0.0


def test_an_unknown_price_of_what_opens_later_is_not_looked_at() -> None:
    # New York's row 2 is unknown at Tokyo's open: what Tokyo buys must not depend on it.
    hours = [[TOKYO, NEW_YORK]] * 3
    account = Account("margin", 0.5, 0.1)
    bought = []
    for price in (10.0, 1.0, 100.0):
        bar = (price, price, price, price)
        rows = [[FLAT, FLAT], [FLAT, FLAT], [FLAT, bar]]
        out = run(rows, {0: [0.0, 1.0], 1: [1.5, 1.0]}, hours, account=account, max_gross=3.0)
        bought.append(next(f.quantity for f in out.fills if f.asset == 0))
    assert bought[0] == bought[1] == bought[2] == pytest.approx(100.0)


def test_carry_counts_the_bars_of_the_asset_alone() -> None:
    hours = [[STOCKS, COINS], [None, COINS], [STOCKS, COINS], [STOCKS, COINS]]
    rows = [[FLAT, FLAT], [NO_BAR, FLAT], [FLAT, FLAT], [FLAT, FLAT]]
    volume = [[NAN, 1e9], [NAN, 1e9], [40.0, 1e9], [40.0, 1e9]]
    trading = Trading(carry=2, participation=0.5)
    out = run(rows, {0: [0.5, 0.5]}, hours, trading=trading, volume=volume)
    assert moments(out) == [(1, 1, 50.0), (2, 0, 20.0), (3, 0, 20.0)]
    assert [(e.row, e.kind, e.value) for e in out.events] == [(3, "capped", 10.0)]


def test_same_close_and_at_fill_are_refused() -> None:
    for options in ({"fill": "same_close"}, {"size": "at_fill"}):
        with pytest.raises(ValueError, match="several clocks"):
            run([[FLAT, FLAT]], {}, [[STOCKS, COINS]], **options)


def test_the_names_of_groups_mean_nothing() -> None:
    hours = [[TOKYO, NEW_YORK], [None, NEW_YORK], [TOKYO, NEW_YORK], [TOKYO, None], [TOKYO, NEW_YORK]]
    rows = [[FLAT, FLAT], [NO_BAR, FLAT], [FLAT, FLAT], [FLAT, NO_BAR], [FLAT, FLAT]]
    plan = {0: [0.6, 0.4], 2: [0.2, 0.5]}
    out = run(rows, plan, hours)
    turned = run(rows, plan, [pair[::-1] for pair in hours], groups=(1, 0))
    assert moments(out) == moments(turned)
    assert out.equity == turned.equity
    assert not any(math.isnan(value) for value in out.equity)

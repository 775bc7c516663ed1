"""The order of a row, worked by hand: when a basket fills, what is recorded, who decides."""

from __future__ import annotations

import math

import pytest

from . import View, simulate

NAN = math.nan
EXACT = 1e-12


def test_decided_at_a_close_filled_at_the_next_open() -> None:
    # 0.5 x 1000 / 10 = 50 units, bought at 10.5: cash 1000 - 525 = 475, then 475 + 50 x close.
    out = simulate(
        open=[[9.5], [10.5], [11.5]], close=[[10.0], [11.0], [12.0]], symbols=["A"], capital=1000.0, plan={0: [0.5]}
    )
    (fill,) = out.fills
    assert (fill.row, fill.decision_row, fill.order_id, fill.reason) == (1, 0, 0, "target")
    assert (fill.quantity, fill.price, fill.decision_price, fill.arrival_price) == (50.0, 10.5, 10.0, 10.5)
    assert out.equity == [1000.0, 475.0 + 550.0, 475.0 + 600.0]
    assert out.cash == [1000.0, 475.0, 475.0]
    assert out.quantities == [[0.0], [50.0], [50.0]]
    (decision,) = out.decisions
    assert (decision.row, decision.done_row, decision.source) == (0, 1, "plan")
    assert (decision.n_orders, decision.n_fills, decision.scale) == (1, 1, 1.0)
    assert (decision.net_before, decision.net_after) == (0.0, 525.0 / 1000.0)


def test_next_close_fills_at_the_following_close() -> None:
    out = simulate(open=None, close=[[10.0], [8.0]], symbols=["A"], capital=1000.0, plan={0: [0.5]}, fill="next_close")
    assert [(f.row, f.quantity, f.price) for f in out.fills] == [(1, 50.0, 8.0)]
    assert out.equity == [1000.0, 1000.0]


def test_same_close_fills_at_once_and_records_after_it() -> None:
    # x = 1000 - 0.01 x, so x = 1000 / 1.01; all of it is in A at the end of the very row.
    out = simulate(
        open=None,
        close=[[10.0], [10.0]],
        symbols=["A"],
        capital=1000.0,
        plan={0: [1.0]},
        fill="same_close",
        commission=0.01,
        bands=[0.1],
        band_bits=[4],
    )
    assert out.equity == pytest.approx([1000.0 / 1.01] * 2, rel=EXACT)
    assert out.cash == pytest.approx([0.0, 0.0], abs=1e-9)
    assert out.decisions[0].done_row == 0
    assert out.decisions[0].equity == 1000.0
    assert math.isnan(out.drift[0])  # the reference is set after the row was watched
    assert out.drift[1] == 0.0


def test_at_fill_sizes_with_the_price_it_gets() -> None:
    # At the open of 12.5 half of 1000 buys 40 units; the 50 units of the close at 10 never exist.
    out = simulate(
        open=[[10.0], [12.5]], close=[[10.0], [12.0]], symbols=["A"], capital=1000.0, plan={0: [0.5]}, size="at_fill"
    )
    assert [(f.quantity, f.price, f.decision_price) for f in out.fills] == [(40.0, 12.5, 10.0)]
    assert out.equity == [1000.0, 500.0 + 40.0 * 12.0]
    assert (out.decisions[0].equity, out.decisions[0].equity_after) == (1000.0, 1000.0)


def test_the_sale_comes_first_although_its_number_is_higher() -> None:
    # All money is in Z. Half of it goes to A: the buy has number 1 (A < Z), the sale 2, yet the sale pays for the buy.
    flat = [[10.0, 10.0]] * 4
    out = simulate(open=flat, close=flat, symbols=["Z", "A"], capital=1000.0, plan={0: [1.0, 0.0], 1: [0.5, 0.5]})
    assert [(f.row, f.asset, f.order_id, f.quantity) for f in out.fills] == [
        (1, 0, 0, 100.0),
        (2, 0, 2, -50.0),
        (2, 1, 1, 50.0),
    ]
    assert out.cash == [1000.0, 0.0, 0.0, 0.0]
    assert out.decisions[1].scale == 1.0


def test_a_gap_up_scales_every_buy_by_one_factor() -> None:
    # 100 / 1.001 units were decided at 10; at 12.5 they need 1250 of the 1000 there are: f = 0.8.
    out = simulate(
        open=[[10.0], [12.5]],
        close=[[10.0], [12.5]],
        symbols=["A"],
        capital=1000.0,
        plan={0: [1.0]},
        commission=0.0005,
        half_spread=0.0003,
        slippage=0.0002,
    )
    assert out.decisions[0].scale == pytest.approx(0.8, rel=EXACT)
    assert [(e.kind, e.asset) for e in out.events] == [("scaled", -1)]
    assert out.events[0].value == out.decisions[0].scale
    (fill,) = out.fills
    assert fill.quantity == pytest.approx(80.0 / 1.001, rel=EXACT)
    value = 1000.0 / 1.001
    assert (fill.commission, fill.spread, fill.slippage) == pytest.approx(
        (0.0005 * value, 0.0003 * value, 0.0002 * value), rel=EXACT
    )
    assert out.cash[1] == pytest.approx(0.0, abs=1e-9)


def test_a_gap_up_with_a_minimum_is_bisected() -> None:
    # x = 995, 99.5 units; at 12.5 they are worth 1243.75 and f x 1243.75 + 5 = 1000 gives f = 0.8.
    out = simulate(
        open=[[10.0], [12.5]], close=[[10.0], [12.5]], symbols=["A"], capital=1000.0, plan={0: [1.0]}, minimum=5.0
    )
    assert out.decisions[0].scale == pytest.approx(0.8, rel=EXACT)
    assert out.decisions[0].equity_after == 995.0
    assert 0.0 <= out.cash[1] <= 1e-9


def test_a_halted_order_lapses_and_its_basket_is_finished() -> None:
    prices = [[10.0], [NAN], [10.0]]
    out = simulate(open=prices, close=prices, symbols=["A"], capital=1000.0, plan={0: [0.5]})
    assert out.fills == []
    (event,) = out.events
    assert (event.row, event.kind, event.asset, event.order_id, event.value) == (1, "halted", 0, 0, 50.0)
    assert (out.decisions[0].done_row, out.decisions[0].n_orders, out.decisions[0].n_fills) == (1, 1, 0)
    assert math.isnan(out.drift[0])
    assert out.drift[1:] == [0.0, 0.0]  # what was attained is nothing, and nothing is still held


def test_a_bar_without_an_open_is_no_bar() -> None:
    out = simulate(open=[[10.0], [NAN]], close=[[10.0], [11.0]], symbols=["A"], capital=1000.0, plan={0: [0.5]})
    assert [e.kind for e in out.events] == ["halted"]


def test_drift_is_measured_from_what_was_attained_and_sends_the_targets_again() -> None:
    # Row 1: 50 units each, weights 1/2. Row 2: A at 14, 700 / 1200 is 1/12 above 1/2. The same targets are sent again:
    # 600 each, so A sells 100 / 14 units and B buys 10.
    close = [[10.0, 10.0], [10.0, 10.0], [14.0, 10.0], [14.0, 10.0]]
    out = simulate(
        open=None,
        close=close,
        symbols=["A", "B"],
        capital=1000.0,
        plan={0: [0.5, 0.5]},
        fill="next_close",
        bands=[0.05, 0.2],
        band_bits=[4, 8],
        reapply_mask=12,
    )
    assert math.isnan(out.drift[0])
    assert out.drift[1:] == pytest.approx([0.0, 1.0 / 12.0, 0.0], rel=EXACT)
    assert out.drift_asset[:2] == [-1, -1]
    assert out.reasons == [0, 0, 4, 0]
    assert [(d.row, d.source, d.reasons) for d in out.decisions] == [(0, "plan", 0), (2, "reapply", 4)]
    assert [(f.asset, f.quantity) for f in out.fills[2:]] == [
        (0, pytest.approx(-100.0 / 14.0, rel=EXACT)),
        (1, pytest.approx(10.0, rel=EXACT)),
    ]


def test_a_band_is_left_only_beyond_it() -> None:
    # 500 of 1000 become 1500 of 2000: drift is 0.25 exactly, which is not beyond a band of 0.25.
    out = simulate(
        open=None,
        close=[[10.0], [10.0], [30.0]],
        symbols=["A"],
        capital=1000.0,
        plan={0: [0.5]},
        fill="next_close",
        bands=[0.25, 0.2499],
        band_bits=[2, 4],
    )
    assert (out.drift[2], out.drift_asset[2], out.reasons[2]) == (0.25, 0, 4)


def test_an_asset_without_a_bar_is_left_out_of_drift() -> None:
    # B and C double: E is 1400. A falls from 0.6 to 0.43 without a bar; B and C rise from 0.2 to 400 / 1400.
    out = simulate(
        open=None,
        close=[[10.0, 10.0, 10.0], [10.0, 10.0, 10.0], [NAN, 20.0, 20.0]],
        symbols=["A", "B", "C"],
        capital=1000.0,
        plan={0: [0.6, 0.2, 0.2]},
        fill="next_close",
    )
    assert out.drift[2] == pytest.approx(400.0 / 1400.0 - 0.2, rel=EXACT)
    assert out.drift_asset[2] in (1, 2)


def test_a_gap_moves_the_reference_away_from_the_target() -> None:
    # 50 units decided at 10 cost 1000 at the open of 20: the weight attained is 1, not 1/2, and that is no drift.
    out = simulate(
        open=[[10.0], [20.0], [20.0]],
        close=[[10.0], [20.0], [20.0]],
        symbols=["A"],
        capital=1000.0,
        plan={0: [0.5]},
        bands=[0.1],
        band_bits=[2],
        reapply_mask=2,
    )
    assert out.quantities[-1] == [50.0]
    assert out.drift[1:] == [0.0, 0.0]
    assert len(out.decisions) == 1


def test_an_empty_basket_resets_the_reference_in_the_row_where_it_would_have_filled() -> None:
    # A at 10.4 has drifted to 520 / 1020 = 0.5098; the trade of 10 back to 510 is below the smallest trade of 50.
    close = [[10.0], [10.0], [10.4], [10.4]]
    out = simulate(
        open=None,
        close=close,
        symbols=["A"],
        capital=1000.0,
        plan={0: [0.5], 2: [0.5]},
        fill="next_close",
        min_trade=50.0,
    )
    assert len(out.fills) == 1
    assert (out.decisions[1].n_orders, out.decisions[1].done_row, out.decisions[1].scale) == (0, 3, 1.0)
    assert out.drift[2] == pytest.approx(520.0 / 1020.0 - 0.5, rel=1e-9)
    assert out.drift[3] == 0.0


def test_plan_beats_decide_beats_reapply() -> None:
    asked: list[tuple[int, int]] = []

    def decide(row: int, reasons: int, view: View) -> list[float] | None:
        asked.append((row, reasons))
        assert (view.cash, view.quantities, view.marks) == (1000.0, (0.0,), (10.0,))
        return None if row == 1 else [0.0]

    flat = [[10.0]] * 4
    out = simulate(
        open=flat,
        close=flat,
        symbols=["A"],
        capital=1000.0,
        plan={0: [0.0], 3: [NAN]},
        decide=decide,
        fires=[3, 3, 2, 3],
        wake_mask=1,
        reapply_mask=2,
    )
    assert asked == [(1, 3)]  # the plan had rows 0 and 3, row 2 had no waking bit
    # Row 1 answered None and row 3 planned nothing but NaN: both left everything alone, and nobody else was tried.
    assert [(d.row, d.source) for d in out.decisions] == [(0, "plan"), (2, "reapply")]
    assert out.reasons == [3, 3, 2, 3]


@pytest.mark.parametrize(("answer", "message"), [([NAN, 0.5], "NaN"), ([0.7, -0.4], "gross")])
def test_a_bad_answer_is_an_error(answer: list[float], message: str) -> None:
    flat = [[10.0, 10.0]]
    with pytest.raises(ValueError, match=f"row 0.*{message}"):
        simulate(open=flat, close=flat, symbols=["A", "B"], capital=1.0, plan={0: answer})


def test_orders_of_the_last_row_stay_working() -> None:
    flat = [[10.0, 10.0]] * 2
    out = simulate(open=flat, close=flat, symbols=["B", "A"], capital=1000.0, plan={1: [0.3, 0.6]})
    assert [(e.kind, e.row, e.asset, e.order_id, e.value) for e in out.events] == [
        ("unfilled_at_end", 1, 1, 0, pytest.approx(60.0)),
        ("unfilled_at_end", 1, 0, 1, pytest.approx(30.0)),
    ]
    assert out.decisions[0].done_row == -1
    assert math.isnan(out.decisions[0].scale)


def test_history_before_the_first_row_gives_marks_and_ages_only() -> None:
    seen: list[View] = []

    def decide(_row: int, _reasons: int, view: View) -> None:
        seen.append(view)

    simulate(
        open=None,
        close=[[10.0, 8.0], [NAN, 8.0], [NAN, NAN]],
        symbols=["A", "B"],
        capital=1000.0,
        decide=decide,
        fires=[1, 1, 1],
        wake_mask=1,
        fill="next_close",
        actions=[(1, 0, "split", 2.0)],
        first=2,
    )
    assert [(v.marks, v.equity) for v in seen] == [((5.0, 8.0), 1000.0)]


def test_a_stale_holding_is_named_once_and_again_after_a_bar() -> None:
    # Two rows a session. The last bar is in session 0 (row 1); with a limit of 1 the age first exceeds it in session 2.
    close = [[10.0], [10.0], [NAN], [NAN], [NAN], [NAN], [10.0], [NAN], [NAN], [NAN], [NAN]]
    out = simulate(
        open=None,
        close=close,
        symbols=["A"],
        capital=1000.0,
        plan={0: [0.5]},
        fill="next_close",
        max_stale=1,
        session=[20, 20, 23, 23, 24, 24, 25, 25, 26, 26, 27],
    )
    assert [(e.kind, e.row, e.value) for e in out.events] == [("stale", 4, 2.0), ("stale", 10, 2.0)]
    assert out.equity == [1000.0] * 11  # marked at the last known price all the time


def test_no_equity_left_freezes_the_book() -> None:
    # All 100 units are delisted without a cent at row 2, while a basket is working; row 3's plan is not heard.
    close = [[10.0, 5.0], [10.0, 5.0], [NAN, 5.0], [NAN, 5.0]]
    out = simulate(
        open=None,
        close=close,
        symbols=["A", "B"],
        capital=1000.0,
        plan={0: [1.0, 0.0], 1: [0.5, 0.5], 3: [0.0, 1.0]},
        fires=[1, 1, 1, 1],
        fill="next_close",
        actions=[(2, 0, "delisting", -1.0)],
    )
    assert out.equity == [1000.0, 1000.0, 0.0, 0.0]
    assert out.cash == [1000.0, 0.0, 0.0, 0.0]
    assert [(e.row, e.kind, e.value) for e in out.events] == [
        (2, "halted", -50.0),
        (2, "delisting", 0.0),
        (2, "scaled", 0.0),
        (2, "bankrupt", 0.0),
    ]
    assert [d.row for d in out.decisions] == [0, 1]
    assert out.reasons == [1, 1, 0, 0]
    assert math.isnan(out.drift[2])
    assert math.isnan(out.drift[3])

"""What must hold of every simulation, tried on the reference itself.

The kernel is compared with the reference elsewhere; these tests keep the two from being wrong together. Each property
is recomputed here from prices, fills and events alone.
"""

from __future__ import annotations

import math
from dataclasses import astuple, replace
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reference import Fill, Impact, Outcome, simulate

from property.generate import Answers, Case, cases, on_cash, random_case

pytestmark = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="the reference has nothing to compile")

RELATIVE = 1e-9
quick = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def run(case: Case) -> Outcome:
    """Simulate a case."""
    return simulate(**case.arguments())


def living_rows(case: Case, out: Outcome) -> int:
    """Return how many simulated rows were lived through; a frozen book does nothing that could be explained."""
    ends = [event.row - case.first + 1 for event in out.events if event.kind == "bankrupt"]
    return ends[0] if ends else len(out.equity)


def last_prices(case: Case) -> np.ndarray:
    """Return the last known price `(T, N)`: closes, carried through gaps, splits and dividends."""
    price = np.full(case.close.shape[1], math.nan)
    rows = []
    for row, closes in enumerate(case.close):
        price = price.copy()
        for _, asset, _, value in (a for a in case.actions if a[0] == row and a[2] == "split"):
            price[asset] /= value
        for _, asset, _, value in (a for a in case.actions if a[0] == row and a[2] == "dividend"):
            price[asset] -= value
        price = np.where(np.isnan(closes), price, closes)
        rows.append(price)
    return np.array(rows)


def outlay(fill: Fill) -> float:
    """Return the cash that a fill takes."""
    return fill.quantity * fill.price + fill.cost


@quick
@given(cases())
def test_cash_and_positions_are_the_equity(case: Case) -> None:
    out = run(case)
    prices = last_prices(case)[case.first :]
    for t in range(living_rows(case, out)):
        held = np.array(out.quantities[t])
        values = held[held != 0.0] * prices[t][held != 0.0]
        size = abs(out.cash[t]) + np.abs(values).sum()
        assert out.equity[t] == pytest.approx(out.cash[t] + values.sum(), abs=RELATIVE * size)


@quick
@given(cases())
def test_fills_and_dividends_explain_every_change_of_cash(case: Case) -> None:
    out = run(case)
    before = case.capital
    for t, cash in enumerate(out.cash):
        row = case.first + t
        moves = [-outlay(fill) for fill in out.fills if fill.row == row]
        moves += [event.value for event in out.events if event.row == row and event.kind == "dividend"]
        moves += [event.value for event in out.events if event.row == row and event.kind == "cash_flow"]
        moves += [paid.total for paid in out.carry if paid.row == row]
        size = abs(before) + sum(abs(move) for move in moves)
        assert cash == pytest.approx(before + math.fsum(moves), abs=RELATIVE * size)
        before = cash


@quick
@given(cases())
def test_returns_do_not_count_what_came_and_went(case: Case) -> None:
    """Where it moved before everything else; what is paid after sales splits the return of its row."""
    out = run(case)
    flows = {event.row: event.value for event in out.events if event.kind == "cash_flow"}
    sold = {fill.row for fill in out.fills if fill.reason == "withdrawal"}
    before = case.capital
    for t, equity in enumerate(out.equity[: living_rows(case, out)]):
        row, base = case.first + t, before + flows.get(case.first + t, 0.0)
        if row not in sold and base > RELATIVE * before and row not in (case.flow_parts or {}):
            size = 1.0 + (abs(equity) + abs(out.cash[t])) / base
            assert out.returns[t] == pytest.approx(equity / base - 1.0, abs=RELATIVE * size)
        before = equity


@quick
@given(cases())
def test_fills_and_splits_explain_every_position(case: Case) -> None:
    out = run(case)
    held = np.zeros(len(case.symbols))
    for t in range(living_rows(case, out)):
        row = case.first + t
        for _, asset, _, ratio in (a for a in case.actions if a[0] == row and a[2] == "split"):
            held[asset] *= ratio
        largest = np.abs(held)
        for fill in (f for f in out.fills if f.row == row):
            held[fill.asset] += fill.quantity
            largest[fill.asset] = max(largest[fill.asset], abs(fill.quantity))
        assert np.all(np.abs(held - out.quantities[t]) <= RELATIVE * largest)
        assert case.account.kind == "margin" or min(out.quantities[t]) >= 0.0  # a cash account is never short
        held = np.array(out.quantities[t])


@quick
@given(cases().map(on_cash))
def test_no_buy_takes_cash_below_the_reserve(case: Case) -> None:
    out = run(case)
    for t, cash in enumerate(out.cash):
        fills = [fill for fill in out.fills if fill.row == case.first + t]
        if any(fill.quantity > 0.0 for fill in fills):
            before = case.capital if t == 0 else out.equity[t - 1]
            size = max(before, out.equity[t], sum(abs(outlay(fill)) for fill in fills))
            assert cash >= case.cash_reserve - RELATIVE * size


@quick
@given(cases())
def test_every_fill_has_a_bar_and_its_price(case: Case) -> None:
    out = run(case)
    table = case.open if case.fill == "next_open" else case.close
    wait = 0 if case.fill == "same_close" else 1
    for fill in out.fills:
        if fill.reason == "target":
            assert fill.row == fill.decision_row + wait
            assert fill.price == table[fill.row, fill.asset]  # NaN, no bar, equals nothing
        elif fill.reason in ("margin_call", "withdrawal"):
            assert fill.price == case.open[fill.row, fill.asset]
        else:
            assert (fill.row, fill.asset) in {
                (row, asset) for row, asset, kind, _ in case.actions if kind == "delisting"
            }


def scrambled(case: Case, row: int, seed: int) -> Case:
    """Return the case with other bars after a row, some of them gone."""
    rng = np.random.default_rng(seed)
    factor = np.exp(rng.normal(0.0, 0.5, case.close.shape))
    factor[rng.random(case.close.shape) < 0.2] = math.nan
    factor[: row + 1] = 1.0
    return replace(case, open=case.open * factor, close=case.close * factor)


@quick
@given(cases(), st.integers(0, 2**32 - 1), st.floats(0.0, 1.0))
def test_later_bars_change_nothing_earlier(case: Case, seed: int, part: float) -> None:
    row = case.first + int(part * (len(case.close) - 1 - case.first))
    seen = row - case.first + 1
    one, other = run(case), run(scrambled(case, row, seed))
    for name in ("equity", "cash", "quantities", "drift", "drift_asset", "reasons"):
        np.testing.assert_array_equal(getattr(one, name)[:seen], getattr(other, name)[:seen], err_msg=name)
    for name in ("fills", "events"):
        early = [[astuple(entry) for entry in getattr(out, name) if entry.row <= row] for out in (one, other)]
        if row < len(case.close) - 1:
            assert repr(early[0]) == repr(early[1])  # repr, because NaN equals nothing
    done = [[astuple(d) for d in out.decisions if d.row <= row and 0 <= d.done_row <= row] for out in (one, other)]
    assert repr(done[0]) == repr(done[1])
    asked = [[(d.row, d.source, d.reasons) for d in out.decisions if d.row <= row] for out in (one, other)]
    assert asked[0] == asked[1]


@quick
@given(cases())
def test_a_plan_and_the_same_answers_are_the_same(case: Case) -> None:
    everything = np.full(len(case.close), 1, np.int64)
    planned = replace(case, fires=everything, reapply_mask=0, wake_mask=0, decide=None)
    asked = replace(planned, plan={}, decide=Answers(case.plan), wake_mask=1)
    one, other = run(planned), run(asked)
    assert one.equity == other.equity
    assert repr(one.fills) == repr(other.fills)
    assert repr(one.events) == repr(other.events)
    assert len(one.decisions) == len(other.decisions)


def for_more_units(impact: Impact | None, k: float) -> Impact | None:
    """Return what moves prices for `k` times the units as this does for one."""
    if impact is None:
        return None
    adv = None if impact.adv is None else np.array(impact.adv) * k
    return replace(impact, adv=adv, temporary=np.array(impact.temporary) / k, permanent=np.array(impact.permanent) / k)


@quick
@given(cases(), st.integers(-3, 5))
def test_twice_the_money_is_exactly_twice_the_equity(case: Case, power: int) -> None:
    k = 2.0**power
    lots = None if case.lots is None else case.lots * k
    scaled = {
        name: getattr(case, name) * k for name in ("capital", "minimum", "per_trade", "min_trade", "cash_reserve")
    }
    flows = None if case.flows is None else {row: money * k for row, money in case.flows.items()}
    tiers = tuple((money * k, rate) for money, rate in case.tiers)
    more = replace(case, lots=lots, tiers=tiers, flows=flows, impact=for_more_units(case.impact, k), **scaled)
    one, other = run(case), run(more)
    assert [equity * k for equity in one.equity] == other.equity
    assert [cash * k for cash in one.cash] == other.cash


def test_a_split_of_proportional_prices_changes_no_equity() -> None:
    for seed in range(150):
        case = replace(random_case(seed), lots=None, per_share=0.0, impact=None)
        splits = [action for action in case.actions if action[2] == "split"]
        if not splits:
            continue
        opens, closes, kept = case.open.copy(), case.close.copy(), []
        ratios = np.ones(case.close.shape)
        for row, asset, _, ratio in splits:
            ratios[row:, asset] *= ratio
        for row, asset, kind, value in case.actions:
            if kind != "split":
                kept.append((row, asset, kind, value * ratios[row, asset] if kind == "dividend" else value))
        plain = replace(case, open=opens * ratios, close=closes * ratios, actions=tuple(kept))
        one, other = run(case), run(plain)
        size = max(case.capital, *one.equity)
        np.testing.assert_allclose(one.equity, other.equity, rtol=1e-8, atol=1e-8 * size, err_msg=f"seed {seed}")


def by_column(values: Any, order: np.ndarray) -> Any:
    """Return numbers of assets in another order of these; one number is everybody's."""
    return values if np.ndim(values) == 0 else np.array(values)[..., order]


def shuffled_impact(impact: Impact | None, order: np.ndarray) -> Impact | None:
    """Return the impact with its assets in another order."""
    if impact is None:
        return None
    tables = {
        name: None if getattr(impact, name) is None else by_column(getattr(impact, name), order)
        for name in ("sigma", "adv", "temporary", "permanent")
    }
    return replace(impact, **tables)


def test_the_order_of_columns_does_not_matter() -> None:
    for seed in range(300):
        case = random_case(seed)
        order = np.random.default_rng(seed).permutation(len(case.symbols))
        where = {int(asset): column for column, asset in enumerate(order)}
        decide = case.decide
        if decide is not None:
            decide = Answers({row: None if w is None else w[order] for row, w in decide.table.items()})
        shuffled = replace(
            case,
            open=case.open[:, order],
            close=case.close[:, order],
            symbols=tuple(case.symbols[asset] for asset in order),
            plan={row: w[order] for row, w in case.plan.items()},
            decide=decide,
            lots=None if case.lots is None else case.lots[order],
            half_spread=by_column(case.half_spread, order),
            impact=shuffled_impact(case.impact, order),
            finance=None
            if case.finance is None
            else replace(case.finance, borrow=by_column(case.finance.borrow, order)),
            actions=tuple((row, where[asset], kind, value) for row, asset, kind, value in case.actions),
        )
        one, other = run(case), run(shuffled)
        np.testing.assert_allclose(one.equity, other.equity, rtol=RELATIVE, err_msg=f"seed {seed}")
        assert [(f.row, f.order_id, where[f.asset]) for f in one.fills if f.order_id >= 0] == [
            (f.row, f.order_id, f.asset) for f in other.fills if f.order_id >= 0
        ]


def test_the_cases_reach_everything() -> None:
    """A generator that never produces something proves nothing about it."""
    kinds: set[str] = set()
    scaled = 0
    for seed in range(400):
        out = run(random_case(seed))
        kinds |= {event.kind for event in out.events} | {decision.source for decision in out.decisions}
        kinds |= {fill.reason for fill in out.fills}
        scaled += any(0.0 < decision.scale < 1.0 for decision in out.decisions)
    assert kinds == {
        *("halted", "untradable_target", "short_dropped", "scaled", "cost_exceeds_equity", "bankrupt", "split"),
        *("dividend", "delisting", "unfilled_at_end", "stale", "margin_call", "cash_flow"),
        *("plan", "answer", "reapply"),
        *("target", "delisting", "withdrawal"),
    }
    assert scaled > 10

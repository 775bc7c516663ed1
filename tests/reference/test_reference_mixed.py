"""What must hold whatever is mixed: money is accounted for, fills have prices, nothing knows the future."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pytest

from . import Answer, Outcome, simulate
from .lots import METHODS, follow_lots
from .mixed import FIELDS, mixed_case, split
from .trips import follow_trips

BATCH = 50
STARTS = [*range(0, 100, BATCH), *(pytest.param(k, marks=pytest.mark.slow) for k in range(100, 2000, BATCH))]


def scale(case: dict[str, Any], out: Outcome) -> float:
    """Return the size of the money at hand, for tolerances."""
    traded = [abs(fill.quantity * fill.price) for fill in out.fills]
    return max(case["capital"], *np.abs(out.equity), *traded)


def income(out: Outcome) -> float:
    """Return what came in without trading: carry, dividends, flows."""
    moved = [event.value for event in out.events if event.kind in ("dividend", "cash_flow")]
    return math.fsum(moved + [entry.total for entry in out.carry])


@pytest.mark.parametrize("start", STARTS)
def test_all_money_is_accounted_for(start: int) -> None:
    for seed in range(start, start + BATCH):
        case = mixed_case(seed)
        out = simulate(**case)
        size = scale(case, out) * max(1, len(out.fills))
        spent = math.fsum(fill.quantity * fill.price + fill.cost for fill in out.fills)
        cash = case["capital"] + income(out) - spent
        assert out.cash[-1] == pytest.approx(cash, abs=1e-11 * size), f"seed {seed}"
        if any(event.kind == "bankrupt" for event in out.events):
            continue
        held = math.fsum(q * m for q, m in zip(out.quantities[-1], out.marks, strict=True) if q != 0.0)
        assert out.equity[-1] == pytest.approx(out.cash[-1] + held, abs=1e-11 * size), f"seed {seed}"
        for method in METHODS:
            lots = follow_lots(out, method)
            earned = lots.realised + lots.unrealised(out.marks) + income(out)
            assert out.equity[-1] == pytest.approx(case["capital"] + earned, abs=1e-10 * size), f"seed {seed}"
        profits = math.fsum(trip.profit for trip in follow_trips(out))
        assert out.equity[-1] == pytest.approx(case["capital"] + profits + income(out), abs=1e-10 * size)


@pytest.mark.parametrize("start", STARTS)
def test_every_fill_is_inside_its_bar_and_its_volume(start: int) -> None:
    for seed in range(start, start + BATCH):
        case = mixed_case(seed)
        out = simulate(**case)
        taken: Counter[tuple[int, int]] = Counter()
        for fill in out.fills:
            if fill.reason == "delisting":
                continue
            low, high = case["low"][fill.row, fill.asset], case["high"][fill.row, fill.asset]
            assert low * (1.0 - 1e-12) <= fill.price <= high * (1.0 + 1e-12), f"seed {seed}: {fill}"
            taken[fill.row, fill.asset] += abs(fill.quantity) if fill.reason != "reinvest" else 0.0
        part = case["trading"].participation
        for (row, asset), units in taken.items():
            assert units <= part * case["volume"][row, asset] * (1.0 + 1e-9), f"seed {seed}"


@pytest.mark.parametrize("start", STARTS)
def test_a_cash_account_is_never_short_and_never_spends_what_it_has_not(start: int) -> None:
    for seed in range(start, start + BATCH):
        case = mixed_case(seed)
        if case["account"].kind == "margin":
            continue
        out = simulate(**case)
        for t, units in enumerate(out.quantities):
            assert min(units) >= 0.0, f"seed {seed}"
            row = case["first"] + t
            cash = case["capital"] if t == 0 else out.cash[t - 1]
            come = [e.value for e in out.events if e.row == row and e.kind in ("dividend", "cash_flow")]
            come += [entry.total for entry in out.carry if entry.row == row]
            spent = [f.quantity * f.price + f.cost for f in out.fills if f.row == row]
            sold = any(f.row == row and f.quantity < 0.0 for f in out.fills)
            if spent and not sold:  # then nothing but openings took cash, and they stop at the reserve
                floor = min(cash + math.fsum(come), case.get("cash_reserve", 0.0))
                assert out.cash[t] >= floor - 1e-9 * scale(case, out), f"seed {seed} row {row}"


@pytest.mark.parametrize("start", STARTS)
def test_later_bars_change_nothing_earlier(start: int) -> None:
    for seed in range(start, start + BATCH):
        case = mixed_case(seed)
        rng = np.random.default_rng(seed)
        row = int(rng.integers(case["first"], len(case["close"])))
        factor = np.exp(rng.normal(0.0, 0.3, case["close"].shape))
        factor[rng.random(factor.shape) < 0.2] = math.nan
        factor[: row + 1] = 1.0
        other = case | {name: case[name] * factor for name in (*FIELDS, "volume")}
        other["plan"] = {t: answer for t, answer in case["plan"].items() if t <= row}
        one, two = simulate(**case), simulate(**other)
        seen = row + 1 - case["first"]
        for name in ("equity", "cash", "quantities", "returns", "reasons"):
            assert getattr(one, name)[:seen] == getattr(two, name)[:seen], f"seed {seed} {name}"
        early = [repr([astuple(f) for f in out.fills if f.row <= row]) for out in (one, two)]
        assert early[0] == early[1], f"seed {seed}"


@pytest.mark.parametrize("start", STARTS)
def test_the_order_of_columns_does_not_matter(start: int) -> None:
    for seed in range(start, start + BATCH):
        case = mixed_case(seed)
        assets = len(case["symbols"])
        order = np.random.default_rng(seed).permutation(assets)
        where = {int(asset): column for column, asset in enumerate(order)}
        one, two = simulate(**case), simulate(**permuted(case, order, where))
        np.testing.assert_allclose(one.equity, two.equity, rtol=1e-7, atol=1e-9 * scale(case, one), err_msg=str(seed))
        assert [(f.row, f.order_id, where[f.asset], f.reason) for f in one.fills if f.reason != "delisting"] == [
            (f.row, f.order_id, f.asset, f.reason) for f in two.fills if f.reason != "delisting"
        ], f"seed {seed}"  # payouts go by column


def permuted(case: dict[str, Any], order: np.ndarray, where: dict[int, int]) -> dict[str, Any]:
    """Return the same case with its columns in another order. Equal actions keep the order of the columns."""
    other = dict(case)
    for name in (*FIELDS, "volume", "member"):
        if case.get(name) is not None:
            other[name] = case[name][:, order]
    if not isinstance(case.get("half_spread", 0.0), float):
        other["half_spread"] = case["half_spread"][:, order]
    if case.get("impact") is not None:
        impact = case["impact"]
        other["impact"] = replace(impact, sigma=impact.sigma[:, order], adv=impact.adv[:, order])
    if case.get("finance") is not None:
        other["finance"] = replace(case["finance"], borrow=case["finance"].borrow[:, order])
        if case["finance"].funding is not None:
            moved = case["finance"].funding[:, order], case["finance"].perpetual[order]
            other["finance"] = replace(other["finance"], funding=moved[0], perpetual=moved[1])
    if case["lots"] is not None:
        other["lots"] = [case["lots"][i] for i in order]
    other["symbols"] = [case["symbols"][i] for i in order]
    other["actions"] = [(a[0], where[a[1]], *a[2:4], *(where[j] for j in a[4:])) for a in case["actions"]]
    other["plan"] = {
        row: Answer(
            None if answer.weights is None else answer.weights[order],
            [replace(wish, asset=where[wish.asset]) for wish in answer.orders],
            answer.cancels,
        )
        for row, answer in case["plan"].items()
    }
    return other


@pytest.mark.parametrize("start", STARTS)
def test_a_split_anywhere_changes_no_equity(start: int) -> None:
    for seed in range(start, start + BATCH):
        plain = mixed_case(seed, lots=None, per_share=0.0, impact=None, volume=None, actions=[])
        plain["trading"] = replace(plain["trading"], ticks=0.0, participation=math.inf)
        rng = np.random.default_rng(seed)
        row, asset = int(rng.integers(1, len(plain["close"]))), 0
        case = plain | {name: plain[name].copy() for name in FIELDS} | {"volume": plain["close"].copy()}
        split(case, row, asset, 2.0)
        case |= {"actions": [(row, asset, "split", 2.0)], "volume": None}
        case["plan"] = {t: restated(answer, asset, 2.0) if t >= row else answer for t, answer in plain["plan"].items()}
        one, two = simulate(**plain), simulate(**case)
        np.testing.assert_allclose(one.equity, two.equity, rtol=1e-9, err_msg=str(seed))
        assert len(one.fills) == len(two.fills)


def restated(answer: Answer, asset: int, ratio: float) -> Answer:
    """Return the same wishes in the units after a split."""
    orders = [
        replace(
            wish,
            quantity=wish.quantity * ratio,
            limit=wish.limit / ratio,
            stop=wish.stop / ratio,
            trail=wish.trail if wish.trail_is_percent else wish.trail / ratio,
        )
        if wish.asset == asset
        else wish
        for wish in answer.orders
    ]
    return replace(answer, orders=orders)


@pytest.mark.parametrize("start", STARTS)
def test_a_plan_and_the_same_answers_are_the_same(start: int) -> None:
    for seed in range(start, start + BATCH):
        case = mixed_case(seed, bands=(), band_bits=())
        plan = case["plan"]
        asked = case | {
            "plan": {},
            "decide": lambda row, bits, view, plan=plan: plan.get(row),  # noqa: ARG005
            "wake_mask": 1,
            "fires": [1] * len(case["close"]),
        }
        one, two = simulate(**case), simulate(**asked)
        assert one.equity == two.equity
        assert repr(one.fills) == repr(two.fills)


def test_the_cases_reach_everything() -> None:
    kinds: set[str] = set()
    for seed in range(300):
        out = simulate(**mixed_case(seed))
        kinds |= {fill.reason for fill in out.fills} | {f"{fill.moment} fill" for fill in out.fills}
        kinds |= {event.kind for event in out.events}
        kinds |= {f"cancelled {event.reason}" for event in out.events if event.kind == "order_cancelled"}
    assert not WANTED - kinds


WANTED = {
    *("target", "delisting", "market", "market_on_close", "limit", "stop", "stop_limit", "trailing"),
    *("exit_stop", "exit_trail", "exit_target", "universe", "margin_call", "withdrawal", "reinvest"),
    *("open fill", "inside fill", "close fill"),
    *("halted", "short_dropped", "scaled", "capped", "below_minimum", "cash_flow", "spin_off", "rename", "dividend"),
    *("split", "delisting", "bankrupt", "not_in_universe", "untradable_target", "unfilled_at_end"),
    *("order_placed", "order_filled", "position_opened", "position_closed", "rebalance_completed", "listing"),
    *(f"cancelled {reason}" for reason in ("cancelled", "replaced", "nothing_to_replace", "parent", "delisted")),
    *(f"cancelled {reason}" for reason in ("universe", "below_minimum", "expired", "oco", "child_filled")),
    *(f"cancelled {reason}" for reason in ("position_closed", "no_position", "unaffordable", "short_dropped")),
    *(f"cancelled {reason}" for reason in ("superseded", "margin_call")),
}

"""What the engine promises whatever it is given: chunks, restarts, scale, symmetry, no look ahead."""

from __future__ import annotations

from dataclasses import replace

import numba
import numpy as np
import pytest

from backtest.kernels.book import Own
from backtest.kernels.simulate import advance_full
from backtest.simulate.book import new_book
from backtest.simulate.engine import Engine
from backtest.simulate.result import collect
from backtest.types import EventKind
from tests.property.generate import Answers, Case, Traits, random_case
from tests.property.kernel import bits, market_of, plan_of, run_kernel, terms_of

SEEDS = range(10 if numba.config.DISABLE_JIT else 150)


def steady(seed: int, **changes: object) -> Case:
    """A case with proportional costs and nothing that rounds or stops: what the exact laws are promised for."""
    traits = Traits(
        assets=int(1 + seed % 6),
        rows=40,
        fill=("next_open", "next_close", "same_close")[seed % 3],
        size=("at_decision", "at_fill")[seed // 3 % 2],
        **{
            "wild": False, "halts": True, "listings": True, "splits": False, "dividends": False, "delistings": False,
            "planned": True, "asked": False, "drift": True, "rates": True, "minimum": False, "per_trade": False,
            "per_share": False, "lots": False, "min_trade": False, "reserve": False, "shorts": False, "levered": False,
            "sessions": False, "history": False, "margin": False, "financed": False,
            "tiers": False, "spreads": False, "impact": False, "quadratic": False, "flows": False, **changes,
        },
    )  # fmt: skip
    return random_case(seed, traits)


@pytest.mark.parametrize("seed", SEEDS)
def test_chunks_and_restarts_change_no_bit(seed: int) -> None:
    case = random_case(seed)
    whole = bits(run_kernel(case))
    rng = np.random.default_rng(seed)
    stops = np.sort(rng.integers(0, len(case.close) + 1, 5)).tolist()
    assert bits(run_kernel(case, stops)) == whole
    assert bits(run_kernel(case, range(len(case.close)), reload=True)) == whole
    blocks = [block.tobytes() for block in run_kernel(case).book[1:]]
    assert [block.tobytes() for block in run_kernel(case, stops).book[1:]] == blocks


@pytest.mark.parametrize("seed", SEEDS)
def test_positions_rebuilt_from_fills_are_those_of_the_book(seed: int) -> None:
    case = random_case(seed)
    terms = terms_of(case)
    terms.rule["wake_mask"] = 0
    engine = Engine(market_of(case), new_book(len(case.symbols), case.capital), terms, plan_of(case))
    engine.advance(len(case.close))
    result = collect(market_of(case), engine, case.capital, (), {}, plan_of(case))
    ruin = engine.events["row"][engine.events["kind"] == EventKind.BANKRUPT] - engine.first
    last = ruin[0] if len(ruin) else -1  # a frozen book splits no more
    assert (result.positions()[last] == engine.book.owned[0, Own.QUANTITY]).all()
    marked = np.where(result.positions() != 0.0, result.positions() * result.marks(), 0.0).sum(axis=1)
    if engine.book.record["frozen"][0] == 0:
        np.testing.assert_allclose(result.cash + marked, result.equity, atol=1e-9 * np.abs(result.equity).max())


def test_forty_triggers_keep_their_bits() -> None:
    case = steady(0, drift=False)
    bands = np.linspace(0.0, 1e-6, 40)
    watched = replace(case, bands=tuple(bands), band_bits=tuple(1 << k for k in range(1, 41)), reapply_mask=0)
    reasons = run_kernel(watched).rows["reasons"]
    assert reasons.max() >= 1 << 40
    assert reasons.min() >= 0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_case_gives_the_same_bits(seed: int) -> None:
    case = random_case(seed)
    assert bits(run_kernel(case)) == bits(run_kernel(case))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_and_the_same_answers_give_the_same_bits(seed: int) -> None:
    case = replace(random_case(seed), decide=None, wake_mask=0, reapply_mask=0, bands=(), band_bits=())
    fires = np.zeros(len(case.close), np.int64)
    fires[list(case.plan)] = 1
    asked = replace(case, plan={}, decide=Answers(case.plan), fires=fires, wake_mask=1)
    planned, answered = run_kernel(case), run_kernel(asked)
    assert planned.rows["equity"].tobytes() == answered.rows["equity"].tobytes()
    assert planned.rows["cash"].tobytes() == answered.rows["cash"].tobytes()
    assert planned.fills.tobytes() == answered.fills.tobytes()
    assert len(planned.decisions) == len(answered.decisions)


@pytest.mark.parametrize("seed", SEEDS)
def test_lean_and_full_give_the_same_bits(seed: int) -> None:
    case = replace(random_case(seed), actions=(), decide=None, wake_mask=0, flows=None, flow_parts=None)
    lean = run_kernel(case)
    engine = Engine(market_of(case), new_book(len(case.symbols), case.capital), terms_of(case), plan_of(case))
    engine._advance = advance_full
    engine._bind()
    engine.advance(len(case.close))
    assert lean.rows.tobytes() == engine.rows.tobytes()
    assert lean.fills.tobytes() == engine.fills.tobytes()


@pytest.mark.parametrize("seed", SEEDS)
def test_bars_after_a_row_change_nothing_up_to_it(seed: int) -> None:
    case = random_case(seed)
    rng = np.random.default_rng(seed)
    cut = int(rng.integers(case.first, len(case.close)))
    noise = rng.uniform(0.3, 3.0, case.close.shape)
    noise[: cut + 1] = 1.0
    other = run_kernel(replace(case, open=case.open * noise, close=case.close * noise))
    kept = cut + 1 - case.first
    before = run_kernel(case)
    assert before.rows[:kept].tobytes() == other.rows[:kept].tobytes()
    assert before.fills[before.fills["row"] <= cut].tobytes() == other.fills[other.fills["row"] <= cut].tobytes()


@pytest.mark.parametrize("seed", SEEDS[:60])
def test_twice_the_money_is_twice_everything_to_the_bit(seed: int) -> None:
    case = steady(seed)
    one, two = run_kernel(case), run_kernel(replace(case, capital=4.0 * case.capital))
    assert (4.0 * one.rows["equity"] == two.rows["equity"]).all()
    assert (4.0 * one.fills["quantity"] == two.fills["quantity"]).all()


@pytest.mark.parametrize("seed", SEEDS[:60])
def test_the_order_of_assets_does_not_matter(seed: int) -> None:
    case = steady(seed)
    order = np.random.default_rng(seed).permutation(len(case.symbols))
    shuffled = replace(
        case,
        open=np.ascontiguousarray(case.open[:, order]),
        close=np.ascontiguousarray(case.close[:, order]),
        symbols=tuple(case.symbols[i] for i in order),
        plan={row: weights[order] for row, weights in case.plan.items()},
    )
    one, other = run_kernel(case), run_kernel(shuffled)
    np.testing.assert_allclose(one.rows["equity"], other.rows["equity"], rtol=1e-9)
    assert [case.symbols[i] for i in one.fills["asset"]] == [shuffled.symbols[i] for i in other.fills["asset"]]


@pytest.mark.parametrize("seed", SEEDS[:60])
def test_a_split_leaves_equity_unchanged(seed: int) -> None:
    case = steady(seed, halts=False, listings=False)
    row, ratio = 20, 3.0
    scale = np.where(np.arange(len(case.close))[:, None] >= row, 1.0 / ratio, 1.0)
    divided = replace(
        case, open=case.open * scale, close=case.close * scale,
        actions=tuple((row, i, "split", ratio) for i in range(len(case.symbols))),
    )  # fmt: skip
    np.testing.assert_allclose(run_kernel(case).rows["equity"], run_kernel(divided).rows["equity"], rtol=1e-9)


@pytest.mark.parametrize("fill", ["next_open", "next_close", "same_close"])
def test_zero_cost_and_constant_weights_give_the_closed_form(fill: str) -> None:
    rng = np.random.default_rng(5)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, (60, 3)), axis=0))
    weights = np.array([0.5, 0.3, 0.2])
    plan = dict.fromkeys(range(60), weights)
    case = replace(steady(0), open=close, close=close, symbols=("a", "b", "c"), plan=plan, fill=fill, size="at_fill",
                   commission=0.0, half_spread=0.0, slippage=0.0, capital=1.0, reapply_mask=0, bands=(), band_bits=(),
                   fires=np.zeros(60, np.int64))  # fmt: skip
    entered = 0 if fill == "same_close" else 1
    growth = np.cumprod(1.0 + (close[1:] / close[:-1] - 1.0)[entered:] @ weights)
    np.testing.assert_allclose(run_kernel(case).rows["equity"][entered + 1 :], growth, rtol=1e-12)


@pytest.mark.parametrize("seed", SEEDS[:100])
def test_reached_targets_applied_again_trade_nothing(seed: int) -> None:
    """Under costs, without lots or minimums, with f = 1 and marks unchanged (SEMANTICS §5)."""
    rng = np.random.default_rng(seed)
    n = 5
    price = np.repeat(rng.uniform(5.0, 500.0, (1, n)), 6, axis=0)
    weights = rng.dirichlet(np.ones(n))
    case = replace(
        steady(seed), open=price, close=price, symbols=tuple("abcde"), plan={0: weights, 2: weights, 4: weights},
        fires=np.zeros(6, np.int64), reapply_mask=0, bands=(), band_bits=(),
    )  # fmt: skip
    kernel = run_kernel(case)
    assert (kernel.decisions["scale"] == 1.0).all()
    assert kernel.fills["decision_row"].max() == 0
    held = kernel.quantities * price[0] / kernel.rows["equity"][-1]
    np.testing.assert_allclose(held, weights, rtol=1e-12)

"""Renames, spin-offs and reinvested dividends: the engine, and what is read of its runs, against the reference."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numba
import numpy as np
import pytest

from backtest.market.actions import refuse_bars_after_end
from backtest.market.transfers import bars_of, refuse_wrong_transfers
from backtest.metrics.attribution import attribution, profit_by, realised_profit
from backtest.metrics.attribution.lot_parts import METHODS, lot_parts
from backtest.metrics.attribution.rows import profit_by_row, weighted_profit
from backtest.metrics.ledger import gain, last_row
from backtest.metrics.trips import trips
from backtest.types import EventKind, FillReason
from tests.property.alike import assert_equal, assert_pieces_change_no_bit
from tests.property.test_lots_reference import assert_equal as assert_same_lots
from tests.property.transfers import moved_case
from tests.property.whole import arguments, run_whole
from tests.reference import simulate
from tests.reference.lots import follow_lots

BATCH = 50
SEEDED = 50 if numba.config.DISABLE_JIT else 400
SEEDS = range(16 if numba.config.DISABLE_JIT else 25)


@pytest.mark.parametrize("start", range(0, SEEDED, BATCH))
def test_equals_the_reference_where_symbols_move(start: int) -> None:
    for seed in range(start, start + BATCH):
        assert_equal(moved_case(seed))


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 11_000, 1000))
def test_equals_the_reference_on_many_cases_where_symbols_move(start: int) -> None:
    for seed in range(start, start + 1000):
        assert_equal(moved_case(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_chunks_and_restarts_change_no_bit(seed: int) -> None:
    assert_pieces_change_no_bit(moved_case(seed), seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_rebuilt_is_what_the_book_had(seed: int) -> None:
    case = moved_case(seed)
    kernel, plain = run_whole(case), simulate(**arguments(case))
    result, largest = kernel.result, np.abs(plain.quantities).max(initial=1.0)
    assert (result.positions()[-1] == kernel.quantities).all()
    np.testing.assert_allclose(result.positions(), plain.quantities, rtol=1e-7, atol=1e-9 * largest)
    value = np.where(result.positions() != 0.0, result.positions() * result.marks(), 0.0).sum(axis=1)
    np.testing.assert_allclose((result.cash + value)[: last_row(result) + 1], result.equity[: last_row(result) + 1])


@pytest.mark.parametrize("seed", SEEDS)
def test_profits_add_up_to_the_change_of_equity(seed: int) -> None:
    case = moved_case(seed)
    result = run_whole(case).result
    change, scale = gain(result), np.abs(result.equity).max() + result.capital
    by_row, end = profit_by_row(result), last_row(result) + 1
    costs = attribution(result).query("level in ('cost', 'financing')")["profit"].sum()
    assert by_row.sum() + costs == pytest.approx(change, abs=1e-9 * scale)
    weight = np.linspace(0.5, 1.5, end)
    np.testing.assert_allclose(weighted_profit(result, weight), weight @ by_row, atol=1e-9 * scale)
    for by in ("asset", "trade"):
        assert profit_by(result, by)["net"].sum() == pytest.approx(change, abs=1e-9 * scale)
    carried = result.carry[:end].sum()
    for method in METHODS:
        assert realised_profit(result, method)["net"].sum() + carried == pytest.approx(change, abs=1e-9 * scale)
    assert (trips(result).entered >= 0.0).all()


@pytest.mark.parametrize("method", METHODS)
def test_lots_are_those_of_the_reference(method: str) -> None:
    parts, inherited = 0, 0
    for seed in SEEDS:
        case = moved_case(seed)
        result, plain = run_whole(case).result, simulate(**arguments(case))
        found = lot_parts(result, method)
        assert_same_lots(found, follow_lots(plain, method), np.array(plain.marks), case["first"])
        parts += found.asset.size
        inherited += len(plain.spun)
    assert parts > 100
    assert inherited > 0


def test_the_cases_are_what_a_market_accepts_and_reach_everything() -> None:
    events: Counter[str] = Counter()
    fills: Counter[str] = Counter()
    for seed in range(60):
        case = moved_case(seed)
        kernel: Any = run_whole(case)
        market = kernel.result.market
        refuse_wrong_transfers(market.symbols.tolist(), market.session, bars_of(market.real), market.actions)
        refuse_bars_after_end(market.symbols.tolist(), market.session, market.real, market.actions)
        events.update(EventKind(each).name for each in kernel.events["kind"])
        fills.update(FillReason(each).name for each in kernel.fills["reason"])
    assert {"RENAME", "SPIN_OFF", "DIVIDEND", "SPLIT", "DELISTING"} <= set(events)
    assert min(events["RENAME"], events["SPIN_OFF"], fills["REINVEST"]) >= 5

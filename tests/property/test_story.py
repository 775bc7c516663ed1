"""Events come out the same however they are read: at once, wake by wake, or from where another engine went on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numba
import numpy as np
import pytest

from backtest.kernels.book import Own
from backtest.simulate.book import copy_book, new_book
from backtest.simulate.chronicle import Chronicle
from backtest.simulate.engine import Engine
from backtest.simulate.events import TOLD
from backtest.types import EventKind, Records, Status
from tests.property.whole import curves_of, market_of, plan_of, requests_of, run_whole, terms_of, whole_case
from tests.reference import Answer

SEEDS = range(15 if numba.config.DISABLE_JIT else 60)


def answer_wakes(engine: Engine, case: dict[str, Any], stop: int, at_wake: Any) -> None:
    """Run to the row `stop`, answering as the case says; `at_wake` is called before each answer."""
    weights = np.full((1, len(case["symbols"])), np.nan)
    status = engine.advance(stop)
    while status == Status.WAKE:
        at_wake()
        answer = case["answers"].get(engine.row) or Answer()
        weights[0] = np.nan if answer.weights is None else answer.weights
        status = engine.advance(stop, weights, requests_of(answer), curves_of(answer))


def engine_of(case: dict[str, Any], book: Any) -> Engine:
    return Engine(market_of(case), book, terms_of(case), plan_of(case))


def whole_story(case: dict[str, Any]) -> tuple[SimpleNamespace, Records]:
    """Everything but the orders that the end of the data left working."""
    kernel = run_whole(case)
    return kernel, kernel.events[kernel.events["kind"] != EventKind.UNFILLED_AT_END]


@pytest.mark.parametrize("late", [0, 1])
@pytest.mark.parametrize("seed", SEEDS)
def test_read_at_every_wake(seed: int, late: int) -> None:
    case = whole_case(seed)
    _, told = whole_story(case)
    engine = engine_of(case, new_book(len(case["symbols"]), case["capital"]))
    chronicle, rows = Chronicle(engine, engine._market, (), {}), len(case["close"])
    pieces = []
    answer_wakes(engine, case, rows, lambda: pieces.extend(chronicle.pages(engine.row - late)))
    pieces.extend(chronicle.pages(rows - 1))
    assert join(pieces).tobytes() == told.tobytes()


@pytest.mark.parametrize("seed", SEEDS)
def test_read_from_where_another_engine_goes_on(seed: int) -> None:
    case = whole_case(seed)
    kernel, told = whole_story(case)
    rows = len(case["close"])
    stop = int(np.random.default_rng(seed).integers(case["first"], rows))
    engine = engine_of(case, new_book(len(case["symbols"]), case["capital"]))
    answer_wakes(engine, case, stop, lambda: None)
    other = engine_of(case, copy_book(engine.book))
    chronicle = Chronicle(other, other._market, (), {})
    answer_wakes(other, case, rows, lambda: None)
    pieces = list(chronicle.pages(rows - 1))
    assert join(pieces).tobytes() == told[told["row"] >= stop].tobytes()
    held = pieces[-1].positions if pieces else {}
    left = {str(case["symbols"][i]): float(q) for i, q in enumerate(kernel.quantities) if q != 0.0}
    assert not pieces or dict(held) == left


def join(pieces: list[Any]) -> Records:
    lines = [piece.lines for piece in pieces]
    return np.concatenate(lines) if lines else np.empty(0, TOLD)


def test_positions_are_those_of_the_book() -> None:
    checked = 0
    for seed in SEEDS:
        case = whole_case(seed)
        engine = engine_of(case, new_book(len(case["symbols"]), case["capital"]))
        symbols, seen = case["symbols"], []
        chronicle = Chronicle(engine, engine._market, (), {})

        def look(engine: Engine = engine, chronicle: Chronicle = chronicle, seen: list[Any] = seen) -> None:
            *_, page = chronicle.pages(engine.row)  # a wake is an event
            seen.append((page.positions, engine.book.owned[0, Own.QUANTITY].copy()))

        answer_wakes(engine, case, len(case["close"]), look)
        for positions, quantities in seen:
            assert positions == {str(symbols[i]): float(quantities[i]) for i in np.flatnonzero(quantities)}
        checked += len(seen)
    assert checked > 100

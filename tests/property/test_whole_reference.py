"""The compiled engine equals the reference where everything is mixed: orders, exits, the way inside the bar, volume."""

from __future__ import annotations

from collections import Counter

import numba
import numpy as np
import pytest

from backtest.types import CancelReason, EventKind, FillReason
from tests.property.alike import assert_equal, assert_pieces_change_no_bit
from tests.property.whole import run_whole, whole_case
from tests.reference import Exits, Trading
from tests.reference.options import INTRABAR

BATCH = 50
SEEDED = 100 if numba.config.DISABLE_JIT else 1000
SEEDS = range(10 if numba.config.DISABLE_JIT else 60)


@pytest.mark.parametrize("start", range(0, SEEDED, BATCH))
def test_equals_the_reference_on_mixed_cases(start: int) -> None:
    for seed in range(start, start + BATCH):
        assert_equal(whole_case(seed))


@pytest.mark.parametrize("intrabar", INTRABAR)
@pytest.mark.parametrize("exits", [Exits(), Exits(0.02, 0.03, 0.015), Exits(trail=0.02)])
def test_equals_the_reference_under_each_assumption(intrabar: str, exits: Exits) -> None:
    for seed in SEEDS[: len(SEEDS) // 5]:
        trading = Trading(intrabar, carry=seed % 3, participation=(0.2, np.inf)[seed % 2], ticks=0.01)
        assert_equal(whole_case(5000 + seed, trading=trading, exits=exits))


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 21_000, 1000))
def test_equals_the_reference_on_many_mixed_cases(start: int) -> None:
    for seed in range(start, start + 1000):
        assert_equal(whole_case(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_chunks_and_restarts_change_no_bit(seed: int) -> None:
    assert_pieces_change_no_bit(whole_case(seed), seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_positions_rebuilt_from_fills_are_those_of_the_book(seed: int) -> None:
    kernel = run_whole(whole_case(seed))
    assert (kernel.result.positions()[-1] == kernel.quantities).all()
    assert kernel.result.fills.tobytes() == kernel.fills.tobytes()


def test_the_cases_have_every_reason_that_the_engine_knows() -> None:
    fills: Counter[str] = Counter()
    events: Counter[str] = Counter()
    for seed in range(100):
        kernel = run_whole(whole_case(seed))
        fills.update(FillReason(each).name for each in kernel.fills["reason"])
        events.update(EventKind(each).name for each in kernel.events["kind"])
        lacking = np.isin(kernel.events["kind"], (EventKind.ORDER_CANCELLED, EventKind.CASH_FLOW))
        events.update(CancelReason(each).name for each in kernel.events["reason"][lacking])
    assert set(fills) == {reason.name for reason in FillReason}
    assert {reason.name for reason in CancelReason if reason} <= set(events)
    assert {kind.name for kind in EventKind if kind is not EventKind.COST_EXCEEDS_EQUITY} <= set(events)

"""The compiled engine equals the reference where assets have clocks of their own, whatever else is mixed in."""

from __future__ import annotations

from types import SimpleNamespace

import numba
import numpy as np
import pytest

from backtest.types import FillReason
from tests.property.alike import assert_equal, assert_pieces_change_no_bit
from tests.property.clocks import clock_case, permuted
from tests.property.whole import run_whole, whole_case

BATCH = 50
SEEDED = 100 if numba.config.DISABLE_JIT else 1000
SEEDS = range(10 if numba.config.DISABLE_JIT else 60)


def assert_alike(one: SimpleNamespace, other: SimpleNamespace) -> None:
    """Everything that was written is the same, up to the rounding of sums in another order."""
    for table in ("rows", "fills", "events", "decisions"):
        ours, theirs = getattr(one, table), getattr(other, table)
        assert len(ours) == len(theirs)
        for name in ours.dtype.names:
            if name != "drift_asset":  # of two that have drifted equally far
                np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-9, atol=1e-9, err_msg=f"{table} {name}")


@pytest.mark.parametrize("start", range(0, SEEDED, BATCH))
def test_equals_the_reference_on_mixed_clocks(start: int) -> None:
    for seed in range(start, start + BATCH):
        assert_equal(clock_case(seed))


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 11_000, 1000))
def test_equals_the_reference_on_many_mixed_clocks(start: int) -> None:
    for seed in range(start, start + 1000):
        assert_equal(clock_case(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_chunks_and_restarts_change_no_bit(seed: int) -> None:
    assert_pieces_change_no_bit(clock_case(seed), seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_the_groups_changes_nothing(seed: int) -> None:
    case = clock_case(seed)
    clocks = np.random.default_rng(seed).permutation(case["group_starts"].shape[1])
    assert_alike(run_whole(permuted(case, clocks)), run_whole(case))


@pytest.mark.parametrize("seed", SEEDS)
def test_groups_with_the_same_hours_are_one_market(seed: int) -> None:
    case = whole_case(seed, size="at_decision")
    if case["fill"] == "same_close":
        case["fill"] = "next_open"
    rows, assets = case["close"].shape
    hours = 24.0 * np.arange(rows)[:, None] + np.array([0.0, 0.0])
    alike = case | {"groups": np.arange(assets) % 2, "group_starts": hours, "group_ends": hours + 24.0}
    one, several = run_whole(case), run_whole(alike)
    assert_alike(one, several)


def test_the_cases_reach_what_clocks_change() -> None:
    reasons: set[str] = set()
    waited = halves = 0
    for seed in range(100):
        case = clock_case(seed)
        kernel = run_whole(case)
        reasons |= {FillReason(each).name for each in kernel.fills["reason"]}
        baskets = kernel.decisions[kernel.decisions["done_row"] >= 0]
        waited += int((baskets["done_row"] > baskets["row"] + 1).sum())
        target = kernel.fills[kernel.fills["reason"] == FillReason.TARGET]
        halves += sum(len(np.unique(target["row"][target["decision_row"] == row])) > 1 for row in baskets["row"])
    assert {"TARGET", "MARGIN_CALL", "WITHDRAWAL", "REINVEST", "EXIT_STOP", "SLICED", "UNIVERSE"} <= reasons
    assert waited > 50
    assert halves > 30

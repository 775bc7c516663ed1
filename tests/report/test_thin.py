from __future__ import annotations

import numpy as np
import pytest

from backtest.report.thin import keep_extremes, keep_steps


def test_short_series_stay_whole() -> None:
    np.testing.assert_array_equal(keep_extremes([np.zeros(10)], 10), np.arange(10))


@pytest.mark.parametrize("n", [1_001, 5_000, 99_999])
def test_extremes_and_ends_stay(n: int) -> None:
    a, b = np.random.default_rng(1).normal(size=(2, n)).cumsum(axis=1)
    rows = keep_extremes([a, b], 1_000)
    assert rows.size <= 1_002
    assert (np.diff(rows) > 0).all()
    assert {0, n - 1} <= set(rows.tolist())
    for values in (a, b):
        assert {int(values.argmin()), int(values.argmax())} <= set(rows.tolist())


def test_gaps_are_never_extremes() -> None:
    values = np.full(5_000, np.nan)
    values[1234] = 1.0
    assert 1234 in keep_extremes([values], 100)


def test_a_jump_keeps_the_row_before_it() -> None:
    times = np.arange(10_000)
    rows = set(keep_steps(times, np.array([0, 777, 5_001]), 100).tolist())
    assert {0, 776, 777, 5_000, 5_001, 9_999} <= rows
    assert len(rows) < 120


def test_too_many_jumps_are_left_to_an_even_spread() -> None:
    assert keep_steps(np.arange(10_000), np.arange(0, 10_000, 2), 100).size == 100

from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.stats import batting_average, capture

MINE = np.array([0.10, -0.05, 0.05, -0.10, 0.02])
THEIRS = np.array([0.05, 0.02, -0.01, -0.05, 0.05])


def test_the_three_methods_by_hand() -> None:
    """The series of PerformanceAnalytics' own test (test-UpDownRatios.R), which states two of the formulas."""
    up = (1.1 * 0.95 * 1.02 - 1.0) / (1.05 * 1.02 * 1.05 - 1.0)
    down = (1.05 * 0.9 - 1.0) / (0.99 * 0.95 - 1.0)
    assert capture(MINE, THEIRS, "up", "cumulative") == pytest.approx(up)
    assert capture(MINE, THEIRS, "down", "cumulative") == pytest.approx(down)
    assert capture(MINE, THEIRS, "up", "arithmetic") == pytest.approx(0.07 / 0.12)
    assert capture(MINE, THEIRS, "down", "arithmetic") == pytest.approx(-0.05 / -0.06)
    annual = ((1.1 * 0.95 * 1.02) ** 4 - 1.0) / ((1.05 * 1.02 * 1.05) ** 4 - 1.0)  # 3 of 12 months: to the power 4
    assert capture(MINE, THEIRS, "up", "annualised", 12.0) == pytest.approx(annual)


def test_the_benchmark_captures_itself_and_a_flat_bar_is_on_neither_side() -> None:
    for side in ("up", "down"):
        assert capture(THEIRS, THEIRS, side, "cumulative") == pytest.approx(1.0)  # type: ignore[arg-type]
    flat = np.append(THEIRS, 0.0)
    for side in ("up", "down"):
        more = capture(np.append(MINE, 0.5), flat, side, "arithmetic")  # type: ignore[arg-type]
        assert more == capture(MINE, THEIRS, side, "arithmetic")  # type: ignore[arg-type]


def test_gaps_are_left_out_and_nothing_is_undefined() -> None:
    gap = np.array([np.nan, -0.05, 0.05, -0.10, 0.02])
    assert capture(gap, THEIRS, "up", "arithmetic") == pytest.approx(-0.03 / 0.07)
    assert math.isnan(capture(MINE, np.abs(THEIRS), "down", "cumulative"))
    assert math.isnan(capture(MINE, THEIRS, "up", "annualised"))  # nobody said how many bars a year has


def test_ruin_captures_everything() -> None:
    assert capture(np.array([-1.5]), np.array([-0.5]), "down", "annualised", 1.0) == pytest.approx(2.0)


def test_batting_average() -> None:
    assert batting_average(MINE, THEIRS) == pytest.approx(2 / 5)
    assert batting_average(np.array([0.1, np.nan]), np.array([0.0, 0.0])) == 1.0
    assert batting_average(MINE, MINE) == 0.0
    assert math.isnan(batting_average(np.array([np.nan]), np.array([0.1])))

"""Sums in fixed lanes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.kernels import lanes
from tests.kernels.calling import through

TOTAL, TOTAL_SIZE, DOT = through(lanes.total, 1), through(lanes.total_size, 1), through(lanes.dot, 2)


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 16, 100, 503])
def test_sums_agree_with_exact_summation(n: int) -> None:
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=n), rng.normal(size=n)
    assert TOTAL(x) == pytest.approx(math.fsum(x), abs=1e-12)
    assert TOTAL_SIZE(x) == pytest.approx(math.fsum(np.abs(x)), abs=1e-12)
    assert DOT(x, y) == pytest.approx(math.fsum(x * y), abs=1e-12)


def test_the_order_of_additions_is_fixed() -> None:
    x = np.random.default_rng(0).normal(size=1001) * 10.0 ** np.arange(1001).clip(0, 12)
    assert len({TOTAL(x.copy()) for _ in range(20)}) == 1


def test_nan_is_not_lost() -> None:
    assert math.isnan(TOTAL(np.array([1.0, np.nan, 2.0])))
    assert math.isnan(DOT(np.array([0.0]), np.array([np.nan])))

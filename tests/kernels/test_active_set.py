"""The kernel alone: it stops at the optimum, in degenerate corners too, and says so when it runs out of steps."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.kernels.active_set import DONE, OUT_OF_STEPS, descend
from backtest.types import Floats, Ints


def run(Q: Floats, c: Floats, start: int, steps: int = 200) -> tuple[int, Floats, Ints]:
    """Minimise over weights of at least 0 that add up to 1, from all in one asset."""
    k = len(c)
    Q = np.ascontiguousarray(Q).view()
    Q.flags.writeable = False
    w, place = np.eye(k)[start].copy(), np.zeros(k, np.int64)
    place[start] = 1
    status, _ = descend(
        Q,
        c.copy(),
        np.full(k, 1e-12),
        np.column_stack([np.zeros(k), np.ones(k)]),
        np.ones(k, np.int64),
        np.zeros((1, k)),
        np.ones((1, 1, k)),
        np.zeros((1, k)),
        np.ones((2, 1)),
        w,
        place,
        np.array([1]),
        np.zeros((k, k)),
        0,
        steps,
    )
    return status, w, place


@pytest.mark.parametrize("start", range(4))
def test_every_start_ends_at_the_optimum(start: int) -> None:
    variances = np.array([0.01, 0.04, 0.09, 0.25])
    status, w, place = run(np.diag(variances), np.zeros(4), start)
    assert status == DONE
    np.testing.assert_allclose(w, (1 / variances) / (1 / variances).sum(), rtol=1e-9)
    assert (place == 1).all()


def test_what_is_not_held_is_at_its_point() -> None:
    status, w, place = run(np.eye(3), np.array([0.0, 0.0, 5.0]), 2)
    assert status == DONE
    np.testing.assert_allclose(w, [0.5, 0.5, 0.0], atol=1e-12)
    assert w[2] == 0.0
    assert place[2] == 0


def test_twins_of_twins_do_not_cycle() -> None:
    Q = np.ones((8, 8)) * 0.04
    status, w, _ = run(Q, np.zeros(8), 0)
    assert status == DONE
    assert w.sum() == pytest.approx(1.0, abs=1e-12)


def test_too_few_steps_are_said() -> None:
    status, w, _ = run(np.diag([0.01, 0.04, 0.09, 0.25]), np.zeros(4), 3, steps=2)
    assert status == OUT_OF_STEPS
    assert w.sum() == pytest.approx(1.0, abs=1e-12)

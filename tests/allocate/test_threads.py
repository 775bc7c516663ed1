"""Linear algebra on one thread, so that the number of cores does not show in the last bits."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg  # noqa: F401  # brings a library of its own
from threadpoolctl import threadpool_info, threadpool_limits

import backtest
from backtest.allocate.threads import one_thread

RETURNS = np.random.default_rng(0).normal(0.0, 0.01, (400, 300)) + np.random.default_rng(1).normal(0.0, 0.01, (400, 1))


def _threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_every_library_is_held_and_let_go() -> None:
    with threadpool_limits(2):
        before = _threads()
        with one_thread():
            assert _threads() == {1}
        assert _threads() == before


@pytest.mark.parametrize("method", ["min_variance", "risk_parity", "hrp"])
def test_an_answer_has_the_same_bits_on_one_thread_or_many(method: str) -> None:
    many = backtest.allocate(method, returns=RETURNS)
    with threadpool_limits(1):
        one = backtest.allocate(method, returns=RETURNS)
    np.testing.assert_array_equal(one.weights, many.weights)
    assert one.condition == many.condition

"""The verifier refuses whatever a method should not have said."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.allocate import Weights, verified
from backtest.errors import AllocationError


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([0.5, 0.5, 0.0], r"m answered with shape \(3,\); expected \(2,\)"),
        ([[0.5, 0.5]], "shape"),
        ([0.5, np.nan], "1 weights that are not numbers"),
        ([np.inf, 0.0], "not numbers"),
        ([0.7, 0.4], "add up to 1.1"),
        ([1.1, -0.1], "weight of -0.1"),
        ([-1e-6, 0.5], "weight of -1e-06"),
    ],
)
def test_bad_answers_are_refused(weights: list[float], said: str) -> None:
    with pytest.raises(AllocationError, match=said):
        verified("m", Weights(np.array(weights)), 2)


@pytest.mark.parametrize("weights", [[0.5, 0.5], [0.0, 0.0], [1.0 + 1e-10, 0.0], [0.3, 0.2]])
def test_good_answers_come_back_unchanged(weights: list[float]) -> None:
    answer = Weights(np.array(weights))
    assert verified("m", answer, 2) is answer


def test_no_symbols_is_no_fault() -> None:
    assert verified("m", Weights(np.zeros(0)), 0).weights.shape == (0,)

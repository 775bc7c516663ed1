"""`backtest.allocate`: frames and arrays in, weights out, one clear error for everything else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import backtest
from backtest.errors import AllocationError, InputError

RETURNS = np.array([[0.04, 0.01], [-0.04, -0.01], [0.02, 0.01], [-0.02, -0.01]])


def test_arrays_and_frames_give_the_same() -> None:
    frame = pd.DataFrame(RETURNS, columns=["X", "Y"])
    one = backtest.allocate("inverse_volatility", returns=RETURNS, lookback=4)
    other = backtest.allocate("inverse_volatility", returns=frame, lookback=4)
    np.testing.assert_array_equal(one.weights, other.weights)


def test_only_the_last_rows_count() -> None:
    answer = backtest.allocate("inverse_volatility", returns=RETURNS, lookback=2)
    np.testing.assert_allclose(answer.weights, [1 / 3, 2 / 3], rtol=1e-14)


def test_a_method_that_looks_at_nothing_takes_no_rows() -> None:
    np.testing.assert_array_equal(backtest.allocate("equal_weight", returns=np.zeros((0, 4))).weights, np.full(4, 0.25))


def test_fixed_goes_by_the_names_of_columns() -> None:
    frame = pd.DataFrame(RETURNS, columns=["X", "Y"])
    np.testing.assert_array_equal(backtest.allocate("fixed", returns=frame, weights={"Y": 0.5}).weights, [0.0, 0.5])


@pytest.mark.parametrize(
    ("method", "returns", "parameters", "said"),
    [
        ("equal_wieght", RETURNS, {}, "unknown allocation method 'equal_wieght'.*did you mean 'equal_weight'"),
        ("inverse_volatility", RETURNS, {"lookbak": 3}, "unknown parameter 'lookbak'.*did you mean 'lookback'"),
        ("inverse_volatility", RETURNS, {"lookback": 1}, "inverse_volatility.lookback: .*; received 1"),
        ("inverse_volatility", RETURNS, {"lookback": 5}, "looks at 5 returns; received 4"),
        ("fixed", RETURNS, {}, "fixed.weights: Field required"),
        ("fixed", RETURNS, {"weights": {"0": 0.7, "1": 0.7}}, "add up to 1.4"),
        ("equal_weight", RETURNS[0], {}, "expected two dimensions"),
        ("equal_weight", [["a", "b"]], {}, "not numbers"),
        ("equal_weight", pd.DataFrame({"day": ["monday"], "X": [0.1]}), {}, "not numbers"),
        ("equal_weight", np.array([[0.1, np.inf]]), {}, "row 0, column 1: received inf"),
    ],
)
def test_one_clear_error(method: str, returns: Any, parameters: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        backtest.allocate(method, returns=returns, **parameters)


def test_several_problems_are_told_together() -> None:
    with pytest.raises(InputError) as caught:
        backtest.allocate("inverse_volatility", returns=RETURNS, lookback=0, min_observations="many")
    assert len(str(caught.value).splitlines()) == 2


def test_a_fixed_weight_on_no_column_is_refused() -> None:
    frame = pd.DataFrame(RETURNS, columns=["AAPL", "MSFT"])
    with pytest.raises(InputError, match="'APPL' is not a column of returns; did you mean 'AAPL'"):
        backtest.allocate("fixed", returns=frame, weights={"APPL": 0.5})


def test_a_method_that_gives_up_is_an_allocation_error() -> None:
    with pytest.raises(AllocationError, match="nothing to hold"):
        backtest.allocate("inverse_volatility", returns=np.zeros((10, 2)), lookback=5)

"""Tables that are no simple returns, and weights that are no fractions of equity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import backtest
from backtest.errors import InputError

RETURNS = np.random.default_rng(2).normal(0.0005, 0.01, (60, 3))
DAYS = pd.bdate_range("2024-01-01", periods=60)
FRAME = pd.DataFrame(RETURNS, DAYS, list("XYZ"))


@pytest.mark.parametrize("method", ["equal_weight", "kelly", "mean_variance"])
def test_percent_and_logarithms_are_refused(method: str) -> None:
    """Of each, some day is below -1: with it a mean of percent would be taken for a mean of fractions."""
    given = {"risk_aversion": 2.0} if method == "mean_variance" else {}
    given |= {} if method == "equal_weight" else {"lookback": 50}
    percent = 100.0 * FRAME
    row, column = np.argwhere(percent.to_numpy() < -1.0)[0]
    said = rf"returns: row {row}, {'XYZ'[column]}: received -\d\S*, a loss of more than everything; allowed: simple"
    with pytest.raises(InputError, match=said):
        backtest.allocate(method, returns=percent, **given)
    with pytest.raises(InputError, match=r"row 0, column 1: received -1\.2, a loss"):
        backtest.allocate(method, returns=[[0.1, -1.2, 0.3]] * 60, **given)


def test_a_loss_of_everything_is_a_return() -> None:
    assert backtest.allocate("equal_weight", returns=[[0.1, -1.0]]).weights.tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("current", "said"),
    [
        ({"X": 50, "Y": 50}, "current: X: received 50; allowed: a fraction of equity, 0.5 is 50 %"),
        ([0.0, -1e4, 0.0], "current: Y: received -10000; allowed: a fraction of equity"),
    ],
)
def test_weights_held_in_percent_are_refused(current: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        backtest.allocate("equal_weight", returns=FRAME, current=current)


def test_what_is_held_under_another_name_is_told() -> None:
    """It counts as turnover, as a symbol does that is gone; a misspelt one must not do so silently."""
    found = backtest.allocate("equal_weight", returns=FRAME, current={"x": 0.5, "Y": 0.5, "GONE": 0.0})
    assert found.warnings == ("current: held in what is none of the symbols, and sold: x",)
    known = backtest.allocate("equal_weight", returns=FRAME, current={"X": 0.5, "Y": 0.5, "GONE": 0.0})
    assert known.warnings == ()


@pytest.mark.parametrize("method", ["max_sharpe", "kelly", "nco", "mean_variance"])
def test_a_covariance_alone_says_nothing_of_means(method: str) -> None:
    given = {"nco": {"inner": "max_sharpe"}, "mean_variance": {"risk_aversion": 1.0}}.get(method, {})
    with pytest.raises(InputError, match="expected returns are needed: give returns, or mean= beside covariance="):
        backtest.allocate(method, covariance=np.diag([0.04, 0.09]), **given)

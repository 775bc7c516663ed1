"""A year's numbers beside those of one bar: refused when nobody knows how many bars make a year."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import backtest
from backtest.errors import InputError

RETURNS = np.random.default_rng(3).normal(0.001, 0.01, (60, 3))
COVARIANCE = np.diag([0.04, 0.05, 0.06])
NEEDED = "periods_per_year is needed"


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("equal_weight", {"constraints": {"max_volatility": 0.1}}),
        ("min_variance", {"constraints": {"max_volatility": 0.1}}),
        ("min_variance", {"constraints": {"tracking_error": {"max": 0.01, "benchmark": "equal_weight"}}}),
        ("kelly", {"mean": [0.1, 0.1, 0.2]}),
        ("kelly", {"covariance": COVARIANCE}),
        ("mean_variance", {"mean": [0.1, 0.1, 0.2], "risk_aversion": 2.0}),
        ("max_sharpe", {"mean": {"estimator": "capm", "premium": 0.05}}),
        ("max_sharpe", {"mean": "capm", "risk_free": 0.02}),
        ("black_litterman", {"market": "equal_weight", "risk_aversion": None, "risk_free": 0.02}),
        ("black_litterman", {"market": "equal_weight", "mean": [0.1, 0.1, 0.2]}),
    ],
)
def test_without_a_year_annual_numbers_are_refused(method: str, given: dict[str, Any]) -> None:
    own = {} if method == "equal_weight" else {"lookback": 60}
    with pytest.raises(InputError, match=NEEDED):
        backtest.allocate(method, returns=RETURNS, **own, **given)


def test_moments_of_the_caller_alone_are_in_one_unit() -> None:
    answer = backtest.allocate("kelly", covariance=COVARIANCE, mean=[0.02, 0.0, 0.0], risk_free=0.01)
    np.testing.assert_allclose(answer.weights, [0.25, 0.0, 0.0], atol=1e-9)
    backtest.allocate("min_variance", covariance=COVARIANCE, constraints={"max_volatility": 0.2})


@pytest.mark.parametrize(
    "index",
    [
        pd.date_range("2024-01-01", periods=60)[::-1],
        pd.date_range("2024-01-01", periods=60).repeat(2)[:60],
        pd.Index(np.arange(60)[::-1]),
        pd.Index([str(day)[:10] for day in pd.date_range("2024-01-01", periods=60)[::-1]]),
    ],
)
def test_rows_that_do_not_ascend_are_refused(index: pd.Index) -> None:
    with pytest.raises(InputError, match="index does not ascend: row 1 is"):
        backtest.allocate("min_variance", returns=pd.DataFrame(RETURNS, index=index), lookback=60)


def test_labels_that_say_no_order_are_taken() -> None:
    frame = pd.DataFrame(RETURNS, index=[f"day {k}" for k in range(60)])
    assert backtest.allocate("min_variance", returns=frame, lookback=60).status == "ok"

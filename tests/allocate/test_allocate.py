"""`backtest.allocate`: frames and arrays in, weights out, one clear error for everything else."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

import backtest
from backtest.allocate.given_views import views_of
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
        ("fixed", RETURNS, {}, "fixed.weights: missing: Weight of each symbol"),
        ("fixed", RETURNS, {"weights": {"0": 0.7, "1": 0.7}}, "add up to 1.4"),
        ("equal_weight", RETURNS[0], {}, "expected two dimensions"),
        ("equal_weight", [["a", "b"]], {}, "row 0, column 0: not a number: received 'a'"),
        (
            "equal_weight",
            pd.DataFrame({"day": ["monday"], "X": [0.1]}),
            {},
            "row 0, column 0: not a number: .*'monday'",
        ),
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
    with pytest.raises(InputError, match="'APPL' is not a symbol; did you mean 'AAPL'"):
        backtest.allocate("fixed", returns=frame, weights={"APPL": 0.5})


def test_a_method_that_gives_up_is_an_allocation_error() -> None:
    with pytest.raises(AllocationError, match="nothing to hold"):
        backtest.allocate("inverse_volatility", returns=np.zeros((10, 2)), lookback=5)


COVARIANCE = pd.DataFrame([[0.04, 0.0], [0.0, 0.01]], ["X", "Y"], ["X", "Y"])


def test_a_covariance_stands_in_for_returns() -> None:
    """Minimum variance without correlation: 1/0.04 : 1/0.01."""
    answer = backtest.allocate("min_variance", covariance=COVARIANCE)
    np.testing.assert_allclose(answer.weights, [0.2, 0.8], atol=1e-12)
    arrays = backtest.allocate("min_variance", covariance=COVARIANCE.to_numpy())
    np.testing.assert_array_equal(arrays.weights, answer.weights)


def test_frames_are_put_into_the_order_of_the_returns() -> None:
    frame = pd.DataFrame(RETURNS, columns=["Y", "X"])
    answer = backtest.allocate("min_variance", returns=frame, covariance=COVARIANCE)
    np.testing.assert_allclose(answer.weights, [0.8, 0.2], atol=1e-12)


def test_bars_a_year_come_from_the_dates() -> None:
    """The objective is the variance a year: 252 business days."""
    days = pd.bdate_range("2024-01-01", periods=30, tz="UTC")
    returns = np.random.default_rng(1).normal(0.0, 0.01, (30, 2))
    dated = backtest.allocate("min_variance", returns=pd.DataFrame(returns, days), lookback=30)
    plain = backtest.allocate("min_variance", returns=returns, lookback=30)
    told = backtest.allocate("min_variance", returns=returns, lookback=30, periods_per_year=12)
    assert dated.objective == pytest.approx(252.0 * plain.objective, rel=1e-9)
    assert told.objective == pytest.approx(12.0 * plain.objective, rel=1e-9)


def test_constraints_by_mapping_and_by_name() -> None:
    frame = pd.DataFrame(RETURNS, columns=["X", "Y"])
    groups = {"sector": {"X": "Tech", "Y": "Oil"}}
    rules = {"groups": {"sector": {"Tech": {"max": 0.3}}}}
    answer = backtest.allocate("equal_weight", returns=frame, groups=groups, constraints=rules)
    np.testing.assert_allclose(answer.weights, [0.3, 0.7], atol=1e-12)
    table = pd.DataFrame({"sector": ["Oil", "Tech"]}, ["Y", "X"])
    same = backtest.allocate("equal_weight", returns=frame, groups=table, constraints=rules)
    np.testing.assert_array_equal(same.weights, answer.weights)


def test_turnover_counts_what_is_held_in_symbols_that_are_gone() -> None:
    frame = pd.DataFrame(RETURNS, columns=["X", "Y"])
    held = {"X": 0.8, "GONE": 0.2}
    answer = backtest.allocate("equal_weight", returns=frame, current=held, constraints={"turnover": 0.3})
    np.testing.assert_allclose(answer.weights, [0.7, 0.3], atol=1e-9)  # (0.1 + 0.3 + 0.2) / 2
    with pytest.raises(AllocationError, match=r"turnover 0.15 \(0.2 is sold in symbols that cannot be held\)"):
        backtest.allocate("equal_weight", returns=frame, current=held, constraints={"turnover": 0.15})


def test_the_chain_is_read_like_a_configuration() -> None:
    chain = [{"method": "inverse_volatility", "lookback": 2}, "hold"]
    answer = backtest.allocate("inverse_volatility", returns=np.zeros((10, 2)), lookback=5, fallback=chain)
    assert answer.status == "hold"
    with pytest.raises(AllocationError, match="nothing to hold"):
        backtest.allocate("inverse_volatility", returns=np.zeros((10, 2)), lookback=5, fallback=chain, strict=True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "nothing to go by: give returns, or covariance"),
        ({"covariance": [[1.0, 0.5], [0.4, 1.0]]}, "not symmetric: row 0, column 1 is 0.5, row 1, column 0 is 0.4"),
        ({"covariance": [[1.0, 0.5, 0.1], [0.5, 1.0, 0.1]]}, r"expected shape \(3, 3\); received \(2, 3\)"),
        ({"covariance": [[-1.0, 0.0], [0.0, 1.0]]}, "the variance of 0 is below 0"),
        ({"covariance": [[1.0, np.nan], [np.nan, 1.0]]}, "row 0, column 1: received nan, and both have a variance"),
        ({"returns": RETURNS, "covariance": COVARIANCE}, "covariance: 'X' is not a symbol"),
        ({"returns": RETURNS, "mean": [0.1]}, r"mean: expected 2 numbers, one a symbol; received shape \(1,\)"),
        ({"returns": RETURNS, "current": {"0": np.inf}}, "current: 0: received inf; allowed: finite"),
        ({"returns": RETURNS, "prices": {"0": 3.0}}, "prices: nothing is said of '1'"),
        (
            {"returns": RETURNS, "groups": {"sector": ["A"]}},
            "groups.sector: expected 2 labels, one a symbol; received 1",
        ),
        ({"returns": RETURNS, "periods_per_year": 0}, "periods_per_year: received 0; allowed: a number > 0"),
        ({"returns": RETURNS, "constraints": {"max_wieght": 1}}, "unknown parameter 'max_wieght'.*'max_weight'"),
        ({"returns": RETURNS, "constraints": {"max_weight": {"Q": 1}}}, "constraints.max_weight: 'Q' is not a symbol"),
        ({"returns": RETURNS, "fallback": ["nope"]}, "allocate.fallback.0.method: unknown allocation method 'nope'"),
        ({"returns": RETURNS, "confidences": [0.5]}, "there are no views"),
        (
            {"returns": RETURNS, "views": [{"holdings": {"0": 1}}]},
            "view 0: received holdings; expected holdings, return",
        ),
        ({"returns": RETURNS, "views": [{"holdings": {"9": 1}, "return": 0.1}]}, "view 0: '9' is not a symbol"),
        ({"returns": RETURNS, "views": ([1.0], [0.1])}, r"views: expected holdings of shape \(1, 2\)"),
        ({"returns": RETURNS, "views": ([1.0, 0.0], [0.1]), "confidences": [1.1]}, "confidences: expected 1 numbers"),
        ({"returns": pd.DataFrame(RETURNS, columns=["X", "X"])}, "the column 'X' is there more than once"),
    ],
)
def test_what_is_given_is_checked(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        backtest.allocate("equal_weight", **arguments)


def test_views_by_name_and_by_array_are_the_same() -> None:
    by_name = views_of([{"holdings": {"X": 1, "Y": -1}, "return": 0.05, "confidence": 0.6}], None, ["X", "Y", "Z"])
    by_array = views_of((np.array([[1.0, -1.0, 0.0]]), [0.05]), [0.6], ["X", "Y", "Z"])
    assert by_name is not None
    assert by_array is not None
    np.testing.assert_array_equal(by_name.holdings, by_array.holdings)
    np.testing.assert_array_equal(by_name.returns, by_array.returns)
    np.testing.assert_array_equal(by_name.confidences, by_array.confidences)


def test_importing_it_imports_no_solver() -> None:
    code = "import sys, backtest.allocate; print(*{m.split('.')[0] for m in sys.modules})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"scipy", "piqp", "daqp", "clarabel", "sklearn", "skfolio"} & set(found)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"prices": [0.0, 10.0]}, "prices: 0: received 0; allowed: a number > 0"),
        ({"prices": [10.0, -1.0]}, "prices: 1: received -1; allowed: a number > 0"),
        ({"risk_free": np.nan}, "risk_free: received nan; allowed: a rate a year above -1"),
        ({"risk_free": np.inf}, "risk_free: received inf"),
    ],
)
def test_numbers_that_no_market_has_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        backtest.allocate("min_variance", covariance=[[0.04, 0.0], [0.0, 0.01]], **given)

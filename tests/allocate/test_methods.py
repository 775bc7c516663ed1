"""Each method against its closed form, and what it does with missing data."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.allocate import METHODS, History, Method, Weights
from backtest.allocate.constraints.region import long_only
from backtest.allocate.methods.equal_weight import EqualWeight
from backtest.allocate.methods.fixed import Fixed
from backtest.allocate.methods.inverse_volatility import InverseVolatility
from backtest.errors import AllocationError

NAN = float("nan")


def history(*columns: list[float]) -> History:
    names = [chr(ord("A") + k) for k in range(len(columns))]
    return History(np.array(names, np.str_), np.array(columns, np.float64).T)


def weighed(method: Method, known: History) -> Weights:
    return method.weigh(known, long_only(len(known.symbols)))


def test_a_method_has_the_name_of_its_file() -> None:
    assert list(METHODS) == sorted(METHODS)
    for name, kind in METHODS.items():
        assert kind.__module__ == f"backtest.allocate.methods.{name}"
        assert issubclass(kind, Method)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_equal_weight_is_one_over_n(n: int) -> None:
    answer = weighed(EqualWeight(), history(*[[0.1, 0.2]] * n))
    np.testing.assert_array_equal(answer.weights, np.full(n, 1.0 / n))
    assert answer.status == "ok"
    assert answer.warnings == ()


def test_equal_weight_of_nothing_is_nothing() -> None:
    assert weighed(EqualWeight(), History(np.empty(0, np.str_), np.empty((0, 0)))).weights.shape == (0,)


def test_equal_weight_looks_at_no_returns() -> None:
    assert EqualWeight().history_rows == 1
    assert EqualWeight().wants_returns == 0


def test_fixed_gives_what_was_written_and_nothing_to_the_rest() -> None:
    answer = weighed(Fixed(weights={"C": 0.5, "A": 0.2, "Z": 0.3}), history([0.0], [0.0], [0.0]))
    np.testing.assert_array_equal(answer.weights, [0.2, 0.0, 0.5])


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({}, "at least 1 item"),
        ({"A": NAN}, "finite"),
    ],
)
def test_fixed_refuses_what_are_no_weights(weights: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Fixed(weights=weights)


def test_inverse_volatility_closed_form() -> None:
    """σ of (a, −a) is a·√2 with ddof = 1: weights 1/1 : 1/2 : 1/4 normalised."""
    answer = weighed(InverseVolatility(lookback=2), history([0.01, -0.01], [0.02, -0.02], [0.04, -0.04]))
    np.testing.assert_allclose(answer.weights, np.array([4.0, 2.0, 1.0]) / 7.0, rtol=1e-14)
    assert answer.warnings == ()


def test_inverse_volatility_is_the_sample_deviation() -> None:
    returns = np.random.default_rng(1).normal(0.001, [0.01, 0.03], (50, 2))
    answer = weighed(InverseVolatility(lookback=50), History(np.array(["A", "B"]), returns))
    expected = 1.0 / returns.std(axis=0, ddof=1)
    np.testing.assert_allclose(answer.weights, expected / expected.sum(), rtol=1e-13)


def test_inverse_volatility_ignores_missing_returns_of_a_symbol() -> None:
    gaps = [0.01, NAN, -0.01, NAN]
    answer = weighed(InverseVolatility(lookback=4, min_observations=2), history(gaps, [0.02, 0.0, -0.02, 0.0]))
    calm, lively = np.std([0.01, -0.01], ddof=1), np.std([0.02, 0.0, -0.02, 0.0], ddof=1)
    expected = np.array([1.0 / calm, 1.0 / lively])
    np.testing.assert_allclose(answer.weights, expected / expected.sum(), rtol=1e-14)


def test_inverse_volatility_names_whom_it_leaves_out() -> None:
    flat, short, none = [0.0] * 4, [NAN, NAN, NAN, 0.01], [NAN] * 4
    answer = weighed(
        InverseVolatility(lookback=4, min_observations=2),
        history(flat, [0.1, -0.1, 0.1, -0.1], short, none, [0.2, -0.2, 0.2, -0.2]),
    )
    np.testing.assert_allclose(answer.weights, [0.0, 2 / 3, 0.0, 0.0, 1 / 3], rtol=1e-14)
    assert answer.warnings == (
        "without weight for lack of data: C, D",
        "without weight, as their returns are all the same: A",
    )


def test_a_price_that_moves_only_by_rounding_does_not_move() -> None:
    """A constant growth factor leaves a deviation of about 1e-17, whose inverse would take everything."""
    grown = 100.0 * 1.001 ** np.arange(61)
    constant = grown[1:] / grown[:-1] - 1.0
    answer = weighed(InverseVolatility(lookback=60), history(constant.tolist(), [0.01, -0.01] * 30))
    np.testing.assert_array_equal(answer.weights, [0.0, 1.0])


def test_inverse_volatility_with_one_asset_holds_it_whole() -> None:
    np.testing.assert_array_equal(weighed(InverseVolatility(lookback=2), history([0.5, 0.1])).weights, [1.0])


@pytest.mark.parametrize("column", [[0.0] * 5, [NAN] * 5, [NAN, NAN, NAN, NAN, 0.1]])
def test_inverse_volatility_with_nothing_to_hold_says_why(column: list[float]) -> None:
    with pytest.raises(AllocationError, match="none of 2 symbols has 5 returns"):
        weighed(InverseVolatility(lookback=5), history(column, column))


def test_a_short_lookback_needs_all_of_its_returns() -> None:
    with_gap = [0.01, NAN, 0.01]
    answer = weighed(InverseVolatility(lookback=3, min_observations=60), history(with_gap, [0.01, -0.01, 0.01]))
    np.testing.assert_array_equal(answer.weights, [0.0, 1.0])


def test_history_rows_are_one_more_than_returns() -> None:
    assert InverseVolatility(lookback=60).history_rows == 61
    assert InverseVolatility(lookback=60).wants_returns == 60

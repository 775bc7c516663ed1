"""Wrong things in every argument of `backtest.allocate`: refused in one sentence, and never by another package."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import backtest
from backtest.costs import Costs
from backtest.errors import AllocationError, InputError

RETURNS = np.random.default_rng(2).normal(0.0005, 0.01, (60, 3))
DAYS = pd.bdate_range("2024-01-01", periods=60)
FRAME = pd.DataFrame(RETURNS, DAYS, list("XYZ"))
PAIRS = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y"), ("b", "x")])

WRONG: dict[str, Any] = {
    "a number": 3,
    "a negative number": -1,
    "nan": np.nan,
    "inf": np.inf,
    "true": True,
    "a text": "abc",
    "no text": "",
    "a number as text": "52",
    "bytes": b"ab",
    "a complex number": 1j,
    "complex numbers": [1j, 2.0, 3.0],
    "an object": SimpleNamespace(),
    "a class": SimpleNamespace,
    "a function": len,
    "a decimal": Decimal("0.5"),
    "a huge number": 10**400,
    "huge numbers": [10**400, 1, 1],
    "a date": pd.Timestamp("2024-01-01"),
    "not a time": pd.NaT,
    "not available": pd.NA,
    "numbers": [0.1, 0.2, 0.3],
    "one number in a list": [1],
    "texts": ["a", "b", "c"],
    "objects": [SimpleNamespace()] * 3,
    "an empty list": [],
    "nones": [None, None, None],
    "a ragged list": [[1, 2], [3]],
    "a set": {1, 2, 3},
    "a generator": iter([1, 2, 3]),
    "a mapping": {"X": 1},
    "an empty mapping": {},
    "a mapping to nothing": {"X": None},
    "a mapping to text": {"X": "a", "Y": 1, "Z": 2},
    "a mapping from numbers": {1: 2},
    "a mapping of mappings": {"X": {"Y": 1}},
    "a mapping of lists": {"X": [1, 2]},
    "mappings": [{"X": 1}],
    "an array of no dimension": np.array(1.0),
    "an array of three": np.zeros((2, 2, 2)),
    "an empty array": np.zeros((0, 0)),
    "booleans": RETURNS > 0.0,
    "complex returns": RETURNS * 1j,
    "an array of objects": np.full((60, 3), SimpleNamespace(), object),
    "an array of text": RETURNS.astype(str),
    "an array of dates": np.full((60, 3), np.datetime64("2024-01-01")),
    "an array of durations": np.full((60, 3), np.timedelta64(1)),
    "records": np.zeros(3, [("a", "f8"), ("b", "f8")]),
    "a frame": FRAME,
    "an empty frame": pd.DataFrame(),
    "a frame of booleans": FRAME > 0.0,
    "a frame of text": FRAME.astype(str),
    "a frame of complex numbers": FRAME * 1j,
    "prices": 100.0 * (1.0 + FRAME).cumprod(),
    "growth": 1.0 + RETURNS,
    "columns of two levels": pd.DataFrame(RETURNS, DAYS, PAIRS),
    "rows of two levels": FRAME.set_axis(pd.MultiIndex.from_product([range(20), range(3)])),
    "a frame of another package": SimpleNamespace(columns=["X"], to_pandas=None),
    "a series of text": pd.Series(list("abc"), list("XYZ")),
    "a series of complex numbers": pd.Series([1j, 2.0, 3.0], list("XYZ")),
    "a series that names twice": pd.Series([0.1, 0.2, 0.3], list("XXZ")),
    "a series of two levels": pd.Series([0.1, 0.2, 0.3], PAIRS),
    "views without holdings": [{"holdings": {}, "return": 0.1}],
    "views on nothing": ([0.0, 0.0, 0.0], [0.1]),
    "views without names": [{"holdings": ["X"], "return": 0.1}],
    "a view's return as text": [{"holdings": {"X": 1}, "return": "a"}],
    "a view's return as a list": [{"holdings": {"X": 1}, "return": [0.1]}],
    "a view's confidence as text": [{"holdings": {"X": 1}, "return": 0.1, "confidence": "hi"}],
    "a pair of texts": ("ab", "cd"),
    "one view, not in a list": {"holdings": {"X": 1}, "return": 0.1},
}
NAMED = {"a mapping", "an empty mapping", "a mapping from numbers", "numbers"}
TAKEN: dict[str, set[str]] = {
    "returns": {"a frame"},
    "covariance": {"an empty frame"},
    "mean": {"numbers", "a mapping", "an empty mapping", "a mapping to nothing", "nones"},
    "views": {"an empty list"},
    "confidences": {"one number in a list"},
    "constraints": {"an empty mapping"},
    "current": NAMED,
    "caps": NAMED | {"nones", "a mapping to nothing", "one view, not in a list"},
    "groups": {"an empty mapping", "a mapping of mappings", "an empty frame", "prices", "a frame"}
    | {"a frame of booleans", "a frame of text", "a frame of complex numbers"},
    "periods_per_year": {"a number", "a decimal"},
    "risk_free": {"a number", "a decimal"},
    "prices": {"numbers"},
    "costs": {"an empty mapping"},
    "fallback": {"an empty list"},
    "strict": {"true"},
    "lookback": {"a number", "a number as text"},
    "min_observations": {"a number", "a number as text", "a huge number"},
    "method": set(),
    "nonsense": set(),
}
"""What is right in an argument after all; everything else in `WRONG` is refused in it."""


def call(argument: str, value: Any) -> Any:
    given: dict[str, Any] = {"method": "black_litterman", "returns": FRAME, "market": "equal_weight", "lookback": 60}
    if argument in ("method", "nonsense"):
        del given["market"], given["lookback"]
    if argument == "confidences":
        given["views"] = ([1.0, 0.0, 0.0], [0.1])
    return backtest.allocate(**{**given, argument: value})


@pytest.mark.parametrize("argument", TAKEN)
def test_nothing_but_our_own_errors(argument: str) -> None:
    """A value is right, or ends in one InputError that names the argument."""
    assert TAKEN[argument] <= set(WRONG)
    for name, value in WRONG.items():
        if name in TAKEN[argument]:
            with suppress(AllocationError):  # of none of the symbols a number may be left
                assert call(argument, value).weights.shape == (3,), name
            continue
        with pytest.raises(InputError) as caught:
            call(argument, value)
        said = str(caught.value)
        assert argument.removesuffix("s") in said, name
        assert len(said) < 900, name


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"costs": 5},
            f"costs: not a mapping: received 5; allowed: a mapping with {', '.join(Costs.model_fields)}; or Costs",
        ),
        (
            {"groups": ["Tech", "Oil", "Oil"]},
            "groups: received a list of 3; allowed: labels by property, {'sector': {NAME: LABEL}}, or a DataFrame with "
            "one row a symbol",
        ),
        (
            {"groups": {"sector": "abc"}},
            "groups.sector: received 'abc'; allowed: labels by property, {'sector': {NAME: LABEL}}, or a DataFrame "
            "with one row a symbol",
        ),
        (
            {"groups": pd.DataFrame({"sector": ["Tech", "Oil", "Oil"]})},
            "groups.sector: its rows are numbered, not named; allowed: the symbols as the index, set_index()",
        ),
        (
            {"groups": {"sector": {"X": ["Tech"]}}},
            "groups.sector: X: received a list of 1; allowed: a label, such as a text",
        ),
        (
            {"fallback": "hold"},
            'fallback: not a list: received \'hold\'; allowed: a list, such as ["inverse_volatility", "hold"]',
        ),
        ({"risk_free": None}, "risk_free: not a number: received None; allowed: a rate a year above -1, 0.02 is 2 %"),
        ({"periods_per_year": "252"}, "periods_per_year: not a number: received '252'; allowed: a number > 0"),
        ({"strict": "yes"}, "strict: received 'yes'; allowed: True or False"),
        (
            {"mean": {"X": "a", "Y": 0.1, "Z": 0.1}},
            "mean: X: not a number: received 'a'; allowed: one number a symbol, by name (a Series, a mapping) or in "
            "the order of the symbols",
        ),
        (
            {"mean": [1j, 0.1, 0.1]},
            "mean: not numbers: received complex numbers; allowed: one number a symbol, by name (a Series, a mapping) "
            "or in the order of the symbols",
        ),
        ({"current": {"X": 0.5, "GONE": "a"}}, "current: GONE: not a number: received 'a'; allowed: a finite number"),
        (
            {"views": "X"},
            "views: received 'X'; expected a list of {holdings, return}, or a pair of holdings (V, N) and returns (V,)",
        ),
        (
            {"views": [{"holdings": {}, "return": 0.1}]},
            "views: view 0: a view on a portfolio of nothing; allowed: {NAME: weight}, at least one of them not 0",
        ),
        (
            {"views": [{"holdings": "X", "return": 0.1}]},
            "views: view 0: holdings: received 'X'; allowed: {NAME: weight}, at least one of them not 0",
        ),
        (
            {"views": ([1.0, 0.0, 0.0], [[0.1]])},
            "views: expected returns of shape (V,), one a view; received (1, 1)",
        ),
        (
            {"returns": FRAME > 0.0},
            "returns: not numbers: received true and false; allowed: a pandas DataFrame with one column a symbol, or "
            "an array (bars, symbols), of simple returns",
        ),
        (
            {"returns": pd.DataFrame(RETURNS, DAYS, PAIRS)},
            "returns: the names of its columns have 2 levels, as [('a', 'x')]; allowed: one",
        ),
        (
            {"returns": pd.DataFrame({"X": [100.0, 101.0, 99.0], "Y": [20.0, 20.5, np.nan], "Z": [5.0, 5.1, 5.2]})},
            "returns: none is 0 or less, and the median is 20.25: these seem to be prices; allowed: simple returns a "
            "bar, where 0.01 is 1 %: prices.pct_change().iloc[1:]",
        ),
        (
            {"returns": SimpleNamespace(columns=["X"])},
            "returns: received a types SimpleNamespace, whose names would be lost; allowed: a pandas DataFrame with "
            "one column a symbol, or an array (bars, symbols), of simple returns",
        ),
    ],
)
def test_the_words(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        backtest.allocate("equal_weight", **{"returns": FRAME, **given})
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("index", "said"),
    [
        (pd.date_range("3000-01-01", periods=2, unit="s"), "times that nobody can count"),
        (pd.Index([DAYS[0].date(), "a"], dtype=object), "the index is of several kinds"),
        (pd.DatetimeIndex([DAYS[0], pd.NaT]), "the index does not ascend: row 1 is NaT"),
    ],
)
def test_an_index_without_an_order(index: pd.Index, said: str) -> None:
    with pytest.raises(InputError, match=said):
        backtest.allocate("equal_weight", returns=FRAME.iloc[:2].set_axis(index))


@pytest.mark.parametrize(
    "returns",
    [
        [[0.02, 0.01], [0.4, 0.01]],  # a good week
        [[0.9, 0.01, 0.02]],  # one day, and one that nearly doubled
        [[np.nan, 1.5], [-0.3, np.nan]],
        np.zeros((3, 2)),
        np.zeros((0, 2)),
        np.full((2, 2), np.nan),
    ],
)
def test_real_returns_are_not_taken_for_prices(returns: Any) -> None:
    assert backtest.allocate("equal_weight", returns=returns).status == "ok"


def test_what_is_missing_in_other_notations_is_missing() -> None:
    """NA of nullable columns, None among objects, and what is masked: as NaN."""
    gaps = FRAME.where((FRAME.index != DAYS[-3])[:, np.newaxis] | (FRAME.columns == "X"))
    mask = np.isnan(gaps.to_numpy())
    given = {"lookback": 50, "periods_per_year": 252}
    wanted = backtest.allocate("inverse_volatility", returns=gaps, **given).weights
    for same in (gaps.astype("Float64"), gaps.astype(object).where(~mask, None), np.ma.masked_array(RETURNS, mask)):
        np.testing.assert_array_equal(backtest.allocate("inverse_volatility", returns=same, **given).weights, wanted)


def test_a_partial_mean_or_covariance_by_name_leaves_the_others_without_weight() -> None:
    some = backtest.allocate("max_sharpe", returns=FRAME, mean={"Z": 0.1, "X": 0.2}, lookback=50)
    assert (some.weights[1], some.left_out) == (0.0, ("Y",))
    unsaid = "without weight, as the mean or covariance that was given does not say theirs: Y"
    assert some.warnings == (unsaid,)
    matrix = pd.DataFrame(np.diag([0.01, 0.04]), ["Z", "X"], ["Z", "X"])
    part = backtest.allocate("min_variance", returns=FRAME, covariance=matrix, lookback=50)
    np.testing.assert_allclose(part.weights, [0.2, 0.0, 0.8], atol=1e-12)
    with pytest.raises(InputError, match="mean: 'XX' is not a symbol; did you mean 'X'"):
        backtest.allocate("max_sharpe", returns=FRAME, mean={"XX": 0.1}, lookback=50)


def test_holdings_of_views_go_by_name_in_a_frame() -> None:
    held = pd.DataFrame([[1.0, -1.0]], columns=["Z", "X"])
    given = {"returns": FRAME, "market": "equal_weight", "lookback": 50, "confidences": [0.6]}
    one = backtest.allocate("black_litterman", views=(held, [0.1]), **given)
    other = backtest.allocate("black_litterman", views=([-1.0, 0.0, 1.0], [0.1]), **given)
    np.testing.assert_array_equal(one.weights, other.weights)


def test_no_views_are_as_none() -> None:
    found = backtest.allocate("min_variance", returns=FRAME, lookback=50, views=[])
    assert found.warnings == ()

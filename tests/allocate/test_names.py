"""Names in a method's parameters that nobody has, from the front door; and short positions that are written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import backtest
from backtest.config.model import Config
from backtest.errors import InputError

FRAME = pd.DataFrame(np.random.default_rng(5).normal(0.0, 0.01, (300, 2)), columns=["X", "Y"])
SECTORS = {"sector": {"X": "Tech", "Y": "Oil"}}


@pytest.mark.parametrize(
    ("method", "given", "said"),
    [
        ("risk_budgeting", {"budgets": {"X": 0.5, "Yy": 0.5}}, "risk_budgeting.budgets: 'Yy' is not a symbol"),
        ("risk_budgeting", {"by": "sector", "budgets": {"Tex": 1.0}}, "'Tex' is not a sector of any symbol"),
        ("risk_budgeting", {"by": "sectr", "budgets": {"Tech": 1.0}}, "'sectr' is not a property"),
        ("black_litterman", {"market": {"Xx": 1.0}}, "black_litterman.market: 'Xx' is not a symbol"),
        (
            "black_litterman",
            {"market": "equal_weight", "views": ({"holdings": {"Z": 1.0}, "return": 0.1},)},
            "views: view 0: 'Z' is not a symbol",
        ),
        ("benchmark_relative", {"benchmark": {"X": 0.5, "Q": 0.5}}, "benchmark_relative.benchmark: 'Q' is not"),
        ("mixed", {"of": ["equal_weight", {"method": "fixed", "weights": {"W": 0.5}}]}, "'W' is not a symbol"),
        ("equal_weight", {"fallback": [{"method": "fixed", "weights": {"W": 0.5}}]}, "'W' is not a symbol"),
    ],
)
def test_strangers_are_refused(method: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        backtest.allocate(method, returns=FRAME, groups=SECTORS, periods_per_year=252.0, **given)


def test_a_table_of_caps_may_name_more_than_there_are() -> None:
    found = backtest.allocate("market_cap", returns=FRAME, caps={"X": 1.0, "Y": 3.0, "Z": 9.0})
    np.testing.assert_allclose(found.weights, [0.25, 0.75])


def test_fixed_is_short_where_the_constraints_allow_it() -> None:
    rules = {"long_only": False, "gross": 2.0}
    found = backtest.allocate("fixed", returns=FRAME, weights={"X": 1.2, "Y": -0.3}, constraints=rules)
    np.testing.assert_allclose(found.weights, [1.2, -0.3], atol=1e-15)
    with pytest.raises(InputError, match=r"Y: -0\.3 is a short position, and long_only is true"):
        backtest.allocate("fixed", returns=FRAME, weights={"X": 1.0, "Y": -0.3})


@pytest.mark.parametrize(
    "choice",
    [
        {"method": "fixed", "weights": {"X": -0.1}},
        {"method": "equal_weight", "fallback": [{"method": "fixed", "weights": {"X": -0.1}}]},
        {"method": "mixed", "of": ["equal_weight", {"method": "fixed", "weights": {"X": -0.1}}]},
    ],
)
def test_a_configuration_has_no_shorts(choice: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"fixed weight -0\.1 of X is a short position"):
        Config.model_validate({"name": "a", "market": {"source": "m"}, "allocation": choice})
    with pytest.raises(ValueError, match=r"fixed weight -0\.1 of X is a short position"):
        Config.model_validate({"name": "a", "market": {"source": "m"}, "benchmark": {"allocation": choice}})

"""Market capitalisation: as known at the decision, or from a table that looks ahead and says so."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from backtest.allocate import allocate
from backtest.allocate.methods.market_cap import MarketCap
from backtest.errors import AllocationError

from .optimising import known, weigh


def test_caps_known_at_the_decision() -> None:
    answer = weigh(MarketCap(), known(np.eye(3), caps=np.array([50.0, 30.0, 20.0])))
    np.testing.assert_allclose(answer.weights, [0.5, 0.3, 0.2], rtol=1e-15)
    assert answer.warnings == ()
    assert answer.status == "ok"


def test_a_symbol_without_a_cap_is_left_out_and_named() -> None:
    answer = weigh(MarketCap(), known(np.eye(4), caps=np.array([60.0, np.nan, 40.0, 0.0])))
    np.testing.assert_allclose(answer.weights, [0.6, 0.0, 0.4, 0.0], rtol=1e-15)
    assert answer.left_out == ("S001", "S003")
    assert answer.warnings == ("without weight for lack of a market cap: S001, S003",)


def test_a_static_table_is_said_to_look_ahead() -> None:
    answer = weigh(MarketCap(caps={"S000": 1.0, "S001": 3.0}), known(np.eye(2), caps=np.array([9.0, 1.0])))
    np.testing.assert_allclose(answer.weights, [0.25, 0.75], rtol=1e-15)
    assert "look ahead" in answer.warnings[0]


def test_no_caps_at_all() -> None:
    with pytest.raises(AllocationError, match="give a side series market_cap"):
        weigh(MarketCap(), known(np.eye(2)))
    with pytest.raises(AllocationError, match="none of 2 symbols has a market cap"):
        weigh(MarketCap(), known(np.eye(2), caps=np.full(2, np.nan)))


@pytest.mark.parametrize("caps", [{"A": 0.0}, {"A": 1.0, "B": -2.0}, {}])
def test_caps_that_are_no_values_are_refused(caps: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="a market cap is above 0"):
        MarketCap(caps=caps)


def test_a_bound_moves_it() -> None:
    answer = allocate("market_cap", covariance=np.eye(3), caps=[8.0, 1.0, 1.0], constraints={"max_weight": 0.5})
    np.testing.assert_allclose(answer.weights, [0.5, 0.25, 0.25], atol=1e-9)

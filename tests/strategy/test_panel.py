"""The panel: forward-adjusted, so that ratios are total returns and no row depends on a later one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backtest.errors import DataError
from backtest.market.actions import action_table
from backtest.market.adjust import history
from backtest.market.build import make_market
from backtest.market.cut import ended
from backtest.market.forward import forward
from backtest.market.market import Market
from backtest.strategy import Panel
from backtest.types import ActionKind

NAN = float("nan")
ACTIONS = [(3, "A", "split", 2.0), (5, "A", "dividend", 1.5), (5, "B", "dividend", 0.5), (8, "B", "split", 0.25)]


def acted(actions: Any = ACTIONS) -> Market:
    rng = np.random.default_rng(3)
    close = 50.0 + np.cumsum(rng.normal(0.0, 1.0, (12, 3)), axis=0)
    close[4:6, 1] = NAN
    volume = np.where(np.isnan(close), NAN, 1000.0)
    return make_market(close=close, volume=volume, symbols=["A", "B", "C"], price_kind="raw", actions=actions)


def test_without_actions_it_is_the_market_itself() -> None:
    plain = acted(())
    assert forward(plain, "close") is plain.close
    np.testing.assert_array_equal(Panel(plain).field("close"), plain.close)


@pytest.mark.parametrize("field", ["close", "volume"])
def test_ratios_are_those_of_history_as_of_the_end(field: Any) -> None:
    market = acted()
    ahead, back = forward(market, field), history(market, field, 11, 12)
    np.testing.assert_allclose(ahead / ahead[-1], back / back[-1], rtol=1e-13)
    np.testing.assert_array_equal(np.isnan(ahead), np.isnan(market.close))


def test_the_first_row_is_as_traded() -> None:
    market = acted()
    np.testing.assert_array_equal(forward(market, "close")[:3], market.close[:3])


@pytest.mark.parametrize("row", range(12))
def test_no_row_depends_on_a_later_one(row: int) -> None:
    market = acted()
    np.testing.assert_array_equal(forward(ended(market, row), "close"), forward(market, "close")[: row + 1])


def test_a_split_alone() -> None:
    close = np.array([[10.0], [12.0], [6.0], [7.0]])
    market = make_market(close=close, symbols=["A"], price_kind="raw", actions=[(2, "A", "split", 2.0)])
    assert forward(market, "close")[:, 0].tolist() == [10.0, 12.0, 12.0, 14.0]


def test_a_dividend_alone() -> None:
    """20 before a dividend of 4: a holder who reinvests has 1 / (1 − 4/20) = 1.25 units."""
    close = np.array([[20.0], [16.0], [18.0]])
    market = make_market(close=close, symbols=["A"], price_kind="raw", actions=[(1, "A", "dividend", 4.0)])
    np.testing.assert_allclose(forward(market, "close")[:, 0], [20.0, 20.0, 22.5], rtol=1e-15)


def test_it_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        Panel(acted()).field("close")[0, 0] = 1.0


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("open", "has no field 'open'; it has: close, volume"),
        ("closes", "did you mean 'close'"),
        ("end", "unknown field"),
    ],
)
def test_fields_that_are_not_there(field: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        Panel(acted()).field(field)


def test_a_dividend_of_the_whole_price_is_refused() -> None:
    market = make_market(
        close=np.array([[10.0], [5.0]]), symbols=["A"], price_kind="raw", actions=[(1, "A", "dividend", 9.0)]
    )
    market = replace(market, actions=action_table([(1, 0, ActionKind.DIVIDEND, 10.0)]))
    with pytest.raises(DataError, match="dividend of A on 2000-01-02 is not smaller than the price"):
        forward(market, "close")

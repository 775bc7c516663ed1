"""The tables of an account on margin: exposures, what holding cost, and a margin call, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import backtest
from backtest.metrics import attribution
from backtest.simulate.result import Result
from backtest.workspace.events import events_table
from backtest.workspace.tables import equity_table, fills_table

DAYS = pd.date_range("2024-01-01", periods=4, tz="UTC")
OPENS = pd.DataFrame({"L": [10.0, 10.0, 8.0, 5.0], "S": [10.0, 10.0, 10.0, 10.0]}, DAYS)
CLOSES = pd.DataFrame({"L": [10.0, 10.0, 6.0, 6.0], "S": [10.0, 10.0, 10.0, 10.0]}, DAYS)
RATES = {"margin_interest_annual": 0.073, "borrow_fee_annual": 0.0365, "short_rebate_annual": 0.01825}
"""2, 1 and half a basis point a day."""


@pytest.fixture
def result() -> Result:
    """Of 1000: 130 L and 40 S short, filled at the closes of row 1. The close of row 2 takes 520: a call."""
    return backtest.simulate(
        {"open": OPENS, "close": CLOSES},
        ([0], [[1.3, -0.4]]),
        account={"kind": "margin", "initial": 0.5, "maintenance": 0.45},
        financing=RATES,
        execution={"fill": "next_close"},
        capital=1000.0,
    )


def test_equity(result: Result) -> None:
    frame = equity_table(result, None).to_pandas()
    # Cash 1000 − 1300 + 400 = 100, of which 400 are the proceeds of the short: 300 are borrowed.
    np.testing.assert_allclose(frame["margin_interest"][:3], [0.0, 0.0, -0.06], atol=1e-12)
    np.testing.assert_allclose(frame["short_rebate"][:3], [0.0, 0.0, 0.02], atol=1e-12)
    np.testing.assert_allclose(frame["borrow_fee"][:3], [0.0, 0.0, -0.04], atol=1e-12)
    assert frame["equity"][2] == pytest.approx(1000.0 - 520.0 - 0.08)
    np.testing.assert_allclose(frame["gross_exposure"], [0.0, 1.7, 1180.0 / 479.92, *frame["gross_exposure"][3:]])
    np.testing.assert_allclose(frame["net_exposure"], [0.0, 0.9, 380.0 / 479.92, *frame["net_exposure"][3:]])
    assert not frame["interest_on_cash"].any()


def test_a_margin_call_is_answered_at_the_next_open_whatever_the_fills(result: Result) -> None:
    (event,) = events_table(result).to_pylist()
    assert (event["kind"], event["time"]) == ("margin_call", DAYS[3])  # the close of row 2 is the start of row 3
    assert event["value"] == pytest.approx(0.45 * 1180.0 - 479.92)
    assert event["text"] == "51.08 are missing to the maintenance margin"
    forced = [fill for fill in fills_table(result).to_pylist() if fill["reason"] == "margin_call"]
    assert [(fill["symbol"], fill["price"], fill["time"]) for fill in forced] == [
        ("L", 5.0, DAYS[3]),
        ("S", 10.0, DAYS[3]),
    ]
    # At the open 650 and −400 are held with 349.84: a part of both goes, until half of what is left is covered.
    kept = 2.0 * (99.92 - 0.080016 + 250.0) / 1050.0
    assert [fill["quantity"] for fill in forced] == pytest.approx([-130.0 * (1.0 - kept), 40.0 * (1.0 - kept)])


def test_everything_is_explained(result: Result) -> None:
    table = attribution(result).groupby("level")["profit"].sum()
    assert table["asset"] + table["cost"] + table["financing"] == pytest.approx(table["total"])
    assert fills_table(result).num_rows == len(result.fills)

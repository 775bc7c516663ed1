"""What a run held, as its folder keeps it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backtest import metrics
from backtest.errors import InputError

from .results import Ledger, random_ledger

SECTORS = pd.DataFrame({"sector": ["Tech", None, "Food", "Food"]}, index=["A0", "A1", "A2", "A3"])


def held() -> Ledger:
    """A0 all the time, A1 until row 30, A2 from row 30 on, A3 never."""
    close = 10.0 * np.cumprod(1.0 + np.random.default_rng(3).normal(0.0, 0.02, (60, 4)), axis=0)
    ledger = Ledger(close, properties=SECTORS)
    for row in range(60):
        if row == 0:
            ledger.trade(0, 0, 20.0, close[0, 0])
            ledger.trade(0, 1, 30.0, close[0, 1])
        if row == 30:
            ledger.trade(30, 1, -30.0, close[30, 1])
            ledger.trade(30, 2, 10.0, close[30, 2])
        ledger.shut(row)
    return ledger


def test_one_row_an_asset_in_the_order_of_the_market() -> None:
    ledger = held()
    table = metrics.assets_table(ledger)
    assert table["symbol"].tolist() == ["A0", "A1", "A2", "A3"]
    assert table["group"].tolist() == ["Tech", None, "Food", "Food"]
    weights = ledger.weights()
    np.testing.assert_allclose(table["average_weight"], weights.mean(axis=0))
    np.testing.assert_allclose(table["weight"], weights[-1])
    assert table["average_weight"].tolist()[3] == 0.0
    risk = metrics.run_risk(ledger)
    assert table["share"].isna().tolist() == [False, True, False, True]
    for column in ("volatility", "marginal", "contribution", "share", "marginal_var", "component_var"):
        assert table.loc[[0, 2], column].tolist() == risk.loc[["A0", "A2"], column].tolist()
    assert table["share"].sum() == pytest.approx(1.0)


def test_a_market_without_sectors_has_no_groups() -> None:
    ledger = random_ledger(5)
    table = metrics.assets_table(ledger)
    assert table["group"].tolist() == [None] * 4
    assert table.columns.tolist()[:4] == ["symbol", "group", "average_weight", "weight"]


def test_nothing_ever_held() -> None:
    ledger = Ledger(np.full((5, 2), 10.0))
    for row in range(5):
        ledger.shut(row)
    table = metrics.assets_table(ledger)
    assert table["weight"].tolist() == [0.0, 0.0]
    assert table["share"].isna().all()
    assert metrics.held_correlations(ledger).shape == (0, 0)


def test_correlations_of_what_was_held_are_those_of_its_returns() -> None:
    ledger = held()
    found = metrics.held_correlations(ledger)
    assert sorted(found.index) == ["A0", "A1", "A2"]
    assert found.index.tolist() == found.columns.tolist()
    returns = pd.DataFrame(ledger.close[1:] / ledger.close[:-1] - 1.0, columns=["A0", "A1", "A2", "A3"])
    pd.testing.assert_frame_equal(found, metrics.correlations(returns[["A0", "A1", "A2"]], "clustered"))


def test_the_largest_are_kept() -> None:
    ledger = held()
    size = np.abs(ledger.weights()).mean(axis=0)
    kept = sorted(f"A{asset}" for asset in np.argsort(-size)[:2])
    assert sorted(metrics.held_correlations(ledger, most=2).index) == kept
    with pytest.raises(InputError, match="at least 1"):
        metrics.held_correlations(ledger, most=0)

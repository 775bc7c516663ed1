from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backtest.errors import RunError
from backtest.metrics import attribution
from backtest.types import ActionKind, EventKind

from .results import Ledger, random_ledger


def parts(frame: pd.DataFrame, level: str) -> dict[str, float]:
    rows = frame[frame["level"] == level]
    return dict(zip(rows["name"], rows["profit"], strict=True))


def test_gross_profit_of_each_asset_and_cost_by_kind() -> None:
    ledger = Ledger(np.array([[10.0, 20.0], [11.0, 18.0], [12.0, 19.0]]))
    ledger.shut(0)
    ledger.trade(1, 0, 10.0, 11.0, commission=1.0, slippage=0.5)
    ledger.trade(1, 1, 5.0, 18.0, spread=0.25)
    ledger.shut(1)
    ledger.trade(2, 0, -4.0, 11.5, commission=1.0)
    ledger.shut(2)
    frame = attribution(ledger)
    assert list(frame.columns) == ["level", "name", "profit", "contribution"]
    assert parts(frame, "asset") == {"A0": pytest.approx(4 * 0.5 + 6 * 1.0), "A1": pytest.approx(5.0)}
    assert parts(frame, "cost") == {"commission": -2.0, "spread": -0.25, "slippage": -0.5, "impact": 0.0}
    assert parts(frame, "total") == {"total": pytest.approx(13.0 - 2.75)}
    np.testing.assert_allclose(frame["contribution"], frame["profit"] / 1000.0)


def test_split_earns_nothing_and_dividend_earns_its_cash() -> None:
    ledger = Ledger(np.array([[100.0], [50.0], [49.0]]))
    ledger.trade(0, 0, 2.0, 100.0)
    ledger.shut(0)
    ledger.act(1, 0, ActionKind.SPLIT, 2.0)
    ledger.shut(1)
    ledger.act(2, 0, ActionKind.DIVIDEND, 1.0)
    ledger.shut(2)
    assert parts(attribution(ledger), "asset") == {"A0": pytest.approx(0.0, abs=1e-12)}


def test_dividend_while_the_price_is_carried_moves_no_wealth() -> None:
    ledger = Ledger(np.array([[100.0], [np.nan]]))
    ledger.trade(0, 0, 2.0, 100.0)
    ledger.shut(0)
    ledger.act(1, 0, ActionKind.DIVIDEND, 3.0)
    ledger.shut(1)
    assert ledger.equity.tolist() == [1000.0, 1000.0]
    assert parts(attribution(ledger), "asset") == {"A0": 0.0}


def test_delisting_loss_is_the_assets() -> None:
    ledger = Ledger(np.array([[100.0], [np.nan]]))
    ledger.trade(0, 0, 2.0, 100.0)
    ledger.shut(0)
    ledger.act(1, 0, ActionKind.DELISTING, -0.3)
    ledger.shut(1)
    assert parts(attribution(ledger), "asset") == {"A0": pytest.approx(-60.0)}


def test_ruin_freezes_the_account_but_not_the_market() -> None:
    """Short 20 at 100; at 160 the equity is below zero and stays recorded there, whatever the price does next."""
    ledger = Ledger(np.array([[100.0], [160.0], [90.0]]))
    ledger.trade(0, 0, -20.0, 100.0)
    ledger.shut(0)
    ledger.shut(1)
    ledger.event_rows.append((1, -1, 0, EventKind.BANKRUPT, -1, -200.0))
    ledger.shut(2)
    ledger.rows[2] = (ledger.rows[1][0], ledger.rows[1][1], ledger.rows[2][2], ledger.rows[2][3])
    frame = attribution(ledger)
    assert parts(frame, "asset") == {"A0": pytest.approx(-1200.0)}
    assert parts(frame, "total") == {"total": pytest.approx(-1200.0)}


def test_groups_add_up_the_assets_once_more() -> None:
    sectors = pd.DataFrame({"sector": ["Tech", None, "Tech"]}, index=["A0", "A1", "A2"])
    ledger = Ledger(np.array([[10.0, 10.0, 10.0], [11.0, 12.0, 13.0]]), properties=sectors)
    for asset in range(3):
        ledger.trade(0, asset, 1.0, 10.0)
    ledger.shut(0)
    ledger.shut(1)
    assert parts(attribution(ledger), "group") == {"Tech": pytest.approx(4.0), "unclassified": pytest.approx(2.0)}


def test_no_groups_without_sectors() -> None:
    sectors = pd.DataFrame({"sector": [None]}, index=["A0"])
    ledger = Ledger(np.array([[10.0]]), properties=sectors)
    ledger.shut(0)
    assert parts(attribution(ledger), "group") == {}
    assert parts(attribution(ledger), "total") == {"total": 0.0}


@pytest.mark.parametrize("seed", range(8))
def test_adds_up_to_the_change_of_equity(seed: int) -> None:
    ledger = random_ledger(seed)
    frame = attribution(ledger)
    whole = ledger.equity[-1] - ledger.capital
    assets, costs = parts(frame, "asset").values(), parts(frame, "cost").values()
    assert sum(assets) + sum(costs) == pytest.approx(whole, abs=1e-9 * ledger.capital)
    assert parts(frame, "total")["total"] == whole


def test_a_ledger_that_does_not_add_up_is_refused() -> None:
    ledger = random_ledger(1)
    equity, *rest = ledger.rows[-1]
    ledger.rows[-1] = (equity + 1.0, *rest)
    with pytest.raises(RunError, match="inconsistent"):
        attribution(ledger)

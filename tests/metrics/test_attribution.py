from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtest.errors import InputError, RunError
from backtest.metrics import attribution, contributions, profit_by, trades
from backtest.types import ActionKind, EventKind

from .results import Ledger, random_ledger

COLUMNS = ["level", "name", "profit", "contribution", "linked", "cost", "net"]
SECTORS = pd.DataFrame({"sector": ["Tech", "Oil", None, "Tech"]}, index=["A0", "A1", "A2", "A3"])


def parts(frame: pd.DataFrame, level: str, column: str = "profit") -> dict[str, float]:
    rows = frame[frame["level"] == level]
    return dict(zip(rows["name"], rows[column], strict=True))


def sectored(seed: int, owners: int = 1) -> Ledger:
    """A random ledger with sectors, its trades dealt out to so many strategies."""
    ledger = random_ledger(seed)
    ledger.market = replace(ledger.market, properties=SECTORS)
    if owners > 1:
        deal(ledger, owners)
    return ledger


def deal(ledger: Ledger, owners: int) -> None:
    """Give every trade to a strategy at random; dividends and delistings go to whoever holds the asset then."""
    rng = np.random.default_rng(owners)
    held = np.zeros((owners, len(ledger.quantity)))
    whole, ledger.fill_rows = ledger.fill_rows, []
    events, ledger.event_rows = ledger.event_rows, []
    for row in range(ledger.first, len(ledger.close)):
        for at, asset, kind, value in ledger.actions:
            if at == row and kind == ActionKind.SPLIT:
                held[:, asset] *= value
            if at == row and kind == ActionKind.DIVIDEND:
                ledger.event_rows += [
                    (row, asset, k, kind_of(events, row), -1, held[k, asset] * value) for k in range(owners)
                ]
        for record in whole:
            if record["row"][0] == row:
                asset, total = int(record["asset"][0]), float(record["quantity"][0])
                share = held[:, asset] / held[:, asset].sum() if record["reason"][0] else rng.dirichlet(np.ones(owners))
                for k in range(owners):
                    one = record.copy()
                    one["owner"] = k
                    for name in ("quantity", "commission", "spread", "slippage", "impact"):
                        one[name] = record[name] * share[k]
                    held[k, asset] += total * share[k]
                    ledger.fill_rows.append(one)


def kind_of(events: list[tuple[int, int, int, int, int, float]], row: int) -> int:
    return next(event[3] for event in events if event[0] == row)


def test_gross_profit_of_each_asset_and_cost_by_kind() -> None:
    ledger = Ledger(np.array([[10.0, 20.0], [11.0, 18.0], [12.0, 19.0]]))
    ledger.shut(0)
    ledger.trade(1, 0, 10.0, 11.0, commission=1.0, slippage=0.5)
    ledger.trade(1, 1, 5.0, 18.0, spread=0.25)
    ledger.shut(1)
    ledger.trade(2, 0, -4.0, 11.5, commission=1.0)
    ledger.shut(2)
    frame = attribution(ledger)
    assert list(frame.columns) == COLUMNS
    assert parts(frame, "asset") == {"A0": pytest.approx(4 * 0.5 + 6 * 1.0), "A1": pytest.approx(5.0)}
    assert parts(frame, "cost") == {"commission": -2.0, "spread": -0.25, "slippage": -0.5, "impact": 0.0}
    assert parts(frame, "total") == {"total": pytest.approx(13.0 - 2.75)}
    np.testing.assert_allclose(frame["contribution"], frame["profit"] / 1000.0)
    assert parts(frame, "asset", "cost") == {"A0": 2.5, "A1": 0.25}
    assert parts(frame, "asset", "net") == {"A0": pytest.approx(5.5), "A1": pytest.approx(4.75)}
    assert parts(frame, "total", "net") == parts(frame, "total")
    assert frame.index.tolist() == list(range(7))
    assert frame[frame["level"] == "cost"][["cost", "net"]].isna().all(axis=None)


def test_linked_counts_a_gain_by_what_the_account_was_worth() -> None:
    """Two assets earn 100 each, on 1,000 and then on 1,100: 10 % and 9.09 %, linked by Carino to 20 %."""
    ledger = Ledger(np.array([[10.0, 10.0], [20.0, 10.0], [20.0, 20.0]]))
    ledger.trade(0, 0, 10.0, 10.0)
    ledger.trade(0, 1, 10.0, 10.0)
    for row in range(3):
        ledger.shut(row)
    frame = attribution(ledger)
    assert parts(frame, "asset", "contribution") == {"A0": pytest.approx(0.1), "A1": pytest.approx(0.1)}
    scale = 0.2 / math.log(1.2)
    expected = {"A0": pytest.approx(scale * math.log(1.1)), "A1": pytest.approx(scale * math.log(12.0 / 11.0))}
    assert parts(frame, "asset", "linked") == expected
    assert parts(frame, "total", "linked")["total"] == pytest.approx(0.2)


def test_split_earns_nothing_and_dividend_earns_its_cash() -> None:
    ledger = Ledger(np.array([[100.0], [50.0], [49.0]]))
    ledger.trade(0, 0, 2.0, 100.0)
    ledger.shut(0)
    ledger.act(1, 0, ActionKind.SPLIT, 2.0)
    ledger.shut(1)
    ledger.act(2, 0, ActionKind.DIVIDEND, 1.0)
    ledger.shut(2)
    assert parts(attribution(ledger), "asset") == {"A0": pytest.approx(0.0, abs=1e-12)}
    assert profit_by(ledger).loc["A0", ["gross", "dividends"]].tolist() == [pytest.approx(0.0, abs=1e-12), 4.0]


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


def ruined() -> Ledger:
    """Short 20 at 100; at 160 the equity is below zero and stays recorded there, whatever the price does next."""
    ledger = Ledger(np.array([[100.0], [160.0], [90.0]]))
    ledger.trade(0, 0, -20.0, 100.0)
    ledger.shut(0)
    ledger.shut(1)
    ledger.event_rows.append((1, -1, 0, EventKind.BANKRUPT, -1, -200.0))
    ledger.shut(2)
    ledger.rows[2] = (ledger.rows[1][0], ledger.rows[1][1], ledger.rows[2][2], ledger.rows[2][3])
    return ledger


def test_ruin_freezes_the_account_but_not_the_market() -> None:
    frame = attribution(ruined())
    assert parts(frame, "asset") == {"A0": pytest.approx(-1200.0)}
    assert parts(frame, "total") == {"total": pytest.approx(-1200.0)}
    assert frame["linked"].isna().all()  # minus 120 % has no logarithm


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


@pytest.mark.parametrize("owners", [1, 3])
@pytest.mark.parametrize("seed", range(8))
def test_adds_up_to_the_change_of_equity(seed: int, owners: int) -> None:
    ledger = sectored(seed, owners)
    frame = attribution(ledger)
    whole, limit = ledger.equity[-1] - ledger.capital, 1e-9 * ledger.capital
    for column, total in (
        ("profit", whole),
        ("contribution", whole / ledger.capital),
        ("linked", whole / ledger.capital),
    ):
        sums = frame.groupby("level")[column].sum()
        assert sums["asset"] + sums["cost"] == pytest.approx(total, abs=limit if column == "profit" else 1e-12)
        assert sums["group"] == pytest.approx(sums["asset"], abs=limit if column == "profit" else 1e-12)
        assert sums["total"] == pytest.approx(total, rel=1e-15)
        if owners > 1:
            assert sums["strategy"] == pytest.approx(sums["asset"], abs=limit if column == "profit" else 1e-12)
    net = frame.groupby("level")["net"].sum()
    for level in ("asset", "group", *(["strategy"] if owners > 1 else [])):
        assert net[level] == pytest.approx(whole, abs=limit)
    assert ("strategy" in set(frame["level"])) == (owners > 1)
    assert parts(frame, "total")["total"] == whole
    assert parts(frame, "total", "cost")["total"] == pytest.approx(-sum(parts(frame, "cost").values()))


@pytest.mark.parametrize("by", ["asset", "sector", "strategy", "trade"])
@pytest.mark.parametrize(("seed", "owners"), [(0, 1), (1, 1), (2, 1), (3, 2), (4, 3)])
def test_profit_adds_up_whichever_way_it_is_cut(by: str, seed: int, owners: int) -> None:
    ledger = sectored(seed, owners)
    frame = profit_by(ledger, by)
    whole, limit = ledger.equity[-1] - ledger.capital, 1e-9 * ledger.capital
    assert frame["net"].sum() == pytest.approx(whole, abs=limit)
    assert frame["contribution"].sum() == pytest.approx(whole / ledger.capital, abs=1e-9)
    np.testing.assert_allclose(frame["net"], frame["gross"] - frame["cost"], atol=limit)
    assert frame["cost"].sum() == pytest.approx(-profit_by(ledger, "cost")["net"].sum(), rel=1e-12)
    if by != "trade":
        kinds = frame[["commission", "spread", "slippage", "impact"]]
        np.testing.assert_allclose(kinds.sum(axis=1), frame["cost"], rtol=1e-12)
        paid = ledger.events[ledger.events["kind"] == EventKind.DIVIDEND]["value"].sum()
        assert frame["dividends"].sum() == pytest.approx(paid, rel=1e-12)


def test_strategies_keep_their_own_ledgers() -> None:
    """One buys at 10 and one at 12; a split and a dividend in between; both are marked at 8 for the new unit."""
    actions = [(2, 0, ActionKind.SPLIT, 2.0), (3, 0, ActionKind.DIVIDEND, 0.5)]
    ledger = Ledger(np.array([[10.0], [12.0], [6.0], [8.0]]), actions=actions)
    ledger.trade(0, 0, 1.0, 10.0)
    ledger.shut(0)
    ledger.trade(1, 0, 2.0, 12.0, commission=0.5)
    ledger.fill_rows[-1]["owner"] = 4
    ledger.shut(1)
    ledger.act(2, 0, ActionKind.SPLIT, 2.0)
    ledger.shut(2)
    ledger.act(3, 0, ActionKind.DIVIDEND, 0.5)
    ledger.event_rows = [(3, 0, 0, EventKind.DIVIDEND, -1, 1.0), (3, 0, 4, EventKind.DIVIDEND, -1, 2.0)]
    ledger.shut(3)
    frame = profit_by(ledger, "strategy")
    assert frame.index.tolist() == ["0", "4"]
    assert frame["gross"].tolist() == pytest.approx([16.0 - 10.0 + 1.0, 32.0 - 24.0 + 2.0])
    assert frame["net"].tolist() == pytest.approx([7.0, 9.5])
    assert parts(attribution(ledger), "strategy") == {"0": pytest.approx(7.0), "4": pytest.approx(10.0)}
    names = ["momentum", "value"]
    assert profit_by(ledger, "strategy", names).index.tolist() == ["momentum", "4"]
    named = parts(attribution(ledger, [*names, "", "", "carry"]), "strategy")
    assert named == {"momentum": pytest.approx(7.0), "carry": pytest.approx(10.0)}
    columns = contributions(ledger, "strategy", every="all", strategies=names).periods.columns
    assert columns.tolist()[:2] == ["momentum", "4"]


def test_a_split_before_the_first_row_is_none_of_theirs() -> None:
    ledger = Ledger(np.array([[20.0], [10.0], [10.0], [12.0]]), first=2, actions=[(1, 0, ActionKind.SPLIT, 2.0)])
    for owner in (0, 1):
        ledger.trade(2, 0, 1.0 + owner, 10.0)
        ledger.fill_rows[-1]["owner"] = owner
    ledger.shut(2)
    ledger.shut(3)
    assert profit_by(ledger, "strategy")["net"].tolist() == pytest.approx([2.0, 4.0])


def test_trades_are_those_of_the_table_of_trades() -> None:
    ledger = sectored(6)
    mine, theirs = profit_by(ledger, "trade"), trades(ledger)
    assert mine[["symbol", "opened", "closed"]].equals(theirs[["symbol", "opened", "closed"]])
    np.testing.assert_allclose(mine["net"], theirs["profit"], rtol=1e-12)


def test_assets_that_never_traded_are_left_out() -> None:
    ledger = Ledger(np.array([[10.0, 10.0], [11.0, 12.0]]))
    ledger.shut(0)
    assert profit_by(ledger).empty
    assert profit_by(ledger, "strategy").empty
    assert profit_by(ledger, "trade").empty
    ledger.trade(1, 1, 1.0, 12.0)
    ledger.shut(1)
    assert profit_by(ledger).index.tolist() == ["A1"]


def test_an_unknown_way_to_cut_names_the_known_ones() -> None:
    with pytest.raises(
        InputError, match=r"'sectr'; known: asset, cost, sector, strategy, trade; did you mean 'sector'"
    ):
        profit_by(sectored(1), "sectr")
    with pytest.raises(InputError, match="known: asset, cost, strategy, trade"):
        profit_by(random_ledger(1), "colour")


@pytest.mark.parametrize("function", [attribution, profit_by])
def test_a_ledger_that_does_not_add_up_is_refused(function: object) -> None:
    ledger = random_ledger(1)
    equity, *rest = ledger.rows[-1]
    ledger.rows[-1] = (equity + 1.0, *rest)
    with pytest.raises(RunError, match="inconsistent"):
        function(ledger)  # type: ignore[operator]

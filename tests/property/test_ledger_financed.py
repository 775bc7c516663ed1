"""To the cent: an account on margin, financed, or with flows, has what its journal says, whatever happened to it."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest

from backtest.metrics import attribution, contributions, gross_to_net, profit_by
from backtest.metrics.ledger import COSTS, FINANCING, gain, last_row
from backtest.simulate.book import new_book
from backtest.simulate.engine import Engine
from backtest.simulate.result import Result, collect
from backtest.types import EventKind

from .generate import Case, random_case
from .kernel import market_of, plan_of, terms_of

SEEDS = range(200 if numba.config.DISABLE_JIT else 400)


def outcomes() -> list[tuple[int, Case, Result]]:
    found = []
    for seed in SEEDS:
        case = random_case(seed)
        if case.finance is None and case.account.kind == "cash" and case.flows is None:
            continue
        terms = terms_of(case)
        terms.rule["wake_mask"] = 0
        engine = Engine(market_of(case), new_book(len(case.symbols), case.capital), terms, plan_of(case))
        engine.advance(len(case.close))
        found.append((seed, case, collect(market_of(case), engine, case.capital, (), {}, plan_of(case))))
    return found


@pytest.fixture(scope="module")
def played() -> list[tuple[int, Case, Result]]:
    return outcomes()


def size(result: Result) -> float:
    """Money that moved: what rounding is measured by."""
    traded = np.abs(result.fills["quantity"] * result.fills["price"]).sum()
    return float(max(result.capital, np.abs(result.equity).max(), np.abs(result.cash).max(), traded))


def test_cash_and_positions_are_the_equity(played: list[tuple[int, Case, Result]]) -> None:
    for seed, _, result in played:
        rows = slice(0, last_row(result) + 1)
        held = np.where(result.positions() != 0.0, result.positions() * result.marks(), 0.0)[rows].sum(axis=1)
        np.testing.assert_allclose(
            result.cash[rows] + held, result.equity[rows], rtol=0.0, atol=1e-9 * size(result), err_msg=f"seed {seed}"
        )


def test_trades_dividends_carry_and_flows_are_every_change_of_cash(played: list[tuple[int, Case, Result]]) -> None:
    for seed, _, result in played:
        fills, paid = result.fills, result.events[result.events["kind"] == EventKind.DIVIDEND]
        outlay = fills["quantity"] * fills["price"] + sum(fills[kind] for kind in COSTS)
        moved = result.carry.sum(axis=1) + result.flow
        told = result.events[result.events["kind"] == EventKind.CASH_FLOW]
        assert told["value"].tolist() == result.flow[told["row"] - result.first].tolist()
        assert np.count_nonzero(result.flow) <= len(told)
        np.subtract.at(moved, fills["row"] - result.first, outlay)
        np.add.at(moved, paid["row"] - result.first, paid["value"])
        before = np.concatenate(([result.capital], result.cash[:-1]))
        np.testing.assert_allclose(
            result.cash, before + moved, rtol=0.0, atol=1e-9 * size(result), err_msg=f"seed {seed}"
        )


def test_every_table_adds_up_to_the_change_of_equity(played: list[tuple[int, Case, Result]]) -> None:
    seen, flowing = set(), 0
    for seed, _, result in played:
        change, within = gain(result), 1e-9 * size(result)
        assert change == pytest.approx(result.equity[-1] - result.capital - result.flow.sum(), abs=within)
        table = attribution(result)
        parts = table.loc[table["level"].isin(["asset", "cost", "financing"]), "profit"]
        assert math.fsum(parts) == pytest.approx(change, abs=within), seed
        assert math.fsum(gross_to_net(result)["profit"].iloc[:-1]) == pytest.approx(change, abs=within), seed
        for by in ("asset", "trade"):
            assert math.fsum(profit_by(result, by)["net"]) == pytest.approx(change, abs=within), seed
        if (result.equity > 0.0).all() and result.equity.min() > 1e-6 * result.equity.max():
            linked = table.loc[table["level"].isin(["asset", "cost", "financing", "flow"]), "linked"]
            total = float(np.prod(1.0 + result.returns) - 1.0)
            assert math.fsum(linked) == pytest.approx(total, rel=1e-6, abs=1e-9), seed
            flowing += (table["level"] == "flow").any()
            told = contributions(result, every="all")
            assert told.periods.to_numpy().sum() == pytest.approx(total, rel=1e-6, abs=1e-9), seed
            assert told.total_return == pytest.approx(total, rel=1e-9, abs=1e-9)
        seen |= set(table.loc[table["level"] == "financing", "name"])
    assert seen == set(FINANCING)
    assert flowing > 0


def test_the_cases_are_called_and_ruined(played: list[tuple[int, Case, Result]]) -> None:
    kinds = {EventKind(kind) for _, _, result in played for kind in result.events["kind"].tolist()}
    assert kinds >= {EventKind.MARGIN_CALL, EventKind.BANKRUPT, EventKind.DIVIDEND, EventKind.SPLIT}
    assert any((result.positions() < 0.0).any() for _, _, result in played)
    assert len(played) > len(SEEDS) / 3

"""Money that comes and goes, and sales that settle later: from what a person writes to cash, returns and benchmarks."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made import Place, made_market

import backtest
from backtest.config import Config, PortfolioBenchmark, SymbolBenchmark
from backtest.config.model import Execution, MarketSection
from backtest.costs import Account, Costs
from backtest.errors import ConfigError, InputError
from backtest.run import rerun
from backtest.schedule import Calendar, Flow, Rebalance
from backtest.simulate.book import copy_book, new_book
from backtest.simulate.engine import Engine
from backtest.simulate.portfolio import simulate_config
from backtest.simulate.targets import plan_from
from backtest.simulate.terms import make_terms, silent_watch
from backtest.types import CancelReason, EventKind, FillReason
from tests.simulate.test_portfolio import Held

CLOSE = {"fill": "next_close"}
FLAT = {"close": np.full((6, 1), 10.0), "open": np.full((6, 1), 10.0)}


def played(flows: Any, targets: Any = ([0], [[1.0]]), prices: Any = FLAT, **options: Any) -> backtest.Result:
    return backtest.simulate(prices, targets, flows=flows, capital=1000.0, **{"execution": CLOSE, **options})


def on(row: int, amount: float) -> dict[str, object]:
    """A flow in a row of a market whose first session is 2000-01-01."""
    return {"amount": amount, "date": f"2000-01-{row + 1:02}"}


def test_a_deposit_is_there_before_its_session_and_earns_nothing_by_itself() -> None:
    result = played(on(3, 500.0))
    assert result.flow.tolist() == [0.0, 0.0, 0.0, 500.0, 0.0, 0.0]
    assert result.equity.tolist() == [1000.0] * 3 + [1500.0] * 3
    assert result.cash.tolist() == [1000.0, 0.0, 0.0, 500.0, 500.0, 500.0]
    assert result.returns.tolist() == [0.0] * 6


def test_a_withdrawal_takes_the_cash_that_is_there_and_sells_for_the_rest() -> None:
    result = played(on(3, -300.0), ([0], [[0.9]]))
    sale = result.fills[result.fills["reason"] == FillReason.WITHDRAWAL]
    assert (sale["row"].tolist(), sale["moment"].tolist()) == ([3], [0])
    np.testing.assert_allclose(sale["quantity"], [-20.0], rtol=1e-12)
    np.testing.assert_allclose(result.equity, [1000.0] * 3 + [700.0] * 3, rtol=1e-12)
    np.testing.assert_allclose(result.cash[3:], 0.0, atol=1e-9)


def test_more_than_there_is_is_cut() -> None:
    result = played(on(3, -5000.0))
    assert result.flow[3] == pytest.approx(-1000.0)
    (event,) = result.events[result.events["kind"] == EventKind.CASH_FLOW]
    assert (event["value"], event["reason"]) == (pytest.approx(-1000.0), CancelReason.CUT)
    assert result.equity[3:] == pytest.approx([0.0] * 3, abs=1e-9)


def test_the_return_of_a_row_is_split_where_a_withdrawal_is_paid() -> None:
    """10 % up to the open, 10 % from there to the close: 21 %, whatever is taken out at the open."""
    close, first = np.full((4, 1), 10.0), np.full((4, 1), 10.0)
    first[3], close[3] = 11.0, 12.1
    prices = {"open": first, "close": close}
    result = played(on(3, -440.0), prices=prices)
    assert result.returns[3] == pytest.approx(0.21)
    assert result.equity[3] == pytest.approx((1100.0 - 440.0) * 1.1)


def test_an_account_that_is_emptied_has_no_loss() -> None:
    result = played([on(2, -1000.0)], ([4], [[1.0]]))
    assert result.equity[2:].tolist() == [0.0] * 4
    assert result.returns[:3].tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(result.returns[3:]).all()


def test_fractions_are_of_the_equity_at_the_close_before() -> None:
    market = made_market(70)
    result = played({"fraction_annual": -0.12, "every": "month"}, ([0], [[0.25] * 4]), market)
    (february, march) = np.flatnonzero(result.flow)
    assert market.day(int(february)) == "2020-02-01"
    for row in (february, march):
        assert result.flow[row] == pytest.approx(-0.01 * result.equity[row - 1], rel=1e-9)


def test_flows_in_all_their_forms() -> None:
    days = pd.DatetimeIndex(["2000-01-03", "2000-01-04"])
    wanted = played([on(2, 100.0), on(3, -50.0)]).equity
    assert played(pd.Series([100.0, -50.0], days)).equity.tolist() == wanted.tolist()
    flows = (Flow(amount=100.0, date=date(2000, 1, 3)), Flow(amount=-50.0, date=date(2000, 1, 4)))
    assert played(flows).equity.tolist() == wanted.tolist()
    with pytest.raises(InputError, match=r"flows: the index holds int64; expected dates"):
        played(pd.Series([100.0]))
    with pytest.raises(ConfigError, match=r"a flow of nothing"):
        played({"amount": 0.0, "every": "month"})


def test_flows_change_no_bit_where_there_are_none() -> None:
    market, targets = made_market(), ([0, 30, 60], [[0.25] * 4] * 3)
    one = played((), targets, market)
    other = played({"amount": 1.0, "date": "2030-01-01"}, targets, market)
    assert one.equity.tobytes() == other.equity.tobytes()
    assert one.returns.tobytes() == other.returns.tobytes()


def test_what_a_sale_brings_pays_after_so_many_sessions() -> None:
    prices = {"close": np.full((6, 2), 10.0), "open": np.full((6, 2), 10.0)}
    targets = ([0, 1, 2, 3], [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
    at_once = played((), targets, prices)
    assert at_once.positions()[2].tolist() == [0.0, 100.0]
    later = played((), targets, prices, account={"settlement_days": 2})
    assert later.positions()[1:].tolist() == [[100.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 100.0], [0.0, 100.0]]
    assert (later.decisions["scale"][:3] == [1.0, 0.0, 0.0]).all()
    assert later.equity.tolist() == [1000.0] * 6  # it is there, and may be taken out
    assert played(on(3, -1000.0), targets, prices, account={"settlement_days": 2}).flow[3] == -1000.0


def test_several_bars_of_a_session_settle_together() -> None:
    """Sold in the first of two hourly bars a day, usable from the first bar of the next day on."""
    times = pd.DatetimeIndex([f"2024-01-{day:02} {hour}:00" for day in (2, 3, 4) for hour in (15, 16)], tz="UTC")
    market = backtest.make_market(close=np.full((6, 2), 10.0), times=times)
    wish = [[1.0, 0.0], *([[0.0, 1.0]] * 4)]
    result = played((), ([0, 1, 2, 3, 4], wish), market, account={"settlement_days": 1})
    assert market.session.tolist() == sorted([*range(19724, 19727)] * 2)
    assert result.positions()[1:, 0].tolist() == [100.0, 0.0, 0.0, 0.0, 0.0]
    assert result.positions()[1:, 1].tolist() == [0.0, 0.0, 0.0, 100.0, 100.0]


def test_a_copy_of_a_book_goes_on_with_what_has_not_settled() -> None:
    """At each row, also between a decision and its answer: the same bits as without stopping."""
    market, rows = made_market(40), np.arange(0, 40, 3)
    weights = np.random.default_rng(0).dirichlet(np.ones(4), rows.size)
    flows = [Flow(amount=70.0, every="week"), Flow(fraction_annual=-0.9, every="week", on="last")]
    account, plan = Account(settlement_days=2), plan_from(market, (rows, weights))
    terms = make_terms(
        market, 0, Costs(commission_bps=10.0), Execution(fill="next_close"), silent_watch(40), 5, account, flows=flows
    )
    whole = Engine(market, new_book(4, 1000.0), terms, plan)
    whole.advance(40)
    for stop in range(1, 40):
        engine = Engine(market, new_book(4, 1000.0), terms, plan)
        engine.advance(stop)
        engine.replace_book(copy_book(engine.book))
        engine.advance(40)
        assert engine.rows.tobytes() == whole.rows.tobytes()
        assert engine.fills.tobytes() == whole.fills.tobytes()
    assert (whole.fills["reason"] == FillReason.WITHDRAWAL).any()
    assert whole.book.unsettled.shape == (1, 2)


MONTHLY = Rebalance(any=(Calendar(calendar="month"),))


def simulated(**changes: Any) -> Any:
    given: dict[str, Any] = {
        "name": "saving", "market": MarketSection(source="tiny"), "capital": 1000.0, "rebalance": MONTHLY,
        "execution": Execution(fill="next_close"), "flows": (Flow(amount=100.0, every="month"),),
    }  # fmt: skip
    return simulate_config(Config(**{**given, **changes}), made_market(), Held())


@pytest.mark.parametrize("benchmark", [PortfolioBenchmark(), SymbolBenchmark(symbol="BBB")])
def test_a_benchmark_gets_the_same_money_on_the_same_days(benchmark: Any) -> None:
    both = simulated(benchmark=benchmark)
    assert both.benchmark.flow.tolist() == both.result.flow.tolist()
    assert np.count_nonzero(both.result.flow) == 3


def test_a_symbol_that_is_held_is_bought_with_what_is_paid_in() -> None:
    market, result = made_market(), simulated(benchmark=SymbolBenchmark(symbol="BBB")).benchmark
    rows = np.flatnonzero(result.flow)
    np.testing.assert_allclose(result.cash[rows], 0.0, atol=1e-9)
    own = market.close[:, 1]
    np.testing.assert_allclose(result.positions()[-1, 1], 1000.0 / own[0] + (100.0 / own[rows]).sum(), rtol=1e-12)


def test_a_portfolio_benchmark_may_settle_otherwise() -> None:
    slow = PortfolioBenchmark(account=Account(settlement_days=20))
    both = simulated(benchmark=slow, flows=())
    assert both.benchmark.decisions["scale"].min() == 0.0  # nothing has settled that would pay
    assert both.result.decisions["scale"].min() > 0.9


def test_the_probe_and_a_second_run_carry_the_flows(place: Place) -> None:
    (place.root / "flows.csv").write_text("date,amount\n2020-02-10,500\n2020-03-10,-200\n", encoding="utf-8")
    run = backtest.run(place.config(flows={"file": "flows.csv"}, probe="full"), workspace=place.root)
    assert [str(flow.date) for flow in run.config.flows] == ["2020-02-10", "2020-03-10"]
    assert run["contributed"] == 500.0
    (place.root / "flows.csv").unlink()  # the run keeps the lines, not the name
    again = rerun(run.folder, workspace=place.root, check=True)
    assert again.result.equity.tobytes() == run.result.equity.tobytes()
    assert "2020-02-10" in (run.folder / "config.yaml").read_text()
    assert any("500 paid in on 2020-02-10; 200 taken out on 2020-03-10" in line for line in run.manifest["assumptions"])

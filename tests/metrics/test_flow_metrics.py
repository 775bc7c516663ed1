"""Flows in the numbers of a run: money apart from returns, and both kinds of return apart from each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import backtest
from backtest import metrics
from backtest.metrics import attribution, contributions, gross_to_net, run_metrics
from backtest.metrics.attribution.segments import segments_of
from backtest.metrics.ledger import base_by_row, gain, growth_of, paid_in, payment_effect_by_row
from tests.stats.golden import case

from .results import Ledger, ledger_of

SECTORS = pd.DataFrame({"sector": ["x", "y"]}, index=["A0", "A1"])


def doubled() -> Ledger:
    """1000; 50 % up, then 1000 more comes and 20 % are lost."""
    ledger = ledger_of([[10.0], [15.0], [12.0]])
    ledger.trade(0, 0, 100.0, 10.0)
    ledger.shut(0)
    ledger.shut(1)
    ledger.move(2, 1000.0)
    ledger.trade(2, 0, 1000.0 / 15.0, 15.0)  # at the price of the close before
    ledger.shut(2)
    return ledger


def test_money_and_returns_are_kept_apart() -> None:
    ledger = doubled()
    found = run_metrics(ledger)
    assert found["final_equity"] == pytest.approx(2000.0)
    assert (found["contributed"], found["withdrawn"], found["withdrawals_cut"]) == (1000.0, 0.0, 0)
    assert found["gain"] == pytest.approx(0.0)
    assert found["total_return"] == pytest.approx(1.5 * 0.8 - 1.0)
    assert found["max_drawdown"] == pytest.approx(-0.2)
    assert found["money_weighted_return"] == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(growth_of(ledger), [1000.0, 1000.0, 1500.0, 1200.0])


def test_what_a_return_is_earned_on_has_the_flow_in_it() -> None:
    ledger = doubled()
    np.testing.assert_allclose(base_by_row(ledger), [1000.0, 1000.0, 2500.0])
    assert not payment_effect_by_row(ledger).any()
    assert (paid_in(ledger), gain(ledger)) == (2000.0, pytest.approx(0.0))


def test_attribution_adds_up_to_what_was_earned_and_to_the_time_weighted_return() -> None:
    ledger = doubled()
    table = attribution(ledger).set_index(["level", "name"])
    assert table.loc[("asset", "A0"), "profit"] == pytest.approx(0.0)
    assert table.loc[("asset", "A0"), "linked"] == pytest.approx(0.2)
    assert table.loc[("total", "total"), "linked"] == pytest.approx(0.2)
    told = contributions(ledger, every="all")
    assert (told.total_return, told.linked.sum()) == (pytest.approx(0.2), pytest.approx(0.2))
    steps = gross_to_net(ledger)
    assert steps["profit"]["net"] == pytest.approx(0.0)
    assert steps["linked"]["net"] == pytest.approx(0.2)


def sold_inside() -> backtest.Result:
    """10 % up to the open, where 440 of 1100 are taken out, and 10 % more up to the close."""
    close, first = np.full((4, 1), 10.0), np.full((4, 1), 10.0)
    first[3], close[3] = 11.0, 12.1
    flow = {"amount": -440.0, "date": "2000-01-04"}
    prices, at_close = {"open": first, "close": close}, {"fill": "next_close"}
    return backtest.simulate(prices, ([0], [[1.0]]), execution=at_close, flows=flow, capital=1000.0)


def test_a_payment_inside_a_bar_has_its_own_line() -> None:
    """166 are earned on 1000; that 21 % were made of it is because a part of it was gone for the second half."""
    result = sold_inside()
    assert gain(result) == pytest.approx(166.0)
    assert payment_effect_by_row(result)[3] == pytest.approx(0.21 - 0.166)
    table = attribution(result)
    line = table[table["level"] == "flow"].iloc[0]
    assert (line["name"], line["profit"], line["linked"]) == ("withdrawals", 0.0, pytest.approx(0.044))
    assert table.loc[table["level"] == "asset", "linked"].sum() == pytest.approx(0.166)
    assert contributions(result, every="all").linked["withdrawals"] == pytest.approx(0.044)
    assert run_metrics(result)["withdrawn"] == pytest.approx(440.0)


def test_a_withdrawal_that_was_cut_is_counted() -> None:
    flow = {"amount": -2000.0, "date": "2000-01-02"}
    found = run_metrics(backtest.simulate({"close": [[10.0]] * 4}, ([], np.empty((0, 1))), flows=flow, capital=1000.0,
                                          execution={"fill": "next_close"}))  # fmt: skip
    assert (found["withdrawn"], found["withdrawals_cut"], found["gain"]) == (1000.0, 1, 0.0)
    assert found["total_return"] == 0.0


def test_the_published_rate_comes_out_of_a_run() -> None:
    """Microsoft's example of XIRR, as an account: 10,000 paid in, four withdrawals, nothing left."""
    inputs, expected, _ = case("stats_flows", "xirr_microsoft_excel")
    paid = pd.Series({pd.Timestamp(day): float(amount) for day, amount in inputs["flows"]})
    assert metrics.money_weighted(paid) == pytest.approx(expected, abs=2e-9)
    days = pd.date_range(paid.index[0], paid.index[-1])
    close = 10.0 * (1.0 + expected) ** (np.arange(len(days)) / 365.0)
    market = backtest.make_market(close=close[:, None], times=days)
    result = backtest.simulate(
        market, ([0], [[1.0]]), execution={"fill": "same_close"}, flows=-paid[1:-1], capital=-paid.iloc[0]
    )
    assert result.equity[-1] == pytest.approx(paid.iloc[-1], rel=1e-6)  # what is left is the last withdrawal
    assert run_metrics(result)["xirr"] == pytest.approx(expected, abs=1e-7)


def test_where_every_bar_earns_the_same_both_rates_are_the_same() -> None:
    days = pd.date_range("2020-01-01", periods=800)
    close = 10.0 * 1.0004 ** np.arange(800.0)
    market = backtest.make_market(close=close[:, None], times=days)
    flows = [{"amount": 300.0, "every": "month"}, {"fraction_annual": -0.2, "every": "quarter"}]
    rows = np.arange(800)
    result = backtest.simulate(market, (rows, np.ones((800, 1))), execution={"fill": "same_close"}, flows=flows)
    found = run_metrics(result)
    assert found["contributed"] > 0.0
    assert found["money_weighted_return"] == pytest.approx(found["annual_return"], rel=2e-3)


def test_without_flows_the_money_weighted_return_is_the_annual_one() -> None:
    rng = np.random.default_rng(0)
    close = 10.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, (500, 1)), axis=0))
    result = backtest.simulate({"close": close}, ([0], [[1.0]]), execution={"fill": "next_close"})
    found = run_metrics(result)
    assert found["money_weighted_return"] == pytest.approx(found["annual_return"], rel=1e-9)
    assert found["gain"] == pytest.approx(result.equity[-1] - result.capital)
    assert (found["contributed"], found["withdrawn"]) == (0.0, 0.0)


def test_a_rate_that_does_not_exist_is_none() -> None:
    """Everything is lost: there is no rate at which nothing is worth what was paid."""
    close = np.array([[10.0], [10.0], [1e-9]])
    result = backtest.simulate({"close": close}, ([0], [[1.0]]), execution={"fill": "next_close"})
    assert run_metrics(result)["xirr"] is None


def test_segments_add_up_to_the_time_weighted_return_of_each_bar() -> None:
    ledger = ledger_of([[10.0, 20.0], [12.0, 20.0], [12.0, 22.0], [9.0, 22.0]], properties=SECTORS)
    ledger.trade(0, 0, 40.0, 10.0, commission=3.0)
    ledger.trade(0, 1, 20.0, 20.0)
    for row, flow in enumerate((0.0, 500.0, -100.0, 0.0)):
        ledger.move(row, flow)
        ledger.shut(row)
    found = segments_of(ledger)
    np.testing.assert_allclose(found.total, ledger.returns, rtol=1e-12)
    np.testing.assert_allclose(found.weights.sum(axis=1), 1.0)
    assert found.weights[1].tolist() == pytest.approx([400.0 / 1497.0, 400.0 / 1497.0, 697.0 / 1497.0])


def test_turnover_and_costs_are_of_what_the_return_is_earned_on() -> None:
    ledger = doubled()
    np.testing.assert_allclose(metrics.turnover_by_row(ledger), [0.5, 0.0, 1000.0 / 2500.0 / 2.0])
    assert run_metrics(ledger)["cost_of_capital"] == 0.0

"""Comparing runs into which money came: growth is time-weighted, and money is told beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made import Place, few_resamples, make_place

import backtest
from backtest.metrics.ledger import gain
from backtest.report.comparison.flows import gained
from backtest.study.record import read_record
from backtest.study.stress import replay
from tests.study.runs import facts, study, variant

FLOWS = [{"amount": 2_000.0, "every": "month"}, {"fraction_annual": -0.6, "every": "month", "on": "last"}]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, tiny_store: Path) -> backtest.Run:
    """A run with costs, flows and a benchmark; withdrawals are sold for."""
    with few_resamples():
        place = make_place(tmp_path_factory.mktemp("flows") / "place", tiny_store)
        config = place.config(flows=FLOWS, costs={"commission_bps": 20}, benchmark={"symbol": "AAA"})
        return backtest.run(config, workspace=place.root)


def test_a_record_is_what_the_capital_grew_to(run: backtest.Run) -> None:
    record = read_record(run.folder, "a", "a")
    np.testing.assert_allclose(record.grown, 10_000.0 * np.cumprod(1.0 + run.result.returns), rtol=1e-12)
    assert record.money is not None
    assert record.money["gain"] == pytest.approx(gain(run.result))
    assert record.money["final_equity"] == run.result.equity[-1]
    assert record.money["contributed"] == pytest.approx(6_000.0)
    assert record.benchmark is not None
    assert run.benchmark is not None
    np.testing.assert_allclose(record.benchmark, 10_000.0 * np.cumprod(1.0 + run.benchmark.returns), rtol=1e-12)


def test_costs_are_those_of_the_capital_alone(run: backtest.Run) -> None:
    record = read_record(run.folder, "a", "a")
    assert record.drag(record.cost).sum() == pytest.approx(run["cost_drag"] * run["years"], rel=1e-9)
    assert record.gross[-1] > record.grown[-1] / record.capital


def test_the_same_decisions_with_the_same_flows_give_the_same_growth(run: backtest.Run) -> None:
    record = read_record(run.folder, "a", "a")
    again = replay(run.folder, run.config, run.result.market)
    np.testing.assert_allclose(again, record.grown, rtol=1e-13)
    assert replay(run.folder, run.config, run.result.market, costs=2.0)[-1] < again[-1]


def test_what_a_comparison_says_of_money() -> None:
    one = variant("one") | {"flows": {"final_equity": 3.0, "contributed": 1e3, "withdrawn": 0.0, "gain": 250.0}}
    two = variant("two") | {"flows": {"final_equity": 3.0, "contributed": 1e3, "withdrawn": 0.0, "gain": 300.0}}
    assert gained(facts(one, two)) == (
        "Money came from outside or went there, which no return here counts. Gained over whole records, of the same "
        "money: 300.00 with two and 250.00 with one."
    )
    assert "not all of them of the same money" in (gained(facts(one, variant("none"))) or "")
    assert gained(facts(variant("one"), variant("two"))) is None
    many = [variant(f"run {k}") | {"flows": {**one["flows"], "gain": -float(k)}} for k in range(8)]
    said = str(gained(facts(*many)))
    assert said.endswith("−4.00 with run 4 and 2 between, and −7.00 with run 7, the least.")


def test_a_comparison_of_runs_with_flows(place: Place) -> None:
    done = backtest.compare(study(place, flows=FLOWS), workspace=place.root)
    for each in done.comparison["variants"]:
        assert each["flows"]["contributed"] == pytest.approx(6_000.0)
    equal = next(each for each in done.comparison["variants"] if each["name"] == "equal_weight")
    record = read_record(done.folder / equal["run"], "a", "a")
    assert equal["final"] == pytest.approx(record.grown[-1] / record.grown[20], rel=0.2)
    again = backtest.compare(study(place, flows=FLOWS), workspace=place.root)
    assert again.comparison["ranking"] == done.comparison["ranking"]

"""Allocation through the engine: fallbacks in the log, `hold`, `strict`, constraints, shared decisions, the probe."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backtest import Strategy
from backtest.allocate import AllocationChoice, Constraints, MethodChoice, Weights
from backtest.allocate.methods.equal_weight import EqualWeight
from backtest.allocate.methods.inverse_volatility import InverseVolatility
from backtest.allocate.methods.market_cap import MarketCap
from backtest.allocate.methods.min_variance import MinVariance
from backtest.config import Config, PortfolioBenchmark, history_rows
from backtest.config.model import Execution, MarketSection
from backtest.costs import Costs
from backtest.errors import AllocationError
from backtest.market.market import Market, Series
from backtest.schedule import Calendar, Rebalance
from backtest.simulate.portfolio import Simulated, simulate_config
from backtest.workspace.said import counted, remarks, said_of
from backtest.workspace.tables import rebalances_table

MONTHLY = Rebalance(any=(Calendar(calendar="month"),))
LOW = MethodChoice(parameters=InverseVolatility(lookback=20))


class Held(Strategy):
    """Everything, by the configured method."""

    def decide(self, ctx: Any) -> Any:
        return ctx.allocate()


def run(market: Market, choice: AllocationChoice, **changes: Any) -> Simulated:
    given: dict[str, Any] = {
        "name": "small", "market": MarketSection(source="tiny"), "capital": 1000.0, "rebalance": MONTHLY,
        "execution": Execution(fill="next_close"), "costs": Costs(commission_bps=10.0), "allocation": choice,
    }  # fmt: skip
    return simulate_config(Config(**{**given, **changes}), market, Held())


def late_caps(market: Market) -> Market:
    """Caps are known from row 70 on."""
    known = np.full(4, market.end[70, 0], np.int64)
    series = Series("market_cap", known, known, np.arange(4), np.array([4.0, 3.0, 2.0, 1.0]))
    return replace(market, series={"market_cap": series})


def lines(done: Simulated) -> list[dict[str, Any]]:
    return rebalances_table(done.result, done.driven.notes).to_pylist()


def test_each_fallback_is_in_the_log_and_counted(market: Market) -> None:
    done = run(late_caps(market), AllocationChoice(parameters=MarketCap(), fallback=(LOW, "hold")))
    decisions = [line for line in lines(done) if line["kind"] == "decision"]
    assert [line["method"] for line in decisions] == ["inverse_volatility"] * 3 + ["market_cap"]
    assert decisions[0]["gave_up"] == ["market_cap"]
    assert decisions[0]["warnings"][0].startswith("market_cap gave up: ")
    assert decisions[0]["status"].startswith("fell back to inverse_volatility: market_cap gave up: ")
    assert (decisions[3]["status"], decisions[3]["gave_up"]) == ("ok", [])
    counts = counted(done.driven.notes)
    assert (counts["answers"], counts["fallbacks"], counts["held"]) == (4, 3, 0)
    assert remarks(done.driven.notes) == [
        "allocation fell back to inverse_volatility in 3 of 4 decisions: "
        "market_cap gave up: market_cap: none of 4 symbols has a market cap at this decision"
    ]  # fmt: skip
    assert done.probed.checked > 0


def test_hold_leaves_everything_alone_and_has_its_own_line(market: Market) -> None:
    done = run(late_caps(market), AllocationChoice(parameters=MarketCap(), fallback=("hold",)))
    told = [(line["kind"], line["method"], line["status"]) for line in lines(done) if line["kind"] != "quiet"]
    assert told == [("held", "hold", "hold")] * 3 + [("decision", "market_cap", "ok")]
    assert done.result.fills["row"].min() > 70
    assert counted(done.driven.notes)["held"] == 3
    held = next(line for line in lines(done) if line["kind"] == "held")
    assert held["triggers"] == ["start"]
    assert (held["gave_up"], held["targets"], held["orders"]) == (["market_cap"], None, None)
    quiet = [line for line in lines(done) if line["kind"] == "quiet"]
    assert sum(line["sessions"] for line in quiet) == market.n_rows - 4


@pytest.mark.parametrize(
    ("choice", "hint"),
    [
        (AllocationChoice(parameters=MarketCap(), fallback=(LOW,), strict=True), "allocation.strict is true"),
        (AllocationChoice(parameters=MarketCap()), "allocation.fallback would say"),
    ],
)
def test_strict_ends_the_run_with_the_reason(market: Market, choice: AllocationChoice, hint: str) -> None:
    with pytest.raises(AllocationError, match=rf"strategy 'allocate' on .*no market caps.*{hint}") as caught:
        run(market, choice)
    assert caught.value.exit_code == 1


def test_constraints_are_obeyed(market: Market) -> None:
    rules = Constraints(max_weight=0.3, cash_reserve=0.1)
    done = run(market, AllocationChoice(parameters=MinVariance(lookback=20)), constraints=rules)
    targets = done.result.targets
    assert targets.max() <= 0.3 + 1e-12
    np.testing.assert_allclose(targets.sum(axis=1), 0.9, atol=1e-9)
    assert all(dict(line["residuals"])["kkt"] <= 1e-9 for line in lines(done) if line["kind"] == "decision")


def test_the_benchmark_has_constraints_of_its_own(market: Market) -> None:
    rules = Constraints(max_weight={"AAA": 0.1})
    free = PortfolioBenchmark(rebalance=MONTHLY)
    bound = PortfolioBenchmark(rebalance=MONTHLY, constraints=rules)
    choice = AllocationChoice(parameters=EqualWeight())
    own = run(market, choice, constraints=rules).result
    beside = run(market, choice, constraints=rules, benchmark=bound).benchmark
    assert beside is not None
    np.testing.assert_array_equal(own.equity, beside.equity)
    other = run(market, choice, constraints=rules, benchmark=free).benchmark
    assert other is not None
    np.testing.assert_allclose(other.targets, 0.25, rtol=1e-12)


def test_a_turnover_cap_looks_at_what_is_held(market: Market) -> None:
    done = run(market, AllocationChoice(parameters=MinVariance(lookback=20)), constraints=Constraints(turnover=0.01))
    later = [line["turnover"] for line in lines(done) if line["kind"] == "decision"][1:]
    free = run(market, AllocationChoice(parameters=MinVariance(lookback=20)))
    unbound = [line["turnover"] for line in lines(free) if line["kind"] == "decision"][1:]
    assert max(unbound) > 0.04
    assert max(later) < 0.015  # prices move between the decision and the fill


def test_portfolio_and_benchmark_share_decisions_bit_for_bit(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    choice = AllocationChoice(parameters=MinVariance(lookback=20))
    asked: list[int] = []
    weigh = MinVariance.weigh_sample

    def counting(self: Any, *given: Any) -> Any:
        asked.append(1)
        return weigh(self, *given)

    monkeypatch.setattr(MinVariance, "weigh_sample", counting)
    done = run(market, choice, benchmark=PortfolioBenchmark(allocation=choice, rebalance=MONTHLY), probe="off")
    assert len(asked) == len(done.result.decisions)
    assert done.benchmark is not None
    np.testing.assert_array_equal(done.result.equity, done.benchmark.equity)
    asked.clear()
    run(market, choice, benchmark=None, probe="full")
    assert len(asked) == 3 * len(done.result.decisions)  # the probe asks twice more, each time


def test_the_first_decision_waits_for_constraints_and_fallbacks_too() -> None:
    def needed(**own: Any) -> int:
        section = MarketSection(source="tiny")
        return history_rows(Config(name="a", market=section, **own), Held())

    assert needed() == 1
    assert needed(constraints=Constraints(max_volatility=0.1, risk_lookback=40)) == 41
    chain = (MethodChoice(parameters=InverseVolatility(lookback=70)), "hold")
    assert needed(allocation=AllocationChoice(parameters=MinVariance(lookback=20), fallback=chain)) == 71


def test_several_answers_in_one_wake() -> None:
    one = Weights(np.ones(1), objective=1.0, residuals={"kkt": 1e-9}, warnings=("a",), method="hrp")
    two = Weights(
        np.ones(1), "hold", residuals={"kkt": 1e-12}, warnings=("x gave up: y",), method="hold", gave_up=("x",)
    )
    assert said_of([one, two]) == {
        "method": "hrp, hold", "status": "ok; hold", "warnings": ["a", "x gave up: y"], "gave_up": ["x"],
        "objective": None, "residuals": [("kkt", 1e-9)], "condition": None, "iterations": 0,
    }  # fmt: skip
    assert said_of([])["status"] == "ok"
    assert remarks({0: (one, two)}) == [
        "allocation held everything as it was in 1 of 2 decisions: x gave up: y",
        "allocation, in 1 decision: a",
    ]


def test_each_method_that_took_over_and_its_first_reason() -> None:
    def answer(method: str, *said: str) -> Weights:
        return Weights(np.ones(1), warnings=said, method=method, gave_up=("a",) * len(said))

    notes = {k: (answer("b", f"a gave up: {why}"),) for k, why in enumerate(["no", "never", "not now"])}
    assert remarks({**notes, 3: (answer("c", "a gave up: x", "b gave up: y"), answer("a"))}) == [
        "allocation fell back to b in 3 of 5 decisions: a gave up: no (2 other reasons in rebalances.parquet)",
        "allocation fell back to c in 1 of 5 decisions: a gave up: x",
    ]


def test_simulating_imports_no_solver() -> None:
    heavy = ["scipy.optimize", "scipy.sparse", "scipy.linalg", "piqp", "daqp", "clarabel", "sklearn", "skfolio"]
    script = f"import sys, backtest.simulate.portfolio; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"

"""The same decisions carried out again: bit for bit where nothing changes, dearer or later where it does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from made import Place

import backtest
from backtest import Run
from backtest.costs import COSTS, Costs, SpreadSeries
from backtest.costs.model import NOT_NUMBERS
from backtest.study.stress import decisions_of, replay

CASES: dict[str, dict[str, Any]] = {
    "monthly": {"costs": {"commission_bps": 10}},
    "drift": {"rebalance": {"any": [{"calendar": "month"}, {"drift": 0.02}]}, "costs": {"half_spread_bps": 5}},
    "drift alone": {"rebalance": {"drift": 0.01}, "costs": {"commission_minimum": 1.0}},
    "prepared": {
        "strategy": {"name": "moving_average", "params": {"fast": 5, "slow": 20}},
        "costs": {"slippage_bps": 3},
    },
    "same close": {"execution": {"fill": "same_close"}, "costs": {"commission_bps": 10}},
    "once": {"rebalance": "never", "strategy": "buy_and_hold"},
}


def made(place: Place, case: str) -> Run:
    return backtest.run(place.config(**CASES[case]), workspace=place.root)


@pytest.mark.parametrize("case", CASES)
def test_unchanged_it_is_the_same_bit_for_bit(place: Place, case: str) -> None:
    run = made(place, case)
    again = replay(run.folder, run.config, run.result.market)
    np.testing.assert_array_equal(again.view(np.int64), run.result.equity.view(np.int64))


def test_orders_of_the_strategy_itself_are_not_left_out_in_silence(place: Place) -> None:
    place.strategy(
        "buyer",
        "from backtest import Strategy\nclass Buyer(Strategy):\n    def decide(self, ctx):\n"
        "        ctx.order('AAA', 1.0)\n        return {'BBB': 0.5}\n",
    )
    done = backtest.compare(
        place.config(name="mixed", variants={"weights": {}, "orders": {"strategy": "buyer"}}), workspace=place.root
    )
    stress = done.comparison["stress"]
    place_of = [each["name"] for each in done.comparison["variants"]].index("orders")
    assert "places orders of its own" in stress["left_out"][place_of]
    assert stress["double_costs"][place_of] is None
    assert stress["left_out"][1 - place_of] is None


@pytest.mark.parametrize("case", ["monthly", "drift", "prepared", "same close"])
def test_twice_the_costs_cost_more(place: Place, case: str) -> None:
    run = made(place, case)
    dear = replay(run.folder, run.config, run.result.market, costs=2.0)
    assert dear[-1] < run.result.equity[-1]
    paid = run.result.fills["commission"].sum() + run.result.fills["spread"].sum() + run.result.fills["slippage"].sum()
    assert run.result.equity[-1] - dear[-1] == pytest.approx(paid, rel=0.5)


def test_twice_the_costs_is_what_a_run_with_twice_the_costs_says(place: Place) -> None:
    run = made(place, "monthly")
    dear = backtest.run(place.config(costs={"commission_bps": 20}), workspace=place.root)
    np.testing.assert_array_equal(replay(run.folder, run.config, run.result.market, costs=2.0), dear.result.equity)


def test_a_bar_later_the_first_fill_is_a_bar_later(place: Place) -> None:
    run = made(place, "monthly")
    late = replay(run.folder, run.config, run.result.market, delay=1)
    moved, later = (np.flatnonzero(equity != 10_000.0)[0] for equity in (run.result.equity, late))
    assert later == moved + 1
    far = replay(run.folder, run.config, run.result.market, delay=1_000)
    assert (far == 10_000.0).all()


def test_decisions_come_from_the_log(place: Place) -> None:
    run = made(place, "drift")
    rows, targets = decisions_of(run.folder, run.result.market)
    asked = run.result.decisions["source"] != 2  # re-applied by the loop
    np.testing.assert_array_equal(rows, run.result.decisions["row"][asked])
    np.testing.assert_array_equal(targets, run.result.targets[asked])
    assert len(rows) < len(run.result.decisions)


def test_every_cost_is_multiplied() -> None:
    rates = [name for name in COSTS if name not in NOT_NUMBERS]
    numbers = {name: 1.0 + k for k, name in enumerate(rates)}
    doubled = {name: 2.0 * number for name, number in numbers.items()}
    costs = Costs(**numbers, commission_tiers=({"from_money": 1000.0, "bps": 3.0},))
    assert costs.times(2.0) == Costs(**doubled, commission_tiers=({"from_money": 1000.0, "bps": 6.0},))
    assert costs.times(1.0) == costs
    spread = Costs(half_spread={"series": "spreads", "times": 0.5}).times(3.0).half_spread
    assert spread == SpreadSeries(series="spreads", times=1.5)

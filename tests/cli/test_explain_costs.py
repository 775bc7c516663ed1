"""`explain costs`: the very numbers that a run is charged, what stands in for what is not said, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from made import Place

import backtest
from backtest.costs import PRESETS
from backtest.market.save import save
from cli.conftest import Call, Said
from tests.simulate.test_costs import COSTS as IMPACT
from tests.simulate.test_costs import OWN, with_spreads

COSTS = {
    "commission_bps": 4,
    "commission_per_share": 0.01,
    "commission_per_trade": 0.4,
    "commission_minimum": 1,
    "half_spread_bps": 2.5,
    "slippage_bps": 1,
}
RULES: dict[str, Any] = {"costs": COSTS, "execution": {"fill": "next_close", "allow_adjusted_units": True}}
KINDS = ("commission", "spread", "slippage", "impact")


def told(said: Said) -> dict[str, Any]:
    assert said.code == 0, said.error
    return dict(json.loads(said.out))


def test_every_fill_of_a_run_cost_what_is_explained_to_the_cent(place: Place, call: Call) -> None:
    result = backtest.run(place.config(**RULES)).result
    sides = set()
    file = place.yaml(**RULES)
    for fill in result.fills:
        symbol, day = str(result.market.symbols[fill["asset"]]), result.market.day(int(fill["row"]))
        value = abs(float(fill["quantity"])) * float(fill["price"])
        options = ("--symbol", symbol, "--value", repr(value), "--set", f"market.end={day}", "--json")
        about = told(call("explain", "costs", file, *options))
        side = "buy" if fill["quantity"] > 0.0 else "sell"
        sides.add(side)
        assert about["price"] == fill["price"]
        assert about["quantity"] == pytest.approx(abs(fill["quantity"]), rel=1e-12)
        for kind in KINDS:
            assert about[side][kind]["money"] == pytest.approx(fill[kind], abs=1e-9)
    assert sides == {"buy", "sell"}
    paid = result.fills["commission"]
    assert paid.min() == 1.0 < paid.max()  # with the minimum and without it


def test_spread_volatility_and_volume_are_those_that_the_run_met(place: Place, call: Call) -> None:
    save(with_spreads(), place.root / "data")
    rules: dict[str, Any] = {"costs": IMPACT, "market": OWN, "rebalance": {"calendar": "quarter"}}
    result = backtest.run(place.config(**rules), workspace=place.root).result
    file = place.yaml(**rules)
    assert len(result.fills) == 8
    for fill in result.fills:
        symbol, day = str(result.market.symbols[fill["asset"]]), result.market.day(int(fill["row"]))
        value = abs(float(fill["quantity"])) * float(fill["price"])
        options = ("--symbol", symbol, "--value", repr(value), "--set", f"market.end={day}")
        about = told(call("explain", "costs", file, *options, "--json"))
        for kind in KINDS:
            assert about["buy"][kind]["money"] == about["sell"][kind]["money"] == pytest.approx(fill[kind], abs=1e-9)
    said = call("explain", "costs", file, *options).lines
    when = about["conditions"]
    assert said[3].endswith("5 bps, at least 0.01 (2 from 9,000 a month)")
    assert said[4].endswith(f"{0.5 * when['half_spread_bps']:,.4g} bps, of the series spreads")
    root = f"0.8 x {when['volatility']:.3%} x √(units / {when['volume']:,.6g})"
    assert said[6].endswith(f"{root} + 1e-05 x units² + 2e-05 x units² / 2")


def test_a_trade_whose_cost_nobody_knows_is_not_explained(place: Place, call: Call) -> None:
    save(with_spreads(known_from=100), place.root / "data")
    file = place.yaml(market={**OWN, "end": "2020-01-20"}, costs=IMPACT)
    said = call("explain", "costs", file, "--symbol", "BBB")
    assert said.code == 2
    assert "BBB: its half spread before 2020-01-20 is not known" in said.error


def test_numbers_add_up(place: Place, call: Call) -> None:
    about = told(call("explain", "costs", place.yaml(**RULES), "--json"))
    for side in ("buy", "sell", "both"):
        assert sum(about[side][kind]["money"] for kind in KINDS) == pytest.approx(about[side]["total"]["money"])
        for part in about[side].values():
            assert part["bps"] == pytest.approx(1e4 * part["money"] / about["value"])
    assert about["both"]["total"]["money"] == about["buy"]["total"]["money"] + about["sell"]["total"]["money"]
    assert about["value"] == about["quantity"] * about["price"]
    assert about["costs"].items() >= COSTS.items()


def test_what_is_not_said_is_an_equal_part_in_the_symbol_in_the_middle(place: Place, call: Call) -> None:
    prices = {
        symbol: told(call("explain", "costs", place.yaml(), "--symbol", symbol, "--json"))["price"]
        for symbol in ("AAA", "BBB", "CCC", "DDD")
    }
    about = told(call("explain", "costs", place.yaml(), "--json"))
    assert about["value"] == pytest.approx(2500.0)
    assert about["price"] == sorted(prices.values())[1] == prices[about["symbol"]]
    fewer = told(call("explain", "costs", place.yaml(constraints={"max_positions": 2}), "--json"))
    assert fewer["value"] == pytest.approx(5000.0)


def test_lots_are_those_of_the_run(place: Place, call: Call) -> None:
    whole = {"fill": "next_close", "allow_adjusted_units": True, "lots": 10}
    about = told(call("explain", "costs", place.yaml(execution=whole), "--json"))
    assert about["quantity"] > 0
    assert about["quantity"] % 10 == 0
    assert 2500.0 - 10 * about["price"] < about["value"] <= 2500.0


def test_the_table_shows_each_part_on_each_side_with_its_rule(place: Place, call: Call) -> None:
    said = call("explain", "costs", place.yaml(**RULES), "--value", 10_000)
    parts = ["buy", "commission", "spread", "slippage", "impact", "total"]
    assert [line.split()[0] for line in said.lines[2:8]] == parts
    assert said.lines[3].endswith("4 bps + 0.01 a unit + 0.4 a trade, at least 1")
    assert said.lines[4].split()[1:7] == ["2.50", "2.50", "2.50", "2.50", "5.00", "5.00"]
    assert said.lines[5].split()[1:7] == ["1.00", "1.00", "1.00", "1.00", "2.00", "2.00"]
    assert "10,000.00 USD" in said.lines[0]
    assert said.lines[-1] == "What a year takes depends on how much is traded, which `backtest run` measures."


def test_a_year_is_told_only_from_a_run_of_this_very_configuration(place: Place, call: Call) -> None:
    file = place.yaml(**RULES)
    run = backtest.run(file, workspace=place.root)
    about = told(call("explain", "costs", file, "--json"))
    assert about["year"]["run"] == run.folder.name
    assert about["year"]["turnover"] == run["turnover"]
    assert about["year"]["paid"] == run["cost_drag"]
    assert about["year"]["fraction"] == pytest.approx(run["turnover"] * about["both"]["total"]["bps"] / 1e4)
    assert call("explain", "costs", file).lines[-1].startswith(f"{run.folder.name} exchanged ")
    assert told(call("explain", "costs", file, "--set", "costs.slippage_bps=2", "--json"))["year"] is None
    assert told(call("explain", "costs", file, "--set", "market.end=2020-03-31", "--json"))["year"] is None


def test_a_damaged_run_is_no_run(place: Place, call: Call) -> None:
    file = place.yaml(**RULES)
    run = backtest.run(file, workspace=place.root)
    (run.folder / "metrics.json").write_text("{", encoding="utf-8")
    assert told(call("explain", "costs", file, "--json"))["year"] is None


def test_a_preset_is_explained_with_what_it_stands_for(place: Place, call: Call) -> None:
    file = place.yaml(costs={"preset": "crypto_spot", "slippage_bps": 1})
    said = call("explain", "costs", file)
    assert said.lines[1] == f"crypto_spot: {PRESETS['crypto_spot'].about} Of your own: slippage_bps 1."
    about = told(call("explain", "costs", file, "--json"))
    assert about["costs"]["preset"] == "crypto_spot"
    assert about["both"]["total"]["bps"] == pytest.approx(26.0)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("--symbol", "AAB"), "--symbol: unknown symbol 'AAB'; known: AAA, BBB, CCC, DDD; did you mean 'AAA'?"),
        (("--value", "0"), "--value: received 0; allowed: a number > 0"),
        (("--value", "nan"), "--value: received nan; allowed: a number > 0"),
        (("--value", "inf"), "--value: received inf; allowed: a number > 0"),
        (
            ("--set", "execution.min_trade=50", "--value", "49"),
            "--value: 49 is less than execution.min_trade, 50: no trade is made",
        ),
        (
            ("--set", "execution.min_trade=3000"),
            "1/4 of the capital, 2,500.00, is less than execution.min_trade, 3000: no trade is made",
        ),
    ],
)
def test_refuses_in_one_sentence(place: Place, call: Call, options: tuple[str, ...], error: str) -> None:
    said = call("explain", "costs", place.yaml(), *options)
    assert (said.code, said.out, said.error) == (2, "", f"error: {error}\n")


def test_refuses_less_than_a_lot(place: Place, call: Call) -> None:
    whole = {"fill": "next_close", "allow_adjusted_units": True, "lots": 1000}
    said = call("explain", "costs", place.yaml(execution=whole), "--symbol", "AAA", "--value", "500")
    assert said.code == 2
    assert said.error.startswith("error: --value: 500 buys no AAA: a lot of 1000 costs ")


def test_a_configuration_that_cannot_run_is_told_as_by_validate(place: Place, call: Call) -> None:
    file = place.yaml(costs={"comission_bps": 5})
    assert call("explain", "costs", file).error == call("validate", file).error
    assert call("explain", "costs", "none.yaml").code == 2


def test_the_group_lists_what_can_be_explained(call: Call) -> None:
    said = call("explain", "--help")
    assert said.code == 0
    assert "costs" in said.out


RATES = {"interest_on_cash_annual": 0.02, "margin_interest_annual": 0.06, "borrow_fee_annual": 0.01}
MARGIN = {**RULES, "account": "margin", "financing": RATES}


def test_on_margin_a_short_and_a_position_on_credit_are_worked_out(place: Place, call: Call) -> None:
    about = told(call("explain", "costs", place.yaml(**MARGIN), "--value", 10_000, "--days", 73, "--json"))
    held, traded = about["held"], -about["both"]["total"]["money"]
    assert held["days"] == 73
    assert (held["on_credit"]["trading"], held["on_credit"]["margin_interest"]) == (traded, pytest.approx(-120.0))
    assert (held["short"]["borrow_fee"], held["short"]["short_rebate"]) == (pytest.approx(-20.0), 0.0)
    assert held["cash"]["interest_on_cash"] == pytest.approx(40.0)
    for line in (held[kind] for kind in ("on_credit", "short", "cash")):
        parts = ("trading", "interest_on_cash", "margin_interest", "short_rebate", "borrow_fee")
        assert line["total"] == pytest.approx(sum(line[part] for part in parts))
        assert line["bps"] == pytest.approx(line["total"])  # of 10,000
    assert about["account"] == {"kind": "margin", "initial": 0.5, "maintenance": 0.25, "settlement_days": 0}


def test_what_holding_costs_is_a_table_of_what_is_not_nothing(place: Place, call: Call) -> None:
    said = call("explain", "costs", place.yaml(**MARGIN), "--value", 10_000)
    assert said.lines[-6] == "Held for 30 days at an unchanged price, 10,000.00 USD of each:"
    head = "trading interest on cash margin interest borrow fee total bps a year"
    assert " ".join(said.lines[-4].split()) == head
    assert said.lines[-2].endswith("borrow fee 1 %, rebate 0 %")
    assert call("explain", "costs", place.yaml(**RULES)).lines[-1].startswith("What a year takes")
    assert told(call("explain", "costs", place.yaml(**RULES), "--json"))["held"] == {"days": 30}


def test_perpetual_futures_pay_or_receive_funding(place: Place, call: Call) -> None:
    perpetual = {"account": "margin", "financing": {"funding_annual": 0.365}, "costs": "crypto_perp"}
    file = place.yaml(**perpetual)
    about = told(call("explain", "costs", file, "--days", "10", "--json"))
    value, held = about["value"], about["held"]
    assert set(held) == {"days", "long", "short"}
    for name, sign in (("long", -1.0), ("short", 1.0)):
        assert held[name]["funding"] == pytest.approx(sign * 0.01 * value)
        assert held[name]["total"] == pytest.approx(sign * 0.01 * value - about["both"]["total"]["money"])
        assert not held[name]["margin_interest"] + held[name]["borrow_fee"] + held[name]["short_rebate"]
    said = call("explain", "costs", file).out
    assert "pays funding 36.5 %" in said
    assert "receives funding 36.5 %" in said


def test_a_streamed_market_is_explained_alike(place: Place, call: Call) -> None:
    save(with_spreads(), place.root / "data")
    own = {"market": {"source": "own"}, "costs": IMPACT, "execution": {"fill": "next_close"}}
    whole, stream = (
        told(call("explain", "costs", place.yaml(**own), "--set", f"market.stream={streamed}", "--json"))
        for streamed in ("false", "true")
    )
    assert whole == stream

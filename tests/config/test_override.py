"""`--set`: values, paths, variants, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backtest.config import Config, load
from backtest.config.override import parse
from backtest.costs import Costs
from backtest.errors import ConfigError

TEXT = """\
name: a
market: {source: s}
strategy: {name: momentum, params: {lookback: 60, top: 3}}
allocation: {method: inverse_volatility, lookback: 60}
rebalance: {any: [{calendar: month}, {drift: 0.05, then: decide}]}
"""


@pytest.fixture
def changed(root: Path, write: Callable[..., Path]) -> Callable[..., Config]:
    """Load the text above with overrides."""
    return lambda *overrides: load(write(TEXT), root, overrides)


@pytest.mark.parametrize(
    ("override", "read"),
    [
        ("capital=50_000", lambda c: c.capital == 50_000),
        ("capital=1e4", lambda c: c.capital == 10_000),
        ("name=b", lambda c: c.name == "b"),
        ("market.start=2020-01-31", lambda c: c.market.start == date(2020, 1, 31)),
        ("market.symbols=[A, B]", lambda c: c.market.symbols == ("A", "B")),
        ("report.html=false", lambda c: c.report.html is False),
        (
            "rebalance.any[1].drift=0.1",
            lambda c: c.rebalance.any[1].drift == 0.1 and c.rebalance.any[1].then == "decide",
        ),
        ("rebalance.any[0]={drift: 0.2}", lambda c: c.rebalance.any[0].label == "drift 20 %"),
        ("rebalance.any[0].drift=0.2", lambda c: c.rebalance.any[0].label == "drift 20 %"),
        ("rebalance.any[0].on=last", lambda c: c.rebalance.any[0].label == "calendar month last"),
        ("rebalance=never", lambda c: c.rebalance.any == ()),
        ("rebalance.drift=0.3", lambda c: [t.label for t in c.rebalance.any] == ["drift 30 %"]),
        ("rebalance.initial=wait", lambda c: c.rebalance.initial == "wait" and len(c.rebalance.any) == 2),
        ("strategy.params.top=9", lambda c: (c.strategy.params["top"], c.strategy.params["lookback"]) == (9, 60)),
        ("strategy=allocate", lambda c: c.strategy.params == {}),
        ("allocation.lookback=30", lambda c: c.allocation.parameters.lookback == 30),
        ("allocation.method=equal_weight", lambda c: c.allocation.method == "equal_weight"),
        ("benchmark={symbol: A}", lambda c: c.benchmark.symbol == "A"),
        ("benchmark=", lambda c: c.benchmark is None),
    ],
)
def test_one(override: str, read: Callable[[Any], bool], changed: Callable[..., Config]) -> None:
    assert read(changed(override))


def test_a_new_variant_and_its_parameters_in_any_order(changed: Callable[..., Config]) -> None:
    both = ["allocation.weights={A: 0.5}", "allocation.method=fixed"]
    for overrides in (both, both[::-1]):
        assert changed(*overrides).allocation.parameters.weights == {"A": 0.5}
    both = ["strategy.params={fast: 1, slow: 3}", "strategy=crossing"]
    for overrides in (both, both[::-1]):
        assert changed(*overrides).strategy.params == {"fast": 1, "slow": 3}


def test_later_ones_win(changed: Callable[..., Config]) -> None:
    assert changed("capital=1", "capital=2").capital == 2


def test_names_with_dots(changed: Callable[..., Config]) -> None:
    config = changed("allocation.method=fixed", 'allocation.weights["BRK.B"]=0.5', "allocation.weights.A=0.1")
    assert config.allocation.parameters.weights == {"BRK.B": 0.5, "A": 0.1}


def test_the_sign_of_equality_may_be_in_the_value() -> None:
    assert parse("name=a=b")[1].value == "a=b"


@pytest.mark.parametrize("text", ["capital", "=5", "[0]=5", "a..b=5", ".a=5", "a.=5", "a[x]=5", "a b=5", "", "a[0=5"])
def test_not_an_override(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert str(caught.value) == (
        f"--set: not an override; received {text!r}; "
        "allowed: key.path=value, such as capital=50000 or rebalance.any[1].drift=0.1"
    )


WRONG = {
    "capitl=5": "$.capitl: unknown key; allowed: name, market, capital, seed, strategy, allocation, constraints, "
    "rebalance, execution, exits, costs, account, financing, flows, accounting, risk_free, benchmark, probe, report, "
    "artefacts, base, compare, variants; did you mean 'capital'?",
    "costs.comission_bps=5": f"$.costs.comission_bps: unknown key; allowed: {', '.join(Costs.model_fields)}; "
    "did you mean 'commission_bps'?",
    "capital=-5": "$.capital: out of range; received -5; allowed: a number > 0 and <= 1e+15",
    "capital.usd=5": "$.capital: not a number; received a mapping with usd; allowed: a number > 0 and <= 1e+15",
    "rebalance.any[2].drift=0.1": "$.rebalance.any[2].drift: $.rebalance.any ends at [1]; "
    "received --set rebalance.any[2].drift=0.1",
    "market[0]=5": "$.market[0]: $.market is not a list; received --set market[0]=5",
    "costs.tiers[0].rate=5": "$.costs.tiers[0].rate: $.costs.tiers is not a list; received --set costs.tiers[0].rate=5",
    "rebalance.any[1].drft=0.1": "$.rebalance.any[1].drft: unknown key; allowed: drift, then; did you mean 'drift'?",
    "base=other.yaml": "--set: the base of a configuration is read before overrides; received 'base=other.yaml'; "
    "allowed: any other key",
    "capital=[1": "--set: not valid YAML: expected ',' or ']', but got '<stream end>' (a bracket that is never "
    "closed); received 'capital=[1'; allowed: a YAML value",
    "costs={slippage_bps: 1, slippage_bps: 2}": "--set: the key is there twice; "
    "received 'costs={slippage_bps: 1, slippage_bps: 2}'; allowed: a YAML value",
}


@pytest.mark.parametrize("override", list(WRONG))
def test_wrong(override: str, complaints: Callable[..., list[str]]) -> None:
    assert complaints(TEXT, override) == [WRONG[override]]


def test_problems_of_overrides_come_with_those_of_the_file(complaints: Callable[..., list[str]]) -> None:
    told = complaints(f"{TEXT}seed: x\n", "nonsense", "capital=-5")
    assert [line.split(": ")[0] for line in told] == ["run.yaml:6", "--set", "$.capital"]

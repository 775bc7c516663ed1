"""Loading from files, dicts and models, and writing what reads back the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from backtest.allocate import Method
from backtest.allocate.base import History, Weights
from backtest.allocate.methods.inverse_volatility import InverseVolatility
from backtest.config import AllocationChoice, Config, StrategyChoice, dump, load, load_section, load_with_places
from backtest.config.model import Execution, MarketSection, PortfolioBenchmark
from backtest.costs import Account, Costs, Financing
from backtest.errors import ConfigError
from backtest.schedule import Calendar, Drift, Flow, Rebalance

FULL = """\
# yaml-language-server: $schema=schema.json
name: everything
market: {source: us20, symbols: [AAPL, "000001", ON, 'null'], start: 2013-01-01, end: 2022-12-28, max_stale: 3}
capital: 1_000_000
seed: 7
strategy: {name: momentum, params: {lookback: 60, since: 2001-02-03, ladder: [1e-4, 1]}}
allocation: {method: inverse_volatility, lookback: 100}
rebalance:
  any:
    - {calendar: quarter, on: last}
    - {drift: 0.05, then: decide}
  initial: wait
execution: {fill: same_close, size: at_fill, lots: 100, min_trade: 50, cash_reserve: 1e3, warn_below: 0.9}
costs: {commission_bps: 5, half_spread_bps: 2.5}
account: {settlement_days: 2}
flows: [{amount: 500, every: month, growth_annual: 0.02}, {amount: -3e3, date: 2015-06-01}]
financing: {interest_on_cash_annual: 0.01}
accounting: {lots: lifo}
risk_free: 0.02
benchmark:
  allocation: {method: fixed, weights: {AAPL: 0.6, BRK.B: 0.4}}
  rebalance: never
  account: {kind: margin, maintenance: 0.3}
  financing: {margin_interest_annual: 0.06, borrow_fee_annual: 0, short_rebate_annual: 0.01}
probe: full
report: {png: false, figures: all}
artefacts: {weights: sessions}
"""


def test_everything(root: Path, write: Callable[..., Path]) -> None:
    config = load(write(FULL), root)
    assert config.market == MarketSection(
        source="us20",
        symbols=("AAPL", "000001", "ON", "null"),
        start=date(2013, 1, 1),
        end=date(2022, 12, 28),
        max_stale=3,
    )
    assert config.capital == 1e6
    assert config.strategy.params == {
        "lookback": 60, "top": 5, "tilt": 0.5, "weighting": "equal", "since": date(2001, 2, 3), "ladder": (1e-4, 1.0),
    }  # fmt: skip
    assert config.allocation.parameters == InverseVolatility(lookback=100)
    assert config.rebalance == Rebalance(
        any=(Calendar(calendar="quarter", on="last"), Drift(drift=0.05, then="decide")), initial="wait"
    )
    assert (config.execution.lots, config.execution.cash_reserve) == (100.0, 1000.0)
    assert config.costs == Costs(commission_bps=5, half_spread_bps=2.5)
    assert (config.account, config.financing) == (Account(settlement_days=2), Financing(interest_on_cash_annual=0.01))
    assert config.flows == (
        Flow(amount=500.0, every="month", growth_annual=0.02),
        Flow(amount=-3000.0, date=date(2015, 6, 1)),
    )
    theirs = config.benchmark
    assert isinstance(theirs, PortfolioBenchmark)
    assert theirs.account == Account(kind="margin", initial=0.5, maintenance=0.3)
    assert theirs.financing is not None
    assert theirs.financing.borrow_fee_annual == 0.0
    assert config.accounting.lots == "lifo"
    assert config.benchmark.rebalance == Rebalance()
    assert config.report.figures == "all"


def test_the_least_has_the_documented_defaults(root: Path, write: Callable[..., Path]) -> None:
    config = load(write("name: a\nmarket: {source: s}\n"), root)
    assert dump(config) == (
        "name: a\n"
        "market: {source: s, bars: stored, symbols: all, start: null, end: null, stream: auto, max_stale: 5}\n"
        "capital: 100000.0\n"
        "seed: 0\n"
        "strategy:\n"
        "  name: allocate\n"
        "  params: {}\n"
        "allocation:\n"
        "  method: equal_weight\n"
        "  fallback: []\n"
        "  strict: false\n"
        "constraints:\n"
        "  long_only: true\n"
        "  min_weight: null\n"
        "  max_weight: null\n"
        "  groups: {}\n"
        "  net: null\n"
        "  gross: null\n"
        "  cash_reserve: 0.0\n"
        "  turnover: null\n"
        "  max_positions: null\n"
        "  min_position: 0.0\n"
        "  max_volatility: null\n"
        "  tracking_error: null\n"
        "  beta: null\n"
        "  risk_lookback: 252\n"
        "rebalance:\n"
        "  any:\n"
        "  - {calendar: month, on: first}\n"
        "  initial: start\n"
        "execution: {fill: next_open, size: at_decision, lots: fractional, ticks: any, min_trade: 0.0, "
        "cash_reserve: 0.0,\n"
        "  intrabar: pessimistic, participation: null, carry: 0, min_order: 0.0, keep_net: false, warn_below: 0.98, "
        "dividends: cash,\n"
        "  allow_adjusted_units: false}\n"
        "exits: {stop: null, target: null, trail: null}\n"
        "costs:\n"
        "  preset: null\n"
        "  commission_bps: 0.0\n"
        "  commission_tiers: []\n"
        "  commission_per_share: 0.0\n"
        "  commission_per_trade: 0.0\n"
        "  commission_minimum: 0.0\n"
        "  half_spread_bps: 0.0\n"
        "  half_spread: null\n"
        "  slippage_bps: 0.0\n"
        "  impact_coefficient: 0.0\n"
        "  impact_volatility_bars: 21\n"
        "  impact_volume_bars: 21\n"
        "  impact_eta: 0.0\n"
        "  impact_gamma: 0.0\n"
        "account: {kind: cash, initial: null, maintenance: null, settlement_days: 0}\n"
        "financing: {interest_on_cash_annual: 0.0, margin_interest_annual: null, short_rebate_annual: 0.0, "
        "borrow_fee_annual: null,\n"
        "  interest_on_cash: null, margin_interest: null, short_rebate: null, borrow_fee: null, funding_annual: null, "
        "funding: null,\n  perpetuals: null}\n"
        "flows: []\n"
        "accounting: {lots: fifo}\n"
        "risk_free: 0.0\n"
        "benchmark: null\n"
        "probe: sampled\n"
        "report:\n"
        "  html: true\n"
        "  png: true\n"
        "  figures: [equity, weights, monthly, contributions]\n"
        "artefacts: {weights: auto}\n"
    )


@pytest.mark.parametrize(
    "extra",
    ["", "rebalance: never\n", "rebalance: {drift: 0.1}\n", "benchmark: {symbol: A}\n", "benchmark: {}\n",
     "rebalance: {calendar: month, initial: wait}\n", "strategy: {params: {}}\n", "execution: {lots: whole}\n",
     "flows: {fraction_annual: -0.04, every: quarter, on: last, start: 2014-01-01}\n",
     "account: {settlement_days: 1}\n"],
)  # fmt: skip
def test_what_is_written_reads_back_equal(extra: str, root: Path, write: Callable[..., Path]) -> None:
    for text in (f"name: a\nmarket: {{source: s}}\n{extra}", FULL):
        config = load(write(text), root)
        again = load(write(dump(config), "again.yaml"), root)
        assert again == config
        assert dump(again) == dump(config)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    symbols=st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=6, unique=True),
    capital=st.floats(min_value=1e-300, max_value=1e15),
    band=st.floats(min_value=1e-12, max_value=0.999),
)
def test_any_symbol_and_any_number_survives(
    symbols: list[str], capital: float, band: float, root: Path, write: Callable[..., Path]
) -> None:
    config = Config(
        name="a",
        market=MarketSection(source="s", symbols=tuple(symbols)),
        capital=capital,
        rebalance=Rebalance(any=(Drift(drift=band),)),
        allocation=AllocationChoice(parameters=load_fixed(symbols)),
    )
    assert load(write(dump(config)), root) == load(config, root)


def load_fixed(symbols: list[str]) -> Method:
    from backtest.allocate.methods.fixed import Fixed

    return Fixed(weights=dict.fromkeys(symbols, 1.0 / (len(symbols) + 1)))


def test_the_key_on_is_written_plainly(root: Path, write: Callable[..., Path]) -> None:
    assert "{calendar: quarter, on: last}" in dump(load(write(FULL), root))


def test_a_dict_of_python_things(root: Path) -> None:
    config = load(
        {
            "name": "a",
            "market": {
                "source": "s",
                "symbols": ("A", "B"),
                "start": pd.Timestamp("2020-01-02"),
                "end": date(2021, 1, 1),
            },
            "capital": np.float64(5000),
            "seed": np.int64(3),
            "strategy": {"name": "momentum", "params": {"ladder": np.array([0.5, 1.0])}},
            "costs": Costs(commission_bps=1),
            "rebalance": Rebalance(any=(Drift(drift=0.1),)),
            "allocation": AllocationChoice(parameters=InverseVolatility(lookback=5)),
        },
        root,
    )
    assert (config.market.start, config.market.end) == (date(2020, 1, 2), date(2021, 1, 1))
    assert config.market.symbols == ("A", "B")
    assert config.strategy.params["ladder"] == (0.5, 1.0)
    assert config.costs.commission_bps == 1
    assert config.rebalance.any == (Drift(drift=0.1),)
    assert config.allocation.parameters.lookback == 5


@pytest.mark.parametrize(
    ("given_value", "told"),
    [
        ({"market": {"source": "s", "start": datetime(2020, 1, 2, 10)}},
         "$.market.start: not a date; received '2020-01-02T10:00:00'; allowed: a date as YYYY-MM-DD or null"),
        ({"seed": object()}, "$.seed: a object cannot be part of a configuration"),
        ({"costs": {"slippage_bps": 1j}}, "$.costs.slippage_bps: a complex cannot be part of a configuration"),
        ({"capital": np.nan}, "$.capital: out of range; received nan; allowed: a number > 0 and <= 1e+15"),
    ],
)  # fmt: skip
def test_a_dict_that_is_wrong_is_told_without_a_place(given_value: dict[str, Any], told: str, root: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load({"name": "a", "market": {"source": "s"}, **given_value}, root)
    assert str(caught.value) == told


def test_a_model_is_checked_again_and_can_be_changed(root: Path, write: Callable[..., Path]) -> None:
    config = load(write(FULL), root)
    assert load(config, root) == config
    assert load(config, root, ["seed=8"]) == config.model_copy(update={"seed": 8})
    wrong = config.model_copy(update={"strategy": StrategyChoice(name="momentum", params={"nope": 1})})
    with pytest.raises(ConfigError, match="unknown key"):
        load(wrong, root)


def test_a_path_is_found_from_the_working_directory_or_the_workspace(
    root: Path, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("name: a\nmarket: {source: s}\n")
    assert load("configs/run.yaml", root).name == "a"
    monkeypatch.chdir(root / "configs")
    assert load("run.yaml", root).name == "a"


def test_places_come_along(root: Path, write: Callable[..., Path]) -> None:
    path = write(FULL)
    _, tree = load_with_places(path, root)
    assert (tree.mapping["benchmark"].mapping["rebalance"].file, tree.mapping["seed"].line) == (path, 5)


def test_a_section_by_itself() -> None:
    assert load_section(Execution, {"fill": "next_close", "lots": 10}, "execution").lots == 10.0
    with pytest.raises(ConfigError) as caught:
        load_section(Costs, {"comission_bps": 5, "slippage_bps": True}, "costs")
    assert str(caught.value).splitlines() == [
        "$.costs.slippage_bps: not a number; received true; allowed: a number >= 0",
        f"$.costs.comission_bps: unknown key; allowed: {', '.join(Costs.model_fields)}; did you mean 'commission_bps'?",
    ]


def test_the_model_refuses_by_hand_what_a_file_may_not_say() -> None:
    market = MarketSection(source="s")
    for wrong in (
        {"name": "a b"},
        {"capital": 0.0},
        {"capital": 10.0, "execution": Execution(cash_reserve=10.0)},
        {"unknown": 1},
    ):
        with pytest.raises(ValidationError):
            Config(**{"name": "a", "market": market, **wrong})
    config = Config(name="a", market=market)
    with pytest.raises(ValidationError, match="frozen"):
        config.seed = 5  # type: ignore[misc]


def test_a_method_without_a_name_in_yaml_is_refused() -> None:
    class Mine(Method):
        def weigh(self, history: History) -> Weights:
            return Weights(np.zeros(len(history.symbols)))

    with pytest.raises(ValidationError, match="Mine is not in"):
        AllocationChoice(parameters=Mine())


def test_other_readers_of_yaml_understand_what_is_written(root: Path, write: Callable[..., Path]) -> None:
    read = yaml.safe_load(dump(load(write(FULL), root)))
    assert (read["capital"], read["market"]["max_stale"], read["report"]["png"]) == (1e6, 3, False)

"""What only the data can say: exact problems, their lines, and warnings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtest.config import Config, check_against, history_rows, load, load_with_places, warn_against
from backtest.market.actions import action_table
from backtest.market.market import Market, Series
from backtest.strategy import load_strategy

SYMBOLS = ("AAPL", "MSFT", "XOM")


def market_of(rows: int = 100, **changes: object) -> Market:
    """Daily raw OHLC from 2020-01-01, every day a session."""
    session = np.datetime64("2020-01-01").astype(np.int64) + np.arange(rows)
    prices = np.full((rows, 3), 10.0)
    end = (session[:, None] + 1) * 86_400_000_000_000
    market = Market(
        symbols=np.array(SYMBOLS),
        start=end - 86_400_000_000_000,
        end=end,
        close=prices,
        open=prices,
        session=session,
        session_end=np.ones(rows, np.bool_),
        price_kind="raw",
        name="toy",
    )
    return replace(market, **changes)


@pytest.fixture
def check(root: Path, write: Callable[..., Path]) -> Callable[..., list[str]]:
    """Return the problems (or warnings) of some YAML on a market, without the folder."""

    def texts(text: str, market: Market, needed: int = 1, warn: bool = False) -> list[str]:
        path = write(f"name: a\n{text}")
        config, tree = load_with_places(path, root)
        found = (warn_against if warn else check_against)(config, market, needed, tree)
        return [str(problem).replace(f"{path.parent}/run.yaml:", "") for problem in found]

    return texts


def test_nothing_to_say(check: Callable[..., list[str]]) -> None:
    text = "market: {source: toy, start: 2020-01-01, end: 2020-04-09}\nbenchmark: {symbol: XOM}\n"
    assert check(text, market_of()) == []
    assert check(text, market_of(), warn=True) == []


def test_dates_outside(check: Callable[..., list[str]]) -> None:
    text = "market:\n  source: toy\n  start: 2019-12-01\n  end: 2021-01-01\n"
    assert check(text, market_of()) == [
        "4: $.market.start: outside the data of 'toy'; received 2019-12-01; allowed: 2020-01-01 to 2020-04-09",
        "5: $.market.end: outside the data of 'toy'; received 2021-01-01; allowed: 2020-01-01 to 2020-04-09",
    ]


def test_dates_a_holiday_outside(check: Callable[..., list[str]]) -> None:
    assert check("market: {source: toy, start: 2019-12-25, end: 2020-04-15}\n", market_of()) == []


def test_no_session_between(check: Callable[..., list[str]]) -> None:
    text = "market: {source: toy, start: 2020-04-12, end: 2020-04-13}\n"
    assert check(text, market_of()) == [
        "2: $.market.start: no session of 'toy' between start and end; allowed: 2020-01-01 to 2020-04-09"
    ]


def test_closes_only(check: Callable[..., list[str]]) -> None:
    market = market_of(open=None)
    message = "$.execution.fill: 'toy' has no opens to fill at; write `execution: {fill: next_close}`; "
    told = "received next_open; allowed: next_close or same_close"
    assert check("market: {source: toy}\n", market) == [f"1: {message}{told}"]
    assert check("market: {source: toy}\nexecution:\n  fill: next_open\n", market) == [f"4: {message}{told}"]
    assert check("market: {source: toy}\nexecution: {fill: next_close}\n", market) == []


def test_units_on_adjusted_prices(check: Callable[..., list[str]]) -> None:
    text = "market: {source: toy}\nexecution: {lots: whole}\ncosts: {commission_per_share: 0.01}\n"
    why = (
        "units of 'toy' were never traded: its prices are total return; use raw prices, or write "
        "`execution: {allow_adjusted_units: true}`, which the report shows"
    )
    assert check(text, market_of(price_kind="total_return")) == [
        f"3: $.execution.lots: {why}; received whole; allowed: fractional",
        f"4: $.costs.commission_per_share: {why}; received 0.01; allowed: 0",
    ]
    assert check(text, market_of()) == []
    allowed = text.replace("lots: whole", "lots: whole, allow_adjusted_units: true")
    assert check(allowed, market_of(price_kind="split_adjusted")) == []


def test_symbols(check: Callable[..., list[str]]) -> None:
    text = (
        "market:\n  source: toy\n  symbols:\n    - AAPL\n    - MFST\n"
        "allocation: {method: fixed, weights: {AAPL: 0.5, XO: 0.5}}\n"
        "benchmark: {symbol: SPY}\n"
    )
    assert check(text, market_of()) == [
        "6: $.market.symbols[1]: no such symbol in the market 'toy'; received 'MFST'; allowed: AAPL, MSFT, XOM; "
        "did you mean 'MSFT'?",
        "7: $.allocation.weights.XO: no such symbol in the market 'toy'; received 'XO'; allowed: AAPL, MSFT, XOM; "
        "did you mean 'XOM'?",
        "8: $.benchmark.symbol: no such symbol in the market 'toy'; received 'SPY'; allowed: AAPL, MSFT, XOM",
    ]
    text = "market: {source: toy}\nbenchmark: {allocation: {method: fixed, weights: {SPY: 1}}}\n"
    assert check(text, market_of())[0].startswith("3: $.benchmark.allocation.weights.SPY: no such symbol")


def test_costs_that_the_market_cannot_tell(check: Callable[..., list[str]]) -> None:
    text = "market: {source: toy}\ncosts:\n  half_spread: {series: spread}\n  impact_coefficient: 1\n"
    none = np.empty(0, np.int64)
    spreads = Series("spreads", none, none, none, np.empty(0))
    assert check(text, market_of(series={"spreads": spreads})) == [
        "4: $.costs.half_spread.series: 'toy' has no such series; received 'spread'; allowed: spreads",
        "5: $.costs.impact_coefficient: 'toy' has no volume, which the square-root impact is counted from; "
        "received 1; allowed: 0",
    ]
    wrong = replace(spreads, name="spread", value=np.array([3.0, -1.0]))
    assert check(text, market_of(series={"spread": wrong}, volume=np.ones((100, 3)))) == [
        "4: $.costs.half_spread.series: 'spread' of 'toy' holds what is no half spread in basis points; "
        "received -1 to 3; allowed: numbers from 0 to below 10000 bps"
    ]


def test_impact_by_units_needs_units_that_stay_and_were_traded(check: Callable[..., list[str]]) -> None:
    text = "market: {source: toy}\ncosts: {impact_eta: 1e-6, impact_gamma: 0}\n"
    split = action_table([(50, 1, 0, 2.0)])
    assert check(text, market_of(actions=split)) == [
        "3: $.costs.impact_eta: money per unit squared, and a unit of MSFT is another one from its split of 2020-02-20 "
        "on; impact_coefficient follows splits; received 1e-06; allowed: 0"
    ]
    adjusted = market_of(price_kind="split_adjusted", volume=np.ones((100, 3)))
    (said,) = check("market: {source: toy}\ncosts: {impact_coefficient: 1}\nexecution: {fill: next_open}\n", adjusted)
    assert said.startswith("3: $.costs.impact_coefficient: units of 'toy' were never traded: its prices are split")
    allowed = "market: {source: toy}\ncosts: {impact_coefficient: 1}\nexecution: {allow_adjusted_units: true}\n"
    assert check(allowed, adjusted) == []


def test_the_optimiser_weighs_no_impact(check: Callable[..., list[str]]) -> None:
    text = "market: {source: toy}\nallocation: {method: min_variance, cost_horizon: 5}\ncosts: {impact_eta: 1e-6}\n"
    assert check(text, market_of()) == [
        "3: $.allocation.cost_horizon: impact grows faster than the trade, and the optimiser weighs only costs that "
        "grow with it; allowed: null, or costs without impact"
    ]


def test_not_enough_history(check: Callable[..., list[str]]) -> None:
    text = "market: {source: toy, end: 2020-01-20}\n"
    assert check(text, market_of(), needed=20) == []
    assert check(text, market_of(), needed=21) == [
        "2: $.market.end: the first decision needs 21 bars of history, and there are only 20 up to 2020-01-20; "
        "allowed: a later end, data that begin earlier, or a shorter lookback"
    ]


def test_a_late_first_decision_is_a_warning(check: Callable[..., list[str]]) -> None:
    text = "market: {source: toy, start: 2020-01-10}\n"
    assert check(text, market_of(), needed=10, warn=True) == []
    assert check(text, market_of(), needed=30) == []
    assert check(text, market_of(), needed=30, warn=True) == [
        "2: $.market.start: cash until the first decision on 2020-01-30, when there are 30 bars of history"
    ]


def test_a_trigger_that_never_fires_is_a_warning(check: Callable[..., list[str]]) -> None:
    text = (
        "market: {source: toy}\n"
        "rebalance:\n  any:\n    - {calendar: month}\n    - {drift: 0.1}\n    - {calendar: year}\n"
        "benchmark: {rebalance: {calendar: year, on: last}}\n"
    )
    assert check(text, market_of(), warn=True) == [
        "7: $.rebalance.any[2]: 'calendar year first' never fires between 2020-01-01 and 2020-04-09",
        "8: $.benchmark.rebalance.any[0]: 'calendar year last' never fires between 2020-01-01 and 2020-04-09",
    ]


def test_history_is_the_longer_of_strategy_and_allocation(root: Path) -> None:
    given = {"name": "a", "market": {"source": "s"}, "allocation": {"method": "inverse_volatility", "lookback": 50}}

    def rows(lookback: int) -> int:
        config = load({**given, "strategy": {"name": "momentum", "params": {"lookback": lookback}}}, root)
        strategy = load_strategy(config.strategy.name, root / "strategies")(**config.strategy.params)
        return history_rows(config, strategy)

    assert (rows(20), rows(80)) == (51, 81)


def test_a_configuration_from_no_file_has_no_lines(root: Path) -> None:
    config: Config = load({"name": "a", "market": {"source": "s"}}, root)
    (problem,) = check_against(config, market_of(open=None), 1)
    assert (problem.file, problem.line, problem.path) == (None, None, "$.execution.fill")


def test_names_in_allocation_and_constraints(check: Callable[..., list[str]]) -> None:
    table = pd.DataFrame({"sector": ["Tech", "Tech", "Energy"]}, index=list(SYMBOLS))
    text = """\
market: {source: toy}
allocation:
  method: mixed
  of:
    - {method: risk_budgeting, lookback: 5, budgets: {MSFFT: 1, default: 1}}
    - {method: risk_budgeting, lookback: 5, by: sektor, budgets: {default: 1}}
    - {method: risk_budgeting, lookback: 5, by: sector, budgets: {Energie: 1}}
  fallback:
    - {method: fixed, weights: {AAPPL: 1}}
constraints:
  max_weight: {XON: 0.1, default: 0.5}
  groups:
    sector: {Teck: {max: 0.5}}
    industry: {Tech: {max: 0.5}}
  tracking_error: {max: 0.1, benchmark: {AAPLE: 1}}
  risk_lookback: 5
benchmark:
  constraints: {min_weight: {MSF: 0.1}}
"""
    found = check(text, market_of(properties=table))
    assert [problem.split(" in ")[0].split(" of 'toy'")[0] for problem in found] == [
        "6: $.allocation.of[0].budgets.MSFFT: no such symbol",
        "7: $.allocation.of[1].by: no such property of the symbols",
        "8: $.allocation.of[2].budgets.Energie: no symbol has this sector",
        "10: $.allocation.fallback[0].weights.AAPPL: no such symbol",
        "12: $.constraints.max_weight.XON: no such symbol",
        "16: $.constraints.tracking_error.benchmark.AAPLE: no such symbol",
        "14: $.constraints.groups.sector.Teck: no symbol has this sector",
        "15: $.constraints.groups.industry: no such property of the symbols",
        "19: $.benchmark.constraints.min_weight.MSF: no such symbol",
    ]
    assert found[6].endswith("received 'Teck'; allowed: Energy, Tech; did you mean 'Tech'?")


def test_rates_of_debt_and_shorts_stand_idle_on_a_cash_account(check: Callable[..., list[str]]) -> None:
    idle = "nothing is charged by it: a cash account has neither debt nor shorts"
    text = "market: {source: toy}\nfinancing:\n  margin_interest_annual: 0.06\n  borrow_fee: {series: lending}\n"
    ends = market_of().end[:, 0]
    lending = Series("lending", ends, ends, np.full(100, -1), np.full(100, 0.01))
    assert check(text, market_of(series={"lending": lending}), warn=True) == [
        f"4: $.financing.margin_interest_annual: {idle}",
        f"5: $.financing.borrow_fee: {idle}",
    ]
    assert check(f"account: margin\n{text}", market_of(series={"lending": lending}), warn=True) == []
    assert check("market: {source: toy}\nfinancing: {interest_on_cash_annual: 0.03}", market_of(), warn=True) == []
    assert check(text, market_of()) == [
        "5: $.financing.borrow_fee.series: 'toy' has no such series; received 'lending'; allowed: none"
    ]

"""What a person reads when their YAML is wrong: exact texts, one case a mistake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backtest.allocate import METHODS
from backtest.allocate.moments import COVARIANCES
from backtest.config import load
from backtest.errors import ConfigError

GOOD = "name: a\nmarket: {source: s}\n"
"""Two lines; what follows begins on line 3."""

KEYS = (
    "name, market, capital, seed, strategy, allocation, constraints, rebalance, execution, costs, risk_free, "
    "benchmark, probe, report, artefacts, base"
)
ALL = ", ".join(METHODS)
ESTIMATORS = ", ".join(COVARIANCES)
DRAWN = (
    "equity, underwater, weights, drift, rolling, monthly, yearly, distribution, contributions, bridge, risk, "
    "correlation, trading, drawdowns or trades"
)

# What follows the two good lines, and every problem: its line, then the text after it.
CASES: dict[str, tuple[str, list[str]]] = {
    "unknown_key": (
        "capitl: 5",
        [
            "3: $.capitl: unknown key; allowed: <KEYS>; did you mean 'capital'?",
        ],
    ),
    "far_unknown_key": (
        "frobnicate: 5",
        [
            "3: $.frobnicate: unknown key; allowed: <KEYS>",
        ],
    ),
    "unknown_in_section": (
        "costs: {comission_bps: 5}",
        [
            "3: $.costs.comission_bps: unknown key; allowed: commission_bps, commission_per_share, "
            "commission_minimum, half_spread_bps, slippage_bps; did you mean 'commission_bps'?",
        ],
    ),
    "negative_cost": (
        "costs: {commission_bps: -1}",
        [
            "3: $.costs.commission_bps: out of range; received -1; allowed: a number >= 0",
        ],
    ),
    "not_finite": (
        "costs: {commission_bps: .inf}",
        [
            "3: $.costs.commission_bps: out of range; received inf; allowed: a number >= 0",
        ],
    ),
    "nan": (
        "capital: .nan",
        [
            "3: $.capital: out of range; received nan; allowed: a number > 0 and <= 1e+15",
        ],
    ),
    "capital_zero": (
        "capital: 0",
        [
            "3: $.capital: out of range; received 0; allowed: a number > 0 and <= 1e+15",
        ],
    ),
    "capital_text": (
        "capital: lots",
        [
            "3: $.capital: not a number; received 'lots'; allowed: a number > 0 and <= 1e+15",
        ],
    ),
    "capital_quoted": (
        "capital: '100'",
        [
            "3: $.capital: not a number; received '100'; allowed: a number > 0 and <= 1e+15",
        ],
    ),
    "capital_comma": (
        "capital: 1,000",
        [
            "3: $.capital: not a number; received '1,000'; allowed: a number > 0 and <= 1e+15",
        ],
    ),
    "capital_bool": (
        "capital: true",
        [
            "3: $.capital: not a number; received true; allowed: a number > 0 and <= 1e+15",
        ],
    ),
    "capital_null": (
        "capital:",
        [
            "3: $.capital: not a number; received null; allowed: a number > 0 and <= 1e+15",
        ],
    ),
    "capital_list": (
        "capital: [1, 2]",
        [
            "3: $.capital: not a number; received a list of 2; allowed: a number > 0 and <= 1e+15",
        ],
    ),
    "capital_map": (
        "capital: {usd: 5}",
        [
            "3: $.capital: not a number; received a mapping with usd; allowed: a number > 0 and <= 1e+15",
        ],
    ),
    "seed_float": (
        "seed: 1.5",
        [
            "3: $.seed: not a whole number; received 1.5; allowed: a whole number >= 0",
        ],
    ),
    "seed_neg": (
        "seed: -1",
        [
            "3: $.seed: out of range; received -1; allowed: a whole number >= 0",
        ],
    ),
    "risk_free": (
        "risk_free: -1",
        [
            "3: $.risk_free: out of range; received -1; allowed: a number > -1",
        ],
    ),
    "probe": (
        "probe: smapled",
        [
            "3: $.probe: unknown choice; received 'smapled'; allowed: sampled, full or off; did you mean 'sampled'?",
        ],
    ),
    "section_null": (
        "costs:",
        [
            "3: $.costs: not a mapping; received null; allowed: a mapping with commission_bps, "
            "commission_per_share, commission_minimum, half_spread_bps, slippage_bps",
        ],
    ),
    "section_scalar": (
        "execution: next_open",
        [
            "3: $.execution: not a mapping; received 'next_open'; allowed: a mapping with fill, size, lots, "
            "min_trade, cash_reserve, warn_below, allow_adjusted_units",
        ],
    ),
    "section_list": (
        "report: [html]",
        [
            "3: $.report: not a mapping; received a list of 1; allowed: a mapping with html, png, figures",
        ],
    ),
    "yes": (
        "report: {html: yes}",
        [
            "3: $.report.html: neither true nor false; received 'yes'; allowed: true or false",
        ],
    ),
    "figures_item": (
        "report: {figures: [equity, wights]}",
        [
            f"3: $.report.figures[1]: unknown choice; received 'wights'; allowed: {DRAWN}; did you mean 'weights'?",
        ],
    ),
    "figures_word": (
        "report: {figures: none}",
        [
            f"3: $.report.figures: unknown choice; received 'none'; allowed: all or a list of {DRAWN}",
        ],
    ),
    "fill": (
        "execution: {fill: Next_Open}",
        [
            "3: $.execution.fill: unknown choice; received 'Next_Open'; allowed: next_open, next_close or "
            "same_close; did you mean 'next_open'?",
        ],
    ),
    "lots_word": (
        "execution: {lots: wole}",
        [
            "3: $.execution.lots: unknown choice; received 'wole'; allowed: fractional, whole or a number > "
            "0; did you mean 'whole'?",
        ],
    ),
    "lots_zero": (
        "execution: {lots: 0}",
        [
            "3: $.execution.lots: out of range; received 0; allowed: fractional, whole or a number > 0",
        ],
    ),
    "lots_list": (
        "execution: {lots: [1]}",
        [
            "3: $.execution.lots: wrong kind of value; received a list of 1; allowed: fractional, whole or a "
            "number > 0",
        ],
    ),
    "warn_below": (
        "execution: {warn_below: 98}",
        [
            "3: $.execution.warn_below: out of range; received 98; allowed: a number >= 0 and <= 1",
        ],
    ),
    "reserve": (
        "execution: {cash_reserve: 100_000}",
        [
            "3: $.execution.cash_reserve: not less than the capital, 100000: nothing could ever be bought; "
            "received 100000",
        ],
    ),
    "min_trade_capital": (
        "capital: 50\nexecution: {min_trade: 51}",
        [
            "4: $.execution.min_trade: not less than the capital, 50: nothing could ever be bought; received 51",
        ],
    ),
    "artefacts": (
        "artefacts: {weights: bar}",
        [
            "3: $.artefacts.weights: unknown choice; received 'bar'; allowed: auto, bars, sessions or "
            "rebalances; did you mean 'bars'?",
        ],
    ),
    "strategy_unknown": (
        "strategy: momentm",
        [
            "3: $.strategy: unknown strategy 'momentm'; known: allocate, broken, crossing, momentum; did you "
            "mean 'momentum'? (looked in ROOT/strategies)",
        ],
    ),
    "strategy_unknown_map": (
        "strategy: {name: momentm}",
        [
            "3: $.strategy.name: unknown strategy 'momentm'; known: allocate, broken, crossing, momentum; "
            "did you mean 'momentum'? (looked in ROOT/strategies)",
        ],
    ),
    "strategy_number": (
        "strategy: 5",
        [
            "3: $.strategy: not a strategy; received 5; allowed: the name of a file in strategies/, or {name, params}",
        ],
    ),
    "strategy_param": (
        "strategy: {name: momentum, params: {lookbak: 3}}",
        [
            "3: $.strategy.params.lookbak: unknown key; allowed: lookback, top, tilt, weighting, since, "
            "ladder; did you mean 'lookback'?",
        ],
    ),
    "strategy_param_type": (
        "strategy: {name: momentum, params: {top: five, lookback: 1, weighting: ranked, tilt: true, since: soon, "
        "ladder: [0.1, x]}}",
        [
            "3: $.strategy.params.lookback: out of range; received 1; allowed: a whole number >= 2",
            "3: $.strategy.params.top: not a whole number; received 'five'; allowed: a whole number",
            "3: $.strategy.params.tilt: not a number; received true; allowed: a number",
            "3: $.strategy.params.weighting: unknown choice; received 'ranked'; allowed: equal or rank; did "
            "you mean 'rank'?",
            "3: $.strategy.params.since: not a date; received 'soon'; allowed: a date as YYYY-MM-DD",
            "3: $.strategy.params.ladder[1]: not a number; received 'x'; allowed: a number",
        ],
    ),
    "strategy_params_beside": (
        "strategy: {name: momentum, lookback: 3}",
        [
            "3: $.strategy.lookback: unknown key; allowed: name, params",
        ],
    ),
    "strategy_params_list": (
        "strategy: {name: momentum, params: [3]}",
        [
            "3: $.strategy.params: not a mapping; received a list of 1; allowed: a mapping",
        ],
    ),
    "strategy_missing_params": (
        "strategy: crossing",
        [
            "3: $.strategy.params.fast: missing; allowed: a whole number",
            "3: $.strategy.params.slow: missing; allowed: a whole number",
        ],
    ),
    "strategy_own_rule": (
        "strategy:\n  name: crossing\n  params: {fast: 5, slow: 5}",
        [
            "5: $.strategy.params: fast (5) must be less than slow (5)",
        ],
    ),
    "strategy_broken": (
        "strategy: broken",
        [
            "3: $.strategy: ROOT/strategies/broken.py:2: SyntaxError: invalid syntax (broken.py, line 2)",
        ],
    ),
    "allocation_word": (
        "allocation: equal_weight",
        [
            "3: $.allocation: not a mapping; received 'equal_weight'; allowed: {method: NAME}, and the "
            "parameters of the method beside it",
        ],
    ),
    "allocation_unknown": (
        "allocation: {method: inverse_vol}",
        [
            "3: $.allocation.method: unknown allocation method; received 'inverse_vol'; allowed: "
            "<METHODS>; did you mean 'inverse_volatility'?",
        ],
    ),
    "allocation_no_method": (
        "allocation: {lookback: 60}",
        [
            "3: $.allocation: no method; received a mapping with lookback; allowed: one of <METHODS>",
        ],
    ),
    "allocation_typo_method": (
        "allocation: {metod: fixed}",
        [
            "3: $.allocation.metod: unknown key; allowed: method; did you mean 'method'?",
        ],
    ),
    "allocation_param": (
        "allocation: {method: inverse_volatility, lookbak: 60}",
        [
            "3: $.allocation.lookbak: unknown key; allowed: method, fallback, strict, lookback, "
            "min_observations, bars_per_return; did you mean 'lookback'?",
        ],
    ),
    "allocation_other_param": (
        "allocation: {method: equal_weight, lookback: 60}",
        [
            "3: $.allocation.lookback: unknown key; allowed: method, fallback, strict; did you mean 'fallback'?",
        ],
    ),
    "allocation_bound": (
        "allocation: {method: inverse_volatility, lookback: 1}",
        [
            "3: $.allocation.lookback: out of range; received 1; allowed: a whole number >= 2",
        ],
    ),
    "allocation_missing": (
        "allocation: {method: fixed}",
        [
            "3: $.allocation.weights: missing: weight of each symbol, as a fraction of equity; symbols not named get 0",
        ],
    ),
    "allocation_sum": (
        "allocation:\n  method: fixed\n  weights: {A: 0.7, B: 0.6}",
        [
            "3: $.allocation: the weights add up to 1.3, which a cash account cannot hold (at most 1)",
        ],
    ),
    "allocation_weight": (
        "allocation:\n  method: fixed\n  weights:\n    A: 0.5\n    BRK.B: half",
        [
            "7: $.allocation.weights[\"BRK.B\"]: not a number; received 'half'; allowed: a number",
        ],
    ),
    "estimator_unknown": (
        "allocation: {method: hrp, covariance: ledoit_wolff}",
        [
            "3: $.allocation.covariance: unknown covariance estimator 'ledoit_wolff'; known: <NAMES>; did you mean "
            "'ledoit_wolf'?; received 'ledoit_wolff'",
        ],
    ),
    "estimator_param": (
        "allocation:\n  method: hrp\n  covariance:\n    estimator: ewma\n    half_lif: 3",
        [
            "7: $.allocation.covariance.half_lif: unknown key; allowed: estimator, half_life, demean; did you mean "
            "'half_life'?",
        ],
    ),
    "estimator_bound": (
        "allocation:\n  method: hrp\n  covariance:\n    estimator: ewma\n    half_life: -3",
        [
            "7: $.allocation.covariance.half_life: out of range; received -3; allowed: a number > 0",
        ],
    ),
    "blend": (
        "allocation:\n  method: mixed\n  of:\n    - hrp\n    - {method: min_variance, weight: 0}\n"
        "    - {method: equal_weight, lookback: 5}",
        [
            "7: $.allocation.of[1].weight: out of range; received 0; allowed: a number > 0",
            "8: $.allocation.of[2].lookback: unknown key; allowed: method, weight",
        ],
    ),
    "fallback_word": (
        "allocation: {method: hrp, fallback: hold}",
        [
            "3: $.allocation.fallback: not a list; received 'hold'; allowed: a list, such as [inverse_volatility, "
            "hold]",
        ],
    ),
    "fallback_unknown": (
        "allocation:\n  method: hrp\n  fallback:\n    - holding\n    - {method: min_variance, lookback: ten}\n"
        "    - 5\n    - {lookback: 5}",
        [
            "6: $.allocation.fallback[0]: unknown allocation method; received 'holding'; allowed: <METHODS>, hold",
            "7: $.allocation.fallback[1].lookback: not a whole number; received 'ten'; allowed: a whole number >= 2",
            "8: $.allocation.fallback[2]: not a mapping; received 5; allowed: hold, the name of a method, or {method: "
            "NAME} with its parameters",
            "9: $.allocation.fallback[3]: no method; received a mapping with lookback; allowed: one of <METHODS>",
        ],
    ),
    "fallback_after_hold": (
        "allocation: {method: hrp, fallback: [hold, equal_weight], strict: 1}",
        [
            "3: $.allocation.fallback: 'hold' never gives up, so nothing after it would be tried",
            "3: $.allocation.strict: neither true nor false; received 1; allowed: true or false",
        ],
    ),
    "constraints_key": (
        "constraints: {max_wieght: 0.5}",
        [
            "3: $.constraints.max_wieght: unknown key; allowed: long_only, min_weight, max_weight, groups, net, gross, "
            "cash_reserve, turnover, max_positions, min_position, max_volatility, tracking_error, beta, risk_lookback; "
            "did you mean 'max_weight'?",
        ],
    ),
    "constraints_bound": (
        "constraints:\n  turnover: -1\n  groups:\n    sector:\n      Energy: {max: 0.2, mn: 0}",
        [
            "4: $.constraints.turnover: out of range; received -1; allowed: a number >= 0 or null",
            "7: $.constraints.groups.sector.Energy.mn: unknown key; allowed: min, max; did you mean 'min'?",
        ],
    ),
    "constraints_clash": (
        "constraints: {min_weight: 0.2, max_weight: 0.1}",
        [
            "3: $.constraints: min_weight 0.2 is above max_weight 0.1: lower min_weight to 0.1, "
            "or raise max_weight to 0.2",
        ],
    ),
    "constraints_beyond_cash": (
        "constraints:\n  long_only: false\n  gross: 1.5\n  net: 1.2\n"
        "benchmark: {constraints: {long_only: false, gross: 1}}",
        [
            "4: $.constraints.long_only: a cash account holds no shorts; allowed: true; received false",
            "6: $.constraints.net: a cash account cannot borrow, and 1.2 of the equity is more than all of it; "
            "received 1.2",
            "7: $.benchmark.constraints.long_only: a cash account holds no shorts; allowed: true; received false",
        ],
    ),
    "constraints_on_the_risk_of_a_linear_program": (
        "allocation: {method: min_cvar}\nconstraints:\n  max_volatility: 0.2\n"
        "benchmark:\n  allocation: {method: hrp, fallback: [min_cdar]}\n"
        "  constraints: {tracking_error: {max: 0.1, benchmark: equal_weight}}",
        [
            "5: $.constraints.max_volatility: min_cvar is a linear program, which cannot obey max_volatility: "
            "drop one or the other",
            "8: $.benchmark.constraints.tracking_error: min_cdar is a linear program, which cannot obey "
            "tracking_error: drop one or the other",
        ],
    ),
    "rebalance_word": (
        "rebalance: monthly",
        [
            "3: $.rebalance: not a rebalance rule; received 'monthly'; allowed: never, {calendar: month}, "
            "{drift: 0.05} or {any: [{calendar: month}, {drift: 0.05}]}",
        ],
    ),
    "rebalance_never": (
        "rebalance: nevr",
        [
            "3: $.rebalance: not a rebalance rule; received 'nevr'; allowed: never, {calendar: month}, "
            "{drift: 0.05} or {any: [{calendar: month}, {drift: 0.05}]}; did you mean 'never'?",
        ],
    ),
    "rebalance_null": (
        "rebalance:",
        [
            "3: $.rebalance: not a rebalance rule; received null; allowed: never, {calendar: month}, {drift: "
            "0.05} or {any: [{calendar: month}, {drift: 0.05}]}",
        ],
    ),
    "rebalance_list": (
        "rebalance: [{drift: 0.1}]",
        [
            "3: $.rebalance: not a rebalance rule; received a list of 1; allowed: never, {calendar: month}, "
            "{drift: 0.05} or {any: [{calendar: month}, {drift: 0.05}]}",
        ],
    ),
    "trigger_choice": (
        "rebalance: {calendar: months}",
        [
            "3: $.rebalance.calendar: unknown choice; received 'months'; allowed: day, week, month, quarter "
            "or year; did you mean 'month'?",
        ],
    ),
    "trigger_on": (
        "rebalance:\n  calendar: month\n  on: lst",
        [
            "5: $.rebalance.on: unknown choice; received 'lst'; allowed: first or last; did you mean 'last'?",
        ],
    ),
    "trigger_unknown": (
        "rebalance: {calender: month}",
        [
            "3: $.rebalance.calender: unknown key; allowed: calendar, drift; did you mean 'calendar'?",
        ],
    ),
    "trigger_none": (
        "rebalance: {volatility: 0.1}",
        [
            "3: $.rebalance: no calendar or drift; received a mapping with volatility; allowed: never, "
            "{calendar: month}, {drift: 0.05} or {any: [{calendar: month}, {drift: 0.05}]}",
        ],
    ),
    "trigger_band": (
        "rebalance: {any: [{calendar: month}, {drift: 5}]}",
        [
            "3: $.rebalance.any[1].drift: out of range; received 5; allowed: a number > 0 and < 1",
        ],
    ),
    "trigger_zero": (
        "rebalance: {drift: 0}",
        [
            "3: $.rebalance.drift: out of range; received 0; allowed: a number > 0 and < 1",
        ],
    ),
    "trigger_two": (
        "rebalance: {calendar: month, drift: 0.1}",
        [
            "3: $.rebalance: several triggers in one; received a mapping with calendar, drift; allowed: "
            "{any: [{calendar: ...}, {drift: ...}]}",
        ],
    ),
    "trigger_beside": (
        "rebalance:\n  any: [{calendar: month}]\n  drift: 0.1",
        [
            "5: $.rebalance.drift: a trigger beside 'any'; allowed: one more item of 'any': - {drift: ...}",
        ],
    ),
    "trigger_unknown_beside": (
        "rebalance: {any: [{calendar: month}], inital: wait}",
        [
            "3: $.rebalance.inital: unknown key; allowed: any, initial; did you mean 'initial'?",
        ],
    ),
    "trigger_initial": (
        "rebalance: {calendar: month, inital: wait}",
        [
            "3: $.rebalance.inital: unknown key; allowed: initial, calendar, on; did you mean 'initial'?",
        ],
    ),
    "initial": (
        "rebalance: {calendar: month, initial: later}",
        [
            "3: $.rebalance.initial: unknown choice; received 'later'; allowed: start or wait",
        ],
    ),
    "any_empty": (
        "rebalance: {any: []}",
        [
            "3: $.rebalance.any: no triggers; received a list of 0; allowed: a list of at least one trigger, "
            "or 'rebalance: never'",
        ],
    ),
    "any_map": (
        "rebalance: {any: {drift: 0.1}}",
        [
            "3: $.rebalance.any: no triggers; received a mapping with drift; allowed: a list of at least one "
            "trigger, or 'rebalance: never'",
        ],
    ),
    "any_scalar": (
        "rebalance: {any: [drift]}",
        [
            "3: $.rebalance.any[0]: not a mapping; received 'drift'; allowed: {calendar: ...} or {drift: ...}",
        ],
    ),
    "twice": (
        "rebalance: {any: [{drift: 0.1}, {drift: 0.1}]}",
        [
            "3: $.rebalance: the same trigger is there more than once: drift 10 %",
        ],
    ),
    "nothing": (
        "rebalance: {drift: 0.1, initial: wait}",
        [
            "3: $.rebalance: nothing would ever be decided: 'initial: wait' needs a calendar trigger",
        ],
    ),
    "then": (
        "rebalance: {drift: 0.1, then: wake}",
        [
            "3: $.rebalance.then: unknown choice; received 'wake'; allowed: reapply or decide",
        ],
    ),
    "benchmark_word": (
        "benchmark: SPY",
        [
            "3: $.benchmark: not a mapping; received 'SPY'; allowed: null, {symbol: NAME} or {allocation: "
            "{method: equal_weight}}",
        ],
    ),
    "benchmark_both": (
        "benchmark: {symbol: SPY, allocation: {method: equal_weight}}",
        [
            "3: $.benchmark.allocation: unknown key; allowed: symbol",
        ],
    ),
    "benchmark_unknown": (
        "benchmark: {alocation: {method: equal_weight}}",
        [
            "3: $.benchmark.alocation: unknown key; allowed: symbol, allocation, rebalance, "
            "constraints; did you mean 'allocation'?",
        ],
    ),
    "benchmark_deep": (
        "benchmark: {allocation: {method: equal}, rebalance: {calendar: yearly}}",
        [
            "3: $.benchmark.allocation.method: unknown allocation method; received 'equal'; allowed: <METHODS>",
            "3: $.benchmark.rebalance.calendar: unknown choice; received 'yearly'; allowed: day, week, "
            "month, quarter or year; did you mean 'year'?",
        ],
    ),
    "duplicate": (
        "capital: 5\ncapital: 6",
        [
            "4: $.capital: the key is there twice, first on line 3",
        ],
    ),
    "deep_duplicate": (
        "costs:\n  half_spread_bps: 1\n  half_spread_bps: 2",
        [
            "5: $.costs.half_spread_bps: the key is there twice, first on line 4",
        ],
    ),
    "merge_key": (
        "x: &x {a: 1}\ncosts:\n  <<: *x",
        [
            "3: $.x: unknown key; allowed: <KEYS>",
            "5: $.costs: merging with '<<' is not read; inherit from another file with 'base: FILE'",
        ],
    ),
    "tag": (
        "seed: !!python/object/apply:os.system [ls]",
        [
            "3: $.seed: the tag !!python/object/apply:os.system is not read",
            "3: $.seed: not a whole number; received a list of 1; allowed: a whole number >= 0",
        ],
    ),
    "tag2": (
        "seed: !!timestamp 2001-01-01",
        [
            "3: $.seed: the tag !!timestamp is not read",
            "3: $.seed: not a whole number; received '2001-01-01'; allowed: a whole number >= 0",
        ],
    ),
    "tag3": (
        "seed: !!int five",
        [
            "3: $.seed: the value does not fit its tag !!int",
            "3: $.seed: not a whole number; received 'five'; allowed: a whole number >= 0",
        ],
    ),
    "list_key": (
        "? [a, b]\n: 5",
        [
            "3: $: a list or mapping cannot be a key; allowed: text",
        ],
    ),
    "two": (
        "capital: -1\ncosts: {slippage_bps: x}\nseed: no",
        [
            "3: $.capital: out of range; received -1; allowed: a number > 0 and <= 1e+15",
            "4: $.costs.slippage_bps: not a number; received 'x'; allowed: a number >= 0",
            "5: $.seed: not a whole number; received 'no'; allowed: a whole number >= 0",
        ],
    ),
}


@pytest.mark.parametrize("case", list(CASES))
def test_every_problem_is_told(case: str, complaints: Callable[..., list[str]]) -> None:
    text, expected = CASES[case]
    filled = [
        line.replace("<KEYS>", KEYS).replace("<METHODS>", ALL).replace("<NAMES>", ESTIMATORS) for line in expected
    ]
    assert complaints(f"{GOOD}{text}\n") == [f"run.yaml:{line}" for line in filled]


def test_an_empty_mapping_misses_what_has_no_default(complaints: Callable[..., list[str]]) -> None:
    assert complaints("seed: 0\n") == [
        "run.yaml:1: $.name: missing: short name, part of the run folder's name: "
        "letters, digits, '-', '_' and '.', at most 80",
        "run.yaml:1: $.market: missing: which data, which symbols, which dates",
    ]


def test_a_misspelt_key_is_not_missing_as_well(complaints: Callable[..., list[str]]) -> None:
    assert complaints("nme: a\nmarkt: {source: s}\n") == [
        f"run.yaml:1: $.nme: unknown key; allowed: {KEYS}; did you mean 'name'?",
        f"run.yaml:2: $.markt: unknown key; allowed: {KEYS}; did you mean 'market'?",
    ]


@pytest.mark.parametrize("name", ["a b", "", ".hidden", "-x", "a/b", "é", "x" * 81])
def test_a_name_is_part_of_a_folder(name: str, complaints: Callable[..., list[str]]) -> None:
    (told,) = complaints(f"name: '{name}'\nmarket: {{source: s}}\n")
    assert told.startswith(f"run.yaml:1: $.name: cannot be part of a folder's name; received '{name[:56]}")
    assert told.endswith("; allowed: letters, digits, '-', '_' and '.', at most 80, the first a letter or digit")


MARKET = {
    "{sorce: us20}": [
        "$.market.sorce: unknown key; allowed: source, symbols, start, end, max_stale; did you mean 'source'?"
    ],
    "{}": ["$.market.source: missing: name of a store under data/"],
    "us20": [
        "$.market: not a mapping; received 'us20'; allowed: a mapping with source, symbols, start, end, max_stale"
    ],
    "{source: 5}": ["$.market.source: not text; received 5; allowed: text; in quotes a number is text"],
    "{source: ''}": ["$.market.source: too short; received ''; allowed: text"],
    "{source: s, symbols: AAPL}": ["$.market.symbols: unknown choice; received 'AAPL'; allowed: all or a list of text"],
    "{source: s, symbols: []}": ["$.market.symbols: too few; received a list of 0; allowed: all or a list of text"],
    "{source: s, symbols: [A, 600519, true]}": [
        "$.market.symbols[1]: not text; received 600519; allowed: text; in quotes a number is text",
        "$.market.symbols[2]: not text; received true; allowed: text; in quotes a word is text",
    ],
    "{source: s, symbols: [A, B, A]}": ["$.market.symbols: asked for more than once: A"],
    "{source: s, start: 2013-02-30}": [
        "$.market.start: not a date; received '2013-02-30'; allowed: a date as YYYY-MM-DD or null"
    ],
    "{source: s, start: 20130102}": [
        "$.market.start: not a date; received 20130102; allowed: a date as YYYY-MM-DD or null"
    ],
    "{source: s, start: 2020-01-02, end: 2020-01-01}": ["$.market.end: before start 2020-01-02; received '2020-01-01'"],
    "{source: s, max_stale: -1}": [
        "$.market.max_stale: out of range; received -1; allowed: a whole number >= 0 and <= 1000000"
    ],
}


@pytest.mark.parametrize("market", list(MARKET))
def test_market(market: str, complaints: Callable[..., list[str]]) -> None:
    assert complaints(f"name: a\nmarket: {market}\n") == [f"run.yaml:2: {text}" for text in MARKET[market]]


def test_a_universe_of_unquoted_numbers_is_told_briefly(complaints: Callable[..., list[str]]) -> None:
    numbers = ", ".join(str(600_000 + k) for k in range(3000))
    told = complaints(f"name: a\nmarket: {{source: s, symbols: [{numbers}]}}\n")
    assert len(told) == 21
    assert told[-1] == "run.yaml:2: $.market.symbols: 2980 more values are wrong"


def test_all_problems_of_all_sections_come_together_in_the_order_of_the_file(
    complaints: Callable[..., list[str]],
) -> None:
    told = complaints(
        """
name: a b
capitl: 5
market:
  source: s
  start: 2020-01-02
  end: 2020-01-01
strategy: {name: momentum, params: {top: x}}
allocation: {method: equal}
rebalance:
  any:
    - {calendar: months}
    - {drift: 5}
costs: {commission_bps: -1}
costs: {commission_bps: -2}
execution: {fill: open, cash_reserve: 200_000}
benchmark: {symbol: 5}
"""
    )
    assert [line.split(": ")[0] for line in told] == [f"run.yaml:{k}" for k in (2, 3, 7, 8, 9, 12, 13, 14, 15, 16, 17)]


def test_the_error_is_one_text_with_a_line_for_each_problem(root: Path, write: Callable[..., Path]) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write("name: a b\nmarket: {}\n"), root)
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    assert caught.value.exit_code == 2

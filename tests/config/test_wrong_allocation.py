"""Methods, estimators, blends, fallbacks and constraints."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.config.wrong import Case, expected

CASES: dict[str, Case] = {
    "allocation_word": (
        "allocation: equal_weight",
        [
            "3: $.allocation: not a mapping; received 'equal_weight'; allowed: {method: NAME}, and the "
            "parameters of the method beside it"
        ],
    ),
    "allocation_unknown": (
        "allocation: {method: inverse_vol}",
        [
            "3: $.allocation.method: unknown allocation method; received 'inverse_vol'; allowed: "
            "<METHODS>; did you mean 'inverse_volatility'?"
        ],
    ),
    "allocation_no_method": (
        "allocation: {lookback: 60}",
        ["3: $.allocation: no method; received a mapping with lookback; allowed: one of <METHODS>"],
    ),
    "allocation_typo_method": (
        "allocation: {metod: fixed}",
        ["3: $.allocation.metod: unknown key; allowed: method; did you mean 'method'?"],
    ),
    "allocation_param": (
        "allocation: {method: inverse_volatility, lookbak: 60}",
        [
            "3: $.allocation.lookbak: unknown key; allowed: method, fallback, strict, lookback, "
            "min_observations, bars_per_return; did you mean 'lookback'?"
        ],
    ),
    "allocation_other_param": (
        "allocation: {method: equal_weight, lookback: 60}",
        ["3: $.allocation.lookback: unknown key; allowed: method, fallback, strict; did you mean 'fallback'?"],
    ),
    "allocation_bound": (
        "allocation: {method: inverse_volatility, lookback: 1}",
        ["3: $.allocation.lookback: out of range; received 1; allowed: a whole number >= 2"],
    ),
    "allocation_missing": (
        "allocation: {method: fixed}",
        ["3: $.allocation.weights: missing: weight of each symbol, as a fraction of equity; symbols not named get 0"],
    ),
    "allocation_sum": (
        "allocation:\n  method: fixed\n  weights: {A: 0.7, B: 0.6}",
        ["3: $.allocation: the weights add up to 1.3, which a cash account cannot hold (at most 1)"],
    ),
    "allocation_weight": (
        "allocation:\n  method: fixed\n  weights:\n    A: 0.5\n    BRK.B: half",
        ["7: $.allocation.weights[\"BRK.B\"]: not a number; received 'half'; allowed: a number"],
    ),
    "estimator_unknown": (
        "allocation: {method: hrp, covariance: ledoit_wolff}",
        [
            "3: $.allocation.covariance: unknown covariance estimator 'ledoit_wolff'; known: <NAMES>; did you mean "
            "'ledoit_wolf'?; received 'ledoit_wolff'"
        ],
    ),
    "estimator_param": (
        "allocation:\n  method: hrp\n  covariance:\n    estimator: ewma\n    half_lif: 3",
        [
            "7: $.allocation.covariance.half_lif: unknown key; allowed: estimator, half_life, demean; did you mean "
            "'half_life'?"
        ],
    ),
    "estimator_bound": (
        "allocation:\n  method: hrp\n  covariance:\n    estimator: ewma\n    half_life: -3",
        ["7: $.allocation.covariance.half_life: out of range; received -3; allowed: a number > 0"],
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
        ["3: $.allocation.fallback: not a list; received 'hold'; allowed: a list, such as [inverse_volatility, hold]"],
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
            "did you mean 'max_weight'?"
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
            "or raise max_weight to 0.2"
        ],
    ),
    "constraints_beyond_cash": (
        "constraints:\n  long_only: false\n  gross: 1.5\n  net: 1.2\n"
        "benchmark: {constraints: {long_only: false, gross: 1}}",
        [
            "4: $.constraints.long_only: a cash account holds no shorts; received false; allowed: true, or "
            "account: margin",
            "6: $.constraints.net: a cash account cannot borrow, and 1.2 of the equity is more than all of it; "
            "received 1.2; allowed: at most 1, or account: margin",
            "7: $.benchmark.constraints.long_only: a cash account holds no shorts; received false; allowed: true, or "
            "account: margin",
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
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_problem_is_told(case: Case, complaints: Callable[..., list[str]]) -> None:
    given, told = expected(case)
    assert complaints(given) == told

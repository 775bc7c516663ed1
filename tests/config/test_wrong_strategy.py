"""A strategy that is not there, and parameters that it does not have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.config.wrong import Case, expected

CASES: dict[str, Case] = {
    "strategy_unknown": (
        "strategy: momentm",
        [
            "3: $.strategy: unknown strategy 'momentm'; known: allocate, broken, crossing, momentum; did you "
            "mean 'momentum'? (looked in ROOT/strategies)"
        ],
    ),
    "strategy_unknown_map": (
        "strategy: {name: momentm}",
        [
            "3: $.strategy.name: unknown strategy 'momentm'; known: allocate, broken, crossing, momentum; "
            "did you mean 'momentum'? (looked in ROOT/strategies)"
        ],
    ),
    "strategy_number": (
        "strategy: 5",
        ["3: $.strategy: not a strategy; received 5; allowed: the name of a file in strategies/, or {name, params}"],
    ),
    "strategy_param": (
        "strategy: {name: momentum, params: {lookbak: 3}}",
        [
            "3: $.strategy.params.lookbak: unknown key; allowed: lookback, top, tilt, weighting, since, "
            "ladder; did you mean 'lookback'?"
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
        ["3: $.strategy.lookback: unknown key; allowed: name, params"],
    ),
    "strategy_params_list": (
        "strategy: {name: momentum, params: [3]}",
        ["3: $.strategy.params: not a mapping; received a list of 1; allowed: a mapping"],
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
        ["5: $.strategy.params: fast (5) must be less than slow (5)"],
    ),
    "strategy_broken": (
        "strategy: broken",
        ["3: $.strategy: ROOT/strategies/broken.py:2: SyntaxError: invalid syntax (broken.py, line 2)"],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_problem_is_told(case: Case, complaints: Callable[..., list[str]]) -> None:
    given, told = expected(case)
    assert complaints(given) == told

"""Triggers and their composition, and what a benchmark can be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.config.wrong import Case, expected

CASES: dict[str, Case] = {
    "rebalance_word": (
        "rebalance: monthly",
        [
            "3: $.rebalance: not a rebalance rule; received 'monthly'; allowed: never, {calendar: month}, "
            "{drift: 0.05} or {any: [{calendar: month}, {drift: 0.05}]}"
        ],
    ),
    "rebalance_never": (
        "rebalance: nevr",
        [
            "3: $.rebalance: not a rebalance rule; received 'nevr'; allowed: never, {calendar: month}, "
            "{drift: 0.05} or {any: [{calendar: month}, {drift: 0.05}]}; did you mean 'never'?"
        ],
    ),
    "rebalance_null": (
        "rebalance:",
        [
            "3: $.rebalance: not a rebalance rule; received null; allowed: never, {calendar: month}, {drift: "
            "0.05} or {any: [{calendar: month}, {drift: 0.05}]}"
        ],
    ),
    "rebalance_list": (
        "rebalance: [{drift: 0.1}]",
        [
            "3: $.rebalance: not a rebalance rule; received a list of 1; allowed: never, {calendar: month}, "
            "{drift: 0.05} or {any: [{calendar: month}, {drift: 0.05}]}"
        ],
    ),
    "trigger_choice": (
        "rebalance: {calendar: months}",
        [
            "3: $.rebalance.calendar: unknown choice; received 'months'; allowed: day, week, month, quarter "
            "or year; did you mean 'month'?"
        ],
    ),
    "trigger_on": (
        "rebalance:\n  calendar: month\n  on: lst",
        ["5: $.rebalance.on: unknown choice; received 'lst'; allowed: first or last; did you mean 'last'?"],
    ),
    "event_then": (
        "rebalance: {event: order_filled, then: sleep}",
        ["3: $.rebalance.then: unknown choice; received 'sleep'; allowed: decide or reapply"],
    ),
    "event_twice": (
        "rebalance: {any: [{event: split}, {event: split}]}",
        ["3: $.rebalance: the same trigger is there more than once: split"],
    ),
    "trigger_unknown": (
        "rebalance: {calender: month}",
        ["3: $.rebalance.calender: unknown key; allowed: calendar, drift, event; did you mean 'calendar'?"],
    ),
    "trigger_none": (
        "rebalance: {volatility: 0.1}",
        [
            "3: $.rebalance: no calendar or drift or event; received a mapping with volatility; allowed: never, "
            "{calendar: month}, {drift: 0.05} or {any: [{calendar: month}, {drift: 0.05}]}"
        ],
    ),
    "trigger_band": (
        "rebalance: {any: [{calendar: month}, {drift: 5}]}",
        ["3: $.rebalance.any[1].drift: out of range; received 5; allowed: a number > 0 and < 1"],
    ),
    "trigger_zero": (
        "rebalance: {drift: 0}",
        ["3: $.rebalance.drift: out of range; received 0; allowed: a number > 0 and < 1"],
    ),
    "trigger_two": (
        "rebalance: {calendar: month, drift: 0.1}",
        [
            "3: $.rebalance: several triggers in one; received a mapping with calendar, drift; allowed: "
            "{any: [{calendar: ...}, {drift: ...}]}"
        ],
    ),
    "trigger_beside": (
        "rebalance:\n  any: [{calendar: month}]\n  drift: 0.1",
        ["5: $.rebalance.drift: a trigger beside 'any'; allowed: one more item of 'any': - {drift: ...}"],
    ),
    "trigger_unknown_beside": (
        "rebalance: {any: [{calendar: month}], inital: wait}",
        ["3: $.rebalance.inital: unknown key; allowed: any, initial, calendar, drift, event; did you mean 'initial'?"],
    ),
    "trigger_initial": (
        "rebalance: {calendar: month, inital: wait}",
        ["3: $.rebalance.inital: unknown key; allowed: initial, calendar, on, sessions; did you mean 'initial'?"],
    ),
    "initial": (
        "rebalance: {calendar: month, initial: later}",
        ["3: $.rebalance.initial: unknown choice; received 'later'; allowed: start or wait"],
    ),
    "any_empty": (
        "rebalance: {any: []}",
        [
            "3: $.rebalance.any: no triggers; received a list of 0; allowed: a list of at least one trigger, "
            "or 'rebalance: never'"
        ],
    ),
    "any_map": (
        "rebalance: {any: {drift: 0.1}}",
        [
            "3: $.rebalance.any: no triggers; received a mapping with drift; allowed: a list of at least one "
            "trigger, or 'rebalance: never'"
        ],
    ),
    "any_scalar": (
        "rebalance: {any: [drift]}",
        [
            "3: $.rebalance.any[0]: not a mapping; received 'drift'; allowed: {calendar: ...} or {drift: ...} or "
            "{event: ...}"
        ],
    ),
    "twice": (
        "rebalance: {any: [{drift: 0.1}, {drift: 0.1}]}",
        ["3: $.rebalance: the same trigger is there more than once: drift 10 %"],
    ),
    "nothing": (
        "rebalance: {drift: 0.1, initial: wait}",
        [
            "3: $.rebalance: nothing would ever be decided: 'initial: wait' needs a calendar trigger, or the event "
            "bar or listing"
        ],
    ),
    "then": (
        "rebalance: {drift: 0.1, then: wake}",
        ["3: $.rebalance.then: unknown choice; received 'wake'; allowed: reapply or decide"],
    ),
    "benchmark_word": (
        "benchmark: SPY",
        [
            "3: $.benchmark: not a mapping; received 'SPY'; allowed: null, {symbol: NAME} or {allocation: "
            "{method: equal_weight}}"
        ],
    ),
    "benchmark_both": (
        "benchmark: {symbol: SPY, allocation: {method: equal_weight}}",
        ["3: $.benchmark.allocation: unknown key; allowed: symbol"],
    ),
    "benchmark_unknown": (
        "benchmark: {alocation: {method: equal_weight}}",
        [
            "3: $.benchmark.alocation: unknown key; allowed: symbol, allocation, rebalance, "
            "constraints, account, financing; did you mean 'allocation'?"
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
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_problem_is_told(case: Case, complaints: Callable[..., list[str]]) -> None:
    given, told = expected(case)
    assert complaints(given) == told

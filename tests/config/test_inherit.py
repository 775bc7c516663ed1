"""`base`: what merges, what is replaced, what a switched variant leaves behind, and where problems are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backtest.config import load
from backtest.config.inherit import merge
from backtest.config.node import plain, wrap
from backtest.errors import ConfigError

BASE = """\
name: parent
market: {source: us20, symbols: [A, B], start: 2013-01-01}
capital: 5000
strategy: {name: momentum, params: {lookback: 60, top: 3}}
allocation: {method: inverse_volatility, lookback: 60}
rebalance: {any: [{calendar: month}, {drift: 0.1}], initial: wait}
costs: {commission_bps: 5}
benchmark: {symbol: A}
"""


@pytest.mark.parametrize(
    ("key", "base", "over", "merged"),
    [
        ("costs", {"a": 1, "b": 2}, {"b": 3}, {"a": 1, "b": 3}),
        ("market", {"symbols": ["A", "B"]}, {"symbols": ["C"]}, {"symbols": ["C"]}),
        ("market", {"symbols": ["A"]}, {"symbols": "all"}, {"symbols": "all"}),
        ("costs", {"a": 1}, None, None),
        ("allocation", {"method": "x", "p": 1}, {"p": 2}, {"method": "x", "p": 2}),
        ("allocation", {"method": "x", "p": 1}, {"method": "x", "q": 2}, {"method": "x", "p": 1, "q": 2}),
        ("allocation", {"method": "x", "p": 1}, {"method": "y"}, {"method": "y"}),
        (
            "allocation",
            {"method": "x", "fallback": ["z"], "strict": True, "p": 1},
            {"method": "y"},
            {"fallback": ["z"], "strict": True, "method": "y"},
        ),
        (
            "allocation",
            {"covariance": "oas"},
            {"covariance": {"estimator": "ewma", "half_life": 3}},
            {"covariance": {"estimator": "ewma", "half_life": 3}},
        ),
        (
            "allocation",
            {"covariance": {"estimator": "ewma", "half_life": 3}},
            {"covariance": "oas"},
            {"covariance": {"estimator": "oas"}},
        ),
        (
            "allocation",
            {"mean": {"estimator": "ewma", "half_life": 3}},
            {"mean": {"half_life": 5}},
            {"mean": {"estimator": "ewma", "half_life": 5}},
        ),
        (
            "constraints",
            {"groups": {"sector": {"A": {"max": 1}}}},
            {"groups": {"sector": {"B": {"max": 2}}}},
            {"groups": {"sector": {"A": {"max": 1}, "B": {"max": 2}}}},
        ),
        ("strategy", "s", "t", {"name": "t"}),
        ("strategy", "s", {"params": {"p": 1}}, {"name": "s", "params": {"p": 1}}),
        ("strategy", {"name": "s", "params": {"p": 1}}, "s", {"name": "s", "params": {"p": 1}}),
        ("strategy", {"name": "s", "params": {"p": 1}}, "t", {"name": "t"}),
        (
            "strategy",
            {"name": "s", "params": {"p": 1}},
            {"params": {"q": 2}},
            {"name": "s", "params": {"p": 1, "q": 2}},
        ),
        ("rebalance", {"calendar": "month", "on": "last"}, {"calendar": "week"}, {"calendar": "week", "on": "last"}),
        ("rebalance", {"calendar": "month", "on": "last"}, {"drift": 0.1}, {"drift": 0.1}),
        ("rebalance", {"any": [1], "initial": "wait"}, {"drift": 0.1}, {"initial": "wait", "drift": 0.1}),
        ("rebalance", {"any": [1], "initial": "wait"}, {"any": [2]}, {"any": [2], "initial": "wait"}),
        ("rebalance", {"any": [1]}, "never", "never"),
        ("rebalance", "never", {"drift": 0.1}, {"drift": 0.1}),
        ("benchmark", {"symbol": "A"}, {"allocation": {"method": "x"}}, {"allocation": {"method": "x"}}),
        ("benchmark", {"symbol": "A"}, {"rebalance": "never"}, {"rebalance": "never"}),
        ("benchmark", {"symbol": "A"}, {"symbol": "B"}, {"symbol": "B"}),
        (
            "benchmark",
            {"allocation": {"method": "x", "p": 1}, "rebalance": {"drift": 0.1}},
            {"allocation": {"method": "y"}},
            {"allocation": {"method": "y"}, "rebalance": {"drift": 0.1}},
        ),
    ],
)
def test_merge(key: str, base: object, over: object, merged: object) -> None:
    assert plain(merge(wrap({key: base, "z": 1}), wrap({key: over}))) == {key: merged, "z": 1}


def test_a_child_says_only_what_is_different(root: Path, write: Callable[..., Path]) -> None:
    write(BASE, "parent.yaml")
    text = "base: parent.yaml\nname: child\nstrategy: {name: crossing, params: {fast: 1, slow: 2}}\n"
    text += "costs: {slippage_bps: 2}\nallocation: {method: equal_weight}\n"
    child = load(write(text), root)
    parent = load(root / "configs" / "parent.yaml", root)
    assert child.name == "child"
    assert child.market == parent.market
    assert child.capital == 5000
    assert (child.costs.commission_bps, child.costs.slippage_bps) == (5, 2)
    assert child.strategy.params == {"fast": 1, "slow": 2}
    assert child.allocation.method == "equal_weight"
    assert child.rebalance == parent.rebalance


def test_base_is_relative_to_its_file_and_may_have_a_base(root: Path, write: Callable[..., Path]) -> None:
    (root / "shared").mkdir()
    (root / "shared" / "top.yaml").write_text(BASE)
    (root / "shared" / "middle.yaml").write_text("base: top.yaml\nseed: 7\n")
    config = load(write("base: ../shared/middle.yaml\nname: leaf\n"), root)
    assert (config.name, config.seed, config.capital) == ("leaf", 7, 5000)


def test_a_dict_inherits_relative_to_the_workspace(root: Path, write: Callable[..., Path]) -> None:
    write(BASE, "parent.yaml")
    assert load({"base": "configs/parent.yaml", "seed": 3}, root).seed == 3


def test_problems_are_told_where_they_were_written(root: Path, write: Callable[..., Path]) -> None:
    parent = write("name: p\nmarket: {source: s}\ncosts:\n  commission_bps: -1\n  slippage_bps: -2\n", "parent.yaml")
    child = write("# a child\nbase: parent.yaml\ncosts:\n  slippage_bps: -3\n\nseed: x\n")
    with pytest.raises(ConfigError) as caught:
        load(child, root)
    assert [(p.file, p.line, p.path) for p in caught.value.problems] == [
        (child, 4, "$.costs.slippage_bps"),
        (child, 6, "$.seed"),
        (parent, 4, "$.costs.commission_bps"),
    ]


def test_a_base_that_is_not_there(complaints: Callable[..., list[str]], write: Callable[..., Path]) -> None:
    write(BASE, "parent.yaml")
    assert complaints("name: a\nbase: parnt.yaml\n") == [
        "run.yaml:2: $.base: no such file; received 'parnt.yaml'; did you mean 'parent.yaml'?"
    ]
    assert complaints("base: [a.yaml]\n") == [
        "run.yaml:1: $.base: not a file name; received a list of 1; allowed: a path relative to this file"
    ]
    assert complaints("base:\n") == [
        "run.yaml:1: $.base: not a file name; received null; allowed: a path relative to this file"
    ]


def test_a_ring_of_bases(complaints: Callable[..., list[str]], write: Callable[..., Path]) -> None:
    write("base: run.yaml\n", "b.yaml")
    write("base: b.yaml\n", "c.yaml")
    assert complaints("base: c.yaml\n") == [
        "b.yaml:1: $.base: the files inherit from each other: run.yaml -> c.yaml -> b.yaml -> run.yaml"
    ]
    assert complaints("base: run.yaml\n") == [
        "run.yaml:1: $.base: the files inherit from each other: run.yaml -> run.yaml"
    ]


def test_an_unreadable_base(complaints: Callable[..., list[str]], write: Callable[..., Path]) -> None:
    write("- a\n", "b.yaml")
    assert complaints("base: b.yaml\n") == ["b.yaml:1: not a configuration: expected a mapping, such as 'name: my-run'"]

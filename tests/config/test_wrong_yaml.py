"""What a person reads when their YAML is wrong, whichever section it is in: exact texts, lines and order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backtest.config import load
from backtest.errors import ConfigError
from tests.config.wrong import KEYS


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

"""A market that cannot be meant: its store, its symbols, its dates."""

from __future__ import annotations

from collections.abc import Callable

import pytest

MARKET = {
    "{sorce: us20}": [
        "$.market.sorce: unknown key; allowed: source, bars, symbols, start, end, stream, max_stale; did you mean "
        "'source'?"
    ],
    "{}": [
        "$.market.source: missing: name of a store under data/, or a list of names: their symbols in one market, each "
        "with its own calendar"
    ],
    "us20": [
        "$.market: not a mapping; received 'us20'; allowed: a mapping with source, bars, symbols, start, end, stream, "
        "max_stale"
    ],
    "{source: 5}": [
        "$.market.source: wrong kind of value; received 5; allowed: text or a list of text; in quotes a number is text"
    ],
    "{source: ''}": ["$.market.source: too short; received ''; allowed: text or a list of text"],
    "{source: []}": ["$.market.source: too few; received a list of 0; allowed: text or a list of text"],
    "{source: [s, t, s]}": ["$.market.source: the same store is there more than once: s"],
    "{source: s, symbols: AAPL}": [
        "$.market.symbols: unknown choice; received 'AAPL'; allowed: all, a list of text or a mapping with file"
    ],
    "{source: s, symbols: {fil: u.csv}}": [
        "$.market.symbols.fil: unknown key; allowed: file; did you mean 'file'?",
    ],
    "{source: s, symbols: {}}": [
        "$.market.symbols.file: missing: file of columns symbol, from, to as CSV, relative to the workspace; dates "
        "included, none: no limit"
    ],
    "{source: s, symbols: []}": [
        "$.market.symbols: too few; received a list of 0; allowed: all, a list of text or a mapping with file"
    ],
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

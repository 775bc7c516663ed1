"""Reading YAML: what words mean, and one clear error for what is no configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backtest.config import load
from backtest.config.node import plain
from backtest.config.source import MAX_VALUES, read_bytes
from backtest.errors import ConfigError

GOOD = "name: a\nmarket: {source: s}\n"
BOMB = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{chr(98 + k)}: &{chr(98 + k)} [{','.join(['*' + chr(97 + k)] * 10)}]\n" for k in range(8)
)

UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", ":1: the file is empty"),
    "a comment": ("# later\n", ":1: the file is empty"),
    "a word": ("hello", ":1: not a configuration: expected a mapping, such as 'name: my-run'"),
    "a list": ("- a\n- b\n", ":1: not a configuration: expected a mapping, such as 'name: my-run'"),
    "nothing": ("~", ":1: not a configuration: expected a mapping, such as 'name: my-run'"),
    "two documents": (f"{GOOD}---\nname: b\n", ":3: a second document begins here; allowed: one document a file"),
    "a tab": (f"{GOOD}costs:\n\tslippage_bps: 1\n", ":4: a tab in the indentation; YAML is indented with spaces"),
    "a tab among spaces": (f"{GOOD}costs:\n  \tx: 1\n", ":4: a tab in the indentation; YAML is indented with spaces"),
    "latin-1": (GOOD.encode() + b"# caf\xe9\n", ":3: not UTF-8: byte 0xe9; save the file as UTF-8"),
    "utf-16": (GOOD.encode("utf-16"), ":1: not UTF-8: byte 0xff; save the file as UTF-8"),
    "a picture": (b"\x89PNG\r\n", ":1: not UTF-8: byte 0x89; save the file as UTF-8"),
    "a control sign": (f"{GOOD}seed: \0\n", ":3: not valid YAML: the character U+0000 is not allowed"),
    "too large": (GOOD + "#" * 1_000_000, ": the file is too large; allowed: 1,000,000 bytes"),
    "an alias bomb": (BOMB, ":1: more than 100,000 values once its aliases are expanded"),
    "an alias of itself": ("a: &a [*a]\n", ":1: an alias that contains itself"),
    "brackets without end": ("a: " + "[" * 5000, ":1: nested deeper than 40 levels"),
    "a deep mapping": ("".join(" " * k + "a:\n" for k in range(99)), ":40: nested deeper than 40 levels"),
    "an unknown alias": ("a: *b\n", ":1: not valid YAML: found undefined alias 'b'"),
    "an open quote": (
        "x: 1\nname: 'a\nb: 1\n",
        ":2: not valid YAML: found unexpected end of stream (a quote that is never closed)",
    ),
    "an open bracket": (
        "x: 1\nname: [a,\n  b\n",
        ":2: not valid YAML: expected ',' or ']', but got '<stream end>' (a bracket that is never closed)",
    ),
    "two colons": (
        "name: a: b\n",
        ":1: not valid YAML: mapping values are not allowed here "
        "(a ':' too many, or an indentation that fits nothing above it)",
    ),
    "no space": (
        f"{GOOD}capital:5\n",
        ":4: not valid YAML: could not find expected ':' (a key without ':', or ':' without the space behind it)",
    ),
    "indentation": (
        "market:\n    source: s\n  symbols: all\n",
        ":3: not valid YAML: expected <block end>, but found '<block mapping start>' "
        "(an indentation that fits nothing above it)",
    ),
    "a sign": (
        "name: @a\n",
        ":1: not valid YAML: found character '@' that cannot start any token "
        "(text that begins with a sign needs quotes)",
    ),
}


@pytest.mark.parametrize("case", list(UNREADABLE))
def test_one_clear_error(case: str, complaints: Callable[..., list[str]]) -> None:
    content, expected = UNREADABLE[case]
    assert complaints(content) == [f"run.yaml{expected}"]


def test_half_a_character_is_told_and_not_printed(complaints: Callable[..., list[str]]) -> None:
    told = complaints('name: a\nmarket: {source: "\\ud800"}\n')
    assert told[0] == "run.yaml:2: $.market.source: half a character (a lone surrogate) is not text"


def test_a_file_that_is_not_there(root: Path, write: Callable[..., Path]) -> None:
    there = write(GOOD, "momentum.yaml")
    with pytest.raises(ConfigError) as caught:
        load(there.with_name("momentun.yaml"), root)
    (problem,) = caught.value.problems
    assert (problem.message, problem.nearest) == ("no such file", str(there))
    assert str(problem) == f"{there.with_name('momentun.yaml')}: no such file; did you mean '{there}'?"
    with pytest.raises(ConfigError, match=rf"no such file; did you mean '{there}'\?$"):
        load(root / "momentum", root)  # without its folder and its ending
    with pytest.raises(ConfigError, match=r"no such file$"):
        load(root / "nowhere" / "a.yaml", root)


def test_a_directory(root: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read: Is a directory$"):
        load(root, root)


def test_a_byte_order_mark_and_windows_lines_are_fine(root: Path, write: Callable[..., Path]) -> None:
    assert load(write(b"\xef\xbb\xbfname: a\r\nmarket: {source: s}\r\n"), root).name == "a"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("on", "on"), ("off", "off"), ("yes", "yes"), ("no", "no"), ("NO", "NO"), ("y", "y"),
        ("true", True), ("FALSE", False), ("null", None), ("~", None), ("", None),
        ("5", 5), ("-5", -5), ("+5", 5), ("1_000_000", 1_000_000), ("0", 0), ("0700", "0700"), ("000001", "000001"),
        ("0x1F", "0x1F"), ("12:30", "12:30"), ("1__0", "1__0"), ("5_", "5_"),
        ("1e-4", 1e-4), ("1E5", 1e5), ("1.5e3", 1500.0), ("1_000.5", 1000.5), (".5", 0.5), ("5.", 5.0),
        (".inf", float("inf")), ("-.inf", float("-inf")), ("1.2.3", "1.2.3"), ("1,000", "1,000"), ("5 %", "5 %"),
        ("2013-01-01", "2013-01-01"), ("2013-01-01 10:00:00", "2013-01-01 10:00:00"),
        ("'5'", "5"), ('"true"', "true"), ("!!str 5", "5"), ("!!float 5", 5.0),
    ],
)  # fmt: skip
def test_words(written: str, meant: object) -> None:
    value = plain(read_bytes(f"key: {written}\n".encode(), None).tree)["key"]
    assert value == meant
    assert type(value) is type(meant)


@pytest.mark.parametrize("key", ["on", "no", "5", "1e-4", "2013-01-01", "true", "null", "'quoted'"])
def test_keys_are_the_text_that_stands_there(key: str) -> None:
    assert list(plain(read_bytes(f"{key}: 1\n".encode(), None).tree)) == [key.strip("'")]


def test_aliases_within_reason_are_read() -> None:
    tree = read_bytes(b"a: &rule {calendar: month}\nb: *rule\n", Path("x.yaml")).tree
    assert plain(tree) == {"a": {"calendar": "month"}, "b": {"calendar": "month"}}


def test_a_large_universe_is_read() -> None:
    symbols = [f"S{k}" for k in range(10_000)]
    assert len(symbols) < MAX_VALUES
    assert plain(read_bytes(f"symbols: [{', '.join(symbols)}]".encode(), None).tree) == {"symbols": symbols}


def test_lines_are_those_of_the_keys_and_of_the_items() -> None:
    tree = read_bytes(b"a:\n  b:\n    - 1\n\n    - c: 2\n      d: 3\n", Path("x.yaml")).tree
    below = tree.mapping["a"].mapping["b"]
    assert (tree.mapping["a"].line, below.line, [item.line for item in below.items]) == (1, 2, [3, 5])
    assert below.items[1].mapping["d"].line == 6

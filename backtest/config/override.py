"""`--set key.path=value`: a configuration changed from the command line.

The value is YAML, so `5`, `true`, `null`, `2020-01-31`, `[AAPL, MSFT]` and `{drift: 0.1}` are what they look like. A
path goes through mappings by name and through lists by position: `rebalance.any[1].drift=0.1`; a name with dots or
signs is quoted: `allocation.weights["BRK.B"]=0.5`. Overrides act like a file that inherits: they merge, and naming
another variant leaves the parameters of the old one behind, in whatever order they are given. Later ones win.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from backtest.config.inherit import BASE, merge
from backtest.config.node import Keys, Node, path_text
from backtest.config.source import read_bytes
from backtest.errors import ConfigError, Problem

OPTION = "--set"

_STEP = re.compile(r"""\.?(?P<name>[^.\[\]="'\s]+)|\[(?P<item>[0-9]+)\]|\[(?P<quote>["'])(?P<quoted>.+?)(?P=quote)\]""")


def override(tree: Node, overrides: Sequence[str]) -> tuple[Node, list[Problem]]:
    """Return the tree with the overrides applied, and what was wrong with those that could not be."""
    problems: list[Problem] = []
    over, inside_lists = Node({}), []
    for text in overrides:
        try:
            keys, value = parse(text)
        except ConfigError as error:
            problems.extend(error.problems)
            continue
        if any(isinstance(key, int) for key in keys):
            inside_lists.append((text, keys, value))
        else:
            over = merge(over, _nested(keys, value), are_both_new=True)
    tree = merge(tree, over)
    for text, keys, value in inside_lists:
        try:
            tree = _replaced(tree, keys, value, ())
        except _NotThereError as error:
            problems.append(Problem(path_text(keys), str(error), received=f"{OPTION} {text}"))
    return tree, problems


def parse(text: str) -> tuple[Keys, Node]:
    """Split ``key.path=value`` into its place and its value; ConfigError when it is neither."""
    match = _assignment(text)
    if match is None:
        raise _refused(text, "not an override", "key.path=value, such as capital=50000 or rebalance.any[1].drift=0.1")
    keys, written = match
    if keys == (BASE,):
        raise _refused(text, "the base of a configuration is read before overrides", "any other key")
    try:
        source = read_bytes(written.encode("utf-8"), None) if written.strip() else None
    except ConfigError as error:
        raise _refused(text, f"{error.problems[0].message}", "a YAML value") from None
    if source is not None and source.problems:
        raise _refused(text, source.problems[0].message, "a YAML value")
    return keys, Node(None) if source is None else source.tree


def path_keys(text: str) -> Keys | None:
    """Return the place that ``key.path`` means; None when it is no path."""
    keys, rest = _steps(text)
    return keys if keys and not rest else None


def put(tree: Node, keys: Keys, value: Node) -> Node:
    """Return the tree with `value` merged in at `keys`; ConfigError when they lead into a list that is not there."""
    if not any(isinstance(key, int) for key in keys):
        return merge(tree, _nested(keys, value))
    try:
        return _replaced(tree, keys, value, ())
    except _NotThereError as error:
        raise ConfigError([Problem(path_text(keys), str(error), file=value.file, line=value.line)]) from None


def _assignment(text: str) -> tuple[Keys, str] | None:
    keys, rest = _steps(text)
    return (keys, rest[1:]) if keys and rest.startswith("=") else None


def _steps(text: str) -> tuple[Keys, str]:
    """Return the path at the beginning of a text, empty when there is none, and what follows it."""
    keys: list[str | int] = []
    place = 0
    while step := _STEP.match(text, place):
        if step.group().startswith(".") != bool(keys) and step["name"]:
            return (), text
        keys.append(int(step["item"]) if step["item"] else step["name"] or step["quoted"])
        place = step.end()
    return (() if keys and isinstance(keys[0], int) else tuple(keys)), text[place:]


def _nested(keys: Keys, value: Node) -> Node:
    """Return the mappings that lead to the value."""
    for key in reversed(keys):
        value = Node({str(key): value})
    return value


class _NotThereError(Exception):
    """A path leads into a list, or through something, that is not there."""


def _replaced(node: Node, keys: Keys, value: Node, above: Keys) -> Node:
    """Return the node with another value at `keys`; every list on the way must exist."""
    if not any(isinstance(key, int) for key in keys):
        return merge(node, _nested(keys, value), above)
    key, rest = keys[0], keys[1:]
    if isinstance(key, int):
        if node.items is None:
            raise _NotThereError(f"{path_text(above)} is not a list")
        if key >= len(node.items):
            raise _NotThereError(
                f"{path_text(above)} ends at [{len(node.items) - 1}]" if node.items else f"{path_text(above)} is empty"
            )
        items = list(node.items)
        items[key] = _replaced(items[key], rest, value, (*above, key))
        return node.with_value(items)
    members = dict(node.mapping or {})
    members[key] = _replaced(members.get(key, Node(None)), rest, value, (*above, key))
    return node.with_value(members)


def _refused(text: str, message: str, allowed: str) -> ConfigError:
    return ConfigError([Problem(OPTION, message, received=repr(text), allowed=allowed)])

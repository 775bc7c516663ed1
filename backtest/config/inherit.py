"""`base: FILE`: a configuration that says only what is different from another one.

Mappings merge key by key, at any depth; lists and single values are replaced. `base` is relative to the file that
says it, and a base may have a base.

Where a mapping is one of several *variants* (an allocation method, an estimator, a strategy, a kind of rebalance rule
or benchmark, a preset of costs), a child that names another variant than its base replaces it: the parameters of the
base's variant mean nothing to the other one. A child that names the same variant, or none, merges. What belongs to no
variant is kept: the first decision (`rebalance.initial`), and what to do when a method gives up
(`allocation.fallback` and `strict`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backtest.config.describe import shown
from backtest.config.node import Keys, Node, plain, problem_at
from backtest.config.source import Source, read_file
from backtest.errors import ConfigError, nearest
from backtest.schedule import TRIGGERS

BASE = "base"

STUDY_KEYS = ("compare", "variants")
"""Keys that make a file one of several configurations; see `study.py`."""


@dataclass(frozen=True)
class Choice:
    """A mapping that is one of several variants: how to tell which, and what belongs to none of them."""

    variant: Callable[[dict[str, Node]], object]
    shared: tuple[str, ...] = ()
    short: str | None = None
    """Key that a single text stands for: `strategy: momentum` is `strategy: {name: momentum}`."""

    is_whole: bool = False
    """Whether a mapping that names no variant is one too, which a named one replaces.

    Numbers in a base would otherwise override the preset that its child asks for.
    """


def _value_of(key: str) -> Callable[[dict[str, Node]], object]:
    return lambda members: members[key].value if key in members else None


def _first_key_of(*keys: str) -> Callable[[dict[str, Node]], object]:
    return lambda members: next((key for key in keys if key in members), None)


def _kind_of_benchmark(members: dict[str, Node]) -> object:
    return "symbol" if "symbol" in members else "portfolio" if members else None


_ALLOCATION = Choice(_value_of("method"), shared=("fallback", "strict"))
_ESTIMATOR = Choice(_value_of("estimator"), short="estimator")
_ACCOUNT = Choice(_value_of("kind"), short="kind")
_REBALANCE = Choice(_first_key_of("any", *TRIGGERS), shared=("initial",))
_TRIGGER = Choice(_first_key_of(*TRIGGERS))
CHOICES: dict[Keys, Choice] = {  # 0 stands for any item of a list
    ("strategy",): Choice(_value_of("name"), short="name"),
    ("account",): _ACCOUNT,
    ("benchmark", "account"): _ACCOUNT,
    ("costs",): Choice(_value_of("preset"), short="preset", is_whole=True),
    ("allocation",): _ALLOCATION,
    ("rebalance",): _REBALANCE,
    ("benchmark",): Choice(_kind_of_benchmark),
    ("allocation", "covariance"): _ESTIMATOR,
    ("allocation", "mean"): _ESTIMATOR,
    ("benchmark", "allocation"): _ALLOCATION,
    ("benchmark", "allocation", "covariance"): _ESTIMATOR,
    ("benchmark", "allocation", "mean"): _ESTIMATOR,
    ("benchmark", "rebalance"): _REBALANCE,
    ("rebalance", "any", 0): _TRIGGER,
    ("benchmark", "rebalance", "any", 0): _TRIGGER,
}


def merge(base: Node, over: Node, keys: Keys = (), are_both_new: bool = False) -> Node:
    """Return `base` with what `over` says in its place; both stand at `keys`.

    A merged mapping stands where `over` wrote it, or where `base` did when `over` comes from no file. Of changes that
    `are_both_new` neither is the base of the other: a preset and the numbers beside it come in any order.
    """
    choice = CHOICES.get(tuple(0 if isinstance(key, int) else key for key in keys))
    if choice is not None:
        base, over = _in_full(base, choice), _in_full(over, choice)
    below, above = base.mapping, over.mapping
    if below is None or above is None:
        return over
    if choice is not None:
        below = _kept(below, above, choice, are_both_new)
    members = dict(below)
    for key, node in above.items():
        members[key] = merge(members[key], node, (*keys, key), are_both_new) if key in members else node
    return (base if over.file is None else over).with_value(members)


def _in_full(node: Node, choice: Choice) -> Node:
    """Return `{name: momentum}` for `momentum`."""
    if choice.short is None or not isinstance(node.value, str):
        return node
    return node.with_value({choice.short: node})


def _kept(below: dict[str, Node], above: dict[str, Node], choice: Choice, are_both_new: bool) -> dict[str, Node]:
    """Return what of the base survives: everything, or what belongs to no variant when the child has another."""
    ours, theirs = choice.variant(above), choice.variant(below)
    is_open = theirs is None and (are_both_new or not choice.is_whole)
    if ours is None or is_open or ours == theirs:
        return below
    return {key: below[key] for key in choice.shared if key in below}


def inherit(source: Source, path: Path, children: tuple[Path, ...] = ()) -> Source:
    """Return a source with everything it inherits and no `base` any more.

    `path` is the file it was read from, or any name in the folder that its base is relative to; `children` are the
    files that led here.
    """
    members = dict(source.tree.mapping or {})
    if BASE not in members:
        return source
    line = (*children, path)
    below = _base_path(source.tree, path, line)
    del members[BASE]
    base = inherit(read_file(below), below, line)
    return Source(merge(base.tree, source.tree.with_value(members)), (*source.problems, *base.problems))


def _base_path(tree: Node, path: Path, children: tuple[Path, ...]) -> Path:
    """Return the file that `base` means; ConfigError when it means none."""
    node = (tree.mapping or {})[BASE]
    written = node.value
    if not isinstance(written, str) or not written:
        raise _refused(tree, "not a file name", received=shown(plain(node)), allowed="a path relative to this file")
    found = Path(os.path.normpath(path.parent / written))
    if not found.is_file():
        others = [other.name for other in found.parent.glob("*.y*ml") if other != path]
        raise _refused(tree, "no such file", received=repr(written), nearest=nearest(found.name, others))
    seen = [child.resolve() for child in children]
    if found.resolve() in seen:
        ring = [child.name for child in (*children[seen.index(found.resolve()) :], found)]
        raise _refused(tree, f"the files inherit from each other: {' -> '.join(ring)}")
    return found


def _refused(tree: Node, message: str, **about: str | None) -> ConfigError:
    return ConfigError([problem_at(tree, (BASE,), message, **about)])

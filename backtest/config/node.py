"""What was written and where: a configuration as a tree whose every value knows its file and line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from backtest.errors import ConfigError, Problem

Scalar = str | int | float | bool | None
Keys = tuple[str | int, ...]
"""A place in the tree: names of mappings and positions in lists, from the top."""

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Node:
    """One value. `line` is where its key stands, or the value itself in a list; None when it came from no file."""

    value: dict[str, Node] | list[Node] | Scalar
    file: Path | None = None
    line: int | None = None

    @property
    def mapping(self) -> dict[str, Node] | None:
        """The members of a mapping, None when it is something else."""
        return self.value if isinstance(self.value, dict) else None

    @property
    def items(self) -> list[Node] | None:
        """The items of a list, None when it is something else."""
        return self.value if isinstance(self.value, list) else None

    def with_value(self, value: dict[str, Node] | list[Node] | Scalar) -> Node:
        """Return another value in the same place."""
        return Node(value, self.file, self.line)


def plain(node: Node) -> Any:
    """Return the value as dicts, lists and scalars."""
    if isinstance(node.value, dict):
        return {key: plain(member) for key, member in node.value.items()}
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    return node.value


def child(node: Node | None, key: str | int) -> Node | None:
    """Return a member or an item, None when there is none of that name or position."""
    if node is None:
        return None
    if isinstance(node.value, dict) and isinstance(key, str):
        return node.value.get(key)
    if isinstance(node.value, list) and isinstance(key, int) and 0 <= key < len(node.value):
        return node.value[key]
    return None


def find(tree: Node, keys: Keys) -> Node | None:
    """Return the node at `keys`, None when nothing is there."""
    node: Node | None = tree
    for key in keys:
        node = child(node, key)
    return node


def nearest_node(tree: Node, keys: Keys) -> Node:
    """Return the node at `keys`, or the last one on the way there."""
    node = tree
    for key in keys:
        below = child(node, key)
        if below is None:
            break
        node = below
    return node


def path_text(keys: Iterable[str | int]) -> str:
    """Return a place as a JSON path: ``$.rebalance.any[1].drift``, ``$.allocation.weights["BRK.B"]``."""
    text = "$"
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        elif _PLAIN_NAME.fullmatch(key):
            text += f".{key}"
        else:
            text += f'["{key}"]' if key.isprintable() else f"[{json.dumps(key)}]"
    return text


def problem_at(tree: Node, keys: Keys, message: str, **about: str | None) -> Problem:
    """Return a problem with the file and line of the value at `keys`."""
    node = nearest_node(tree, keys)
    return Problem(path_text(keys), message, file=node.file, line=node.line, **about)


def wrap(value: object, keys: Keys = ()) -> Node:
    """Return plain Python data as a tree. Dates, paths, numpy numbers and models become what YAML would have said."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return Node({str(key): wrap(member, (*keys, str(key))) for key, member in value.items()})
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Sequence | Set) and not isinstance(value, str | bytes):
        return Node([wrap(item, (*keys, k)) for k, item in enumerate(value)])
    for kind, as_scalar in _SCALARS:
        if isinstance(value, kind):
            return Node(as_scalar(value))
    raise ConfigError([Problem(path_text(keys), f"a {type(value).__name__} cannot be part of a configuration")])


def _date_text(value: Any) -> str:
    """Midnight without a time zone is a date."""
    is_date = not isinstance(value, datetime) or (value.tzinfo is None and value.time() == datetime.min.time())
    return f"{value:%Y-%m-%d}" if is_date else str(value.isoformat())


_SCALARS: tuple[tuple[type, Callable[[Any], Scalar]], ...] = (
    (type(None), lambda value: value),
    (bool, lambda value: value),
    (int, int),
    (float, float),
    (str, str),
    (Path, str),
    (date, _date_text),
)

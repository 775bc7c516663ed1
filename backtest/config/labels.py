"""What the variants of a study are called: as short as tells them apart."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from backtest.config.node import Keys

_SIGNS = re.compile(r"[^A-Za-z0-9_.-]+")
MOST_SIGNS = 60
LONG = 100_000
"""Whole numbers from here on are written as in YAML, 1_000_000, which spares the reader counting zeros."""

BETWEEN = " / "
"""Between the values of a point; a comma stands between names in sentences."""


def grid_labels(places: Sequence[Keys], points: Sequence[Sequence[Any]]) -> list[str]:
    """Name each point of a grid by its values: `hrp`, `top 5`, `hrp / lookback 126`.

    Text names itself, a number goes with the last key of its place. Where that is not enough, every value goes with its
    whole place.
    """
    short = [BETWEEN.join(map(_short, places, point)) for point in points]
    if len(set(short)) == len(short):
        return short
    return [
        BETWEEN.join(f"{_dotted(keys)}={json.dumps(value)}" for keys, value in zip(places, point, strict=True))
        for point in points
    ]


def slug(label: str, taken: Sequence[str] = ()) -> str:
    """Return a label as part of a file's name, other than those that are `taken`."""
    plain = _SIGNS.sub("-", label).strip("-.")[:MOST_SIGNS] or "variant"
    names, k = {name.lower() for name in taken}, 1
    found = plain
    while found.lower() in names:  # some file systems do not tell A from a
        k += 1
        found = f"{plain}-{k}"
    return found


def _short(keys: Keys, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping | list):
        return told(value)
    named = next(str(key) for key in reversed(keys) if isinstance(key, str))
    return f"{named} {told(value)}"


def told(value: Any) -> str:
    """Write a value in few signs, without the keys that only say what kind of thing it is."""
    if isinstance(value, Mapping):
        plain = ("method", "name", "estimator", "params", "any", "symbol")
        return " ".join(told(item) if key in plain else f"{key} {told(item)}" for key, item in value.items())
    if isinstance(value, list) and len(value) > 1 and all(type(item) in (int, float) for item in value):
        return f"[{', '.join(map(told, value))}]"
    if isinstance(value, list):
        return " + ".join(map(told, value)) or "none"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return f"{int(text):_}" if text.lstrip("-").isdigit() and abs(int(text)) >= LONG else text


def _dotted(keys: Keys) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).removeprefix(".")

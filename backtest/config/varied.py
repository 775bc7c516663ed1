"""What the variants of a study change: the grid of `compare`, and the named changes of `variants`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from backtest.config.describe import shown
from backtest.config.inherit import BASE, STUDY_KEYS
from backtest.config.labels import grid_labels
from backtest.config.node import Keys, Node, plain, problem_at
from backtest.config.override import path_keys
from backtest.errors import Problem

COMPARE, VARIANTS = STUDY_KEYS
FEWEST, MOST = 2, 20
"""Variants of one study. Beyond twenty nobody tells the lines of a chart apart."""

TAKEN = ("time", "benchmark")
"""Columns of `comparison.parquet` that no variant may be called by."""

FORBIDDEN = ("name", BASE, *STUDY_KEYS)


@dataclass(frozen=True)
class Change:
    """A variant before it is read: values and the places where they go."""

    label: str
    changes: tuple[tuple[Keys, Node], ...]
    where: Keys


def changes_in(tree: Node, problems: list[Problem]) -> Iterator[Change]:
    """Yield what each variant changes; what cannot be is noted."""
    before = len(problems)
    members = tree.mapping or {}
    if not any(key in members for key in STUDY_KEYS):
        problems.append(
            problem_at(
                tree,
                (),
                "nothing is varied",
                allowed=f"{COMPARE}: {{allocation.method: [hrp, risk_parity]}} or {VARIANTS}: {{NAME: {{...changes}}}}",
            )
        )
        return
    grid, named = _grid(tree, problems), _variants(tree, problems)
    count = prod(len(values) for _, values in grid) * bool(grid) + len(named)
    if len(problems) == before and not FEWEST <= count <= MOST:
        place = (COMPARE,) if COMPARE in members else (VARIANTS,)
        received = f"{count} variant{'s' * (count != 1)}"
        problems.append(problem_at(tree, place, "cannot be compared", received=received, allowed=f"{FEWEST} to {MOST}"))
    found = [*_points(grid), *named]
    problems.extend(_name_problems(tree, found))
    if len(problems) == before:
        yield from found


def _name_problems(tree: Node, found: Sequence[Change]) -> Iterator[Problem]:
    """Yield what is wrong with the names of variants."""
    labels = [change.label for change in found]
    for k, change in enumerate(found):
        if change.label in labels[:k]:
            yield problem_at(tree, change.where, f"{change.label!r} is there twice", allowed="variants that differ")
        if change.label in TAKEN:
            yield problem_at(tree, change.where, "the name is taken", allowed=f"any name but {', '.join(TAKEN)}")


def _grid(tree: Node, problems: list[Problem]) -> list[tuple[Keys, list[Node]]]:
    """Read `compare`: places and their values."""
    node = (tree.mapping or {}).get(COMPARE)
    if node is None:
        return []
    if not node.mapping:
        allowed = "places and their values, such as {allocation.method: [hrp, risk_parity]}"
        problems.append(problem_at(tree, (COMPARE,), "nothing to vary", received=shown(plain(node)), allowed=allowed))
        return []
    grid = []
    for text, values in node.mapping.items():
        keys = _place(tree, (COMPARE, text), text, problems)
        if not values.items:
            problems.append(
                problem_at(
                    tree,
                    (COMPARE, text),
                    "no values to compare",
                    received=shown(plain(values)),
                    allowed="a list, such as [5, 10, 20]",
                )
            )
        elif keys is not None:
            grid.append((keys, values.items))
    return grid


def _points(grid: list[tuple[Keys, list[Node]]]) -> list[Change]:
    """Return every combination of the values of a grid, the last place changing fastest."""
    if not grid:
        return []
    places = [keys for keys, _ in grid]
    points = list(product(*(values for _, values in grid)))
    labels = grid_labels(places, [[plain(node) for node in point] for point in points])
    return [
        Change(label, tuple(zip(places, point, strict=True)), (COMPARE,))
        for label, point in zip(labels, points, strict=True)
    ]


def _variants(tree: Node, problems: list[Problem]) -> list[Change]:
    """Read `variants`: names and their changes."""
    node = (tree.mapping or {}).get(VARIANTS)
    if node is None:
        return []
    if not node.mapping:
        allowed = "names and what each changes, such as {monthly: {rebalance: {calendar: month}}}"
        problems.append(problem_at(tree, (VARIANTS,), "no variants", received=shown(plain(node)), allowed=allowed))
        return []
    found = []
    for label, changes in node.mapping.items():
        if changes.value is not None and changes.mapping is None:
            problems.append(
                problem_at(
                    tree,
                    (VARIANTS, label),
                    "not a mapping",
                    received=shown(plain(changes)),
                    allowed="what this variant changes, such as {allocation: {method: hrp}}; {} changes nothing",
                )
            )
            continue
        members = changes.mapping or {}
        places = [(_place(tree, (VARIANTS, label, text), text, problems), value) for text, value in members.items()]
        known = tuple((keys, value) for keys, value in places if keys is not None)
        found.append(Change(label, known, (VARIANTS, label)))
    return found


def _place(tree: Node, where: Keys, text: str, problems: list[Problem]) -> Keys | None:
    """Return the place that a key of a grid or of a variant means."""
    keys = path_keys(text)
    if keys is None:
        allowed = "key.path, such as allocation.method or rebalance.any[1].drift"
        problems.append(problem_at(tree, where, "not a place in a configuration", received=repr(text), allowed=allowed))
    elif keys[0] in FORBIDDEN:
        problems.append(problem_at(tree, where, f"{keys[0]} is the same for all variants", allowed="any other key"))
        keys = None
    return keys

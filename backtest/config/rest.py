"""What is left of a configuration that has problems, so that its data can be looked at in the same go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from backtest.config.load import read_source
from backtest.config.model import Config
from backtest.config.node import Node
from backtest.config.override import override
from backtest.config.reader import Reader
from backtest.errors import ConfigError, Problem

NEEDED = ("market",)
"""Sections without which no data can be looked at."""

LOOKED_AT_WITH = {"constraints": "allocation"}
"""Whether there is room for weights depends on the method: nothing is said of it where that one is wrong."""


def rest(source: Path, root: Path, overrides: Sequence[str], problems: Iterable[Problem]) -> tuple[Config, Node] | None:
    """Return the configuration of the sections that have no problem, and its tree; None where too little is left."""
    wrong = {section(problem) for problem in problems}
    if "" in wrong or wrong & set(NEEDED):
        return None
    try:
        tree, _ = override(read_source(source, root).tree, overrides)
    except ConfigError:
        return None
    kept = {key: node for key, node in (tree.mapping or {}).items() if key not in wrong}
    kept.setdefault("name", Node("unnamed"))
    left = tree.with_value(kept)
    config = Reader(left, root).config()
    return None if config is None else (config, left)


def is_about_the_rest(found: Problem, problems: Iterable[Problem]) -> bool:
    """Whether a problem with the data is one whatever will be written where the others are."""
    wrong = {section(problem) for problem in problems}
    return section(found) not in wrong and LOOKED_AT_WITH.get(section(found)) not in wrong


def section(problem: Problem) -> str:
    """Return the top-level key that a problem is in; an empty one for the whole."""
    return problem.path.removeprefix("$").lstrip(".").partition(".")[0].partition("[")[0]

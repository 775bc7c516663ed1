"""Loading: a file, a dict or a model in, one valid `Config` out, or one error with everything that is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from backtest.config.inherit import STUDY_KEYS, inherit
from backtest.config.model import Config
from backtest.config.node import Node, problem_at, wrap
from backtest.config.override import override
from backtest.config.reader import Reader
from backtest.config.source import Source, read_file
from backtest.errors import ConfigError, Problem

Model = TypeVar("Model", bound=BaseModel)


def load(source: Path | str | Mapping[str, Any] | Config, root: Path, overrides: Sequence[str] = ()) -> Config:
    """Return the configuration of a file, a dict or a model, with `overrides` (``key.path=value``) applied.

    `root` is the workspace: its strategies/ are the strategies there are. A path that is not found from the working
    directory is looked for in the workspace; `base` in a dict is relative to the workspace.
    """
    return load_with_places(source, root, overrides)[0]


def load_with_places(
    source: Path | str | Mapping[str, Any] | Config, root: Path, overrides: Sequence[str] = ()
) -> tuple[Config, Node]:
    """Do what `load` does, and return also where each value was written, for the problems that only data show."""
    read = read_source(source, root)
    tree, problems = override(read.tree, overrides)
    refuse_study(tree)
    reader = Reader(tree, root)
    config = reader.config()
    problems = [*read.problems, *problems, *reader.problems]
    if config is None or problems:
        raise ConfigError(sorted(problems, key=by_place(tree)))
    return config, tree


def load_section(model: type[Model], given: Mapping[str, Any], key: str) -> Model:
    """Make one section, such as `Costs`, from a mapping, with the words and the errors that a file has at ``$.key``."""
    reader = Reader(Node({key: wrap(given, (key,))}), Path())
    section = reader.model(model, (key,))
    if section is None:
        raise ConfigError(reader.problems)
    return section


def read_source(source: Path | str | Mapping[str, Any] | Config, root: Path) -> Source:
    """Return what a file, a dict or a model says, with everything that it inherits."""
    if isinstance(source, Path | str):
        path = _found(Path(source), root)
        return inherit(read_file(path), path)
    return inherit(Source(wrap(source)), root / "configuration")


def refuse_study(tree: Node) -> None:
    """Raise when a tree is of several configurations, where one is wanted."""
    problems = [
        problem_at(tree, (key,), "these are several configurations; `backtest compare` puts them side by side")
        for key in STUDY_KEYS
        if key in (tree.mapping or {})
    ]
    if problems:
        raise ConfigError(problems)


def _found(path: Path, root: Path) -> Path:
    in_workspace = root / path
    return in_workspace if in_workspace.is_file() and not path.is_file() else path


def by_place(tree: Node) -> Any:
    """Sort by file and line, the file itself before those it inherits from, overrides last."""

    def key(problem: Problem) -> tuple[bool, bool, str, int]:
        return (problem.file is None, problem.file != tree.file, str(problem.file), problem.line or 0)

    return key

"""Several configurations in one file: a base, and what is varied.

A study is a configuration with one or both of two keys more. `compare` is a grid: places and the values that each may
have, every combination a variant. `variants` are named changes, each a variant. Both change the configuration that the
rest of the file is, as an inheriting file would: naming another allocation method leaves the parameters of the old one
behind.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from backtest.config.inherit import STUDY_KEYS
from backtest.config.labels import slug
from backtest.config.load import by_place, read_source
from backtest.config.model import Config
from backtest.config.node import Node, plain, problem_at
from backtest.config.override import override, put
from backtest.config.reader import Reader
from backtest.config.varied import Change, changes_in
from backtest.errors import ConfigError, Problem

Thing = TypeVar("Thing", bound=Hashable)

MOST_NAME = 80
NO_OTHER_RUN: dict[str, Any] = {"name": True, "report": True, "costs": {"preset"}}
"""Parts of a configuration in which two variants may differ and still be the same run."""


@dataclass(frozen=True)
class Variant:
    """One of the configurations: what it is called, where its values were written, and what it changes."""

    label: str
    slug: str
    config: Config
    tree: Node


@dataclass(frozen=True)
class StudyConfig:
    """A name, and two variants or more."""

    name: str
    variants: tuple[Variant, ...]


def is_study(source: Path | str | Mapping[str, Any] | Config, root: Path) -> bool:
    """Whether a file or a dict is of several configurations; ConfigError when it cannot be read at all."""
    return any(key in (read_source(source, root).tree.mapping or {}) for key in STUDY_KEYS)


def load_study(source: Path | str | Mapping[str, Any], root: Path, overrides: Sequence[str] = ()) -> StudyConfig:
    """Return the variants of a study, or raise one ConfigError with every problem of all of them, each told once.

    `overrides` change what all variants have in common.
    """
    read = read_source(source, root)
    tree, problems = override(read.tree, overrides)
    problems = [*read.problems, *problems]
    changes = list(changes_in(tree, problems))
    if problems:
        raise ConfigError(sorted(problems, key=by_place(tree)))
    common = tree.with_value({key: node for key, node in (tree.mapping or {}).items() if key not in STUDY_KEYS})
    trees, configs, wrong = [], [], []
    for change in changes:
        own, config, told = _read(common, change, root)
        trees.append(own)
        configs.append(config)
        wrong.append((change.label, told))
    problems = told_once(wrong, len(wrong))
    if problems:
        raise ConfigError(sorted(problems, key=by_place(tree)))
    variants = _named(changes, trees, [config for config in configs if config is not None])
    _refuse_twins(tree, changes, variants)
    return StudyConfig(str(plain((common.mapping or {})["name"])), variants)


def _read(common: Node, change: Change, root: Path) -> tuple[Node, Config | None, list[Problem]]:
    """Return the tree of a variant, its configuration, and what is wrong with it."""
    tree = common
    try:
        for keys, value in change.changes:
            tree = put(tree, keys, value)
    except ConfigError as error:
        return tree, None, list(error.problems)
    reader = Reader(tree, root)
    return tree, reader.config(), reader.problems


def _named(changes: Sequence[Change], trees: Sequence[Node], configs: Sequence[Config]) -> tuple[Variant, ...]:
    """Give each variant a name that can be part of a folder's, and its configuration one that begins with the study."""
    slugs: list[str] = []
    for change in changes:
        slugs.append(slug(change.label, slugs))
    return tuple(
        Variant(change.label, name, _renamed(config, name), tree)
        for change, name, tree, config in zip(changes, slugs, trees, configs, strict=True)
    )


def _renamed(config: Config, name: str) -> Config:
    return config.model_copy(update={"name": f"{config.name[: MOST_NAME - 1 - len(name)]}-{name}"})


def told_once(found: Iterable[tuple[str, Iterable[Problem]]], total: int) -> list[Problem]:
    """Return the problems of variants, by label, each once: with who has it when not all of `total` do."""
    return [
        replace(problem, message=f"{problem.message}{of_whom(labels, total)}")
        for problem, labels in owners(found).items()
    ]


def owners(found: Iterable[tuple[str, Iterable[Thing]]]) -> dict[Thing, list[str]]:
    """Return each thing once, as they came, with the labels of those that have it."""
    whose: dict[Thing, list[str]] = {}
    for label, things in found:
        for thing in dict.fromkeys(things):
            whose.setdefault(thing, []).append(label)
    return whose


def of_whom(labels: Sequence[str], total: int) -> str:
    """Say behind something that it is of these variants only; nothing where it is of all of `total`."""
    return "" if len(labels) == total else f" ({_of(labels)})"


def _of(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - 3} more" if len(labels) > 3 else ""
    return f"variant{'s' * (len(labels) > 1)} {', '.join(map(repr, labels[:3]))}{more}"


def _refuse_twins(tree: Node, changes: Sequence[Change], variants: Sequence[Variant]) -> None:
    """Raise when two variants are the same run under two names."""
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for change, variant in zip(changes, variants, strict=True):
        content = variant.config.model_dump_json(exclude=NO_OTHER_RUN)
        if content in seen:
            message = f"{variant.label!r} is the same configuration as {seen[content]!r}"
            problems.append(problem_at(tree, change.where, message, allowed="variants that differ"))
        seen.setdefault(content, variant.label)
    if problems:
        raise ConfigError(problems)

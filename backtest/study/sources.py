"""What is to be compared: a study, or several configurations and run folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backtest.config import Config, StudyConfig, Variant, is_study, load_study, load_with_places
from backtest.config.labels import slug
from backtest.config.node import Node
from backtest.config.study import NO_OTHER_RUN
from backtest.config.varied import FEWEST, MOST, TAKEN
from backtest.errors import ConfigError, InputError, Problem
from backtest.workspace import Workspace
from backtest.workspace.find import find_run
from backtest.workspace.folder import RUNS
from backtest.workspace.reading import manifest_of

Source = Path | str | Mapping[str, Any] | Config
YAML = (".yaml", ".yml")
COMPARISON = "comparison"


@dataclass(frozen=True)
class Wanted:
    """One line of a comparison: a configuration to run, or the folder of a run that was made before."""

    label: str
    slug: str
    variant: Variant | None
    folder: Path | None


@dataclass(frozen=True)
class Question:
    """Everything that one comparison puts side by side."""

    name: str
    wanted: tuple[Wanted, ...]


def question_of(
    what: Source | Sequence[Source], place: Workspace, overrides: Sequence[str], name: str | None
) -> Question:
    """Read what is to be compared; one error tells everything that is wrong with it."""
    if isinstance(what, Path | str | Mapping | Config):
        found = _several([what], place, overrides) if _is_run(what) else _study(what, place, overrides)
    else:
        alone = len(what) == 1 and not _is_run(what[0])
        found = _study(what[0], place, overrides) if alone else _several(what, place, overrides)
    return found if name is None else Question(name, found.wanted)


def _study(source: Source, place: Workspace, overrides: Sequence[str]) -> Question:
    if isinstance(source, Config) or not is_study(source, place.root):
        load_with_places(source, place.root, overrides)  # what is wrong with it comes first
        told = source if isinstance(source, Path | str) else "the configuration"
        raise InputError(
            f"{told}: a single configuration; expected one with `compare` or `variants`, or at least {FEWEST} runs or "
            "configurations"
        )
    study: StudyConfig = load_study(source, place.root, overrides)
    wanted = (Wanted(variant.label, variant.slug, variant, None) for variant in study.variants)
    return Question(study.name, tuple(wanted))


def _several(sources: Sequence[Source], place: Workspace, overrides: Sequence[str]) -> Question:
    if len(sources) == 1 and not isinstance(sources[0], Mapping | Config):
        find_run(str(sources[0]), place.root)  # a name of nothing comes first
    if not FEWEST <= len(sources) <= MOST:
        raise InputError(f"compare: received {len(sources)} to compare; allowed: {FEWEST} to {MOST}")
    problems: list[Problem] = []
    folders: dict[int, Path] = {}
    configs: dict[int, tuple[Config, Node]] = {}
    for k, source in enumerate(sources):
        if _is_run(source):
            folders[k] = find_run(str(source), place.root)
            continue
        try:
            configs[k] = load_with_places(source, place.root, overrides)
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(dict.fromkeys(problems))
    _refuse_twice(folders, {k: config for k, (config, _) in configs.items()})
    if folders and overrides:
        raise InputError("--set: a run that was made before cannot be changed; give its configuration instead")
    names = [folders[k].resolve().name if k in folders else configs[k][0].name for k in range(len(sources))]
    labels = _labels([_name_of(folders[k]) if k in folders else configs[k][0].name for k in range(len(names))], names)
    return Question(COMPARISON, tuple(_wanted(labels, folders, configs)))


def _wanted(
    labels: Sequence[str], folders: Mapping[int, Path], configs: Mapping[int, tuple[Config, Node]]
) -> list[Wanted]:
    found: list[Wanted] = []
    for k, label in enumerate(labels):
        part = slug(label, [each.slug for each in found])
        variant = None if k in folders else Variant(label, part, *configs[k])
        found.append(Wanted(label, part, variant, folders.get(k)))
    return found


def _is_run(source: Source) -> bool:
    """Whether something names a run and not a configuration: a folder, or a name without the ending of YAML."""
    if isinstance(source, Mapping | Config):
        return False
    return Path(source).is_dir() or Path(source).suffix.lower() not in YAML


def _name_of(folder: Path) -> str:
    """Return the folder's own name where it lies in a study, else the name of its configuration."""
    if folder.resolve().parent.name == RUNS:
        return folder.resolve().name
    return str(manifest_of(folder).get("name"))


def _labels(names: Sequence[str], longer: Sequence[str]) -> list[str]:
    """Return names; where two are the same, the names of their folders, and numbers where these are the same too."""
    found: list[str] = []
    for k, name in enumerate(names):
        label = name if names.count(name) == 1 else longer[k]
        again = sum(each == label or each.startswith(f"{label} (") for each in (*found, *TAKEN))
        found.append(f"{label} ({again + 1})" if again else label)
    return found


def _refuse_twice(folders: Mapping[int, Path], configs: Mapping[int, Config]) -> None:
    seen = [folder.resolve() for folder in folders.values()]
    twice = next((folder for folder in seen if seen.count(folder) > 1), None)
    if twice is not None:
        raise InputError(f"compare: the run {twice.name} is there twice; expected different ones")
    contents: dict[str, str] = {}
    for config in configs.values():
        content = config.model_dump_json(exclude=NO_OTHER_RUN)
        if content in contents:
            raise InputError(f"compare: {config.name!r} is the same configuration as {contents[content]!r}")
        contents[content] = config.name

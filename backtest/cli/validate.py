"""`backtest validate CONFIG…`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backtest.cli.options import JsonOption, SetOption, WorkspaceOption, answer_json

if TYPE_CHECKING:
    from backtest.errors import Problem
    from backtest.workspace import Workspace


def command(
    configs: Annotated[list[Path], typer.Argument(help="YAML files.")],
    set_: SetOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Check configurations, and that the data cover their dates and lookbacks; report every problem of each."""
    found = {str(config): _looked_at(config, set_ or (), workspace) for config in configs}
    if json:
        answer_json(found)
    else:
        for name, said in found.items():
            for problem in said["problems"]:
                print(f"error: {problem}", file=sys.stderr)
            for warning in said["warnings"]:
                print(f"warning: {warning}")
            if not said["problems"]:
                print(f"{name}: valid")
    if any(said["problems"] for said in found.values()):
        raise typer.Exit(2)


def _all_looked_at(config: Path, overrides: Sequence[str], place: Workspace) -> dict[str, list[str]]:
    """Return the problems and the warnings of the variants of a study, each once."""
    # Imported here: only a study needs it.
    from backtest.study.check import check

    problems, warnings = check(config, place, overrides)
    return {"problems": [str(problem) for problem in problems], "warnings": warnings}


def _looked_at(config: Path, overrides: Sequence[str], workspace: Path | None) -> dict[str, list[str]]:
    """Return the problems and the warnings of one file."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.config import is_study, load_with_places
    from backtest.errors import ConfigError, InputError, RunError
    from backtest.run import load_for
    from backtest.simulate.portfolio import make_strategy
    from backtest.workspace import find_workspace

    try:
        place = find_workspace(config, workspace)
        if is_study(config, place.root):
            return _all_looked_at(config, overrides, place)
        try:
            settings, tree = load_with_places(config, place.root, overrides)
        except ConfigError as error:
            problems = [*error.problems, *_of_the_data(config, overrides, place, error.problems)]
            return {"problems": [str(problem) for problem in problems], "warnings": []}
        _, warnings = load_for(settings, make_strategy(settings, place.strategies), place, tree)
    except ConfigError as error:
        return {"problems": [str(problem) for problem in error.problems], "warnings": []}
    except (InputError, RunError) as error:
        return {"problems": [f"{config}: {error}"], "warnings": []}
    return {"problems": [], "warnings": warnings}


def _of_the_data(
    config: Path, overrides: Sequence[str], place: Workspace, problems: Sequence[Problem]
) -> list[Problem]:
    """Return what the data say beside `problems`, as far as these do not prevent looking."""
    from backtest.config.rest import is_about_the_rest, rest
    from backtest.errors import ConfigError, InputError, RunError
    from backtest.run import load_for
    from backtest.simulate.portfolio import make_strategy

    left = rest(config, place.root, overrides, problems)
    if left is None:
        return []
    try:
        load_for(left[0], make_strategy(left[0], place.strategies), place, left[1])
    except ConfigError as error:
        return [problem for problem in error.problems if is_about_the_rest(problem, problems)]
    except (InputError, RunError):
        return []  # a store that cannot be read is told when nothing else is wrong
    return []

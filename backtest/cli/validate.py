"""`backtest validate CONFIG…`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from backtest.cli.options import JsonOption, SetOption, WorkspaceOption, answer_json


def command(
    configs: Annotated[list[Path], typer.Argument(help="YAML files.")],
    set_: SetOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Check configurations, and that the data cover their dates and lookbacks; report every problem of each."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.config import load_with_places
    from backtest.errors import ConfigError, InputError, RunError
    from backtest.run import load_for
    from backtest.simulate.portfolio import make_strategy
    from backtest.workspace import find_workspace

    found = {}
    for config in configs:
        problems: list[str] = []
        warnings: list[str] = []
        try:
            place = find_workspace(config, workspace)
            settings, tree = load_with_places(config, place.root, set_ or ())
            _, warnings = load_for(settings, make_strategy(settings, place.strategies), place, tree)
        except ConfigError as error:
            problems = [str(problem) for problem in error.problems]
        except (InputError, RunError) as error:
            problems = [f"{config}: {error}"]
        found[str(config)] = {"problems": problems, "warnings": warnings}
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

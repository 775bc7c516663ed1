"""`backtest rerun RUN [--check]`."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from backtest.cli.options import WorkspaceOption


def command(
    run: Annotated[str, typer.Argument(help="A run folder, its name under reports/, or `latest`.")],
    check: Annotated[bool, typer.Option("--check", help="Compare every number bit for bit, and keep nothing.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Run again from the configuration that a run folder keeps.

    Where a check finds other numbers, what the run was made from and is not the same any more is told first.
    """
    # Imported here: `backtest --help` needs none of it.
    from backtest.run import rerun
    from backtest.workspace import find_workspace
    from backtest.workspace.compare import causes, differences, is_edited, refuse_other_tables
    from backtest.workspace.find import find_run

    folder = find_run(run, workspace)
    place = find_workspace(folder if workspace is None else workspace, workspace)
    if not check:
        print(rerun(folder, workspace=place.root).folder)
        return
    refuse_other_tables(folder)
    with TemporaryDirectory() as elsewhere:
        overrides = ("report.html=false", "report.png=false")
        again = rerun(folder, workspace=place.root, overrides=overrides, reports=Path(elsewhere), check=True)
        found = differences(folder, again.folder)
        if found:
            edited = (
                ["configuration changed: config.yaml was edited after the run"] if is_edited(folder, place.root) else []
            )
            for line in [*edited, *causes(folder, again.folder), *found]:
                print(line)
            raise typer.Exit(1)
    print(f"{folder}: every number is the same, bit for bit")

"""`backtest report RUN`."""

from __future__ import annotations

from typing import Annotated

import typer

from backtest.cli.options import WorkspaceOption


def command(
    run: Annotated[
        str, typer.Argument(help="A folder of a run or a comparison, its name under reports/, or `latest`.")
    ],
    figures: Annotated[str | None, typer.Option(help="Comma-separated pictures, or `all`.")] = None,
    png_only: Annotated[bool, typer.Option("--png-only", help="Draw the pictures, not the page.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Draw the report of a run, or the page of a comparison, again, from its numbers alone."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.errors import InputError
    from backtest.report import build, comparison
    from backtest.report.figures import DEFAULT_FIGURES, FIGURES
    from backtest.workspace.find import RUN_OR_STUDY, find_run

    folder = find_run(run, workspace, RUN_OR_STUDY)
    is_study = (folder / comparison.NUMBERS).is_file()
    every = tuple(comparison.FIGURES if is_study else FIGURES)
    if figures is None:
        named = every if is_study else DEFAULT_FIGURES
    else:
        named = every if figures == "all" else tuple(filter(None, map(str.strip, figures.split(","))))
    if not named:
        raise InputError(f"--figures: no picture is named; known: all, {', '.join(every)}")
    written = (comparison.build if is_study else build)(folder, not png_only, named)
    for path in written:
        print(path)

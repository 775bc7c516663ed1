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
    from backtest.report import build, comparison
    from backtest.report.figures import DEFAULT_FIGURES
    from backtest.workspace.find import RUN_OR_STUDY, find_run

    folder = find_run(run, workspace, RUN_OR_STUDY)
    named = None if figures is None or figures == "all" else tuple(name.strip() for name in figures.split(","))
    if (folder / comparison.NUMBERS).is_file():
        written = comparison.build(folder, not png_only, named or tuple(comparison.FIGURES))
    else:
        written = build(folder, not png_only, named or ("all" if figures else DEFAULT_FIGURES))
    for path in written:
        print(path)

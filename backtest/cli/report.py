"""`backtest report RUN`."""

from __future__ import annotations

from typing import Annotated

import typer

from backtest.cli.options import WorkspaceOption


def command(
    run: Annotated[str, typer.Argument(help="A run folder, its name under reports/, or `latest`.")],
    figures: Annotated[str | None, typer.Option(help="Comma-separated pictures, or `all`.")] = None,
    png_only: Annotated[bool, typer.Option("--png-only", help="Draw the pictures, not the page.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Draw the report of a run again, from its numbers alone."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.report import build
    from backtest.report.figures import DEFAULT_FIGURES
    from backtest.workspace.find import find_run

    names = DEFAULT_FIGURES if figures is None else tuple(figures.split(","))
    for path in build(find_run(run, workspace), not png_only, "all" if figures == "all" else names):
        print(path)

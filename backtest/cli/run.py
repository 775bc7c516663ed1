"""`backtest run CONFIG`."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from backtest.cli.options import (
    JsonOption,
    SetOption,
    WorkspaceOption,
    answer_json,
    answer_table,
    progress_bar,
    summary_lines,
)

INVENTED = "the prices are invented; nothing here is about any market"


def command(
    config: Annotated[Path, typer.Argument(help="A YAML file.")],
    set_: SetOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Simulate a configuration and leave a run folder with numbers, pictures and a report."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.run import run

    # What a strategy prints must not get between the lines of an answer for machines.
    with progress_bar(quiet=json) as progress, redirect_stdout(sys.stderr if json else sys.stdout):
        done = run(config, workspace=workspace, overrides=set_ or (), progress=progress)
    metrics = {metric["key"]: metric for metric in done.metrics.to_dict()["metrics"]}
    warnings = [*([INVENTED] if done.manifest["data"]["invented"] else []), *done.warnings]
    if json:
        answer_json({"folder": str(done.folder), "metrics": metrics, "warnings": warnings})
        return
    answer_table(summary_lines(metrics, done.manifest["currency"]), right=(1,))
    for warning in warnings:
        print(f"warning: {warning}")
    print(done.folder)

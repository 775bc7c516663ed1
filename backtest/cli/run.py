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
    checkpoint_every: Annotated[
        int | None, typer.Option("--checkpoint-every", metavar="BARS", help="Save what was done after so many bars.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run of this configuration that was ended early.")
    ] = False,
) -> None:
    """Simulate a configuration and leave a run folder with numbers, pictures and a report.

    With --checkpoint-every a run that is killed loses no more than so many bars: --resume goes on with it, bit for bit
    as if it had never ended.
    """
    # Imported here: `backtest --help` needs none of it.
    from backtest.run import run

    # What a strategy prints must not get between the lines of an answer for machines.
    with progress_bar(quiet=json) as progress, redirect_stdout(sys.stderr if json else sys.stdout):
        done = run(
            config,
            workspace=workspace,
            overrides=set_ or (),
            progress=progress,
            checkpoint_every=checkpoint_every,
            resume=resume,
        )
    metrics = {metric["key"]: metric for metric in done.metrics.to_dict()["metrics"]}
    warnings = [*([INVENTED] if done.manifest["data"]["invented"] else []), *done.warnings]
    if json:
        answer_json({"folder": str(done.folder), "metrics": metrics, "warnings": warnings})
        return
    answer_table(summary_lines(metrics, done.manifest["currency"]), right=(1,))
    for warning in warnings:
        print(f"warning: {warning}")
    print(done.folder)

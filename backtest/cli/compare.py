"""`backtest compare WHAT…`."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from backtest.cli.options import (
    JsonOption,
    SetOption,
    WorkspaceOption,
    answer_json,
    answer_table,
    progress_bar,
)

if TYPE_CHECKING:
    from backtest.study import Study

HEAD = ("run", "Sharpe", "interval", "may be best", "return", "volatility", "drawdown", "turnover", "costs took")
TESTED = HEAD.index("may be best")


def command(
    what: Annotated[
        list[str], typer.Argument(help="A study (YAML with `compare` or `variants`), or several runs or YAML files.")
    ],
    set_: SetOption = None,
    name: Annotated[str | None, typer.Option(help="Name of the comparison; default: the study's own.")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Number of processes; default: as many as pay off.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run everything anew, whatever was run before.")] = False,
    checkpoint_every: Annotated[
        int | None,
        typer.Option("--checkpoint-every", metavar="BARS", help="Save what each run has done after so many bars."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a comparison of these runs that was ended early.")
    ] = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Put runs side by side, say which differences are real, and leave a folder with numbers, pictures and a page.

    With --checkpoint-every a comparison that is killed loses no run that was finished, and of the others no more than
    so many bars: --resume goes on with it.
    """
    # Imported here: `backtest --help` needs none of it.
    from backtest.study import compare

    # What a strategy prints must not get between the lines of an answer for machines.
    with progress_bar(quiet=json) as progress, redirect_stdout(sys.stderr if json else sys.stdout):
        one = what[0] if len(what) == 1 else what
        study = compare(
            one,
            workspace=workspace,
            overrides=set_ or (),
            progress=progress,
            name=name,
            jobs=jobs,
            fresh=fresh,
            checkpoint_every=checkpoint_every,
            resume=resume,
        )
    if json:
        answer_json(
            {
                "folder": str(study.folder),
                "verdict": study.verdict,
                "warnings": study.warnings,
                **study.comparison,
            }
        )
        return
    lines = _shown(study)
    answer_table(lines, right=range(1, len(lines[0])))
    print(fill(study.verdict, 110))
    for warning in study.warnings:
        print(f"warning: {warning}")
    print(study.folder)


def _shown(study: Study) -> list[tuple[str, ...]]:
    """The ranking under its head; runs that differ in costs alone are not tested."""
    from backtest.report.comparison.paid import only_costs

    lines = [HEAD, *_lines(study)]
    return [(*line[:TESTED], *line[TESTED + 1 :]) for line in lines] if only_costs(study.comparison) else lines


def _lines(study: Study) -> list[tuple[str, ...]]:
    """The ranking as texts."""
    from backtest.report.comparison.facts import lost_of
    from backtest.report.words import NOTHING, percent, ratio

    variants = {each["name"]: each for each in study.comparison["variants"]}
    inside = study.comparison["confidence_set"]["inside"]
    lines = []
    for name in study.names:
        found = study[name]
        bounds = variants[name]["intervals"].get("sharpe", {})
        low, high = bounds.get("low"), bounds.get("high")
        lines.append(
            (
                name,
                ratio(found["sharpe"]),
                NOTHING if low is None else f"{ratio(low)} to {ratio(high)}",
                "yes" if name in inside else "no",
                *(percent(found[key]) for key in ("annual_return", "volatility", "max_drawdown")),
                percent(found["turnover"], 0),
                percent(lost_of(study.comparison, name), 2),
            )
        )
    return lines

"""Options that several commands share, and the two ways of answering: for people and for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

WorkspaceOption = Annotated[
    Path | None, typer.Option("--workspace", help="Workspace to use; default: the nearest above.")
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY.PATH=VALUE", help="Override a value; repeatable.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON, for machines.")]


def answer_json(content: Any) -> None:
    """Print an answer for machines."""
    print(json.dumps(content, indent=2, ensure_ascii=False, default=str))


def answer_table(lines: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Print aligned columns; `right` are those set flush right."""
    widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))] if lines else []
    for line in lines:
        cells = [
            cell.rjust(width) if k in right else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Any]:
    """Yield a callback for `run(progress=…)` that draws a bar on a terminal, None in pipes."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    # Imported here: only a terminal needs it.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<12}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=share)


def summary_lines(metrics: Mapping[str, Any], currency: str) -> list[tuple[str, str]]:
    """The numbers that a summary on the terminal shows, as label and text."""
    # Imported here: only a finished run needs it.
    from backtest.report.words import chance

    money, share, plain = ("{:,.2f} " + currency).format, "{:.2%}".format, "{:.2f}".format
    shown: dict[str, Callable[[Any], str]] = {
        "final_equity": money,
        "total_return": share,
        "annual_return": share,
        "money_weighted_return": share,
        "contributed": money,
        "withdrawn": money,
        "gain": money,
        "volatility": share,
        "sharpe": plain,
        "deflated_sharpe": chance,
        "trials": "{:,}".format,
        "sortino": plain,
        "calmar": plain,
        "max_drawdown": share,
        "turnover": "{:.2%} a year".format,
        "total_cost": money,
        "financing": money,
    }
    idle = [key for key in ("financing", "contributed", "withdrawn") if not metrics.get(key, {}).get("value")]
    if {"contributed", "withdrawn"} <= set(idle):
        idle += ["money_weighted_return", "gain"]
    found = [(metrics[key], text) for key, text in shown.items() if key in metrics and key not in idle]
    return [(m["label"], "undefined" if m["value"] is None else text(m["value"])) for m, text in found]

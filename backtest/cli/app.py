"""The application: its commands, each imported when it is called."""

from __future__ import annotations

from typing import Annotated

import typer

from backtest.cli import compare, data, explain, init, list_, report, rerun, run, schema, trials, validate, warmup

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Backtest portfolios: one YAML file in, a report you can trust out.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        # Imported here: only this option needs it.
        from importlib.metadata import version

        print(f"barwake {version('barwake')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Options of the command itself."""


app.command("init")(init.command)
app.command("validate")(validate.command)
app.command("schema")(schema.command)
app.add_typer(data.app, name="data")
app.command("list")(list_.command)
app.add_typer(explain.app, name="explain")
app.command("run")(run.command)
app.command("compare")(compare.command)
app.command("rerun")(rerun.command)
app.command("report")(report.command)
app.command("trials")(trials.command)
app.command("warmup")(warmup.command)

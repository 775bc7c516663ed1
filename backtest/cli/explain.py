"""`backtest explain …`: one file for each thing that is explained."""

from __future__ import annotations

import typer

from backtest.cli import explain_costs

app = typer.Typer(no_args_is_help=True, help="Work out in numbers what a configuration means.")
app.command("costs")(explain_costs.command)

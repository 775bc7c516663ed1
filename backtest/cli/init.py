"""`backtest init DIR`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    directory: Annotated[Path, typer.Argument(help="A directory that does not exist yet, or is empty.")],
) -> None:
    """Make a workspace: strategies/ data/ configs/ reports/, with examples."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.workspace.template import make_workspace

    make_workspace(directory)
    print(f"made {directory}; next:")
    print(f"    cd {directory}")
    print("    backtest data sample")
    print("    backtest run configs/quickstart.yaml")

"""Making a workspace from what the package brings along."""

from __future__ import annotations

import shutil
from pathlib import Path

from backtest.errors import WorkspaceError

EXAMPLES = ("strategies", "configs")
KINDS = (".py", ".yaml", ".json")  # strategies, configurations, and their schema for editors
FOLDERS = (*EXAMPLES, "data", "reports")
PROJECT = """\
[tool.backtest]
# This table marks the directory as a workspace: strategies/ data/ configs/ reports/.
"""
IGNORED = "__pycache__/\ndata/*\nreports/*\n"


def make_workspace(directory: Path) -> None:
    """Fill an empty or new directory with the folders, the examples and the marker of a workspace."""
    source = _examples()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise WorkspaceError(f"{directory}: not empty; expected a directory that does not exist yet, or is empty")
        for folder in FOLDERS:
            (directory / folder).mkdir()
        for folder in EXAMPLES:
            for file in sorted((source / folder).glob("*.*")):
                if file.suffix in KINDS:
                    shutil.copyfile(file, directory / folder / file.name)
        (directory / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
        (directory / ".gitignore").write_text(IGNORED, encoding="utf-8")
    except OSError as error:
        raise WorkspaceError(f"{directory}: cannot be made a workspace: {error.strerror or error}") from error


def _examples() -> Path:
    """Where the examples are: inside an installed package, or in the repository that is itself a workspace."""
    installed = Path(__file__).parent / "examples"
    return installed if installed.is_dir() else Path(__file__).parents[2]

"""Finding the workspace: the nearest directory above with a `[tool.backtest]` table in its pyproject.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from backtest.errors import WorkspaceError


@dataclass(frozen=True)
class Workspace:
    """A directory with `strategies/ data/ configs/ reports/`; paths in YAML are relative to it."""

    root: Path

    @property
    def strategies(self) -> Path:
        """Folder of the user's strategies."""
        return self.root / "strategies"

    @property
    def data(self) -> Path:
        """Folder of the stores."""
        return self.root / "data"

    @property
    def configs(self) -> Path:
        """Folder of configurations."""
        return self.root / "configs"

    @property
    def reports(self) -> Path:
        """Folder of run folders."""
        return self.root / "reports"


def find_workspace(near: Path, given: Path | None = None) -> Workspace:
    """Return the workspace at `given`, or the nearest one at or above `near`."""
    if given is not None:
        if not _is_root(given.resolve()):
            raise WorkspaceError(
                f"{given}: not a workspace; expected a pyproject.toml with a [tool.backtest] table there"
            )
        return Workspace(given.resolve())
    start = near.resolve()
    for folder in [start, *start.parents]:
        if folder.is_dir() and _is_root(folder):
            return Workspace(folder)
    raise WorkspaceError(
        f"{near}: no workspace here or above: no pyproject.toml with a [tool.backtest] table. "
        "Make one with `backtest init DIR`, or name one with --workspace"
    )


def _is_root(folder: Path) -> bool:
    file = folder / "pyproject.toml"
    if not file.is_file():
        return False
    try:
        return "backtest" in tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WorkspaceError(f"{file}: cannot be read: {error}") from error

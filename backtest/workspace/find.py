"""Finding a run folder by path, by name, or as the latest."""

from __future__ import annotations

from pathlib import Path

from backtest.errors import WorkspaceError, unknown
from backtest.workspace.folder import PARTIAL
from backtest.workspace.root import find_workspace

LATEST = "latest"
RUN = ("manifest.json",)
RUN_OR_STUDY = (*RUN, "comparison.json")


def find_run(name: str, workspace: Path | None, marks: tuple[str, ...] = RUN) -> Path:
    """Return the folder of a run: a path, a name under `reports/`, or ``latest``.

    `marks` are files of which a folder must have one to count.
    """
    if _is_marked(Path(name), marks):
        return Path(name)
    reports = find_workspace(Path.cwd(), workspace).reports
    folders = [folder for folder in reports.glob("*") if not folder.name.startswith(PARTIAL)]
    runs = sorted(folder.name for folder in folders if _is_marked(folder, marks))
    if name == LATEST and runs:
        return reports / runs[-1]
    if name in runs:
        return reports / name
    if not runs:
        raise WorkspaceError(f"{reports}: no runs there yet; `backtest run CONFIG` makes one")
    raise WorkspaceError(f"{unknown('run', name, [LATEST, *runs[-20:]])} (looked in {reports})")


def _is_marked(folder: Path, marks: tuple[str, ...]) -> bool:
    return any((folder / mark).is_file() for mark in marks)

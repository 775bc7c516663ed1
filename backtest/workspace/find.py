"""Finding a run folder by path, by name, or as the latest."""

from __future__ import annotations

from pathlib import Path

from backtest.errors import WorkspaceError, unknown
from backtest.workspace.folder import PARTIAL, RUNS
from backtest.workspace.root import find_workspace

LATEST = "latest"
RUN = ("manifest.json",)
COMPARISON = "comparison.json"
RUN_OR_STUDY = (*RUN, COMPARISON)


def find_run(name: str, workspace: Path | None, marks: tuple[str, ...] = RUN) -> Path:
    """Return the folder of a run: a path, a name under `reports/` or the beginning of one, or ``latest``.

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
    for folder in (Path(name), reports / name):
        if name and folder.is_dir() and not name.startswith(PARTIAL):
            raise WorkspaceError(_what_it_is(folder, marks))
    begun = [run for run in runs if name and run.startswith(name)]
    if len(begun) == 1:
        return reports / begun[0]
    if begun:
        raise WorkspaceError(f"{name!r} begins the names of {len(begun)} runs: {', '.join(begun[:5])}")
    if not runs:
        raise WorkspaceError(f"{reports}: no runs there yet; `backtest run CONFIG` makes one")
    raise WorkspaceError(f"{unknown('run', name, [LATEST, *runs[-20:]])} (looked in {reports})")


def _what_it_is(folder: Path, marks: tuple[str, ...]) -> str:
    """Say why a folder that is there is none of those that were asked for."""
    if (folder / COMPARISON).is_file():
        inside = sorted(f"{each.parent.name}/{each.name}" for each in folder.glob(f"{RUNS}/*"))
        return f"{folder}: a comparison, not a run; the runs in it: {', '.join(inside)}"
    return f"{folder}: not the folder of a run; it has no {' and no '.join(marks)}"


def _is_marked(folder: Path, marks: tuple[str, ...]) -> bool:
    return any((folder / mark).is_file() for mark in marks)

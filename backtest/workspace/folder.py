"""Folders that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from backtest.errors import ArtefactError

PARTIAL = ".partial-"

RUNS = "runs"
"""Folder of the single runs inside the folder of a study."""


def run_name(created: datetime, name: str, config_hash: str) -> str:
    """Name a run folder: UTC time, the run's name, and the start of its configuration's hash."""
    return f"{created:%Y%m%dT%H%M%SZ}-{name}-{config_hash[:8]}"


@contextmanager
def publish(parent: Path, name: str) -> Iterator[tuple[Path, list[Path]]]:
    """Yield a hidden folder to fill; rename it to `parent/name` when the block ends well, remove it when it does not.

    The second value is a list into which the final path is put. A process that is killed leaves the hidden folder,
    which the next one removes.
    """
    final: list[Path] = []
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _remove_orphans(parent)
        partial = _make(parent / f"{PARTIAL}{os.getpid()}-{name}")
    except OSError as error:
        raise ArtefactError(f"{parent}: cannot write there: {error.strerror or error}") from error
    try:
        yield partial, final
        final.append(_rename(partial, parent / name))
    except OSError as error:
        raise ArtefactError(
            f"{error.filename or parent}: cannot be written: {error.strerror or error}; nothing was kept"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _make(wanted: Path) -> Path:
    """Make a folder of that name, with a number behind it when another thread, or an earlier process, has it."""
    k, target = 1, wanted
    while True:
        try:
            target.mkdir()
        except FileExistsError:
            k += 1
            target = wanted.with_name(f"{wanted.name}-{k}")
        else:
            return target


def _rename(partial: Path, wanted: Path) -> Path:
    """Give the folder its name, with a number behind it when the name is taken."""
    target, k = wanted, 1
    while True:
        if not target.exists():
            try:
                return partial.rename(target)
            except FileExistsError:
                pass
            except OSError:
                if not target.exists():
                    raise
        k += 1
        target = wanted.with_name(f"{wanted.name}-{k}")


def _remove_orphans(parent: Path) -> None:
    """Remove what killed processes left."""
    for folder in parent.glob(f"{PARTIAL}*"):
        owner = folder.name.removeprefix(PARTIAL).split("-", 1)[0]
        if owner.isdigit() and int(owner) != os.getpid() and not _is_running(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

"""Importing another backtester beside our tests."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]


def peer(name: str) -> Any:
    """Import a peer, or skip the module that asks.

    pytest puts `tests/` on the path, where a folder may have the name of a package that a peer needs (`schedule`):
    neither may be taken for the other, now or later.
    """
    folders = {folder.name for folder in TESTS.iterdir() if folder.is_dir()}
    path, ours = sys.path.copy(), _take_out(folders)
    sys.path[:] = [entry for entry in path if Path(entry).resolve() != TESTS]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a peer's own warnings are its own
            return pytest.importorskip(name)
    finally:
        sys.path[:] = path
        _take_out(folders)
        sys.modules.update(ours)


def _take_out(folders: set[str]) -> dict[str, Any]:
    """Remove the modules of top-level packages by name, and return them."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in folders}

"""Every story's run folder, written once, and read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from backtest.report.numbers import RunNumbers, read_run

from .runs import STORIES, write_run


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("runs")
    return {name: write_run(root / name, story) for name, story in STORIES.items()}


@pytest.fixture(scope="session")
def plain(folders: dict[str, Path]) -> RunNumbers:
    return read_run(folders["plain"])

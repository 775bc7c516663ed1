"""Every story's run folder, written once, and read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from backtest.report.numbers import RunNumbers, read_run
from backtest.run import Run, run

from .runs import STORIES, write_run

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("runs")
    return {name: write_run(root / name, story) for name, story in STORIES.items()}


@pytest.fixture(scope="session")
def plain(folders: dict[str, Path]) -> RunNumbers:
    return read_run(folders["plain"])


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A true run of three years, with calendar and drift triggers and a benchmark."""
    config = ROOT / "configs" / "quickstart.yaml"
    reports = tmp_path_factory.mktemp("reports")
    wanted = ["market.start=2019-01-02", "market.end=2022-03-31", "report.png=false"]
    return run(config, reports=reports, overrides=wanted)

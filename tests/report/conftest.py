"""Every story's run folder, written once, and read once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from made import Place

import backtest
from backtest import Study
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


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory, tiny_store: Path) -> Study:
    """A comparison of three runs with a benchmark that they share, and its page."""
    root = tmp_path_factory.mktemp("study")
    for folder in ("strategies", "configs", "reports"):
        (root / folder).mkdir()
    (root / "pyproject.toml").write_text("[tool.backtest]\n", encoding="utf-8")
    shutil.copy(ROOT / "strategies" / "allocate.py", root / "strategies")
    shutil.copytree(tiny_store, root / "data" / "tiny")
    place = Place(root)
    config = place.config(
        name="small-study",
        allocation={"method": "fixed", "weights": {"AAA": 0.1, "BBB": 0.2, "CCC": 0.3, "DDD": 0.4}},
        variants={
            "equal": {"allocation": {"method": "equal_weight"}},
            "leaning": {},
            "never": {"rebalance": "never"},
        },
        costs={"commission_bps": 20},
        report={"html": True, "png": False},
        benchmark={"allocation": {"method": "equal_weight"}, "rebalance": {"calendar": "month"}},
    )
    return backtest.compare(config, workspace=root)

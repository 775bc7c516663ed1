"""Each study of the repository runs in a workspace as `backtest init` makes it, on the samples."""

from __future__ import annotations

from pathlib import Path

import numba
import pytest
from made import REPOSITORY

import backtest
from backtest.config import is_study, load_study
from backtest.market.sample import write_samples
from backtest.workspace.template import make_workspace

pytestmark = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="smaller studies run in test_compare.py")

STUDIES = sorted(file.name for file in (REPOSITORY / "configs").glob("*.yaml") if is_study(file, REPOSITORY))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("gallery") / "place"
    make_workspace(root)
    write_samples(root / "data")
    return root


def test_there_are_studies() -> None:
    assert {"which_allocation.yaml", "how_often.yaml", "what_costs_do.yaml"} <= set(STUDIES)


@pytest.mark.parametrize("name", STUDIES)
def test_it_runs(workspace: Path, name: str) -> None:
    file = workspace / "configs" / name
    done = backtest.compare(file, workspace=workspace, overrides=["report.html=false", "report.png=false"])
    assert done.comparison["name"] == name.removesuffix(".yaml").replace("_", "-")
    assert set(done.names) == {variant.label for variant in load_study(file, workspace).variants}
    assert all(done[each]["total_return"] for each in done.names)
    assert not any(done.comparison["stress"]["left_out"])


def test_the_page_and_the_pictures_of_one(workspace: Path) -> None:
    done = backtest.compare(workspace / "configs" / "what_costs_do.yaml", workspace=workspace)
    assert (done.folder / "comparison.html").stat().st_size < 1_000_000
    assert {path.stem for path in (done.folder / "figures").iterdir()} == {
        "equity",
        "ranking",
        "risk_return",
        "differences",
        "weights",
    }
    assert all((folder / "report.html").is_file() for folder in done.runs.values())

"""Every example configuration validates, and runs in a workspace as `backtest init` makes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made import REPOSITORY

import backtest
from backtest.market.sample import write_samples
from backtest.workspace.template import make_workspace

CONFIGS = sorted(file.name for file in (REPOSITORY / "configs").glob("*.yaml") if not file.name.startswith("_"))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("examples") / "place"
    make_workspace(root)
    write_samples(root / "data")
    return root


def test_there_are_configs() -> None:
    assert "quickstart.yaml" in CONFIGS


@pytest.mark.parametrize("name", CONFIGS)
def test_it_runs(workspace: Path, name: str) -> None:
    file = workspace / "configs" / name
    assert file.read_text().startswith("# yaml-language-server: $schema=schema.json\n")
    done = backtest.run(file, overrides=["report.html=false", "report.png=false"])
    assert done.config.name == name.removesuffix(".yaml").replace("_", "-")
    assert len(done.result.fills) > 0
    assert done.manifest["probe"]["mode"] == "sampled"
    assert done.manifest["warnings"] == []


def test_the_schema_beside_them_is_the_one_of_the_code() -> None:
    from backtest.config import json_schema

    assert json.loads((REPOSITORY / "configs" / "schema.json").read_text()) == json_schema()

"""Every example configuration validates, and runs in a workspace as `backtest init` makes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from made import REPOSITORY

import backtest
from backtest.allocate import METHODS, Constraints
from backtest.allocate.moments import COVARIANCES, MEANS
from backtest.config import Config, is_study, load
from backtest.market.sample import write_samples
from backtest.workspace.template import make_workspace

WRITTEN = [file for file in (REPOSITORY / "configs").glob("*.yaml") if not file.name.startswith("_")]
CONFIGS = sorted(
    file.name for file in WRITTEN if not is_study(file, REPOSITORY)
)  # studies: tests/study/test_gallery.py


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
    if name == "skfolio.yaml":
        pytest.importorskip("skfolio", reason="an optional extra")
    file = workspace / "configs" / name
    assert file.read_text().startswith("# yaml-language-server: $schema=schema.json\n")
    done = backtest.run(file, overrides=["report.html=false", "report.png=false"])
    assert done.config.name == name.removesuffix(".yaml").replace("_", "-")
    assert len(done.result.fills) > 0
    assert done.manifest["probe"]["mode"] == "sampled"
    assert done.manifest["warnings"] == []


def written() -> list[Config]:
    return [load(REPOSITORY / "configs" / name, REPOSITORY) for name in CONFIGS]


def mentioned(value: Any, key: str) -> set[str]:
    """Every text that stands behind `key`, at any depth."""
    if isinstance(value, Mapping):
        own = {value[key]} if isinstance(value.get(key), str) else set()
        return own.union(*(mentioned(item, key) for item in value.values()))
    return set().union(*(mentioned(item, key) for item in value)) if isinstance(value, list) else set()


def test_every_method_estimator_and_constraint_has_a_config_that_uses_it() -> None:
    dumps = [config.model_dump(mode="json") for config in written()]
    assert {dump["allocation"]["method"] for dump in dumps} == set(METHODS)
    chosen: dict[str, set[str]] = {"covariance": set(), "mean": set()}
    for dump in dumps:
        for kind in chosen:
            chosen[kind] |= mentioned(dump["allocation"].get(kind, {}), "estimator")
            parts = dump["allocation"].get("of", [])
            chosen[kind] |= {name for part in parts for name in mentioned(part.get(kind, {}), "estimator")}
    assert chosen == {"covariance": set(COVARIANCES), "mean": set(MEANS)}
    used = {name for config in written() for name in config.constraints.model_fields_set}
    assert used == set(Constraints.model_fields)
    assert {(config.account.kind, config.financing.are_zero) for config in written()} >= {
        ("cash", True),
        ("margin", False),
    }


def test_the_schema_beside_them_is_the_one_of_the_code() -> None:
    from backtest.config import json_schema

    assert json.loads((REPOSITORY / "configs" / "schema.json").read_text()) == json_schema()

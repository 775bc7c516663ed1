from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from backtest.errors import DataError, WorkspaceError
from backtest.report.numbers import RunNumbers, read_run

from .runs import STORIES


def test_everything_is_there(plain: RunNumbers) -> None:
    assert plain.times.size == plain.equity.size == STORIES["plain"].rows
    assert plain.weights.shape == (plain.weight_times.size, len(plain.symbols))
    assert plain.path[0] == plain.capital
    assert plain.value("total_return") == pytest.approx(plain.equity[-1] / plain.capital - 1.0)
    assert plain.value("no_such_metric") is None
    assert plain.traded_times.size == plain.value("rebalances")
    assert not plain.intraday


def test_hours_are_known_to_be_hours(folders: dict[str, Path]) -> None:
    assert read_run(folders["hourly"]).intraday


def test_weights_after_a_ruin_mean_nothing(folders: dict[str, Path]) -> None:
    run = read_run(folders["bankrupt"])
    ruin = int(np.argmax(run.equity <= 0.0))
    assert run.weights[:ruin].any()
    assert not run.weights[ruin:].any()


def test_a_missing_artefact_is_named(folders: dict[str, Path], tmp_path: Path) -> None:
    copy = tmp_path / "run"
    shutil.copytree(folders["one_bar"], copy)
    (copy / "fills.parquet").unlink()
    with pytest.raises(WorkspaceError, match=r"missing fills\.parquet"):
        read_run(copy)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("equity.parquet", b"PAR1 not really"),
        ("metrics.json", b"{"),
        ("metrics.json", b"[]"),
        ("metrics.json", b"{}"),
        ("manifest.json", b"{}"),
        ("manifest.json", b"[]"),
        ("config.yaml", b"a: [1"),
        ("config.yaml", b"\xff\xfe"),
    ],
)
def test_a_broken_artefact_is_one_error(folders: dict[str, Path], tmp_path: Path, name: str, content: bytes) -> None:
    copy = tmp_path / "run"
    shutil.copytree(folders["one_bar"], copy)
    (copy / name).write_bytes(content)
    with pytest.raises(DataError, match="cannot be read as an artefact") as caught:
        read_run(copy)
    assert str(copy) in str(caught.value)


def test_what_is_missing_is_named_with_its_file(folders: dict[str, Path], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folders["one_bar"], tmp_path / "run"))
    (copy / "metrics.json").write_text("{}")
    with pytest.raises(DataError, match=r"metrics\.json: .*: 'metrics' is missing$"):
        read_run(copy)
    (copy / "config.yaml").write_text("a: [1")
    shutil.copy(folders["one_bar"] / "metrics.json", copy)
    with pytest.raises(DataError, match=r"config\.yaml: ") as caught:
        read_run(copy)
    assert "\n" not in str(caught.value)


def test_metrics_that_a_page_cannot_do_without_are_missed(folders: dict[str, Path], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folders["one_bar"], tmp_path / "run"))
    file = copy / "metrics.json"
    kept = json.loads(file.read_text())
    rest = [metric for metric in kept["metrics"] if metric["key"] not in ("sharpe", "max_drawdown")]
    file.write_text(json.dumps({**kept, "metrics": rest}))
    with pytest.raises(
        DataError, match=r"metrics\.json: .*: without the metrics sharpe, max_drawdown, which every run"
    ):
        read_run(copy)
    file.write_text(json.dumps({**kept, "metrics": [*kept["metrics"], {"key": "new", "label": "New"}]}))
    with pytest.raises(DataError, match=r"metrics\.json: .*: the metric 'new' has no value, unit, convention$"):
        read_run(copy)


def test_a_folder_of_another_version_is_refused(folders: dict[str, Path], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folders["one_bar"], tmp_path / "run"))
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "schema": 99}))
    with pytest.raises(DataError, match=r"written by another version \(schema 99\); this one reads 1"):
        read_run(copy)


def test_an_unknown_metric_is_kept(folders: dict[str, Path], tmp_path: Path) -> None:
    copy = tmp_path / "run"
    shutil.copytree(folders["one_bar"], copy)
    measured = json.loads((copy / "metrics.json").read_text())
    measured["metrics"].append({"key": "new", "label": "New", "value": 1.5, "unit": "ratio", "convention": "none"})
    (copy / "metrics.json").write_text(json.dumps(measured))
    assert read_run(copy).value("new") == 1.5

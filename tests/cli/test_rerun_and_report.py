"""`rerun` and `report`: what is checked bit for bit, what is drawn again, and what is said when neither can be."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from made import Place

from cli.conftest import Call


def test_rerun_makes_another_one(place: Place, call: Call) -> None:
    first = call("run", place.yaml()).lines[-1]
    said = call("rerun", first)
    assert said.code == 0
    assert said.lines[-1] != first
    assert len(place.runs()) == 2


def test_rerun_check_passes_on_an_untouched_run(place: Place, call: Call) -> None:
    folder = call("run", place.yaml(report={"html": True, "png": False})).lines[-1]
    said = call("rerun", "latest", "--check")
    assert (said.code, said.error) == (0, "")
    assert said.lines == [f"{folder}: every number is the same, bit for bit"]
    assert len(place.runs()) == 1


def test_rerun_check_names_what_differs_and_why(place: Place, call: Call) -> None:
    folder = Path(call("run", place.yaml(strategy={"name": "momentum", "params": {"lookback": 20}})).lines[-1])
    file = folder / "equity.parquet"
    table = pq.read_table(file)
    pq.write_table(table.set_column(2, "cash", table.column("equity")), file)
    said = call("rerun", folder, "--check")
    assert (said.code, said.lines) == (1, ["equity.parquet: column 'cash'"])
    strategy = place.root / "strategies" / "momentum.py"
    strategy.write_text(strategy.read_text().replace("lookback + 1)", "lookback)"))
    said = call("rerun", folder.name, "--check")
    assert said.code == 1
    assert said.lines[0].startswith("strategy changed: ")
    assert said.lines[1:] == [line for line in said.lines if ".parquet: " in line or line == "metrics.json"]


def test_rerun_check_leads_with_data_that_changed(place: Place, call: Call) -> None:
    folder = Path(call("run", place.yaml()).lines[-1])
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text())
    made_from = manifest["data"]["hash"], manifest["versions"]["numpy"]
    manifest["data"]["hash"], manifest["versions"]["numpy"] = "other", "1.0"
    file.write_text(json.dumps(manifest))
    table = pq.read_table(folder / "equity.parquet")
    pq.write_table(table.set_column(2, "cash", table.column("equity")), folder / "equity.parquet")
    assert call("rerun", folder, "--check").lines == [
        f"data changed: hash other against {made_from[0]}",
        f"versions changed: numpy 1.0 against {made_from[1]}",
        "equity.parquet: column 'cash'",
    ]


def test_rerun_check_says_when_the_configuration_was_edited(place: Place, call: Call) -> None:
    folder = Path(call("run", place.yaml()).lines[-1])
    file = folder / "config.yaml"
    file.write_text(file.read_text().replace("capital: 10000.0", "capital: 20000.0"))
    said = call("rerun", folder, "--check")
    assert said.code == 1
    assert said.lines[0] == "configuration changed: config.yaml was edited after the run"


def test_rerun_check_says_that_an_earlier_version_kept_less(place: Place, call: Call) -> None:
    folder = Path(call("run", place.yaml()).lines[-1])
    (folder / "bridge.parquet").unlink()
    (folder / "trades.parquet").unlink()
    said = call("rerun", folder, "--check")
    assert said.code == 2
    assert f"{folder}: written by barwake " in said.error
    assert " without bridge.parquet, trades.parquet: " in said.error
    assert "cannot check it bit for bit; `backtest report` draws it all the same" in said.error
    assert call("report", folder).code == 0
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "schema": 99}))
    assert "written by another version (schema 99); this one reads 1" in call("rerun", folder, "--check").error


@pytest.mark.parametrize("command", ["rerun", "report"])
def test_a_run_that_is_not_there(place: Place, call: Call, command: str) -> None:
    said = call(command, "latest")
    assert said.code == 2
    assert "no runs there yet" in said.error
    name = Path(call("run", place.yaml()).lines[-1]).name
    said = call(command, name[:-1] + "g")
    assert said.code == 2
    assert f"did you mean '{name}'" in said.error


def test_report_draws_again(place: Place, call: Call) -> None:
    folder = Path(call("run", place.yaml()).lines[-1])
    said = call("report", folder, "--figures", "equity")
    assert said.code == 0
    assert (folder / "report.html").is_file()
    assert (folder / "figures" / "equity.png").is_file()
    assert said.lines == [str(folder / "report.html"), str(folder / "figures" / "equity.png")]


def test_report_png_only_and_a_wrong_figure(place: Place, call: Call) -> None:
    folder = Path(call("run", place.yaml()).lines[-1])
    assert call("report", folder, "--figures", "equity", "--png-only").lines == [str(folder / "figures" / "equity.png")]
    said = call("report", folder, "--figures", "equty")
    assert said.code == 2
    assert "did you mean 'equity'" in said.error
    for figures in ("", " , "):
        said = call("report", folder, "--figures", figures)
        assert (said.code, said.error[:55]) == (2, "error: --figures: no picture is named; known: all, equi")
    assert not (folder / "report.html").exists()


def test_report_of_a_broken_run(place: Place, call: Call) -> None:
    folder = Path(call("run", place.yaml()).lines[-1])
    (folder / "equity.parquet").write_bytes(b"nonsense")
    said = call("report", folder)
    assert said.code == 2
    assert "equity.parquet" in said.error

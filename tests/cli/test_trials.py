"""`backtest trials`: what it lists, what it says, and that a check passes whatever was tried since."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from made import Place

from cli.conftest import Call


def tried(place: Place, call: Call, *capitals: float) -> list[Path]:
    """Run with each capital; return the folders."""
    folders = []
    for capital in capitals:
        said = call("run", place.yaml(capital=capital, costs={"commission_minimum": 5.0}))
        assert said.code == 0
        folders.append(Path(said.lines[-1]))
    return folders


def test_before_any_run(call: Call) -> None:
    said = call("trials")
    assert (said.code, said.error) == (0, "")
    assert said.lines[0].startswith("0 trials in ")
    assert said.lines[0].endswith("trials.jsonl")
    assert "What is counted" in said.out


def test_it_lists_and_explains(place: Place, call: Call) -> None:
    folders = tried(place, call, 1_000.0, 1_000.0, 2_000.0, 3_000.0)
    said = call("trials")
    assert said.code == 0
    assert said.lines[0].startswith("3 trials in ")
    rows = [line for line in said.lines if line.endswith(tuple(folder.name for folder in folders))]
    assert [row.split()[-1] for row in rows] == [folders[0].name, folders[2].name, folders[3].name]
    assert all(row.split()[-3] == "3" for row in rows)
    assert "tiny: the best, small, shows a Sharpe ratio of " in said.out
    for word in ("Repeats", "deleted", "overlap", "per bar, not annualised", "luck"):
        assert word in said.out


def test_json_has_everything(place: Place, call: Call) -> None:
    folders = tried(place, call, 1_000.0, 2_000.0)
    answer = json.loads(call("trials", "--json").out)
    assert answer["register"] == str(place.root / ".backtest" / "trials.jsonl")
    assert answer["problems"] == []
    assert "What is counted" in answer["explained"]
    assert [trial["run"] for trial in answer["trials"]] == [folder.name for folder in folders]
    assert {"key", "data", "config", "strategy", "sharpe", "observations", "skewness", "kurtosis"} <= set(
        answer["trials"][0]
    )
    (family,) = answer["data"]
    assert (family["data"], family["trials"], family["family"], family["best"]) == ("tiny", 2, 2, "small")
    assert 1.0 <= family["effective"] <= 2.0
    assert family["sharpe"] == max(trial["sharpe"] for trial in answer["trials"])
    metrics = json.loads((folders[-1] / "metrics.json").read_text())["metrics"]
    run = {metric["key"]: metric["value"] for metric in metrics}
    assert answer["trials"][-1]["deflated_sharpe"] == run["deflated_sharpe"]


def test_one_data_set(place: Place, call: Call) -> None:
    file = place.root / "prices.csv"
    file.write_text("date,X,Y\n2024-01-02,10,20\n2024-01-03,11,21\n2024-01-04,12,19\n")
    call("data", "import", file, "--name", "mine")
    tried(place, call, 1_000.0)
    call("run", place.yaml(market={"source": "mine"}))
    whole = json.loads(call("trials", "--json").out)
    assert [each["data"] for each in whole["data"]] == ["tiny", "mine"]
    for name in ("mine", whole["trials"][1]["data"][:6]):
        one = json.loads(call("trials", "--data", name, "--json").out)
        assert [trial["store"] for trial in one["trials"]] == ["mine"]
    said = call("trials", "--data", "tniy")
    assert said.code == 2
    assert "did you mean 'tiny'" in said.error


def test_a_variant_that_nobody_would_trade_is_named(place: Place, call: Call) -> None:
    """Half of every trade as commission: most of the spread is its own, and luck looks larger than it is."""
    tried(place, call, 100_000.0, 200_000.0, 300_000.0)
    assert "so far from the others" not in call("trials").out
    folder = Path(call("run", place.yaml(costs={"commission_bps": 5_000.0})).lines[-1])
    (about,) = json.loads(call("trials", "--json").out)["data"]
    (absurd,) = about["apart"]
    assert (absurd["name"], absurd["run"]) == ("small", folder.name)
    assert about["luck_without"] < 0.1 * about["luck"]
    assert about["deflated_sharpe_without"] > about["deflated_sharpe"]
    said = call("trials").out
    assert f"small ({absurd['sharpe']:.4f} a bar, {folder.name})" in said
    assert f"Without it luck would show {about['luck_without']:.4f}, and the deflated Sharpe ratio would be " in said


@pytest.mark.parametrize(("limit", "rows"), [("1", 1), ("2", 2), ("0", 3)])
def test_a_long_list_shows_its_end(place: Place, call: Call, limit: str, rows: int) -> None:
    folders = tried(place, call, 1_000.0, 2_000.0, 3_000.0)
    said = call("trials", "--limit", limit)
    shown = [line for line in said.lines if line.endswith(tuple(folder.name for folder in folders))]
    assert [line.split()[-1] for line in shown] == [folder.name for folder in folders[-rows:]]
    assert (f"{3 - rows} earlier" in said.out) == (rows < 3)


def test_a_damaged_line_is_told(place: Place, call: Call) -> None:
    tried(place, call, 1_000.0)
    file = place.root / ".backtest" / "trials.jsonl"
    file.write_bytes(b'{"key":"torn\n' + file.read_bytes())
    said = call("trials")
    assert said.code == 0
    assert said.lines[0] == f"warning: {file}:1: cut short, or no line of a register; left out"
    assert said.lines[1].startswith("1 trial in ")
    assert json.loads(call("trials", "--json").out)["problems"] == [said.lines[0].removeprefix("warning: ")]


def test_a_register_that_cannot_be_read(place: Place, call: Call) -> None:
    (place.root / ".backtest" / "trials.jsonl").mkdir(parents=True)
    said = call("trials")
    assert (said.code, said.out) == (2, "")
    assert "trials.jsonl: cannot be read: " in said.error


def test_a_trial_without_a_sharpe_ratio(place: Place, call: Call) -> None:
    place.strategy(
        "idle", "from backtest import Strategy\nclass Idle(Strategy):\n    def decide(self, ctx): return {}\n"
    )
    call("run", place.yaml(strategy="idle"))
    assert "tiny: 1 trial, none of which has a Sharpe ratio" in call("trials").out
    assert json.loads(call("trials", "--json").out)["data"][0]["deflated_sharpe"] is None


def test_a_run_says_how_many_trials_stand_behind_it(place: Place, call: Call) -> None:
    tried(place, call, 1_000.0)
    said = call("run", place.yaml())
    assert any(line.split() == ["Trials", "on", "these", "data", "2"] for line in said.lines)
    assert any(line.startswith("Deflated Sharpe ratio ") for line in said.lines)


def test_a_check_passes_whatever_was_tried_since(place: Place, call: Call) -> None:
    first, _, _ = tried(place, call, 1_000.0, 2_000.0, 3_000.0)
    said = call("rerun", first, "--check")
    assert (said.code, said.lines) == (0, [f"{first}: every number is the same, bit for bit"])
    again = Path(call("rerun", first).lines[-1])
    assert (again / "metrics.json").read_text() == (first / "metrics.json").read_text()
    assert json.loads(call("trials", "--json").out)["data"][0]["trials"] == 3


def test_a_check_without_a_register_passes_too(place: Place, call: Call) -> None:
    import shutil

    _, second = tried(place, call, 1_000.0, 2_000.0)
    shutil.rmtree(place.root / ".backtest")
    assert call("rerun", second, "--check").code == 0
    assert not (place.root / ".backtest").exists()


def test_a_check_still_finds_what_differs(place: Place, call: Call) -> None:
    (folder,) = tried(place, call, 1_000.0)
    table = pq.read_table(folder / "equity.parquet")
    pq.write_table(table.set_column(2, "cash", table.column("equity")), folder / "equity.parquet")
    assert call("rerun", folder, "--check").lines == ["equity.parquet: column 'cash'"]
    assert len(json.loads(call("trials", "--json").out)["trials"]) == 1


def test_help(call: Call) -> None:
    said = call("trials", "--help")
    assert said.code == 0
    assert "Usage" in said.out
    assert "trials" in call("--help").out

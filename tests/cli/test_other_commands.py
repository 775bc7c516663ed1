"""`init`, `schema`, `list`, `data …`, `warmup`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from made import Place

from backtest.costs import PRESETS
from cli.conftest import Call

COMMANDS = ("init", "validate", "schema", "data", "list", "explain", "run", "rerun", "report", "trials", "warmup")
CSV = "date,X,Y\n2024-01-02,10,20\n2024-01-03,11,21\n2024-01-04,12,19\n"


def test_init_says_what_to_do_next(call: Call, tmp_path: Path) -> None:
    said = call("init", tmp_path / "mine")
    assert said.code == 0
    assert (tmp_path / "mine" / "configs" / "quickstart.yaml").is_file()
    assert [line.strip() for line in said.lines[1:]] == [
        f"cd {tmp_path / 'mine'}", "backtest data sample", "backtest run configs/quickstart.yaml"
    ]  # fmt: skip
    again = call("init", tmp_path / "mine")
    assert again.code == 2
    assert "not empty" in again.error


def test_schema_is_json(call: Call) -> None:
    schema = json.loads(call("schema").out)
    assert {"market", "strategy", "allocation", "rebalance"} <= set(schema["properties"])


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("strategies", "momentum"),
        ("allocations", "inverse_volatility"),
        ("covariances", "ledoit_wolf"),
        ("means", "shrunk"),
        ("constraints", "constraints"),
        ("triggers", "calendar"),
        ("costs", "costs"),
    ],
)
def test_list_names_parameters_with_defaults_and_words(call: Call, kind: str, name: str) -> None:
    said = call("list", kind)
    assert said.code == 0
    assert any(line.startswith(f"{name}: ") for line in said.lines)
    entries = {entry["name"]: entry for entry in json.loads(call("list", kind, "--json").out)}
    assert all(entry["about"] for entry in entries.values())
    assert all(each["about"] for entry in entries.values() for each in entry["parameters"])


def test_list_shows_the_defaults(call: Call) -> None:
    assert "    top = 5  How many symbols to hold." in call("list", "strategies").lines
    assert any(re.match(r"    calendar = required  ", line) for line in call("list", "triggers").lines)


def test_list_shows_presets_with_their_numbers(call: Call) -> None:
    entries = {entry["name"]: entry for entry in json.loads(call("list", "costs", "--json").out)}
    assert list(entries) == ["costs", "account", "financing", *PRESETS]
    for name, preset in PRESETS.items():
        assert {each["name"]: each["default"] for each in entries[name]["parameters"]} == preset.values


def test_list_with_a_broken_strategy(place: Place, call: Call) -> None:
    file = place.strategy("broken", "def f(:\n")
    said = call("list", "strategies")
    assert said.code == 1
    assert f"{file}:1: SyntaxError" in said.error


def test_data_import_list_and_check(place: Place, call: Call) -> None:
    file = place.root / "prices.csv"
    file.write_text(CSV)
    said = call("data", "import", file, "--name", "mine")
    assert said.code == 0
    assert said.lines[-1] == str(place.root / "data" / "mine")
    assert "2 symbols, 3 rows, 2024-01-02 to 2024-01-04" in said.out
    assert [line.split()[0] for line in call("data", "list").lines] == ["name", "mine", "tiny"]
    assert {store["name"] for store in json.loads(call("data", "list", "--json").out)} == {"mine", "tiny"}
    checked = call("data", "check", "mine")
    assert checked.code == 0
    assert checked.lines[-1].startswith("- ")
    assert {line.split()[0] for line in checked.lines[1:3]} == {"X", "Y"}
    assert json.loads(call("data", "check", "mine", "--json").out)["name"] == "mine"


def test_an_imported_store_can_be_run(place: Place, call: Call) -> None:
    file = place.root / "prices.csv"
    file.write_text(CSV)
    call("data", "import", file, "--name", "mine")
    assert call("run", place.yaml(market={"source": "mine"})).code == 0


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("date,X\n2024-01-02,zero\n", [], "zero"),
        ("date,X\n2024-01-02,1\n2024-01-02,2\n", [], "line 3 (X again, as in line 2)"),
        (CSV, ["--column", "close"], "--column: received 'close'; expected NAME=VALUE"),
        (CSV, ["--calendar", "XNYZ"], "XNYZ"),
    ],
)
def test_data_import_refuses(place: Place, call: Call, content: str, options: list[str], said: str) -> None:
    file = place.root / "prices.csv"
    file.write_text(content)
    answer = call("data", "import", file, "--name", "mine", *options)
    assert answer.code == 2
    assert said in answer.error
    assert not (place.root / "data" / "mine").exists()


def test_data_import_of_no_file(call: Call) -> None:
    said = call("data", "import", "none.csv", "--name", "mine")
    assert said.code == 2
    assert "none.csv" in said.error


def test_a_store_is_not_replaced_by_accident(place: Place, call: Call) -> None:
    file = place.root / "prices.csv"
    file.write_text(CSV)
    said = call("data", "import", file, "--name", "tiny")
    assert said.code == 2
    assert "tiny" in said.error
    assert call("data", "import", file, "--name", "tiny", "--replace").code == 0


def test_data_check_of_nothing(call: Call) -> None:
    said = call("data", "check", "tiy")
    assert said.code == 2
    assert "did you mean 'tiny'" in said.error


def test_data_list_of_nothing(place: Place, call: Call) -> None:
    import shutil

    shutil.rmtree(place.root / "data")
    assert "no stores in" in call("data", "list").out


def test_warmup_says_where_the_code_is_kept(call: Call) -> None:
    said = call("warmup")
    assert said.code == 0
    assert said.out.startswith("ready in ")


def test_help_lists_every_command(call: Call) -> None:
    said = call("--help")
    assert said.code == 0
    for command in COMMANDS:
        assert re.search(rf"^\s+{command}\s", said.out, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(call: Call, command: str) -> None:
    said = call(command, "--help")
    assert said.code == 0
    assert "Usage" in said.out


def test_version(call: Call) -> None:
    said = call("--version")
    assert said.code == 0
    assert re.fullmatch(r"barwake \d+\.\d+\.\d+\n", said.out)


def test_what_a_strategy_prints_stays_out_of_an_answer_for_machines(place: Place, call: Call) -> None:
    text = "from backtest import Strategy\n\n\nclass Talks(Strategy):\n    def decide(self, ctx):\n"
    place.strategy("talks", f"{text}        print('hello')\n        return {{}}\n")
    said = call("run", place.yaml(strategy="talks"), "--json")
    assert json.loads(said.out)["warnings"] == ["nothing was traded; rebalances.parquet and events.parquet say why"]

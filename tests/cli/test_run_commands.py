"""`run` and `validate`: right and wrong input, exit codes, the last line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from made import Place

from cli.conftest import Call


def test_run_ends_with_the_folder(place: Place, call: Call) -> None:
    said = call("run", place.yaml())
    assert said.code == 0
    assert said.error == ""
    assert Path(said.lines[-1]).is_dir()
    assert place.runs() == [Path(said.lines[-1]).name]
    assert any(line.startswith("Sharpe") for line in said.lines)


def test_run_json(place: Place, call: Call) -> None:
    answer = json.loads(call("run", place.yaml(execution={"fill": "same_close"}), "--json").out)
    assert Path(answer["folder"]).is_dir()
    assert answer["warnings"] == []
    assert answer["metrics"]["final_equity"]["unit"] == "money"


def test_run_with_overrides_and_a_workspace_elsewhere(
    place: Place, call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    place.yaml()
    overrides = ("--set", "capital=5", "--set", "name=x")
    said = call("run", "configs/small.yaml", "--workspace", place.root, *overrides)
    assert said.code == 0
    folder = Path(said.lines[-1])
    assert "-x-" in folder.name
    assert json.loads((folder / "manifest.json").read_text())["capital"] == 5.0


def test_run_prints_warnings(place: Place, call: Call) -> None:
    said = call("run", place.yaml(strategy={"name": "momentum", "params": {"lookback": 40}}))
    warned = [line for line in said.lines[:-1] if line.startswith("warning: ")]
    assert "cash until the first decision on 2020-02-10" in warned[0]


@pytest.mark.parametrize(("source", "number"), [("invented: by dice", 1), ("a vendor", 0), (None, 0)])
def test_invented_prices_are_said_to_be_that(place: Place, call: Call, source: str | None, number: int) -> None:
    file = place.root / "data" / "tiny" / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "source": source}))
    said = call("run", place.yaml())
    assert said.out.count("warning: the prices are invented") == number
    kept = json.loads((Path(said.lines[-1]) / "manifest.json").read_text())
    assert (kept["data"]["source"], kept["data"]["invented"]) == (source, bool(number))
    assert sum("invented" in text for text in kept["assumptions"]) == number
    assert sum("today's list" in text for text in kept["assumptions"]) == 1 - number
    answer = json.loads(call("run", place.yaml(), "--json").out)
    assert sum("invented" in text for text in answer["warnings"]) == number


def test_a_universe_without_a_bar_stays_cash_and_says_so(place: Place, call: Call) -> None:
    dates = pd.bdate_range("2020-01-01", periods=60)
    late = pd.DataFrame({"AAA": 10.0, "LATE": np.where(dates < "2020-03-02", np.nan, 5.0)}, dates.rename("date"))
    late.to_csv(place.root / "late.csv")
    assert call("data", "import", place.root / "late.csv", "--name", "late").code == 0
    said = call("run", place.yaml(market={"source": "late", "symbols": ["LATE"], "end": "2020-02-21"}))
    assert said.code == 0
    assert any("nothing was traded" in line for line in said.lines)
    equity = pq.read_table(Path(said.lines[-1]) / "equity.parquet")
    assert set(equity["equity"].to_pylist()) == {10_000.0}
    decided = pq.read_table(Path(said.lines[-1]) / "rebalances.parquet").to_pylist()
    assert {line["status"] for line in decided if line["kind"] == "decision"} == {"nothing can be traded"}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"market": {"source": "nowhere"}}, "unknown store 'nowhere'"),
    ({"market": {"source": "tiny", "symbols": ["AAB"]}}, "did you mean 'AAA'"),
    ({"market": {"source": "tiny", "symbols": []}}, "$.market.symbols: too few"),
    ({"market": {"source": "tiny", "start": "2031-01-01"}}, "outside the data of 'tiny'"),
    ({"strategy": {"name": "momentum", "params": {"lookback": 400}}}, "needs 401 bars of history"),
    ({"capitel": 5}, "did you mean 'capital'"),
]


@pytest.mark.parametrize(("changes", "message"), WRONG)
@pytest.mark.parametrize("command", ["run", "validate"])
def test_bad_input_is_one_message_and_2(
    place: Place, call: Call, command: str, changes: dict[str, Any], message: str
) -> None:
    said = call(command, place.yaml(**changes))
    assert said.code == 2
    assert said.out == ""
    assert said.error.startswith("error: ")
    assert message in said.error
    assert len(said.error.splitlines()) == 1
    assert place.runs() == []


@pytest.mark.parametrize("command", ["run", "validate"])
@pytest.mark.parametrize("content", [None, b"", b"[1, 2]", b"name: [", b"name: \xff", "a folder"])
def test_a_file_that_is_no_configuration(place: Place, call: Call, command: str, content: bytes | str | None) -> None:
    file = place.root / "configs" / "wrong.yaml"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content:
        file.mkdir()
    said = call(command, file)
    assert said.code == 2
    assert said.error.startswith("error: ")
    assert "wrong.yaml" in said.error


RAISES = "from backtest import Strategy\nclass Mine(Strategy):\n    def decide(self, ctx):\n        {}\n"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise ValueError('no')", "mine.py:4: ValueError: no"),
        ("return {'AAA': float('nan')}", "the weight of AAA is NaN"),
        ("import numpy; return numpy.zeros(3)", "array of shape (3,)"),
        ("import numpy; return numpy.full(4, 0.75)", "the weights add up to 3"),
    ],
)
def test_a_failed_run_is_one_message_and_1(place: Place, call: Call, body: str, message: str) -> None:
    place.strategy("mine", RAISES.format(body))
    said = call("run", place.yaml(strategy="mine"))
    assert (said.code, said.out) == (1, "")
    assert said.error.startswith("error: strategy 'mine' on 2020-01-02 00:00: ")
    assert message in said.error
    assert len(said.error.splitlines()) == 1
    assert place.runs() == []


def test_a_corrupted_parquet_file(place: Place, call: Call) -> None:
    file = place.root / "data" / "tiny" / "bars" / "close.parquet"
    file.write_bytes(file.read_bytes()[:-100])
    for command in ("run", "validate"):
        said = call(command, place.yaml())
        assert said.code == 2
        assert "close.parquet" in said.error
        assert len(said.error.splitlines()) == 1


def test_an_unwritable_reports_folder(place: Place, call: Call) -> None:
    (place.root / "reports").rmdir()
    (place.root / "reports").write_text("a file in place of the folder")
    said = call("run", place.yaml())
    assert said.code == 1
    assert "reports: cannot write there" in said.error


def test_no_workspace(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = call("run", tmp_path / "x.yaml")
    assert said.code == 2
    assert "no workspace here or above" in said.error


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run"], "run: missing argument 'config' (A YAML file); `backtest run --help` says more"),
        (
            ["run", "x.yaml", "--worksapce"],
            "run: unknown option '--worksapce'; known: --checkpoint-every, --help, --json, --resume, --set, "
            "--workspace",
        ),
        (["run", "x.yaml", "y.yaml"], "run: got unexpected extra argument(s) (y.yaml); "),
        (["validat"], "unknown command 'validat'; known: compare, data, explain, "),
        (
            ["data", "chek"],
            "data: unknown command 'chek'; known: check, import, list, sample, stream; did you mean 'check'?",
        ),
        (["list"], "list: missing argument 'kind' (What to list: strategies, allocations, "),
        (["list", "planets"], "unknown kind 'planets'; known: allocations, constraints, "),
        (["list", "cost"], "did you mean 'costs'?"),
        (["compare", "x.yaml", "--jobs", "0"], "compare: invalid value for '--jobs': Input should be greater than"),
        (["report", "latest", "--figures"], "option '--figures' requires an argument"),
    ],
)
def test_a_wrong_option_or_argument_is_2_and_one_line(call: Call, arguments: list[str], told: str) -> None:
    said = call(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.error.startswith("error: ")
    assert told in said.error
    assert said.error.count("\n") == 1
    assert "Value error" not in said.error


def test_a_group_of_commands_alone_shows_its_help(call: Call) -> None:
    said = call("data")
    assert said.code == 2
    assert "Usage" in said.error + said.out


def test_a_wrong_override(place: Place, call: Call) -> None:
    said = call("run", place.yaml(), "--set", "capitl=3")
    assert said.code == 2
    assert "did you mean 'capital'" in said.error


def test_validate_tells_every_problem_of_every_file(place: Place, call: Call) -> None:
    good = place.yaml("good")
    bad = place.yaml("bad", capital=-1, execution={"fill": "next_opne"}, market={"sauce": "tiny"})
    said = call("validate", good, bad)
    assert said.code == 2
    assert said.lines == [f"{good}: valid"]
    assert len(said.error.splitlines()) >= 3
    assert all(line.startswith(f"error: {bad}:") for line in said.error.splitlines())
    answer = json.loads(call("validate", good, bad, "--json").out)
    assert answer[str(good)] == {"problems": [], "warnings": []}
    assert len(answer[str(bad)]["problems"]) >= 3


def test_validate_good(place: Place, call: Call) -> None:
    said = call("validate", place.yaml())
    assert (said.code, said.lines) == (0, [f"{place.root / 'configs' / 'small.yaml'}: valid"])


def test_validate_checks_symbols_and_dates_together(place: Place, call: Call) -> None:
    file = place.yaml(market={"source": "tiny", "symbols": ["AAB"], "end": "2031-01-01"})
    assert len(call("validate", file).error.splitlines()) == 2


def test_validate_looks_at_the_data_beside_other_problems(place: Place, call: Call) -> None:
    file = place.yaml(
        capital=-1,
        market={"source": "tiny", "symbols": ["AAB"]},
        allocation={"method": "fixed", "weights": {"CCD": 1.0}},
        execution={"fill": "nxt_open"},
    )
    errors = call("validate", file).error.splitlines()
    assert [line.split("$.")[1].split(":")[0] for line in errors] == [
        "capital",
        "execution.fill",
        "market.symbols[0]",
        "allocation.weights.CCD",
    ]
    assert [line.split(":")[2] for line in errors] == ["6", "10", "5", "17"]


def test_validate_says_nothing_of_data_that_a_problem_hides(place: Place, call: Call) -> None:
    """Without its method nobody knows whether it may hold cash, without a market there is nothing to look at."""
    rules = {"max_weight": 0.1}
    file = place.yaml(allocation={"method": "kely"}, constraints=rules)
    assert len(call("validate", file).error.splitlines()) == 1
    assert len(call("validate", place.yaml(constraints=rules)).error.splitlines()) == 1
    file = place.yaml(market={"source": "nowhere", "start": "soon"}, constraints=rules)
    assert len(call("validate", file).error.splitlines()) == 1

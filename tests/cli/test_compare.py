"""`compare`: answers for people and machines, right and wrong input, and what other commands say of studies."""

from __future__ import annotations

import json
from pathlib import Path

from made import Place

from cli.conftest import Call

VARIANTS = {"monthly": {}, "never": {"rebalance": "never"}}


def test_compare_ends_with_the_folder(place: Place, call: Call) -> None:
    said = call("compare", place.yaml("study", variants=VARIANTS))
    assert said.code == 0
    assert said.error == ""
    assert Path(said.lines[-1]).is_dir()
    assert said.lines[0].split()[:2] == ["run", "Sharpe"]
    assert {line.split()[0] for line in said.lines[1:3]} == {"monthly", "never"}
    assert "had the highest Sharpe ratio of the two" in " ".join(said.lines)


def test_runs_that_differ_in_costs_alone_are_not_tested(place: Place, call: Call) -> None:
    variants = {"cheap": {}, "dear": {"costs": {"commission_bps": 50}}}
    said = call("compare", place.yaml("study", variants=variants, report={"html": True, "png": False}))
    assert "may be best" not in said.lines[0]
    assert "needs no test" in " ".join(said.lines)
    page = (Path(said.lines[-1]) / "comparison.html").read_text("utf-8")
    assert "May be best<" not in page
    assert "Filled: may be the best" not in page
    assert "may be best" in call("compare", place.yaml("other", variants=VARIANTS)).lines[0]


def test_invented_prices_are_said_to_be_that(place: Place, call: Call) -> None:
    file = place.root / "data" / "tiny" / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "source": "invented: by dice"}))
    said = call("compare", place.yaml("study", variants=VARIANTS, report={"html": True, "png": False}))
    assert "The prices are invented: " in " ".join(said.lines)
    page = (Path(said.lines[-1]) / "comparison.html").read_text("utf-8")
    assert '<li class="serious"><h3><span class="sr">Doubt: </span>The prices are invented</h3>' in page
    assert "data tiny (invented)" in page


def test_compare_json(place: Place, call: Call) -> None:
    file = place.yaml("study", variants=VARIANTS)
    answer = json.loads(call("compare", file, "--json", "--name", "mine", "--set", "capital=50").out)
    assert "-mine-" in Path(answer["folder"]).name
    assert answer["verdict"].startswith("From 2020-01-01")
    assert [each["capital"] for each in answer["variants"]] == [50.0, 50.0]


def test_compare_runs_by_name(place: Place, call: Call) -> None:
    folder = call("run", place.yaml("one")).lines[-1]
    said = call("compare", "latest", place.yaml("two", capital=77.0), "--jobs", "1")
    assert said.code == 0
    assert (Path(said.lines[-1]) / "runs").is_dir()
    assert Path(folder).is_dir()


def test_wrong_input_is_one_message(place: Place, call: Call) -> None:
    for what, code, words in (
        (["nothing.yaml"], 2, "no such file"),
        ([place.yaml("single")], 2, "a single configuration; expected one with `compare` or `variants`"),
        (["latest", "latest"], 2, "no runs there yet"),
        ([place.yaml("one", variants={"a": {}})], 2, "received 1 variant; allowed: 2 to 20"),
        ([], 2, "missing argument 'what'"),
    ):
        said = call("compare", *what)
        assert (said.code, words in said.error.replace("\n", " ")) == (code, True), said.error
    assert place.runs() == []


def test_run_and_validate_know_studies(place: Place, call: Call) -> None:
    file = place.yaml("study", variants=VARIANTS)
    said = call("run", file)
    assert said.code == 2
    assert "`backtest compare` puts them side by side" in said.error
    assert call("validate", file).lines == [f"{file}: valid"]
    wrong = call("validate", place.yaml("wrong", variants={"a": {}, "b": {"market.symbols": ["XXX"]}}))
    assert wrong.code == 2
    assert "XXX" in wrong.error
    assert "(variant 'b')" in wrong.error


def test_report_draws_a_comparison_again(place: Place, call: Call) -> None:
    folder = Path(call("compare", place.yaml("study", variants=VARIANTS)).lines[-1])
    said = call("report", folder)
    assert said.code == 0
    assert {Path(line).name for line in said.lines} >= {"comparison.html", "equity.png", "ranking.png"}
    assert (folder / "comparison.html").is_file()
    one = call("report", folder, "--figures", "ranking", "--png-only")
    assert [Path(line).name for line in one.lines] == ["ranking.png"]
    assert call("report", folder, "--figures", "nothing").code == 2

"""From a study to its folder: what is run, what is found again, how it is counted, what is left when it fails."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from made import Place, made_market

import backtest
from backtest import BacktestError
from backtest.errors import ConfigError, InputError, RunError, StrategyError
from backtest.market.prepare import prepared
from backtest.market.save import save
from backtest.report.comparison import read_study
from backtest.report.comparison.doubts import doubts
from backtest.report.names import quoted
from backtest.study.check import check
from backtest.study.crew import _left as remaining
from backtest.workspace import Workspace
from backtest.workspace.compare import differences

from .runs import METHODS, study, trials

DEADLY = """
import os
from backtest import Strategy
class Deadly(Strategy):
    parent: int
    def decide(self, ctx):
        if os.getpid() != self.parent:
            os._exit(7)
"""
RUN = {"config.yaml", "manifest.json", "metrics.json", "equity.parquet", "weights.parquet", "rebalances.parquet"}


def test_the_folder_holds_numbers_and_whole_runs(place: Place) -> None:
    done = backtest.compare(study(place), workspace=place.root)
    assert place.runs() == [done.folder.name]
    assert done.folder.name.split("-")[1] == "which"
    assert {"comparison.json", "comparison.parquet", "runs"} == {path.name for path in done.folder.iterdir()}
    assert set(done.runs) == set(METHODS)
    for folder in done.runs.values():
        assert {path.name for path in folder.iterdir()} >= RUN
    assert json.loads((done.folder / "comparison.json").read_text()) == done.comparison
    assert sorted(done.names) == sorted(METHODS)


def test_numbers_are_those_of_the_runs(place: Place) -> None:
    config = study(place, variants=None, compare={"costs.commission_bps": [0, 10, 50]})
    done = backtest.compare(config, workspace=place.root)
    table = pq.read_table(done.folder / "comparison.parquet")
    assert table.column_names == ["time", "commission_bps 0", "commission_bps 10", "commission_bps 50"]
    for name, folder in done.runs.items():
        metrics = {each["key"]: each["value"] for each in json.loads((folder / "metrics.json").read_text())["metrics"]}
        for key in ("total_return", "annual_return", "volatility", "sharpe", "sortino", "max_drawdown", "turnover"):
            assert done[name][key] == pytest.approx(metrics[key], rel=1e-12), key
        assert done[name]["cost_drag"] == pytest.approx(metrics["cost_drag"], rel=1e-12)
        equity = pq.read_table(folder / "equity.parquet").column("equity").to_numpy()
        np.testing.assert_allclose(table.column(name).to_numpy(), equity / 10_000.0, rtol=1e-15)
    assert done["commission_bps 0"]["gross_sharpe"] == pytest.approx(done["commission_bps 0"]["sharpe"], rel=1e-9)
    assert done.names == ("commission_bps 0", "commission_bps 10", "commission_bps 50")
    assert isinstance(done.ranking, pd.DataFrame)
    assert len(done.pairs) == 3
    with pytest.raises(InputError, match="unknown variant 'x'"):
        done["x"]


def test_single_runs_come_out_as_they_do_alone(place: Place) -> None:
    done = backtest.compare(study(place), workspace=place.root)
    for name, folder in done.runs.items():
        config = study(place, variants=None, name=f"which-{name}")
        if name != "equal_weight":
            config["allocation"] = {"method": name, "lookback": 20}
        alone = backtest.run(config, workspace=place.root)
        assert [line for line in differences(folder, alone.folder) if line != "metrics.json"] == []


def test_each_variant_counts_once_and_against_the_others(place: Place) -> None:
    done = backtest.compare(study(place), workspace=place.root)
    assert trials(place) == [f"{done.folder.name}/runs/{name}" for name in METHODS]
    for folder in done.runs.values():
        metrics = {each["key"]: each["value"] for each in json.loads((folder / "metrics.json").read_text())["metrics"]}
        assert metrics["trials"] == 3
        assert json.loads((folder / "manifest.json").read_text())["trial"]["count"] == 3
    backtest.compare(study(place), workspace=place.root, fresh=True)
    assert len(trials(place)) == 3


several_processes = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="the other processes resample a thousand times")


@several_processes
def test_several_processes_give_the_same(place: Place) -> None:
    one = backtest.compare(study(place), workspace=place.root, fresh=True, jobs=1)
    two = backtest.compare(study(place), workspace=place.root, fresh=True, jobs=2)
    for name, folder in one.runs.items():
        assert differences(folder, two.runs[name]) == []
    assert {**one.comparison, "created": ""} == {**two.comparison, "created": ""}


@pytest.mark.parametrize("jobs", [1, pytest.param(3, marks=several_processes)])
def test_all_failures_are_told_and_nothing_is_left(place: Place, jobs: int) -> None:
    place.strategy(
        "bad",
        "from backtest import Strategy\nclass Bad(Strategy):\n    when: int\n    def decide(self, ctx):\n"
        "        if ctx.row > self.when: raise ValueError('too late')\n        return {'AAA': 1.0}\n",
    )
    wrong = {f"bad {when}": {"strategy": {"name": "bad", "params": {"when": when}}} for when in (3, 60)}
    with pytest.raises(StrategyError) as caught:
        backtest.compare(study(place, variants={"good": {}, **wrong}), workspace=place.root, jobs=jobs)
    said = str(caught.value).splitlines()
    assert [line[:17] for line in said] == ["variant 'bad 3': ", "variant 'bad 60':"]
    assert all("too late" in line for line in said)
    assert place.runs() == []
    assert trials(place) == []


def test_infeasible_constraints_are_named_with_their_variant(place: Place) -> None:
    caps = {"free": {}, "tight": {"constraints": {"max_weight": 0.1}}}
    with pytest.raises(ConfigError, match=r"max_weight 0\.1 of 4 symbols.*\(variant 'tight'\)"):
        backtest.compare(study(place, variants=caps), workspace=place.root)
    assert place.runs() == []


def test_what_only_the_data_show_is_told_at_once(place: Place) -> None:
    variants = {"a": {"market.start": "2031-01-01"}, "b": {"market.symbols": ["AAA", "XXX"]}, "c": {}}
    with pytest.raises(ConfigError) as caught:
        backtest.compare(study(place, variants=variants), workspace=place.root)
    said = [str(problem) for problem in caught.value.problems]
    assert any("(variant 'a')" in each and "$.market.start" in each for each in said)
    assert any("(variant 'b')" in each and "XXX" in each for each in said)


def test_what_differs_and_what_may_surprise_say_whose_it_is(place: Place) -> None:
    rules = {"monthly": {}, "yearly": {"rebalance": {"calendar": "year"}, "execution": {"fill": "same_close"}}}
    file = place.yaml("study", variants=rules)
    done = backtest.compare(file)
    told = {row["place"]: row["values"] for row in done.comparison["differs"]}
    assert told["rebalance.any"] == ["calendar month on first", "calendar year on first"]
    assert told["execution.fill"] == ["next_close", "same_close"]
    problems, warnings = check(file, Workspace(place.root))
    assert problems == []
    assert warnings
    assert set(warnings) <= set(done.warnings)
    assert all(text.endswith("(variant 'yearly')") for text in warnings), warnings


def test_other_markets_are_compared_where_they_meet(place: Place) -> None:
    later = made_market(rows=100, seed=3, times=pd.date_range("2020-02-10", periods=100, freq="D"))
    save(replace(prepared(later), name="later"), place.root / "data")
    done = backtest.compare(study(place, variants={"a": {}, "b": {"market.source": "later"}}), workspace=place.root)
    assert done.comparison["span"]["cut"]
    assert done.comparison["span"]["first"] == "2020-02-10"
    assert any(text.endswith(": b began last; a ended first") for text in done.warnings)
    said = {doubt.title: quoted(doubt.text) for doubt in doubts(read_study(done.folder))}
    assert "b" in said["Different markets"].partition("later, ")[2]
    (place.root / "two.csv").write_text("symbol,from,to\nAAA,,\nBBB,,2020-03-01\n", encoding="utf-8")
    some = {"a": {}, "b": {"market.symbols": {"file": "two.csv"}}, "c": {"rebalance": "never"}}
    done = backtest.compare(study(place, variants=some, allocation={"method": "equal_weight"}), workspace=place.root)
    said = {doubt.title: quoted(doubt.text) for doubt in doubts(read_study(done.folder))}
    assert "2 symbols from 2020-01-01" in said["Other symbols or dates of tiny"]
    assert ": 'b'" in said["Other symbols or dates of tiny"]
    assert ": 'a' and 'c'" in said["Other symbols or dates of tiny"].replace("'c' and 'a'", "'a' and 'c'")
    assert "Different markets" not in said
    save(
        replace(prepared(made_market(times=pd.date_range("2030-01-01", periods=120))), name="far"), place.root / "data"
    )
    with pytest.raises(InputError, match="only 0 common bars"):
        backtest.compare(study(place, variants={"a": {}, "b": {"market.source": "far"}}), workspace=place.root)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ([], "received 0 to compare"),
        (["latest"], "received 1 to compare"),
        (["latest", "latest"], "is there twice"),
        (["latest", "nothing"], "unknown run 'nothing'"),
        ({"name": "x", "market": {"source": "tiny"}}, "a single configuration"),
        ("nothing.yaml", "no such file"),
    ],
)
def test_wrong_questions(place: Place, monkeypatch: pytest.MonkeyPatch, what: Any, said: str) -> None:
    monkeypatch.chdir(place.root)
    backtest.run(place.config(), workspace=place.root)
    with pytest.raises(InputError, match=said):
        backtest.compare(what, workspace=place.root)


def test_the_same_configuration_twice_is_refused(place: Place) -> None:
    with pytest.raises(InputError, match="'other' is the same configuration as 'small'"):
        backtest.compare([place.config(), place.config(name="other")], workspace=place.root)


def test_runs_cannot_be_overridden(place: Place) -> None:
    made = backtest.run(place.config(), workspace=place.root).folder
    with pytest.raises(InputError, match="--set: a run that was made before cannot be changed"):
        backtest.compare([made, place.yaml(name="other")], workspace=place.root, overrides=["capital=5"])


@pytest.mark.parametrize(
    ("seconds", "waiting", "left"),
    [([12.0], 5, 0.0), ([30.0], 5, 50.0), ([12.0, 0.5], 4, 2.0), ([12.0, 3.0, 1.0], 3, 6.0)],
)
def test_what_is_left_does_not_count_what_is_loaded_once(seconds: list[float], waiting: int, left: float) -> None:
    assert remaining(seconds, waiting) == pytest.approx(left)


@several_processes
def test_a_helper_that_dies_is_told(place: Place) -> None:
    place.strategy(
        "deadly",
        DEADLY,
    )
    variants = {
        str(k): {"strategy": {"name": "deadly", "params": {"parent": os.getpid()}}, "seed": k, "probe": "off"}
        for k in range(4)
    }
    with pytest.raises(RunError, match=r"the process that ran it ended with code 7; `--jobs 1`"):
        backtest.compare(study(place, variants=variants), workspace=place.root, jobs=2)
    assert place.runs() == []


def test_problems_survive_the_way_between_processes() -> None:
    import pickle

    from backtest.errors import Problem

    error = ConfigError([Problem("$.a", "wrong", file=Path("x.yaml"), line=3)])
    again = pickle.loads(pickle.dumps(error))
    assert again.problems == error.problems
    assert str(again) == str(error)
    assert isinstance(again, BacktestError)

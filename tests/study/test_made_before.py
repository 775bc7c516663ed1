"""Runs that were made before: found again by their content, or compared as they lie."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from typing import Any

import pytest
from made import Place, made_market

import backtest
from backtest.errors import DataError, WorkspaceError
from backtest.market.prepare import prepared
from backtest.market.save import save
from backtest.study.crew import Crew
from backtest.workspace.compare import differences

from .runs import METHODS, study, trials

MINE = """
from backtest import Strategy
class Mine(Strategy):
    def decide(self, ctx):
        return {{"{symbol}": 1.0}}
"""


def test_what_was_run_before_is_found_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    first = backtest.compare(study(place), workspace=place.root)
    monkeypatch.setattr(Crew, "simulate", refuse_to_simulate)
    again = backtest.compare(study(place, name="other"), workspace=place.root)
    places = [each["found"] for each in again.comparison["variants"]]
    assert places == [f"{first.folder.name}/runs/{name}" for name in METHODS]
    assert first.comparison["ranking"] == again.comparison["ranking"]
    for name, folder in again.runs.items():
        assert differences(first.runs[name], folder) == []
    with pytest.raises(AssertionError, match="equal_weight"):
        backtest.compare(study(place), workspace=place.root, fresh=True)
    with pytest.raises(AssertionError, match="hrp"):
        backtest.compare(study(place, capital=5_000.0), workspace=place.root)


def refuse_to_simulate(_crew: Crew, variants: Any, _heard: object) -> dict[str, Any]:
    assert not variants, [variant.label for variant in variants]
    return {}


def test_a_changed_strategy_or_store_is_run_anew(place: Place) -> None:
    place.strategy(
        "mine",
        MINE.format(symbol="AAA"),
    )
    config = study(place, variants={"a": {"strategy": "mine"}, "b": {}})
    backtest.compare(config, workspace=place.root)
    place.strategy(
        "mine",
        MINE.format(symbol="BBB"),
    )
    again = backtest.compare(config, workspace=place.root)
    assert [(each["found"] or "").rpartition("/")[2] for each in again.comparison["variants"]] == ["", "b"]
    save(replace(prepared(made_market(seed=5)), name="tiny"), place.root / "data", replace=True)
    new = backtest.compare(config, workspace=place.root)
    assert [each["found"] for each in new.comparison["variants"]] == [None, None]


def test_runs_that_were_made_before_are_compared(place: Place) -> None:
    first = backtest.run(place.config(name="one"), workspace=place.root)
    second = backtest.run(place.config(name="one", capital=500.0), workspace=place.root)
    config = place.yaml("third", rebalance="never")
    done = backtest.compare([first.folder, second.folder.name, config], workspace=place.root)
    assert [each["name"] for each in done.comparison["variants"]] == [first.folder.name, second.folder.name, "small"]
    assert done.folder.name.split("-")[1] == "comparison"
    assert done.comparison["same_returns"] == [[first.folder.name, second.folder.name]]
    assert len(trials(place)) == 3
    assert (done.runs[first.folder.name] / "equity.parquet").is_file()


def test_a_damaged_run_is_named_where_it_lies(place: Place) -> None:
    good, bad = (backtest.run(place.config(capital=capital), workspace=place.root).folder for capital in (1e3, 2e3))
    (bad / "report.html").write_text("a page that was drawn while the numbers were whole")
    for name in ("metrics.json", "weights.parquet", "equity.parquet"):
        (bad / name).write_bytes(b"nonsense")
        where = rf"reports/{re.escape(f'{bad.name}/{name}')}: cannot be read as an artefact of a run"
        with pytest.raises(DataError, match=where):
            backtest.compare([good, bad], workspace=place.root)
        shutil.copy(good / name, bad)
    (bad / "equity.parquet").unlink()
    with pytest.raises(WorkspaceError, match=rf"{bad.name}: not a whole run folder; missing equity\.parquet"):
        backtest.compare([good, bad], workspace=place.root)
    assert place.runs() == sorted([good.name, bad.name])


def test_a_damaged_run_that_nobody_asked_for_is_made_anew(place: Place) -> None:
    first = backtest.compare(study(place), workspace=place.root)
    (first.runs["hrp"] / "metrics.json").write_text("{")
    again = backtest.compare(study(place), workspace=place.root)
    assert [each["name"] for each in again.comparison["variants"] if each["found"] is None] == ["hrp"]


def test_a_run_from_before_trials_were_counted_disturbs_nobody(place: Place) -> None:
    early = backtest.run(place.config(name="early"), workspace=place.root).folder
    manifest = json.loads((early / "manifest.json").read_text())
    (early / "manifest.json").write_text(json.dumps({**manifest, "trial": None}))
    done = backtest.compare([early, place.config(name="now", capital=5.0)], workspace=place.root)
    assert done.comparison["luck"]["early"]["trials"] == 2
    backtest.compare(study(place), workspace=place.root)


def test_a_run_whose_strategy_is_gone_is_compared_without_stress(place: Place) -> None:
    file = place.strategy(
        "mine",
        MINE.format(symbol="AAA"),
    )
    gone = backtest.run(place.config(name="gone", strategy="mine"), workspace=place.root)
    other = backtest.run(place.config(name="other"), workspace=place.root)
    file.unlink()
    done = backtest.compare([gone.folder, other.folder], workspace=place.root)
    assert done.comparison["stress"]["left_out"][0] == "its configuration cannot be read any more"
    assert done.comparison["stress"]["late"][0] is None
    assert done.comparison["stress"]["late"][1]["sharpe"] is not None
    assert [done.comparison["luck"][name]["trials"] for name in ("gone", "other")] == [2, 2]

"""The page and the pictures of a comparison: their numbers are the artefacts', nothing is fetched, nothing escapes."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numba
import pytest
from made import Place, few_resamples, make_place
from PIL import Image

import backtest
from backtest import Study
from backtest.errors import DataError, InputError, WorkspaceError
from backtest.report import comparison
from backtest.report.comparison import FIGURES, build, read_study
from backtest.report.comparison.page import render
from backtest.report.comparison.scatter import scatter
from backtest.report.words import p_value, percent, ratio

draws_its_own = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="drawing compiles nothing; one comparison is drawn")

EVIL = "<script>alert(1)</script> & \"'"


class Reader(HTMLParser):
    """The rows of each table by the id of what it stands in, and every tag with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.place, self.open = "", False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if found.get("id"):
            self.place = str(found["id"])
        if tag == "tr":
            self.tables.setdefault(self.place, []).append([])
        if tag in ("td", "th"):
            self.tables[self.place][-1].append("")
            self.open = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.open = False

    def handle_data(self, data: str) -> None:
        if self.open:
            self.tables[self.place][-1][-1] += data


def study(place: Place, **changes: Any) -> Study:
    variants = {EVIL: {}, "never": {"rebalance": "never"}, "calm": {"allocation.method": "inverse_volatility"}}
    config = place.config(
        name="drawn",
        allocation={"method": "equal_weight"},
        variants={**variants, "calm": {"allocation": {"method": "inverse_volatility", "lookback": 15}}},
        costs={"commission_bps": 20},
        report={"html": True, "png": True},
        benchmark={"rebalance": {"calendar": "month"}},
    )
    return backtest.compare({**config, **changes}, workspace=place.root)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, tiny_store: Path) -> Study:
    """A comparison that no test changes."""
    with few_resamples():
        return study(make_place(tmp_path_factory.mktemp("drawn") / "place", tiny_store))


@pytest.fixture
def copied(done: Study, tmp_path: Path) -> Study:
    """The same in another folder, to be changed."""
    return replace(done, folder=shutil.copytree(done.folder, tmp_path / "copied"))


def test_every_number_is_the_one_of_the_artefact(done: Study) -> None:
    text = (done.folder / "comparison.html").read_text("utf-8")
    page = Reader(text)
    told = {each["name"]: each for each in done.comparison["variants"]}
    rows = page.tables["ranking-table"][1:]
    assert [row[0] for row in rows] == list(done.names)
    for row in rows:
        metrics, bounds = told[row[0]]["metrics"], told[row[0]]["intervals"]["sharpe"]
        assert row[1] == ratio(metrics["sharpe"])
        assert row[2] == f"{ratio(bounds['low'])} to {ratio(bounds['high'])}"
        assert row[4:6] == [percent(metrics["annual_return"]), percent(metrics["volatility"])]
        assert row[7] == percent(metrics["max_drawdown"])
        assert row[9] == ratio(told[row[0]]["final"])
    for row in page.tables["costs-table"][1:]:
        metrics = told[row[0]]["metrics"]
        assert [row[1], row[3], row[7]] == [
            percent(metrics[key], 2) for key in ("gross_annual_return", "annual_return", "cost_drag")
        ]
        assert row[6] == percent(metrics["turnover"], 0)
        assert row[2] == percent(metrics["gross_annual_return"] - metrics["annual_return"], 2)
        assert f"{row[1]} → {row[3]}" in text
    stress = done.comparison["stress"]
    for row in page.tables["stress"][1:]:
        k = list(told).index(row[0])
        assert row[2:4] == [ratio(stress[key][k]["sharpe"]) for key in ("double_costs", "late")]


def test_the_matrix_holds_each_difference_twice_with_its_sign(done: Study) -> None:
    page = Reader((done.folder / "comparison.html").read_text("utf-8"))
    head, *rows = page.tables["differences"]
    found = {(row[0], name): cell for row in rows for name, cell in zip(head[1:], row[1:], strict=True)}
    for test in done.comparison["pairs"]["tests"]:
        value, p = test["difference"], p_value(test["adjusted"]).replace(" ", "\u00a0")
        for pair, turned in (((test["first"], test["second"]), value), ((test["second"], test["first"]), -value)):
            sign = "+" if turned >= 0.005 else ""
            assert found[pair] == f"{sign}{ratio(turned)} ·\u00a0{p}"
    assert all(found[name, name] == "" for name in done.names)


def test_names_are_text_and_nothing_else(done: Study) -> None:
    text = (done.folder / "comparison.html").read_text("utf-8")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert done.runs[EVIL].name == "script-alert-1-script"
    scripts = [about for tag, about in Reader(text).tags if tag == "script"]
    assert len(scripts) == 2


def test_nothing_is_fetched(done: Study) -> None:
    page = Reader((done.folder / "comparison.html").read_text("utf-8"))
    for tag, about in page.tags:
        assert tag not in ("img", "iframe", "object", "embed"), about
        assert not about.get("src"), about
        link = about.get("href") or ""
        assert link.startswith(("#", "runs/", "data:")) or not link, link
        if link.startswith("runs/"):
            assert (done.folder / link).is_file()


def test_a_run_has_one_colour_in_every_chart(done: Study) -> None:
    text = (done.folder / "comparison.html").read_text("utf-8")
    for k, each in enumerate(done.comparison["variants"]):
        name = "never" if each["name"] == "never" else "calm" if each["name"] == "calm" else "&lt;script"
        inks = set(re.findall(rf'<i class="dot (k\d+)"></i>{name}', text))
        inks |= set(
            re.findall(rf'<li class="(k\d+)"><button type="button" aria-pressed="false"><i[^>]*></i>{name}', text)
        )
        inks |= set(re.findall(rf'<div class="whisker (k\d+)[^"]*"><span class="name" title="{name}', text))
        assert inks == {f"k{k}"}, name


def test_it_is_drawn_from_the_folder_alone(copied: Study) -> None:
    folder = copied.folder
    before = {path: path.read_bytes() for path in (folder / "comparison.html", *(folder / "figures").iterdir())}
    assert {path.stem for path in before} == {"comparison", *FIGURES}
    for path in before:
        path.unlink()
    assert set(build(folder)) == set(before)
    assert {path: path.read_bytes() for path in before} == before


def test_pictures_have_twice_the_usual_resolution(done: Study) -> None:
    for name in FIGURES:
        with Image.open(done.folder / "figures" / f"{name}.png") as picture:
            assert picture.width == 1_800


def test_doubts_of_single_runs_are_told_once(done: Study) -> None:
    text = (done.folder / "comparison.html").read_text("utf-8")
    assert text.count('<h3><span class="sr">Doubt: </span>Short record</h3>') == 1
    assert "Universe is today&#39;s list" in text


@draws_its_own
def test_the_report_settings_say_what_is_drawn(place: Place) -> None:
    bare = study(place, report={"html": False, "png": False})
    assert not (bare.folder / "comparison.html").exists()
    assert not (bare.folder / "figures").exists()
    page = study(place, report={"html": True, "png": False})
    assert (page.folder / "comparison.html").is_file()
    assert not (page.folder / "figures").exists()
    assert all((folder / "report.html").is_file() for folder in page.runs.values())


@draws_its_own
def test_a_benchmark_that_all_share_is_drawn_beside_them(place: Place, done: Study) -> None:
    shared = study(place, variants={"monthly": {}, "never": {"rebalance": "never"}})
    assert read_study(shared.folder).benchmark is not None
    assert ">Benchmark <" in (shared.folder / "comparison.html").read_text("utf-8")
    assert read_study(done.folder).benchmark is None  # of one run it waits for history
    assert ">Benchmark <" not in (done.folder / "comparison.html").read_text("utf-8")


@draws_its_own
def test_twenty_runs_are_drawn(place: Place) -> None:
    many = study(place, variants={f"cap {k}": {"capital": 1_000.0 + k} for k in range(20)})
    assert len(many.pairs) == 190
    assert many.comparison["same_returns"]
    page = (many.folder / "comparison.html").read_text("utf-8")
    assert len(set(re.findall(r'<div class="whisker (k\d+)', page))) == 20


@draws_its_own
def test_runs_that_earned_nothing_are_drawn(place: Place) -> None:
    place.strategy(
        "idle", "from backtest import Strategy\nclass Idle(Strategy):\n    def decide(self, ctx):\n        return {}\n"
    )
    variants = {"idle": {"strategy": "idle"}, "idle too": {"strategy": "idle", "seed": 1}}
    idle = study(place, variants=variants, benchmark=None)
    assert idle.verdict.startswith("No run has a Sharpe ratio")
    assert (idle.folder / "figures" / "risk_return.png").is_file()
    mixed = study(place, variants={**variants, "full": {}})
    assert "'full' had the highest Sharpe ratio of the three" in mixed.verdict
    assert "'idle' and 'idle too' hold the same returns" in mixed.verdict


@draws_its_own
def test_a_ruined_run_is_drawn(place: Place) -> None:
    done = study(
        place, variants={"poor": {"costs": {"commission_minimum": 400.0}, "rebalance": {"calendar": "day"}}, "rich": {}}
    )
    assert done.names[0] == "rich"
    assert (done.folder / "comparison.html").is_file()
    assert scatter(read_study(done.folder)).groups


def test_wrong_folders_are_one_message(copied: Study, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"not the folder of a comparison; missing comparison\.json"):
        read_study(tmp_path)
    with pytest.raises(InputError, match="unknown figure 'nothing'"):
        build(copied.folder, figures=["nothing"])
    (copied.folder / "comparison.json").write_text('{"schema": 99}', encoding="utf-8")
    with pytest.raises(DataError, match=r"written by another version \(schema 99\); this one reads 2"):
        read_study(copied.folder)
    (copied.folder / "comparison.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match=r"comparison\.json: cannot be read as an artefact of a comparison"):
        read_study(copied.folder)


def test_a_run_that_cannot_be_read_is_a_doubt_not_the_end(copied: Study) -> None:
    shutil.rmtree(copied.runs["never"])
    page = render(read_study(copied.folder))
    assert "A run cannot be read" in page


def test_the_data_of_the_script_cannot_end_their_element(done: Study) -> None:
    text = (done.folder / "comparison.html").read_text("utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    assert set(data["plots"]) == {"growth", "drawdown", "relative", "weights-0", "weights-1", "weights-2"}
    assert len(data["plots"]["growth"]["layers"]) == 3
    assert comparison.verdict(done.comparison) == done.verdict

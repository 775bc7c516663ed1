"""The page of a comparison in a browser without a network: one zoom, one crosshair, one legend, tables that sort."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from study.runs import made_pairs

from backtest import Study
from backtest.report.comparison import StudyNumbers, read_study
from backtest.report.comparison.page import render
from backtest.report.words import days, percent, ratio

from .browser import Browser, find_chromium
from .sorting import check_tables

CHROMIUM = find_chromium()
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (Debian: apt install chromium)")

CHARTS = ["growth", "drawdown", "relative", "weights-0", "weights-1", "weights-2"]
VIEWS = "[...document.querySelectorAll('[data-plot] .marks')].map((svg) => svg.getAttribute('viewBox').split(' '))"
CURSORS = "[...document.querySelectorAll('.cursor')].map((line) => [line.hidden, line.textContent, line.style.left])"
INKED = """[...document.querySelectorAll('svg.marks')].map((svg) =>
    [...svg.querySelectorAll('path')].some((path) => { const box = path.getBoundingClientRect();
    return box.width + box.height > 1; }))"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM is not None
    with Browser(CHROMIUM) as opened:
        yield opened


@pytest.fixture(scope="module")
def page(study: Study) -> Path:
    return study.folder / "comparison.html"


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (360, False)], ids=["light", "dark", "phone"])
def test_it_opens_offline_and_draws_its_charts(browser: Browser, page: Path, width: int, dark: bool) -> None:
    browser.open(page, width=width, dark=dark)
    assert browser.complaints == []
    assert browser.requests == [page.as_uri()]
    assert browser.run(
        "[...document.querySelectorAll('[data-plot]')].map((node) => node.dataset.plot).sort()"
    ) == sorted(CHARTS)
    assert all(browser.run(INKED))
    assert browser.run(WIDER) <= 0


def twenty(study: Study) -> StudyNumbers:
    """The three runs of the study, again and again under other names."""
    found = read_study(study.folder)
    places = [k % len(found.names) for k in range(20)]
    names = [f"lookback {20 + k} / top {k}" for k in range(20)]
    facts = dict(found.facts)
    facts["variants"] = [{**found.variants[place], "name": name} for place, name in zip(places, names, strict=True)]
    facts["ranking"] = names
    facts["luck"] = {name: facts["luck"][found.names[place]] for place, name in zip(places, names, strict=True)}
    facts["confidence_set"] = {**facts["confidence_set"], "p_value": {}, "inside": names}
    facts["pairs"] = {**facts["pairs"], "tests": made_pairs(names)}
    facts["differs"] = [{"place": f"strategy.params.{key}", "values": ["126"] * 20} for key in ("lookback", "top")]
    for key in ("periods", "starts"):
        facts[key] = [{**part, "sharpe": [part["sharpe"][place] for place in places]} for part in facts[key]]
    facts["stress"] = {key: [values[place] for place in places] for key, values in facts["stress"].items()}
    return replace(found, facts=facts, growth=found.growth[:, places])


A4 = 703
"""Pixels of what is printed on between the margins of such a page."""
CUT = """[...document.querySelectorAll('.table, .months')].filter((box) => {
    const scroll = box.querySelector('.scroll');
    return scroll.scrollWidth > scroll.clientWidth + 1; }).map((box) => box.id)"""
LETTERS = "[...document.querySelectorAll('td, th')].map((cell) => parseFloat(getComputedStyle(cell).fontSize))"
SIX_POINTS = 8.0


def test_tables_of_twenty_runs_are_cut_nowhere(browser: Browser, study: Study, tmp_path: Path) -> None:
    page = tmp_path / "twenty.html"
    page.write_text(render(twenty(study)), encoding="utf-8")
    browser.open(page)
    assert browser.complaints == []
    assert browser.run(CUT) == []
    assert browser.run(WIDER) <= 0
    browser.open(page, width=A4)
    browser.call("Emulation.setEmulatedMedia", media="print")
    assert browser.run(CUT) == []
    assert browser.run(WIDER) <= 0
    assert min(browser.run(LETTERS)) >= SIX_POINTS
    browser.call("Emulation.setEmulatedMedia", media="")


@pytest.mark.parametrize("chart", ["relative", "weights-1"])
def test_zooming_one_chart_zooms_all(browser: Browser, page: Path, chart: str) -> None:
    browser.open(page)
    whole = browser.run(VIEWS)
    assert {(view[0], view[2]) for view in whole} == {("0", "20000")}
    browser.drag(f"[data-plot={chart}] .box", 0.25, 0.75)
    near = browser.run(VIEWS)
    assert len({(view[0], view[2]) for view in near}) == 1
    assert float(near[0][2]) == pytest.approx(10_000.0, rel=0.02)
    browser.run(f"document.querySelector('[data-plot={chart}] .box').focus()")
    browser.press("0")
    assert browser.run(VIEWS) == whole


def test_the_crosshair_reads_all_charts_at_one_moment(browser: Browser, page: Path, study: Study) -> None:
    browser.open(page)
    browser.run("document.querySelector('[data-plot=growth]').scrollIntoView({block: 'center', behavior: 'instant'})")
    box = browser.run("document.querySelector('[data-plot=growth] .box').getBoundingClientRect().toJSON()")
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=box["x"] + 0.6 * box["width"], y=box["y"] + 20.0)
    cursors = browser.run(CURSORS)
    assert len(cursors) == len(CHARTS)
    ((hidden, day, _),) = {tuple(cursor) for cursor in cursors}
    assert not hidden
    frame = pd.read_parquet(study.folder / "comparison.parquet")
    row = days(frame["time"].astype("datetime64[ns, UTC]").astype("int64").to_numpy()).index(day)
    shown = dict(browser.run(
        "[...document.querySelectorAll('[data-plot=growth] .legend button')].map((button) => "
        "[button.childNodes[1].textContent.trim(), button.querySelector('output').textContent])"))  # fmt: skip
    told = {"Benchmark": "benchmark"}
    assert shown == {name: ratio(float(frame[told.get(name, name)][row])) for name in shown}
    assert set(shown) == {*study.names, "Benchmark"}


def test_the_crosshair_names_the_largest_holdings(browser: Browser, page: Path, study: Study) -> None:
    browser.open(page)
    browser.run("document.querySelector('[data-plot=weights-0] .box').focus()")
    browser.press("ArrowLeft")  # the last bar
    for k, name in enumerate(str(each["name"]) for each in study.comparison["variants"]):
        weights = pd.read_parquet(study.folder / "runs" / name / "weights.parquet").iloc[-1].drop("time").astype(float)
        largest = weights.sort_values(ascending=False)
        said = browser.run(f"document.querySelector('[data-plot=weights-{k}] .largest').textContent")
        values = [each.rpartition(" ")[2] for each in said.split(" · ")]
        assert values == [percent(value) for value in largest if value >= 0.0005][:4]
        assert {each.rpartition(" ")[0] for each in said.split(" · ")} <= set(largest.index)
    assert "DDD" in browser.run("document.querySelector('#spoken').textContent")


def test_one_legend_filters_all_weights(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('.multiples .legend button').click()")
    dim = browser.run(
        "[...document.querySelectorAll('.multiples [data-plot]')].map((node) => "
        "[...node.querySelectorAll('[data-layer]')].map((group) => group.classList.contains('dim')))"
    )
    assert len(dim) == 3
    assert all(each.count(False) == 1 for each in dim)


def test_tables_sort_but_for_the_matrix(browser: Browser, page: Path) -> None:
    browser.open(page)
    sorted_tables = check_tables(browser)
    assert {"ranking-table", "costs-table", "periods", "weights", "stress", "runs"} <= sorted_tables
    assert "differences" not in sorted_tables
    foot = "[...document.querySelectorAll('#weights tfoot tr')].map((row) => row.cells[0].textContent)"
    assert browser.run(foot) == ["Cash", "As concentrated as so many equal holdings"]


def test_it_prints(browser: Browser, page: Path) -> None:
    browser.open(page)
    paper = browser.paper()
    assert paper.startswith(b"%PDF")
    assert 3 < paper.count(b"/Type /Page\n") < 15


def test_what_the_crosshair_reads_is_in_the_page(page: Path) -> None:
    text = page.read_text("utf-8")
    data = json.loads(text.partition('id="data">')[2].partition("</script>")[0])
    for chart in CHARTS[3:]:
        told = data["plots"][chart]
        sums = np.array(told["layers"], dtype=float).sum(axis=0)
        np.testing.assert_allclose(sums, 1.0, atol=0.005)
        assert len(data["clocks"][told["clock"]]) == sums.size

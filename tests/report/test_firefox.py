"""Both pages in the other browser: what they draw, one zoom, tables that sort, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backtest import Study
from backtest.report.numbers import read_run
from backtest.report.page import render

from .firefox import Firefox, find_firefox

FIREFOX = find_firefox()
pytestmark = pytest.mark.skipif(FIREFOX is None, reason="no Firefox is installed (Debian: apt install firefox-esr)")

CHART = "document.querySelector('[data-plot] .box').getBoundingClientRect().width"
INKED = """[...document.querySelectorAll('svg.marks')].map((svg) =>
    [...svg.querySelectorAll('path')].some((path) => { const box = path.getBoundingClientRect();
    return box.width + box.height > 1; }))"""
GROUND = "getComputedStyle(document.body).backgroundColor"
TINTS = """new Set([...document.querySelectorAll('.months td.up, .months td.down')]
    .map((cell) => getComputedStyle(cell).backgroundColor)).size"""
VIEWS = "[...document.querySelectorAll('[data-plot] .marks')].map((svg) => svg.getAttribute('viewBox'))"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
COLUMN = "[...document.querySelector('table[data-sorts]').tBodies[0].rows].map((row) => row.cells[1].textContent)"
SORT = "document.querySelector('table[data-sorts]').querySelectorAll('thead button')[1].click()"


@pytest.fixture(scope="module")
def browser() -> Iterator[Firefox]:
    assert FIREFOX is not None
    with Firefox(FIREFOX, dark=True) as opened:
        yield opened


@pytest.fixture(scope="module", params=["run", "comparison"])
def page(
    request: pytest.FixtureRequest, folders: dict[str, Path], study: Study, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    if request.param == "comparison":
        return study.folder / "comparison.html"
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(render(read_run(folders["plain"])), encoding="utf-8")
    return file


@pytest.mark.parametrize("width", [1280, 500])
def test_it_is_drawn_and_fits(browser: Firefox, page: Path, width: int) -> None:
    browser.open(page, width=width)
    assert all(browser.run(INKED))
    assert browser.run(WIDER) <= 0
    assert browser.run(CHART) > 0.5 * width - 100
    assert browser.run(TINTS) > 3
    assert browser.run(GROUND) == "rgb(15, 18, 22)"  # dark, as the reader asked for


def test_one_zoom_for_all(browser: Firefox, page: Path) -> None:
    browser.open(page)
    whole = browser.run(VIEWS)
    browser.drag("[data-plot] .box", 0.25, 0.75)
    zoomed = browser.run(VIEWS)
    assert len(zoomed) == len(whole) > 3
    assert all(before != after for before, after in zip(whole, zoomed, strict=True))


def test_tables_sort_and_come_back(browser: Firefox, page: Path) -> None:
    browser.open(page)
    first = browser.run(COLUMN)
    seen = []
    for _ in range(3):
        browser.run(SORT)
        seen.append(browser.run(COLUMN))
    assert seen[0] == seen[1][::-1] != seen[1]
    assert seen[2] == first

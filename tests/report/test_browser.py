"""The page in a browser without a network: what it draws, what it answers to, and that it never complains."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from backtest.report.numbers import read_run
from backtest.report.page import render

from .browser import Browser, find_chromium
from .runs import STORIES
from .sorting import check_tables

CHROMIUM = find_chromium()
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (Debian: apt install chromium)")

ZOOMED = "[...document.querySelectorAll('[data-plot] .marks')].map((svg) => svg.getAttribute('viewBox'))"
INKED = """[...document.querySelectorAll('svg.marks')].map((svg) =>
    [...svg.querySelectorAll('path')].some((path) => { const box = path.getBoundingClientRect();
    return box.width + box.height > 1; }))"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TINTED = """[...document.querySelectorAll('.months td.up:not(.year), .months td.down:not(.year)')].map((cell) => {
    const style = getComputedStyle(cell); return [style.backgroundColor, style.color]; })"""
CONTRAST = "getComputedStyle(document.body).backgroundColor + getComputedStyle(document.body).color"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM is not None
    with Browser(CHROMIUM) as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("pages")
    for name, folder in folders.items():
        (place / f"{name}.html").write_text(render(read_run(folder)), encoding="utf-8")
    return {name: place / f"{name}.html" for name in folders}


@pytest.mark.parametrize("story", list(STORIES))
def test_every_story_opens_offline_and_draws_its_charts(browser: Browser, pages: dict[str, Path], story: str) -> None:
    browser.open(pages[story])
    assert browser.complaints == []
    assert browser.requests == [pages[story].as_uri()]
    drawn = browser.run(INKED)
    assert drawn
    assert all(drawn) or story in ("one_bar", "all_cash", "no_trades")
    assert browser.run("window.alert.toString().includes('native')")
    assert browser.run("document.querySelectorAll('script').length") == 2
    assert browser.run("document.title").endswith("backtest report")


@pytest.mark.parametrize("story", list(STORIES))
def test_every_story_fits_a_phone(browser: Browser, pages: dict[str, Path], story: str) -> None:
    browser.open(pages[story], width=360, height=740)
    assert browser.run(WIDER) <= 0
    assert browser.complaints == []
    cut = "[...document.querySelectorAll('.worded .scroll')].filter((box) => box.scrollWidth > box.clientWidth).length"
    assert browser.run(cut) == 0


def test_zooming_one_chart_zooms_all(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["plain"])
    whole = browser.run(ZOOMED)
    assert {view.split()[2] for view in whole} == {"20000"}
    browser.drag("[data-plot=drawdown] .box", 0.25, 0.75)
    near = browser.run(ZOOMED)
    assert len({view.split()[0] for view in near}) == 1
    assert all(float(view.split()[2]) == pytest.approx(10_000.0, rel=0.01) for view in near)
    labels = browser.run("[...document.querySelectorAll('[data-plot=equity] .gx b')].map((b) => b.textContent)")
    assert labels[0] > "2014"
    browser.run("document.querySelector('[data-plot=equity] .box').focus()")
    browser.press("0")
    assert browser.run(ZOOMED) == whole


def test_the_cursor_reads_all_charts_by_keyboard(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["plain"])
    browser.run("document.querySelector('[data-plot=weights] .box').focus()")
    browser.press("ArrowLeft")
    places = browser.run(
        "[...document.querySelectorAll('.cursor')].map((line) => [line.hidden, line.textContent, line.style.left])"
    )
    assert len({tuple(place) for place in places}) == 1
    assert places[0][0] is False
    read = browser.run("[...document.querySelectorAll('[data-plot=equity] output')].map((out) => out.textContent)")
    assert all(any(letter.isdigit() for letter in text) for text in read)
    assert places[0][1] in browser.run("document.querySelector('#spoken').textContent")


def test_names_in_a_legend_dim_the_rest(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["plain"])
    for chart in ("[data-plot=weights]", "[data-panel=yearly]"):
        browser.run(f"document.querySelector('{chart} .legend button').click()")
        dim = browser.run(
            f"[...document.querySelectorAll('{chart} [data-layer]')].map((group) => group.classList.contains('dim'))"
        )
        assert dim.count(False) == 1
        assert browser.run(f"document.querySelector('{chart} .legend button').getAttribute('aria-pressed')") == "true"


def test_tables_sort_by_every_column_but_for_those_whose_order_has_a_meaning(
    browser: Browser, pages: dict[str, Path]
) -> None:
    browser.open(pages["plain"])
    sorts = check_tables(browser)
    assert {"months", "years", "drawdowns", "contributions-asset", "trades", "log", "costs"} <= sorts
    assert not {"correlation", "bridge", "intervals", "metrics-return"} & sorts
    total = "document.querySelector('#contributions-cost tfoot').textContent"
    assert str(browser.run(total)).startswith("Total")


def test_tables_are_copied_whole(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["plain"])
    browser.run("window.kept = ''; navigator.clipboard.writeText = (text) => { window.kept = text; }")
    for key, columns in (("contributions-asset", 3), ("correlation", 21), ("months", 14)):
        browser.run(f"document.querySelector('#{key} .copy').click()")
        lines = str(browser.run("window.kept")).split("\n")
        assert len(lines) == browser.run(f"document.querySelectorAll('#{key} tr').length")
        assert {line.count("\t") for line in lines} == {columns - 1}


def test_the_logarithmic_scale_keeps_order_and_comes_back(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["plain"])
    path = "document.querySelector('[data-plot=equity] [data-layer] path').getAttribute('d')"
    straight = browser.run(path)
    browser.run("document.querySelector('[data-plot=equity] .log').click()")
    assert browser.run(path) != straight
    browser.run("document.querySelector('[data-plot=equity] .log').click()")
    assert browser.run(path) == straight


def test_it_follows_light_and_dark(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["plain"])
    light = browser.run(CONTRAST)
    browser.open(pages["plain"], dark=True)
    assert browser.run(CONTRAST) != light
    assert browser.complaints == []


def test_it_prints_the_whole_record(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["plain"])
    browser.drag("[data-plot=equity] .box", 0.25, 0.75)
    paper = browser.paper()
    assert paper.startswith(b"%PDF")
    assert 5 < paper.count(b"/Type /Page\n") < 40
    assert {view.split()[2] for view in browser.run(ZOOMED)} == {"20000"}


def test_a_page_without_its_script_still_shows_everything(
    browser: Browser, pages: dict[str, Path], tmp_path: Path
) -> None:
    bare, number = re.subn(r"<script>.*?</script>", "", pages["plain"].read_text(encoding="utf-8"), flags=re.S)
    assert number == 1
    page = tmp_path / "bare.html"
    page.write_text(bare, encoding="utf-8")
    browser.open(page)
    drawn = browser.run(INKED)
    assert drawn
    assert all(drawn)
    assert browser.run("getComputedStyle(document.querySelector('.tools')).display") == "none"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_numbers_on_tinted_cells_can_be_read(browser: Browser, pages: dict[str, Path], dark: bool) -> None:
    browser.open(pages["plain"], dark=dark)
    paper = channels(browser.run("getComputedStyle(document.querySelector('.months')).backgroundColor"))[0]
    cells = browser.run(TINTED)
    assert len(cells) > 100
    for ground, ink in cells:
        (tint, share), (letters, _) = channels(ground), channels(ink)
        mixed = [share * a + (1.0 - share) * b for a, b in zip(tint, paper, strict=True)]
        dim, bright = sorted((luminance(mixed), luminance(letters)))
        assert (bright + 0.05) / (dim + 0.05) >= 4.5  # Web Content Accessibility Guidelines 2.2, 1.4.3


def channels(colour: str) -> tuple[list[float], float]:
    """Return red, green, blue and opacity, 0 to 1, of a computed colour: rgb(…) or color(srgb …)."""
    found = [float(number) for number in re.findall(r"[\d.]+", colour.partition("(")[2].removeprefix("srgb"))]
    whole = 1.0 if colour.startswith("color(") else 255.0
    return [value / whole for value in found[:3]], found[3] if len(found) > 3 else 1.0


def luminance(colour: list[float]) -> float:
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in colour]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])

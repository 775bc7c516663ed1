"""The page: every number is the artefact's, nothing is fetched, nothing escapes."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtest import stats
from backtest.metrics.catalogue import group_keys
from backtest.report import words
from backtest.report.numbers import RunNumbers, read_run
from backtest.report.page import render
from backtest.report.tables import events, log

from .reader import read
from .runs import STORIES


@pytest.fixture(scope="module")
def pages(folders: dict[str, Path]) -> dict[str, str]:
    return {name: render(read_run(folder)) for name, folder in folders.items()}


@pytest.mark.parametrize("name", list(STORIES))
def test_every_story_makes_a_whole_page(pages: dict[str, str], name: str) -> None:
    reader = read(pages[name])
    text = "".join(reader.texts)
    assert "What happened" in text
    assert "What to doubt" in text
    assert not re.search(r"\b(nan|nat|inf)\b", text, re.I)
    assert not re.search(r"\bNone\b", text.replace("None were written down", ""))


@pytest.mark.parametrize("name", list(STORIES))
def test_nothing_is_fetched_and_only_our_script_may_run(pages: dict[str, str], name: str) -> None:
    reader = read(pages[name])
    for tag, attributes in reader.elements:
        assert tag not in ("img", "iframe", "object", "embed", "base", "form")
        for attribute in ("src", "href", "srcset", "action", "xlink:href"):
            assert str(attributes.get(attribute, "#")).startswith(("#", "data:,"))
        assert not any(attribute.startswith("on") for attribute in attributes)
    scripts = [attributes for tag, attributes in reader.elements if tag == "script"]
    assert [attributes.get("type") for attributes in scripts] == ["application/json", None]
    assert "url(" not in pages[name]
    assert "@import" not in pages[name]
    assert "default-src 'none'" in pages[name]


def test_hostile_names_are_shown_and_do_nothing(pages: dict[str, str]) -> None:
    page = pages["hostile"]
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{7*7}}" in page
    text = "".join(read(page).texts)
    for name in STORIES["hostile"].symbols:
        assert name in text


def test_script_data_is_json_that_cannot_end_its_element(pages: dict[str, str]) -> None:
    for page in pages.values():
        data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
        assert data is not None
        assert "<" not in data[1]
        told = json.loads(data[1])
        for plot in told["plots"].values():
            clock = told["clocks"][plot["clock"]]
            assert all(len(values) == len(clock) for values in plot["layers"])


def test_every_chart_has_a_title_and_words(pages: dict[str, str]) -> None:
    reader = read(pages["plain"])
    ids = {attributes.get("id") for _, attributes in reader.elements}
    charts = [attributes for tag, attributes in reader.elements if tag == "svg" and attributes.get("role") == "img"]
    assert len(charts) == 13
    for attributes in charts:
        assert set(str(attributes["aria-labelledby"]).split()) <= ids
    described = [attributes for _, attributes in reader.elements if attributes.get("role") == "img"]
    assert all("aria-label" in attributes or "aria-labelledby" in attributes for attributes in described)


def test_charts_of_trading_are_left_out_when_nothing_was_traded(pages: dict[str, str]) -> None:
    assert 'data-plot="turnover"' in pages["plain"]
    assert 'data-plot="turnover"' not in pages["no_trades"]
    assert 'data-plot="cost"' not in pages["all_cash"]


def test_metrics_on_the_page_are_those_of_the_file(pages: dict[str, str], folders: dict[str, Path]) -> None:
    tables = read(pages["plain"]).tables
    shown = {row[0]: row for key, rows in tables.items() if key.startswith("metrics-") for row in rows}
    measured = json.loads((folders["plain"] / "metrics.json").read_text())
    theirs = {metric["key"]: metric for metric in measured["benchmark"]}
    hidden = {*group_keys()["Financing"], *group_keys()["Flows"]}  # all zero in a cash account that is left alone
    for metric in measured["metrics"]:
        if metric["key"] in hidden:
            continue
        row = shown[metric["label"]]
        assert row[1] == words.metric(metric)
        assert row[-1] == metric["convention"]
        if metric["key"] in theirs:
            assert row[2] == words.metric(theirs[metric["key"]])


def test_contributions_on_the_page_are_those_of_the_file(pages: dict[str, str], folders: dict[str, Path]) -> None:
    tables = read(pages["plain"]).tables
    frame = pd.read_parquet(folders["plain"] / "attribution.parquet")
    for level, key in (("asset", "contributions-asset"), ("group", "contributions-group")):
        rows = {row[0]: row[1:] for row in tables[key][1:]}
        part = frame[frame["level"] == level]
        assert rows == {
            name: [words.money(profit, sign=True), words.percent(share, 2, sign=True)]
            for name, profit, share in part[["name", "profit", "contribution"]].itertuples(index=False)
        }


def test_months_and_years_on_the_page_compound_the_equity(pages: dict[str, str], plain: RunNumbers) -> None:
    table = stats.calendar_returns(plain.path, plain.times)
    rows = read(pages["plain"]).tables["months"][1:]
    for row, monthly, yearly in zip(rows, table.monthly, table.yearly, strict=True):
        expected = ["" if np.isnan(value) else words.ratio(value * 100.0, 1) for value in monthly]
        assert row[1:] == [*expected, words.ratio(yearly * 100.0, 1)]
    years = read(pages["plain"]).tables["years"][1:]
    assert [row[1] for row in years] == [words.percent(value, 2, sign=True) for value in table.yearly]


def test_costs_and_the_log_on_the_page_are_those_of_the_files(pages: dict[str, str], plain: RunNumbers) -> None:
    tables = read(pages["plain"]).tables
    assert tables["costs"][-1][0] == "All"
    assert tables["costs"][-1][-2] == words.money(plain.value("total_cost"))
    decided = [row for row in tables["log"][1:] if row[3]]
    assert len(decided) == len(plain.decisions)
    assert [row[5] for row in decided] == [words.money(cost) for cost in plain.decisions["cost"]]
    assert "start" in decided[0][1]


def test_a_long_log_and_long_tables_are_cut_and_say_so(plain: RunNumbers) -> None:
    many = replace(plain, rebalances=pd.concat([plain.rebalances] * 5, ignore_index=True))
    table = log(many)
    assert len(table.rows) == 500
    assert table.note == f"Shown: 500 of {len(many.rebalances):,}. All are in rebalances.parquet."
    event = {"time": pd.Timestamp("2020-01-02", tz="UTC"), "kind": "stale", "symbol": "A", "value": 6.0, "text": ""}
    shown = events(replace(plain, events=pd.DataFrame([event] * 300)))
    assert len(shown.rows) == 200
    assert "300" in shown.note
    assert "Orders" not in shown.note


def test_what_happens_in_every_run_is_not_among_the_events_of_the_page(plain: RunNumbers) -> None:
    stamp, kinds = pd.Timestamp("2020-01-02", tz="UTC"), ("order_placed", "stale", "order_filled", "trigger_fired")
    lines = [{"time": stamp, "kind": kind, "symbol": "A", "value": 6.0, "text": ""} for kind in kinds]
    shown = events(replace(plain, events=pd.DataFrame(lines)))
    assert (shown.title, [row[1] for row in shown.rows]) == ("Events (1)", ["stale"])
    assert shown.note == "Orders, fills, positions and triggers are in events.parquet as well."


def test_configuration_and_assumptions_are_on_the_page(pages: dict[str, str], plain: RunNumbers) -> None:
    text = "".join(read(pages["plain"]).texts)
    assert plain.config_text in text
    for line in plain.manifest["assumptions"]:
        assert line in text
    assert "data.hash" in text


def test_the_page_is_quick(folders: dict[str, Path]) -> None:
    begun = time.process_time()
    render(read_run(folders["plain"]))
    assert time.process_time() - begun < 0.5  # a third of it on an idle machine


def test_the_same_folder_makes_the_same_page(pages: dict[str, str], folders: dict[str, Path]) -> None:
    assert render(read_run(folders["plain"])) == pages["plain"]


def test_a_basket_that_was_cut_says_so_in_the_log(plain: RunNumbers) -> None:
    rows = plain.decisions.head(2).assign(scale=[0.99999, 0.853])
    shown = log(replace(plain, rebalances=rows)).rows
    assert "cut" not in shown[0][1]
    assert shown[1][1].endswith("purchases cut to 85.3%")


def test_a_trigger_that_led_to_no_decision_is_named(plain: RunNumbers) -> None:
    quiet = plain.rebalances[plain.rebalances["kind"] == "quiet"].head(1)
    fired = quiet.assign(triggers=[["month"]], sessions=20)
    (row,) = log(replace(plain, rebalances=fired)).rows
    assert row[1] == "month fired, nothing was decided for 20 sessions"


def test_a_folder_of_an_earlier_version_makes_a_page_without_what_it_lacks(plain: RunNumbers) -> None:
    old = replace(plain, trades=None, assets=None, correlation=None, bridge=None)
    page = render(old)
    read(page)
    for name in ("bridge-bars", "risk-bars", 'id="correlation"', "trades-days"):
        assert name in render(plain)
        assert name not in page

"""Every number on the page is the one of the artefact it came from."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtest import stats
from backtest.report import words
from backtest.report.numbers import read_run
from backtest.report.page import render

from .reader import read

Tables = dict[str, list[list[str]]]


@pytest.fixture(scope="module")
def page(folders: dict[str, Path]) -> str:
    return render(read_run(folders["plain"]))


@pytest.fixture(scope="module")
def tables(page: str) -> Tables:
    return read(page).tables


@pytest.fixture(scope="module")
def folder(folders: dict[str, Path]) -> Path:
    return folders["plain"]


@pytest.fixture(scope="module")
def measured(folder: Path) -> dict[str, dict[str, object]]:
    return {metric["key"]: metric for metric in json.loads((folder / "metrics.json").read_text())["metrics"]}


def test_tiles(page: str, measured: dict[str, dict[str, float]]) -> None:
    tiles = dict(re.findall(r'<div class="tile [^"]*"><p>(.*?)</p><strong>(.*?)</strong>', page))
    assert tiles == {
        "Total return": words.percent(measured["total_return"]["value"], sign=True),
        "Annual return": words.percent(measured["annual_return"]["value"]),
        "Volatility": words.percent(measured["volatility"]["value"]),
        "Sharpe ratio": words.ratio(measured["sharpe"]["value"]),
        "Deepest drawdown": words.percent(measured["max_drawdown"]["value"]),
        "Cost a year": words.percent(measured["cost_drag"]["value"], 2),
    }
    below = re.findall(r"<small>(.*?)</small>", page)
    assert f"deflated {words.chance(measured['deflated_sharpe']['value'])}, 1 trial" in below
    assert f"95%: {words.interval(measured['sharpe'])}" in below


def test_intervals(page: str, tables: Tables, measured: dict[str, dict[str, object]]) -> None:
    rows = {row[0]: row for row in tables["intervals"][1:]}
    known = [metric for metric in measured.values() if words.interval(metric)]
    assert {str(metric["label"]) for metric in known} == set(rows)
    assert len(known) >= 8
    for metric in known:
        row = rows[str(metric["label"])]
        assert row[1:3] == [words.metric(metric), words.interval(metric)]
        assert page.count(html.escape(str(metric["interval"]["convention"]))) == 1  # type: ignore[index]


def test_the_bridge(tables: Tables, folder: Path) -> None:
    frame = pd.read_parquet(folder / "bridge.parquet")
    kept = frame[(frame["profit"] != 0.0) | frame["step"].isin(["gross", "net"])]
    assert [row[1:] for row in tables["bridge"][1:]] == [
        [words.percent(annual, 2, sign=True), words.money(profit, sign=True)]
        for annual, profit in zip(kept["annual"], kept["profit"], strict=True)
    ]
    assert tables["bridge"][1][0] == "Before costs"
    assert tables["bridge"][-1][0] == "Net of costs"


def test_weights_and_risk(tables: Tables, folder: Path) -> None:
    frame = pd.read_parquet(folder / "assets.parquet").set_index("symbol")
    rows = {row[0]: row[1:] for row in tables["assets"][1:]}
    assert set(rows) == set(frame.index[frame["average_weight"] > 0.0])
    for symbol, row in rows.items():
        told = frame.loc[symbol]
        expected = [words.percent(told[name], 2) for name in ("average_weight", "weight", "share")]
        assert row == [told["group"], *expected]


def test_trades(tables: Tables, folder: Path) -> None:
    frame = pd.read_parquet(folder / "trades.parquet")
    rows = tables["trades"][1:]
    assert len(rows) == len(frame)
    for row, trade in zip(rows, frame.to_dict("records"), strict=True):
        assert row[0] == trade["symbol"]
        assert row[3] == ("open" if trade["open"] else str(trade["closed"].date()))
        assert row[5:8] == [
            words.money(trade["entered"]),
            words.money(trade["profit"], sign=True),
            words.percent(trade["return"], sign=True),
        ]


def test_correlations(tables: Tables, folder: Path) -> None:
    frame = pd.read_parquet(folder / "correlation.parquet").set_index("symbol")
    head, *rows = tables["correlation"]
    assert head[1:] == list(frame.columns) == [row[0] for row in rows]
    for row in rows:
        expected = [words.ratio(value) for value in frame.loc[row[0]]]
        expected[frame.columns.get_loc(row[0])] = ""
        assert row[1:] == expected


def test_the_histogram(tables: Tables, folder: Path) -> None:
    returns = pd.read_parquet(folder / "equity.parquet")["return"].to_numpy()
    rows = tables["returns"][1:]
    counts = [int(row[2].replace(",", "")) for row in rows]
    assert sum(counts) == returns.size
    edges = [float(row[0].replace("−", "-").rstrip("%")) / 100.0 for row in rows]
    inner = np.searchsorted(edges[1:], returns, side="right")
    assert counts == np.bincount(inner, minlength=len(rows)).tolist()


def test_rolling_measures_at_the_end(tables: Tables, folder: Path, measured: dict[str, dict[str, float]]) -> None:
    frame = pd.read_parquet(folder / "equity.parquet")
    per_year = measured["periods_per_year"]["value"]
    shown = tables["rolling"][-1]
    span = re.search(r"Of the (\d+) returns", " ".join(read(render(read_run(folder))).texts))
    assert span is not None
    last, benchmark = (frame[name].to_numpy()[-int(span[1]) :] for name in ("return", "benchmark_return"))
    assert shown == [
        str(frame["time"].iloc[-1].date()),
        words.ratio(stats.sharpe(last, per_year)),
        words.percent(stats.volatility(last, per_year)),
        words.ratio(stats.beta(last, benchmark)),
    ]


def test_drawdowns(tables: Tables, folder: Path) -> None:
    below = pd.read_parquet(folder / "equity.parquet")["drawdown"]
    rows = tables["drawdowns"][1:]
    assert len(rows) == 10
    assert rows[0][0] == words.percent(float(below.min()), 2)
    depths = [float(row[0].replace("−", "-").rstrip("%")) for row in rows]
    assert depths == sorted(depths)


def test_what_charts_read_under_the_cursor_is_in_the_artefacts(page: str, folder: Path) -> None:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found is not None
    data = json.loads(found[1])
    frame = pd.read_parquet(folder / "equity.parquet")
    minutes = (frame["time"].astype("int64") - frame["time"].astype("int64").iloc[0]) // (60 * 10**9)
    assert data["clocks"]["bars"] == minutes.tolist()
    equity, drawdown = data["plots"]["equity"]["layers"], data["plots"]["drawdown"]["layers"]
    np.testing.assert_allclose(equity[0], frame["equity"], atol=0.005)
    np.testing.assert_allclose(equity[1], frame["benchmark"], atol=0.005)
    np.testing.assert_allclose(drawdown[0], frame["drawdown"], atol=5e-6)

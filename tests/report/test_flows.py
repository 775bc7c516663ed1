"""Accounts with money from outside: what page, pictures and terminal say of them, and do not say."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from made import Place, few_resamples, make_place

import backtest
from backtest import stats
from backtest.cli.options import summary_lines
from backtest.report.charts import drawdown_plot, drawn_rows, equity_plot, growth_plot
from backtest.report.content.flows import flow_words
from backtest.report.content.sessions import sessions
from backtest.report.content.years import years
from backtest.report.figures import FIGURES
from backtest.report.findings import doubtful, outcomes
from backtest.report.numbers import RunNumbers, read_run
from backtest.report.page import render
from backtest.report.scales import TimeAxis
from backtest.report.tables.money import contributions
from backtest.report.words import money

from .runs import worth

BENCHMARK = {"allocation": {"method": "equal_weight"}}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, tiny_store: Path) -> Iterator[Place]:
    """One workspace for all runs."""
    with few_resamples():
        yield make_place(tmp_path_factory.mktemp("flows") / "place", tiny_store)


@pytest.fixture(scope="module")
def saving(house: Place) -> RunNumbers:
    """10,000, and 2,000 each month."""
    return played(house, flows={"amount": 2_000.0, "every": "month"}, benchmark=BENCHMARK)


def played(place: Place, **changes: Any) -> RunNumbers:
    return read_run(backtest.run(place.config(**changes), workspace=place.root).folder)


def told(run: RunNumbers) -> dict[str, Any]:
    return {finding.key: finding for finding in (*outcomes(run), *doubtful(run))}


def test_money_and_growth_are_two_series(saving: RunNumbers) -> None:
    assert saving.has_flows
    np.testing.assert_allclose(saving.paid_in[[0, -1]], [10_000.0, 16_000.0])
    np.testing.assert_allclose(saving.path[1:], 10_000.0 * np.cumprod(1.0 + saving.returns), rtol=1e-12)
    assert saving.path[-1] < saving.equity[-1]
    np.testing.assert_allclose(saving.drawdown, stats.underwater(saving.path)[1:], atol=1e-12)
    growth = saving.path[-1] / saving.capital - 1.0
    assert saving.value("total_return") == pytest.approx(growth)
    assert np.prod(1.0 + years(saving).own) - 1.0 == pytest.approx(growth)
    assert np.prod(1.0 + sessions(saving).returns) - 1.0 == pytest.approx(growth)
    assert saving.benchmark_path is not None
    assert saving.benchmark is not None
    assert saving.benchmark_path[-1] < saving.benchmark[-1]


def test_the_headline_tells_money_first_and_both_returns(saving: RunNumbers) -> None:
    text = told(saving)["earned"].text
    assert text.startswith("10,000 was paid in on 2020-01-01 and 6,000 after that.")
    assert "Time-weighted, as if nothing had come or gone, that is" in text
    assert "The same money would be worth" in text
    assert told(saving)["earned"].title == f"Lost {money(-saving.value('gain'))}"
    assert flow_words(saving) == "6,000 paid in later"
    assert "In points of all money paid in, before costs." in told(saving)["driven"].text


def test_charts_do_not_show_payments_as_growth(saving: RunNumbers) -> None:
    axis, rows = TimeAxis.of(saving.times), drawn_rows(saving)
    plot = equity_plot(saving, axis, rows)
    assert [layer.name for layer in plot.layers] == ["Strategy", "Paid in", "Benchmark"]
    assert (plot.title, plot.levels) == ("Worth of the account", ())
    alone = growth_plot(saving, axis, rows)
    assert alone is not None
    assert alone.layers[0].values[-1] == pytest.approx(saving.path[-1], abs=0.01)
    assert "of growth without flows" in drawdown_plot(saving, axis, rows).note
    page = render(saving)
    for words in ("Worth of the account", "Growth without flows", "time-weighted", "money-weighted"):
        assert words in page
    assert "Of all money paid in" in page
    assert "initial capital: assets" not in page


def test_without_flows_nothing_is_said_of_them(house: Place) -> None:
    run = played(house)
    page = render(run)
    for words in ("Growth without flows", "time-weighted", "money-weighted", "Paid in", "Contributed"):
        assert words not in page
    assert equity_plot(run, TimeAxis.of(run.times), drawn_rows(run)).title == "Growth of capital"
    assert contributions(run)[0].columns[-1] == "Of initial capital"


def test_pictures_name_what_they_show(saving: RunNumbers) -> None:
    words = [text.get_text() for text in FIGURES["equity"](saving).texts]
    assert any("Worth of the account" in word for word in words)
    assert any("time-weighted" in word for word in words)
    assert any("in percent of all money paid in" in t.get_text() for t in FIGURES["contributions"](saving).texts)


def test_an_account_that_withdrawals_emptied_is_not_ruined(house: Place) -> None:
    run = played(house, flows={"amount": -4_000.0, "every": "month"})
    found = told(run)
    assert "ruined" not in found
    assert found["emptied"].text.startswith("On 2020-04-01 a withdrawal took what was left.")
    assert "cut_withdrawals" not in found
    assert run.value("end") == "2020-04-01"  # what is measured ends there
    assert run.value("total_return") > -0.5


def test_a_withdrawal_that_was_cut_is_a_doubt(saving: RunNumbers) -> None:
    metrics = {**saving.metrics, "withdrawals_cut": {**saving.metrics["withdrawals_cut"], "value": 2}}
    text = told(replace(saving, metrics=metrics))["cut_withdrawals"].text
    assert "In 2 withdrawals less was paid than was asked for" in text


def test_a_month_of_payments_is_no_gain_of_that_month(saving: RunNumbers) -> None:
    flat = np.concatenate((np.full(60, saving.capital), np.full(saving.equity.size - 60, 3.0 * saving.capital)))
    flow = np.zeros(flat.size)
    flow[60] = 2.0 * saving.capital
    run = worth(saving, flat, flow)
    assert not run.returns.any()
    assert not run.drawdown.any()
    assert years(run).own.tolist() == [0.0]


def test_folders_of_earlier_versions_know_no_flows(house: Place, tmp_path: Path) -> None:
    folder = backtest.run(house.config(), workspace=house.root).folder
    old = tmp_path / folder.name
    shutil.copytree(folder, old)
    table = pq.read_table(old / "equity.parquet")
    pq.write_table(table.drop_columns(["flow"]), old / "equity.parquet")
    run = read_run(old)
    assert not run.has_flows
    np.testing.assert_array_equal(run.path[1:], run.equity)


def test_the_terminal_tells_flows_where_there_are_some(saving: RunNumbers, house: Place) -> None:
    lines = dict(summary_lines(saving.metrics, "USD"))
    assert lines["Contributed"] == "6,000.00 USD"
    assert {"Money-weighted return", "Gain"} <= set(lines)
    assert "Withdrawn" not in lines
    quiet = dict(summary_lines(played(house).metrics, "USD"))
    assert not {"Money-weighted return", "Gain", "Contributed", "Withdrawn"} & set(quiet)


def test_a_table_of_days_has_the_flows(saving: RunNumbers) -> None:
    moved = saving.events[saving.events["kind"] == "cash_flow"]
    assert moved["value"].tolist() == [2_000.0] * 3
    assert pd.DatetimeIndex(moved["time"]).strftime("%m-%d").tolist() == ["02-02", "03-02", "04-02"]

"""A page of an account on margin: what it held and paid, what it was called for; and of idle cash that earns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made import Place

from backtest.metrics.ledger import FINANCING
from backtest.report import words
from backtest.report.charts import exposure_plot, financing_plot
from backtest.report.content.account import longs, most_gross, on_margin, shorts
from backtest.report.content.plan import benchmark_words
from backtest.report.figures.bridge import bridge
from backtest.report.figures.contributions import contributions
from backtest.report.findings import doubtful, outcomes
from backtest.report.numbers import RunNumbers, read_run
from backtest.report.page import render
from backtest.report.scales import TimeAxis
from backtest.run import run

from .reader import read

RATES = {"margin_interest_annual": 0.06, "borrow_fee_annual": 0.01, "short_rebate_annual": 0.02}
LEVERED = {
    "account": {"kind": "margin", "initial": 0.5, "maintenance": 0.5},
    "financing": RATES,
    "allocation": {"method": "fixed", "weights": {"AAA": 0.95, "BBB": 0.75, "CCC": -0.3}},
    "constraints": {"long_only": False, "net": 1.4, "gross": 2.0},
    "rebalance": {"calendar": "month"},
    "benchmark": {"account": "cash", "allocation": {"method": "equal_weight"}},
}


@pytest.fixture
def levered(place: Place) -> RunNumbers:
    return read_run(run(place.yaml(**LEVERED), workspace=place.root).folder)


def found(run: RunNumbers) -> dict[str, str]:
    return {each.key: f"{each.title}. {each.text}" for each in (*outcomes(run), *doubtful(run))}


def measured(run: RunNumbers, **values: float) -> RunNumbers:
    told = {key: {**run.metrics[key], "value": value} for key, value in values.items()}
    return replace(run, metrics={**run.metrics, **told})


def changed(run: RunNumbers, section: str, **values: Any) -> RunNumbers:
    return replace(run, config={**run.config, section: {**run.config[section], **values}})


def test_exposures_are_those_of_the_weights(levered: RunNumbers) -> None:
    long, short = longs(levered), shorts(levered)
    assert long is not None
    assert short is not None
    np.testing.assert_allclose(long, np.maximum(levered.weights, 0.0).sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(short, np.maximum(-levered.weights, 0.0).sum(axis=1), atol=1e-12)
    assert (on_margin(levered), most_gross(levered)) == (True, 2.0)


def test_what_was_held_and_paid_is_told(levered: RunNumbers) -> None:
    said = found(levered)["held"]
    assert said.startswith(f"Paid {words.money(-levered.value('financing'))} to hold. On average ")
    assert "Margin interest took" in said
    assert "the rebate on shorts brought" in said
    assert said.endswith(f"That is about {words.percent(levered.value('financing_drag'), 2)} of the account a year.")
    assert "free_holding" not in found(levered)


def test_debt_and_shorts_for_nothing_are_a_serious_doubt(levered: RunNumbers) -> None:
    both = found(changed(levered, "financing", margin_interest_annual=0.0, borrow_fee_annual=0.0))["free_holding"]
    assert "bore no interest and shorts of up to" in both
    debt = found(changed(levered, "financing", margin_interest_annual=0.0))["free_holding"]
    assert "bore no interest." in debt
    assert "shorts" not in debt
    long = replace(levered, gross=np.minimum(levered.net, 1.0), net=np.minimum(levered.net, 1.0))
    free = changed(long, "financing", margin_interest_annual=0.0, borrow_fee_annual=0.0)
    assert "free_holding" not in found(free)  # nothing was borrowed


def test_futures_that_paid_no_funding_are_a_serious_doubt(levered: RunNumbers) -> None:
    futures = changed(levered, "financing", funding_annual=0.0)
    alone = found(futures)["free_holding"]
    assert alone.startswith("Financing was free. By the configuration perpetual futures paid no funding.")
    assert "No broker" not in alone
    assert "free_holding" not in found(changed(levered, "financing", funding_annual=0.1))
    mixed = changed(futures, "financing", perpetuals=["AAA"], margin_interest_annual=0.0)
    assert "bore no interest. No broker" in found(mixed)["free_holding"]
    assert "paid no funding" in found(mixed)["free_holding"]


def test_margin_calls_are_counted_and_what_was_closed_is_named(levered: RunNumbers) -> None:
    calls = levered.events[levered.events["kind"] == "margin_call"]
    quiet = replace(levered, events=levered.events[levered.events["kind"] != "margin_call"])
    assert "called" not in found(quiet)
    assert len(calls) == levered.value("margin_calls") > 0
    said = found(levered)["called"]
    assert f"on {words.day(int(calls['time'].iloc[0].value), levered.intraday)}" in said
    forced = levered.fills[levered.fills["reason"] == "margin_call"]
    assert words.money(float(forced["value"].abs().sum())) in said
    assert "AAA (" in said
    unanswered = replace(levered, fills=levered.fills[levered.fills["reason"] != "margin_call"])
    assert "Nothing was closed" in found(unanswered)["called"]


def test_the_page_draws_exposure_and_financing_and_adds_up(levered: RunNumbers) -> None:
    page = render(levered)
    assert 'data-plot="exposure"' in page
    assert 'data-plot="financing"' in page
    assert "what it exceeds is debt" in page
    assert "account on margin" in page
    assert "on a cash account" in benchmark_words(levered.config)
    tables = read(page).tables
    shown = {row[0]: row[1] for row in tables["contributions-cost"][1:]}
    for kind in FINANCING[1:]:
        label = kind.replace("_", " ").capitalize()
        assert shown[label] == words.money(levered.value(f"financing_{kind}"), sign=True)
    steps = [row[0] for row in tables["bridge"][1:]]
    assert steps[-4:] == ["Margin interest", "Short rebate", "Borrow fee", "Net of costs"]
    assert {row[0] for row in tables["metrics-financing"][1:]} >= {"Financing", "Margin calls"}


def test_plots_read_the_numbers_of_the_run(levered: RunNumbers) -> None:
    axis = TimeAxis.of(levered.times)
    exposure, paid = exposure_plot(levered, axis), financing_plot(levered, axis)
    assert exposure is not None
    assert exposure.levels == (2.0,)
    assert exposure.layers[0].values[-1] == pytest.approx(levered.gross[-1], abs=1e-4)  # type: ignore[index]
    assert exposure.layers[1].values[-1] == pytest.approx(levered.net[-1], abs=1e-4)  # type: ignore[index]
    assert paid is not None
    assert paid.layers[0].values[-1] == pytest.approx(levered.value("financing"), abs=0.006)


def test_without_shorts_gross_and_net_are_one(levered: RunNumbers) -> None:
    assert levered.gross is not None
    long = measured(replace(levered, net=levered.gross), short_exposure=0.0)
    assert [layer.name for layer in exposure_plot(long, TimeAxis.of(long.times)).layers] == ["Gross"]  # type: ignore[union-attr]
    assert "of the equity was held, " in found(long)["held"]
    assert "short" not in found(long)["held"].split(".")[1]


def test_pictures_show_what_was_earned_in_another_colour(levered: RunNumbers) -> None:
    from backtest.report.colours import GAIN, LOSS

    for draw in (contributions, bridge):
        bars = draw(levered).axes[0].patches
        colours = [tuple(np.round(bar.get_facecolor()[:3], 3)) for bar in bars]
        for wanted in (GAIN, LOSS):
            assert tuple(round(int(wanted[k : k + 2], 16) / 255.0, 3) for k in (1, 3, 5)) in colours


def test_idle_cash_that_earns_is_told_and_a_cash_account_has_no_exposure_chart(place: Place) -> None:
    earning = {"financing": {"interest_on_cash_annual": 0.05}, "constraints": {"cash_reserve": 0.5}}
    made = read_run(run(place.yaml(**earning), workspace=place.root).folder)
    said = found(made)["held"]
    assert said.startswith("Earned ")
    assert "Interest on cash brought" in said
    page = render(made)
    assert 'data-plot="exposure"' not in page
    assert 'data-plot="financing"' in page


def test_a_folder_of_an_earlier_version_has_neither(place: Place) -> None:
    folder = run(place.yaml(), workspace=place.root).folder
    file = Path(folder) / "equity.parquet"
    frame = pd.read_parquet(file)
    frame.drop(columns=["gross_exposure", "net_exposure", *FINANCING]).to_parquet(file, index=False)
    old = read_run(folder)
    assert (old.gross, old.net, old.carry) == (None, None, None)
    assert "financing_plot" not in render(old)
    assert "held" not in found(old)

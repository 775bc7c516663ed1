"""Runs that differ in their account: financing counts among the costs, and decisions are replayed on the same terms."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from made import Place

import backtest
from backtest import Study
from backtest.config import load
from backtest.market.store import load as load_market
from backtest.report.comparison import read_study
from backtest.report.comparison.facts import lost_of, split_of
from backtest.report.comparison.held import side_by_side
from backtest.report.comparison.page import render
from backtest.report.comparison.tables import costs
from backtest.report.words import percent
from backtest.study.stress import replay

RATES = {"interest_on_cash_annual": 0.02, "margin_interest_annual": 0.06, "borrow_fee_annual": 0.01}
SHARED = {
    "financing": RATES,
    "allocation": {"method": "fixed", "weights": {"AAA": 0.5, "BBB": 0.3}},
    "costs": {"commission_bps": 10},
    "benchmark": {"allocation": {"method": "equal_weight"}},
}
LEVERED = {
    "account": "margin",
    "allocation": {"method": "fixed", "weights": {"AAA": 1.2, "BBB": 0.4, "CCC": -0.3}},
    "constraints": {"long_only": False, "net": 1.3, "gross": 2},
}


@pytest.fixture
def study(place: Place) -> Study:
    variants = {"plain": {}, "margin": {"account": "margin"}, "levered": LEVERED}
    return backtest.compare(place.config(**SHARED, variants=variants), workspace=place.root)


def test_an_account_that_borrows_nothing_does_as_one_that_cannot(study: Study) -> None:
    equity = {name: pd.read_parquet(study.folder / "runs" / name / "equity.parquet") for name in study.names}
    np.testing.assert_allclose(equity["plain"]["equity"], equity["margin"]["equity"], rtol=1e-9)
    assert equity["plain"]["interest_on_cash"].sum() > 0.0
    assert not equity["margin"]["margin_interest"].any()
    assert equity["levered"]["margin_interest"].sum() < 0.0


def test_what_holding_cost_is_among_the_costs_as_on_the_page_of_the_run(study: Study) -> None:
    for name in study.names:
        bridge = pd.read_parquet(study.folder / "runs" / name / "bridge.parquet").set_index("step")
        assert study[name]["gross_annual_return"] == pytest.approx(bridge["annual"]["gross"], rel=1e-9)
    own = json.loads((study.folder / "runs" / "levered" / "metrics.json").read_text("utf-8"))["metrics"]
    for key in ("cost_drag", "financing_drag"):
        value = next(each["value"] for each in own if each["key"] == key)
        assert study["levered"][key] == pytest.approx(value, rel=1e-9), key
    assert study["levered"]["financing_drag"] > 0.015  # six percent on three tenths and more
    assert study["plain"]["financing_drag"] < 0.0  # cash earned interest


def test_what_costs_took_is_told_by_trading_and_financing(study: Study) -> None:
    """Without the rates, and with the same trades, the free run shows what trading alone took."""
    trading, financing = split_of(study.comparison, "levered") or (0.0, 0.0)
    assert trading + financing == pytest.approx(lost_of(study.comparison, "levered"))
    equity = pd.read_parquet(study.folder / "runs" / "levered" / "equity.parquet")
    before = np.concatenate(([10_000.0], equity["equity"][:-1]))
    free = np.prod(1.0 + (equity["equity"] - before + equity["cost"]) / before)
    assert study["levered"]["free_trading_annual_return"] == pytest.approx(
        free ** (1.0 / study.comparison["span"]["years"]) - 1.0
    )
    assert financing > trading > 0.0
    table = costs(read_study(study.folder))
    row = dict(zip(table.columns, next(row for row in table.rows if row[0] == "levered"), strict=True))
    assert (row["of it trading"], row["of it financing"]) == (percent(trading, 2), percent(financing, 2))
    assert f"(trading {percent(trading, 2)} at" in study.verdict


def test_the_ground_of_cash_ends_at_the_whole_account(study: Study) -> None:
    """Shorts reach below zero and debt above 100 %: what lies there is no cash."""
    numbers = read_study(study.folder)
    held = side_by_side(numbers)
    assert held is not None
    assert held.scale.low < 0.0 < 1.0 < held.scale.high
    foot, top = (round(held.scale.share(edge) * 100.0, 2) for edge in (0.0, 1.0))
    text = render(numbers)
    ground = f'style="background:linear-gradient(to top,transparent {foot}%,var(--cash) 0 {top}%,transparent 0)"'
    assert text.count(ground) == len(study.names)
    assert "what it exceeds is debt" in text


def test_the_replay_of_a_levered_run_is_the_run(place: Place, study: Study) -> None:
    folder = study.folder / "runs" / "levered"
    config = load(folder / "config.yaml", place.root)
    market = load_market(place.root / "data", "tiny")
    made = pd.read_parquet(folder / "equity.parquet")["equity"].to_numpy()
    np.testing.assert_array_equal(replay(folder, config, market), made)
    assert replay(folder, config, market, costs=2.0)[-1] < made[-1]

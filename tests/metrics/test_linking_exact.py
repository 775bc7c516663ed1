"""Returns taken apart by factors and linked, against the same sums by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import stats
from backtest.metrics import (
    active_split,
    factor_attribution,
    gross_to_net,
)
from backtest.metrics.ledger import COSTS
from backtest.stats.linking import LINKINGS, Linking

from .results import Ledger, random_ledger

DAYS = pd.date_range("2020-01-01", periods=60)
RNG = np.random.default_rng(31)
FACTORS = pd.DataFrame(RNG.normal(0.0, 0.01, (60, 2)), DAYS, ["market", "size"])
VALUES = 0.001 + 0.8 * FACTORS["market"].to_numpy() + RNG.normal(0.0, 0.002, 60)
RETURNS = pd.Series(VALUES, DAYS)
MARKET = FACTORS["market"]


@pytest.mark.parametrize("function", [factor_attribution, active_split])
def test_series_are_matched_by_time_however_the_times_are_given(function: Any) -> None:
    other = FACTORS if function is factor_attribution else MARKET
    wanted = function(RETURNS, other)
    pd.testing.assert_frame_equal(function(RETURNS, other[::-1]), wanted, check_exact=True)
    pd.testing.assert_frame_equal(function(VALUES, other[::-1], times=DAYS), wanted, check_exact=True)
    pd.testing.assert_frame_equal(function(RETURNS, other, risk_free=0.0), wanted, check_exact=True)
    assert wanted.index.name == ("factor" if function is factor_attribution else "part")


@pytest.mark.parametrize("linking", LINKINGS)
def test_factors_by_hand(linking: Linking) -> None:
    """Each bar's return is cash, alpha, β F and the rest; bars are linked by the plain function."""
    cash = stats.per_period(0.05, 250.0)
    table = factor_attribution(RETURNS, FACTORS, risk_free=0.05, periods_per_year=250.0, linking=linking)
    design = np.column_stack((np.ones(60), FACTORS))
    alpha, *betas = np.linalg.lstsq(design, VALUES - cash, rcond=None)[0]
    parts = np.column_stack((np.full(60, cash), np.full(60, alpha), FACTORS * betas))
    parts = np.column_stack((parts, VALUES - parts.sum(axis=1)))
    linked = stats.link(parts, stats.linking_factors(VALUES, None, linking))
    assert table["linked"].tolist() == pytest.approx([*linked, np.prod(1.0 + VALUES) - 1.0], abs=1e-12)
    assert table["annual"].tolist() == pytest.approx([*parts.mean(axis=0) * 250.0, VALUES.mean() * 250.0], abs=1e-12)
    assert table.loc[["market", "size"], "exposure"].tolist() == pytest.approx(betas, rel=1e-9)


@pytest.mark.parametrize("linking", LINKINGS)
def test_an_active_return_by_hand(linking: Linking) -> None:
    cash, theirs = stats.per_period(0.05, 250.0), MARKET.to_numpy()
    table = active_split(RETURNS, MARKET, risk_free=0.05, periods_per_year=250.0, linking=linking)
    beta, alpha = np.polyfit(theirs - cash, VALUES - cash, 1)
    exposure = (beta - 1.0) * (theirs - cash)
    parts = np.column_stack((exposure, np.full(60, alpha), VALUES - theirs - exposure - alpha))
    linked = stats.link(parts, stats.linking_factors(VALUES, theirs, linking))
    assert table["linked"].iloc[:3].tolist() == pytest.approx(linked, abs=1e-12)
    active = VALUES - theirs
    assert table["annual"].tolist() == pytest.approx([*parts.mean(axis=0) * 250.0, active.mean() * 250.0], abs=1e-12)


def test_methods_of_linking_are_not_the_same() -> None:
    """So that a method which is not handed on is seen by the tests above and below."""
    for function, other in ((factor_attribution, FACTORS), (active_split, MARKET)):
        found = [function(RETURNS, other, linking=method)["linked"].iloc[1] for method in LINKINGS]
        assert len({round(value, 9) for value in found}) == len(LINKINGS)


@pytest.mark.parametrize("linking", LINKINGS)
def test_the_steps_from_gross_to_net_are_linked_as_asked(linking: Linking) -> None:
    ledger = random_ledger(3)
    net = stats.returns_from_equity(ledger.equity, ledger.capital)
    before = np.concatenate(([ledger.capital], ledger.equity[:-1]))
    cost = np.zeros((ledger.equity.size, 4))
    for fill in ledger.fills:
        cost[fill["row"] - ledger.first] += [fill[kind] for kind in COSTS]
    cost /= before[:, None]
    gross = net + cost.sum(axis=1)
    steps = gross_to_net(ledger, linking)
    wanted = stats.link(cost, stats.linking_factors(gross, net, linking))
    assert steps.loc[list(COSTS), "linked"].tolist() == pytest.approx((-wanted).tolist(), abs=1e-14)
    assert steps.index.name == "step"
    assert steps["contribution"].tolist() == pytest.approx((steps["profit"] / ledger.capital).tolist())


@pytest.mark.parametrize(("loss", "cost"), [(990.0, 10.0), (995.0, 10.0)])
def test_an_account_that_costs_alone_ended_has_no_annual_step(loss: float, cost: float) -> None:
    """Gross something is left, net nothing or less: no rate a year leads to that."""
    ledger = Ledger(np.array([[1000.0], [1000.0], [1000.0 - loss]]))
    ledger.trade(0, 0, 1.0, 1000.0)
    ledger.shut(0)
    ledger.shut(1)
    ledger.trade(2, 0, -1.0, 1000.0 - loss, spread=cost)
    ledger.shut(2)
    steps = gross_to_net(ledger, "grap")
    assert steps["annual"].isna().all()
    assert steps.loc["gross", "linked"] == pytest.approx(-loss / 1000.0)
    assert steps.loc["net", "linked"] == pytest.approx(-(loss + cost) / 1000.0)
    assert steps.loc["spread", "linked"] == pytest.approx(-cost / 1000.0)

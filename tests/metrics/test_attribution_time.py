"""Contributions over time, and the way from gross to net."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backtest import metrics
from backtest.errors import InputError
from backtest.metrics import attribution, contributions, gross_to_net
from backtest.metrics.attribution.periods import EVERY, Every, cut
from backtest.stats.linking import LINKINGS, Linking, compound

from .results import Ledger, random_ledger
from .test_attribution import ruined, sectored

KINDS = ["commission", "spread", "slippage", "impact"]


@pytest.mark.parametrize("linking", LINKINGS)
@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize(("by", "seed", "owners"), [("asset", 0, 1), ("sector", 1, 1), ("strategy", 2, 3)])
def test_contributions_add_up(by: str, seed: int, owners: int, every: Every, linking: Linking) -> None:
    ledger = sectored(seed, owners)
    found = contributions(ledger, by, every=every, linking=linking)
    assert found.periods.columns.tolist()[-4:] == KINDS
    np.testing.assert_allclose(found.periods.sum(axis=1), found.returns, atol=1e-12)
    assert found.linked.sum() == pytest.approx(found.total_return, abs=1e-12)
    assert found.total_return == ledger.equity[-1] / ledger.capital - 1.0
    assert compound(found.returns.to_numpy()) == pytest.approx(found.total_return, abs=1e-12)


def test_periods_are_those_of_the_calendar() -> None:
    ledger = random_ledger(3)
    assert contributions(ledger, every="month").periods.index.astype(str).tolist() == ["2020-01", "2020-02"]
    assert contributions(ledger, every="year").periods.index.astype(str).tolist() == ["2020"]
    assert contributions(ledger, every="all").periods.index.tolist() == ["all"]
    assert contributions(ledger, every="bar").periods.index.equals(ledger.times)
    months = contributions(ledger).returns
    january = ledger.equity[ledger.times < "2020-02-01"][-1] / ledger.capital - 1.0
    assert months.iloc[0] == pytest.approx(january, rel=1e-12)


def test_carino_periods_linked_once_more_are_the_whole() -> None:
    ledger = random_ledger(4, rows=120)
    months, whole = contributions(ledger), contributions(ledger, every="all")
    np.testing.assert_allclose(whole.periods.iloc[0], whole.linked, atol=1e-15)
    total = np.log1p(months.total_return) / months.total_return
    factors = np.log1p(months.returns) / months.returns / total
    np.testing.assert_allclose((months.periods.mul(factors, axis=0)).sum(), months.linked, atol=1e-14)


def test_grap_contributions_are_money_over_capital() -> None:
    ledger = random_ledger(5)
    found, money = contributions(ledger, linking="grap").linked, attribution(ledger)
    asset = money[money["level"] == "asset"].set_index("name")["contribution"]
    np.testing.assert_allclose(found[asset.index], asset, atol=1e-14)


def test_the_artefact_has_the_same_linked_contributions() -> None:
    ledger = sectored(7)
    table = attribution(ledger)
    for level, by in (("asset", "asset"), ("group", "sector")):
        rows = table[table["level"].isin([level, "cost"])].set_index("name")["linked"]
        np.testing.assert_allclose(contributions(ledger, by).linked[rows.index], rows, atol=1e-13)


def test_a_bar_by_hand() -> None:
    ledger = Ledger(np.array([[10.0, 20.0], [12.0, 20.0]]))
    ledger.trade(0, 0, 50.0, 10.0, commission=2.0)
    ledger.shut(0)
    ledger.trade(1, 0, -10.0, 11.0)
    ledger.shut(1)
    found = contributions(ledger, every="bar").periods
    assert found["A0"].tolist() == [0.0, pytest.approx((50 * 2.0 - 10 * 1.0) / 998.0)]
    assert found["commission"].tolist() == [pytest.approx(-0.002), 0.0]
    assert (found["A1"] == 0.0).all()


def test_ruin_ends_the_record_and_only_money_links_through_it() -> None:
    ledger = ruined()
    assert contributions(ledger).linked.isna().all()
    found = contributions(ledger, linking="grap", every="bar")
    assert found.linked["A0"] == pytest.approx(-1.2)
    assert len(found.periods) == 2
    assert gross_to_net(ledger)[["profit", "contribution"]].loc["net"].tolist() == pytest.approx([-1200.0, -1.2])
    assert gross_to_net(ledger).loc[KINDS, "linked"].isna().all()
    assert gross_to_net(ledger)["annual"].isna().all()


def test_an_unknown_choice_is_refused() -> None:
    ledger = random_ledger(1)
    with pytest.raises(InputError, match="did you mean 'carino'"):
        contributions(ledger, linking="carinho")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="did you mean 'month'"):
        contributions(ledger, every="months")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="unknown property"):
        contributions(ledger, "sector")
    with pytest.raises(InputError, match="unknown linking"):
        gross_to_net(ledger, linking="frongello")  # type: ignore[arg-type]


@pytest.mark.parametrize("linking", LINKINGS)
@pytest.mark.parametrize("seed", range(4))
def test_gross_to_net_adds_up(seed: int, linking: Linking) -> None:
    ledger = random_ledger(seed)
    steps = gross_to_net(ledger, linking)
    assert steps.index.tolist() == ["gross", *KINDS, "net"]
    for column in ("profit", "contribution", "linked", "annual"):
        limit = 1e-9 * ledger.capital if column == "profit" else 1e-12
        assert steps.loc["gross":"impact", column].sum() == pytest.approx(steps.loc["net", column], abs=limit)
    assert steps.loc["net", "profit"] == ledger.equity[-1] - ledger.capital
    assert steps.loc["net", "linked"] == pytest.approx(ledger.equity[-1] / ledger.capital - 1.0, abs=1e-14)
    assert steps.loc["impact", "after"] == pytest.approx(steps.loc["net", "after"], abs=1e-12)
    assert steps.loc["gross", "after"] == steps.loc["gross", "linked"]
    assert (steps.loc[["commission", "spread"]] < 0.0)[["profit", "linked", "annual"]].all(axis=None)


def test_gross_to_net_by_hand() -> None:
    """10 paid of 1,000, then 10 % on what is left: 990 → 1,089. Without the cost the bar makes nothing less."""
    ledger = Ledger(np.array([[10.0], [11.0]]))
    ledger.trade(0, 0, 99.0, 10.0, commission=10.0)
    ledger.shut(0)
    ledger.shut(1)
    steps = gross_to_net(ledger)
    assert steps["profit"].tolist() == pytest.approx([99.0, -10.0, 0.0, 0.0, 0.0, 89.0])
    assert steps["linked"].tolist() == pytest.approx([0.1, -0.011, 0.0, 0.0, 0.0, 0.089])
    assert steps["after"].tolist() == pytest.approx([0.1, 0.089, 0.089, 0.089, 0.089, 0.089])
    assert steps.columns.tolist() == ["profit", "contribution", "linked", "annual", "after"]


def test_gross_to_net_per_year() -> None:
    """Two years of 365.25 days, less a rounding of half a day: 21 % gross and 10 % net are about 10 % and 4.88 %."""
    close = np.full((732, 1), 10.0)
    close[-1] = 12.1
    ledger = Ledger(close)
    ledger.trade(0, 0, 100.0, 10.0)
    for row in range(731):
        ledger.shut(row)
    ledger.trade(731, 0, -1.0, 12.1, commission=60.0, spread=50.0)
    ledger.shut(731)
    years = 731 / 365.25
    steps = gross_to_net(ledger)["annual"]
    gap = 1.21 ** (1 / years) - 1.10 ** (1 / years)
    assert steps["gross"] == pytest.approx(1.21 ** (1 / years) - 1.0, rel=1e-12)
    assert steps["net"] == pytest.approx(1.10 ** (1 / years) - 1.0, rel=1e-12)
    assert steps[["commission", "spread"]].tolist() == pytest.approx([-gap * 6 / 11, -gap * 5 / 11], rel=1e-12)


def test_no_cost_is_no_step_and_one_bar_has_no_annual_return() -> None:
    ledger = Ledger(np.array([[10.0], [11.0]]))
    ledger.trade(0, 0, 50.0, 10.0)
    ledger.shut(0)
    ledger.shut(1)
    steps = gross_to_net(ledger)
    assert (steps.loc[KINDS, ["profit", "linked", "annual"]] == 0.0).all(axis=None)
    assert steps.loc["gross", "linked"] == steps.loc["net", "linked"]
    single = Ledger(np.array([[10.0]]))
    single.trade(0, 0, 50.0, 10.0, commission=1.0)
    single.shut(0)
    assert gross_to_net(single)["annual"].isna().all()
    assert gross_to_net(single)["linked"].tolist() == pytest.approx([0.0, -0.001, 0.0, 0.0, 0.0, -0.001])


def test_an_unfinished_last_bar_belongs_to_its_own_day() -> None:
    """A 24/7 bar that ends at midnight of the first of a month belongs to the month before."""
    ends = pd.date_range("2024-01-30", periods=4, tz="UTC")
    assert cut(ends, "month").labels.astype(str).tolist() == ["2024-01", "2024-02"]
    assert cut(ends, "month").starts.tolist() == [0, 3]
    dates = pd.date_range("2024-01-30", periods=4)
    assert cut(dates, "month").starts.tolist() == [0, 2]


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_dates_given_with_a_zone_are_those_dates(zone: str | None) -> None:
    """A frame stamped at midnight says which day it means; the end of a run's bar at midnight is the day before."""
    days = pd.date_range("2024-01-30", periods=4, tz=zone)
    returns = pd.DataFrame({"A": [0.01, 0.02, 0.03, 0.04], "B": [0.0, 0.01, 0.0, 0.01]}, index=days)
    mine = metrics.segments(pd.Series({"A": 1.0, "B": 0.0}), returns)
    theirs = metrics.segments(pd.Series({"A": 0.5, "B": 0.5}), returns.tz_localize(None))
    found = metrics.brinson(mine, theirs)
    months = found.periods.index.get_level_values("period").astype(str).unique().tolist()
    assert months == ["2024-01", "2024-02"]
    january = found.periods.xs("2024-01", level="period").loc["total", "total"]
    assert january == pytest.approx(1.01 * 1.02 - 1.005 * 1.015)


def test_hours_end_the_day_that_midnight_closes() -> None:
    hours = pd.date_range("2024-01-31 22:00", periods=4, freq="h")
    side = metrics.segments(pd.Series({"A": 1.0}), pd.DataFrame({"A": [0.01, 0.02, 0.03, 0.04]}, index=hours))
    found = metrics.brinson(side, metrics.segments(pd.Series({"A": 0.5}), pd.DataFrame({"A": 0.0}, index=hours)))
    january = found.periods.xs("2024-01", level="period").loc["total", "total"]
    assert january == pytest.approx(1.01 * 1.02 * 1.03 - 1.0)

"""Segments, groups and periods to the letter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest.errors import InputError
from backtest.metrics import (
    brinson,
    segments,
    segments_of,
)
from backtest.metrics.attribution.groups import groups_by, sectors
from backtest.metrics.attribution.periods import cut, same_days
from backtest.metrics.attribution.segments import NOT_HELD
from backtest.types import EventKind

from .results import ledger_of, random_ledger, side
from .test_attribution import ruined


def test_numbers_of_any_kind_are_weights_and_returns() -> None:
    """Tables that were read as objects are as good as tables of floats."""
    returns = pd.DataFrame({"Tech": [0.1, 0.2], "cash": [0.01, 0.02]})
    weights = pd.DataFrame({"Tech": [0.5, 0.25], "cash": [0.5, 0.75]})
    wanted = segments(weights, returns)
    for w, r in ((weights.astype(object), returns), (weights, returns.astype(object))):
        found = segments(w, r)
        for name in ("weights", "contributions", "returns"):
            assert getattr(found, name).dtype == np.float64
            np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))
    series = segments(pd.Series({"Tech": 0.5, "cash": 0.5}, dtype=object), returns)
    np.testing.assert_array_equal(series.weights, [[0.5, 0.5], [0.5, 0.5]])
    np.testing.assert_allclose(wanted.contributions, [[0.05, 0.005], [0.05, 0.015]], rtol=1e-15)


def test_a_weight_that_is_rounding_needs_no_return() -> None:
    returns = pd.DataFrame({"Tech": [0.1], "Oil": [np.nan]})
    side = segments(pd.Series({"Tech": 0.5, "Oil": NOT_HELD}), returns)
    assert side.contributions[0].tolist() == [0.05, 0.0, 0.0]
    with pytest.raises(InputError) as caught:
        segments(pd.Series({"Tech": 0.5, "Oil": 1.1 * NOT_HELD}), returns)
    assert str(caught.value) == "segments: expected a weight in every cell, and a return wherever there is one"


def test_segments_that_one_side_lacks_have_no_weight_there() -> None:
    found = brinson(side(1, Oil=[0.1], Tech=[0.2]), side(1, Food=[0.05], Oil=[0.0]), every="bar", model="hood_beebower")
    assert found.linked.index.tolist() == ["Food", "Oil", "Tech", "cash", "timing", "cost", "total"]
    assert found.linked["weight"].tolist()[:4] == [0.0, 0.5, 0.5, 0.0]
    assert found.linked["benchmark_weight"].tolist()[:4] == [0.5, 0.5, 0.0, 0.0]
    # Brinson, Hood and Beebower: allocation (w − v) s, selection v (r − s), interaction (w − v)(r − s).
    assert found.linked.loc["Oil", ["allocation", "selection", "interaction"]].tolist() == pytest.approx([0, 0.05, 0])
    assert found.linked.loc["Food", "allocation"] == pytest.approx(-0.025)
    assert found.linked.loc["total", "total"] == pytest.approx(0.15 - 0.025)


def test_a_ruined_side_is_all_cash_from_there_on() -> None:
    bad = ruined()
    bad.market = replace(bad.market, properties=pd.DataFrame({"sector": ["Tech"]}, index=["A0"]))
    found = segments_of(bad)
    assert found.weights[2].tolist() == [0.0, 1.0]
    for name in ("contributions", "returns"):
        assert getattr(found, name)[2].tolist() == [0.0, 0.0]
    assert (found.timing[2], found.cost[2]) == (0.0, 0.0)
    assert found.weights[1].tolist() == [-2.0, 3.0]
    two = pd.DataFrame({"sector": ["Oil", "Tech"]}, index=["A0", "A1"])
    gone = ledger_of([[100.0, 5.0], [160.0, 5.0], [90.0, 5.0]], properties=two)
    gone.trade(0, 0, -20.0, 100.0)
    for row in range(3):
        gone.shut(row)
    gone.event_rows.append((1, -1, 0, EventKind.BANKRUPT, -1, -200.0))
    assert segments_of(gone).weights[2].tolist() == [0.0, 0.0, 1.0]


def test_a_group_called_cash_is_not_the_cash() -> None:
    ledger = ledger_of([[10.0], [11.0]], properties=pd.DataFrame({"sector": ["cash"]}, index=["A0"]))
    ledger.trade(0, 0, 10.0, 10.0)
    ledger.shut(0)
    ledger.shut(1)
    assert segments_of(ledger).names == ("cash (sector)", "cash")


def test_groups_are_in_order_and_of_every_asset() -> None:
    properties = pd.DataFrame({"sector": ["Oil", None], "size": [2, 1]}, index=["A1", "A0"])
    ledger = ledger_of([[10.0, 10.0, 10.0]], properties=properties)
    assert groups_by(ledger, "sector").names == ("Oil", "unclassified")
    assert groups_by(ledger, "sector").of.tolist() == [1, 0, 1]
    assert groups_by(ledger, "size").names == ("1.0", "2.0", "unclassified")
    found = sectors(ledger)
    assert found is not None
    assert found.of.tolist() == [1, 0, 1]
    np.testing.assert_array_equal(found.sum(np.array([[1.0, 2.0, 4.0], [0.0, 1.0, 0.5]])), [[2.0, 5.0], [1.0, 0.5]])
    np.testing.assert_array_equal(found.sum(np.array([1.0, 2.0, 4.0])), [2.0, 5.0])
    assert sectors(ledger_of([[10.0]])) is None
    assert sectors(ledger_of([[10.0]], properties=pd.DataFrame({"size": [1]}, index=["A0"]))) is None


def test_days_are_compared_by_date_and_without_times_by_number() -> None:
    closes = pd.DatetimeIndex(["2020-01-02 21:00", "2020-01-03 21:00"], tz="UTC")
    midnights = pd.DatetimeIndex(["2020-01-03", "2020-01-04"], tz="UTC")
    dates = pd.DatetimeIndex(["2020-01-02", "2020-01-03"])
    assert same_days(closes, dates)
    assert same_days(midnights, dates)
    assert not same_days(closes, midnights.tz_localize(None))
    assert not same_days(closes, closes[:1])
    assert same_days(pd.RangeIndex(2), dates)
    assert not same_days(closes, pd.DatetimeIndex(["2020-01-02", "2020-01-04"]))
    assert not same_days(dates, dates + pd.Timedelta(1, "D"))


@pytest.mark.parametrize(
    ("every", "labels", "starts"),
    [
        ("bar", None, [0, 1, 2, 3]),
        ("month", ["2019-12", "2020-01", "2020-04"], [0, 1, 3]),
        ("quarter", ["2019Q4", "2020Q1", "2020Q2"], [0, 1, 3]),
        ("year", ["2019", "2020"], [0, 1]),
        ("all", ["all"], [0]),
    ],
)
def test_periods_begin_where_the_calendar_says(every: Any, labels: list[str] | None, starts: list[int]) -> None:
    index = pd.DatetimeIndex(["2019-12-31", "2020-01-01", "2020-01-31", "2020-04-01"])
    found = cut(index, every)
    assert found.starts.tolist() == starts
    assert found.labels.astype(str).tolist() == (labels or index.astype(str).tolist())


def test_an_active_return_is_cut_by_the_property_that_was_asked_for() -> None:
    sides = []
    for seed in (1, 2):
        ledger = random_ledger(seed)
        size = pd.DataFrame({"size": ["small", "large", "small", "large"]}, index=["A0", "A1", "A2", "A3"])
        ledger.market = replace(ledger.market, properties=size)
        sides.append(ledger)
    found = brinson(*sides, by="size")
    assert found.linked.index.tolist() == ["large", "small", "cash", "timing", "cost", "total"]

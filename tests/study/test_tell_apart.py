"""Telling runs apart: real differences are found, luck is not called a difference, equal risk is what counts."""

from __future__ import annotations

import numpy as np
import pytest
from made import few_resamples

from backtest.metrics.inference import Trials
from backtest.stats import sharpe
from backtest.study import stability, tell_apart
from backtest.study.measure import measured, risk_and_return
from backtest.study.side import SideBySide, side_by_side
from backtest.workspace.counting import Snapshot

from .runs import days, noise, record


@pytest.fixture(scope="module")
def side() -> SideBySide:
    """Ten years: one far better than two that are alike, and one of these at half the risk."""
    common, clock = noise(2_520, 1, mean=0.0), days(2_520)
    good, plain = common + 0.0012, common + noise(2_520, 4, 0.0002, 0.002)
    series = {"plain": plain, "good": good, "other": common + noise(2_520, 5, 0.0002, 0.002), "half": 0.5 * plain}
    return side_by_side([record(name, values, clock) for name, values in series.items()])


def test_a_real_difference_is_found_and_a_small_one_is_not(side: SideBySide) -> None:
    tests = {(each["first"], each["second"]): each for each in tell_apart.pairs(side, tell_apart.excess(side, 0.0))}
    assert len(tests) == 6
    assert tests["plain", "good"]["adjusted"] <= 0.05
    assert tests["plain", "good"]["difference"] < -1.0
    assert tests["plain", "other"]["adjusted"] > 0.05
    assert tests["plain", "half"]["p_value"] is None  # the same but for scale: there is nothing to test
    assert tests["plain", "good"]["adjusted"] >= tests["plain", "good"]["p_value"]


def test_differences_are_annual(side: SideBySide) -> None:
    first = tell_apart.pairs(side, tell_apart.excess(side, 0.0))[0]
    ratios = [sharpe(column, side.periods.per_year) for column in side.returns.T]
    assert first["difference"] == pytest.approx(ratios[0] - ratios[1], rel=1e-9)


def test_the_confidence_set_compares_at_one_risk(side: SideBySide) -> None:
    with few_resamples():
        found = tell_apart.may_be_best(side, tell_apart.excess(side, 0.0))
    assert found["inside"] == ["good"]
    assert found["p_value"]["good"] == 1.0
    assert found["p_value"]["half"] == pytest.approx(found["p_value"]["plain"], abs=0.02)


def test_a_run_that_never_moved_is_in_no_set() -> None:
    flat = side_by_side([record("a", noise(500, 1)), record("cash", np.zeros(500)), record("b", noise(500, 2))])
    found = tell_apart.may_be_best(flat, tell_apart.excess(flat, 0.0))
    assert "cash" not in found["p_value"]
    assert {"a", "b"} >= set(found["inside"])


def test_luck_grows_with_the_trials(side: SideBySide) -> None:
    returns = tell_apart.excess(side, 0.0)
    few, many = (
        tell_apart.luck(side, returns, [Snapshot("k", Trials(count, 0.001, count))] * 4)["plain"]["deflated"]
        for count in (2, 2_000)
    )
    assert many < few


def test_the_order_that_holds_is_not_called_overfitted(side: SideBySide) -> None:
    returns = tell_apart.excess(side, 0.0)
    found = tell_apart.overfitting(returns)
    assert found is not None
    assert found["probability"] < 0.05
    assert found["blocks"] == 16
    assert tell_apart.overfitting(returns[:60]) is None


def test_numbers_of_a_run(side: SideBySide) -> None:
    with few_resamples():
        found = measured(side, 1, 0.0)
    bounds = found["intervals"]["sharpe"]
    assert bounds["low"] < found["metrics"]["sharpe"] < bounds["high"]
    assert found["metrics"]["gross_sharpe"] == pytest.approx(found["metrics"]["sharpe"])
    assert found["final"] == pytest.approx(float(side.growth[-1, 1]))


def test_errors_of_risk_and_return_match_those_of_independent_returns() -> None:
    alone = side_by_side([record("a", noise(20_000, 1)), record("b", noise(20_000, 2))])
    spread, mean, both = risk_and_return(alone, 0)
    year, n = alone.periods.per_year, 20_000
    assert spread == pytest.approx(year * 0.01**2 / 2 / n, rel=0.15)
    assert mean == pytest.approx(year**2 * 0.01**2 / n, rel=0.15)
    assert abs(both or 0.0) < 0.2 * ((spread or 0.0) * (mean or 0.0)) ** 0.5


def test_parts_of_the_record(side: SideBySide) -> None:
    years = stability.periods(side, 0.0)
    assert [part["name"] for part in years] == [str(year) for year in range(2015, 2025)]
    whole = np.prod([1.0 + part["return"][1] for part in years])
    assert whole == pytest.approx(side.growth[-1, 1])
    assert years[3]["first"].startswith("2018-01")
    starts = stability.starts(side, 0.0)
    assert starts[0]["sharpe"] == pytest.approx([sharpe(column, side.periods.per_year) for column in side.returns.T])
    assert [part["name"][:4] for part in starts] == [str(year) for year in range(2015, 2024)]


def test_short_and_long_records_are_cut_in_four() -> None:
    short = side_by_side([record("a", noise(200, 1)), record("b", noise(200, 2))])
    assert [part["rows"] for part in stability.periods(short, 0.0)] == [50, 50, 50, 50]
    assert stability.starts(short, 0.0) == []
    long = side_by_side([record(name, noise(6_000, k)) for k, name in enumerate("ab")])
    assert [part["name"] for part in stability.periods(long, 0.0)] == [f"part {k} of 4" for k in (1, 2, 3, 4)]


def test_parts_without_enough_bars_are_left_out() -> None:
    tiny = side_by_side([record("a", noise(40, 1)), record("b", noise(40, 2))])
    assert stability.periods(tiny, 0.0) == []

"""Metrics of a run to the letter: the limits at which a number is not defined, stamps, labels and arguments."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from backtest import metrics, stats
from backtest.errors import InputError
from backtest.metrics import run_metrics
from backtest.metrics.catalogue import catalogue, group_keys
from backtest.metrics.holdings import average_weights, held_correlations
from backtest.metrics.luck import luck, moments
from backtest.metrics.metric import Definition, Metric, number
from backtest.metrics.structure import structure
from backtest.metrics.track import bar_stamps, is_intraday, span_years
from backtest.metrics.trading import trading

from .results import DAY, Ledger, random_ledger

HOUR = DAY // 24


def values(found: list[Metric]) -> dict[str, object]:
    return {metric.key: metric.value for metric in found}


def ns(*stamps: str) -> np.ndarray:
    return np.array(stamps, "datetime64[ns]").astype(np.int64)


def test_a_day_is_named_by_the_day_in_which_its_bar_ends() -> None:
    """A bar that ends at midnight belongs to the day before; one that ends a moment later to the new one."""
    name = bar_stamps(ns("2020-01-01", "2020-01-02", "2020-01-03T00:00:00.000000001", "2020-01-04T21:00"))
    assert [name(row) for row in range(4)] == ["2019-12-31", "2020-01-01", "2020-01-03", "2020-01-04"]


def test_an_hour_is_named_with_its_minute() -> None:
    name = bar_stamps(ns("2020-01-01T23:30", "2020-01-02T00:00", "2020-01-02T00:30"))
    assert [name(row) for row in range(3)] == ["2020-01-01 23:30", "2020-01-02 00:00", "2020-01-02 00:30"]


@pytest.mark.parametrize(("hours", "intraday"), [(19, True), (20, False), (24, False)])
def test_a_bar_of_twenty_hours_is_a_day(hours: int, intraday: bool) -> None:
    assert is_intraday(HOUR * hours * np.arange(5)) == intraday
    assert is_intraday(HOUR * hours * np.arange(2)) == intraday
    assert not is_intraday(np.zeros(1, np.int64))


def test_years_go_from_the_end_of_the_first_bar() -> None:
    assert span_years(ns("2020-01-01", "2020-12-31T06:00")) == pytest.approx(365.25 / 365.25)
    assert math.isnan(span_years(ns("2020-01-01")))


def test_a_metric_of_nothing_is_none() -> None:
    assert number("a", "A", 0.5, "ratio", "said") == Metric("a", "A", 0.5, "ratio", "said")
    one = number("a", "A", np.float64(2), "ratio", "said").value
    assert (one, type(one)) == (2.0, float)
    for nothing in (math.nan, math.inf, -math.inf):
        assert number("a", "A", nothing, "ratio", "said").value is None
        assert Definition("a", "A", "ratio", "f", "c", "s").of(nothing).value is None
    assert Definition("a", "A", "date", "f", "by {word}", "s").of("2020-01-01", word="day") == Metric(
        "a", "A", "2020-01-01", "date", "by day"
    )


def test_a_run_says_what_it_was_measured_with() -> None:
    ledger = random_ledger(2)
    got = run_metrics(ledger)
    assert got == run_metrics(ledger, risk_free=0.0)
    assert (got.benchmark, got.risk_free) == (None, 0.0)
    assert got["final_equity"] == ledger.equity[-1]
    times = ledger.times.as_unit("ns").asi8
    periods = stats.periods_per_year(times)
    assert (got.periods_per_year, got.periods_source) == (periods.per_year, periods.source)
    assert got.to_dict()["schema"] == 1
    paid = run_metrics(ledger, risk_free=0.05)
    assert paid.risk_free == 0.05
    returns = stats.returns_from_equity(ledger.equity, ledger.capital)
    excess = returns - stats.per_period(0.05, got.periods_per_year)  # type: ignore[arg-type]
    assert values(luck(moments(excess)))["probabilistic_sharpe"] == paid["probabilistic_sharpe"]


def test_a_benchmark_of_a_run_is_measured_with_the_same_cash_and_clock() -> None:
    ledger = random_ledger(2)
    returns = np.random.default_rng(0).normal(0.001, 0.01, ledger.equity.size)
    got = run_metrics(ledger, returns, 0.05)
    assert got.benchmark is not None
    own = values(list(got.benchmark))
    per_year = got.periods_per_year
    assert per_year is not None
    assert own["sharpe"] == pytest.approx(stats.sharpe(returns, per_year, stats.per_period(0.05, per_year)), rel=1e-12)
    assert own["max_drawdown"] == pytest.approx(stats.max_drawdown(stats.path_from_returns(returns)).depth)  # type: ignore[union-attr]
    assert (own["start"], own["end"], own["bars"]) == (got["start"], got["end"], got["bars"])
    mine = stats.returns_from_equity(ledger.equity, ledger.capital)
    assert got["correlation"] == pytest.approx(np.corrcoef(mine, returns)[0, 1])
    with pytest.raises(InputError) as caught:
        run_metrics(ledger, returns[1:])
    assert str(caught.value) == "benchmark: expected one return a row, (58,); received (57,)"


def held(rows: int = 30, assets: int = 3, flat: int = 0) -> Ledger:
    """Buy and hold: the first assets are held, the last `flat` ones never are and never move."""
    close = 10.0 * np.cumprod(1.0 + np.random.default_rng(3).normal(0.0, 0.02, (rows, assets)), axis=0)
    close = np.hstack((close, np.full((rows, flat), 10.0)))
    ledger = Ledger(close)
    for asset in range(assets):
        ledger.trade(0, asset, 10.0 * (asset + 1), close[0, asset])
    for row in range(rows):
        ledger.shut(row)
    return ledger


def test_assets_that_were_never_held_do_not_count() -> None:
    """One that never moves would make the covariance singular, and no bets could be counted."""
    mine, beside = values(structure(held())), values(structure(held(flat=1)))
    assert mine["effective_bets"] is not None
    assert beside == mine


def test_as_many_bets_as_are_counted_are_still_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backtest.metrics.structure.MOST_BETS", 3)
    assert values(structure(held(assets=3)))["effective_bets"] is not None
    assert values(structure(held(assets=4)))["effective_bets"] is None


class Unknown(Ledger):
    """A ledger that leaves weights NaN where there is no price, and where the account is worth nothing."""

    def weights(self) -> np.ndarray:
        return self.positions() * self.marks() / np.where(self.equity > 0.0, self.equity, np.nan)[:, None]


def test_an_asset_without_a_price_has_no_weight() -> None:
    close = np.array([[10.0, np.nan], [10.0, np.nan], [12.0, 5.0]])
    ledger = Unknown(close)
    ledger.trade(0, 0, 50.0, 10.0)
    for row in range(3):
        ledger.shut(row)
    got = values(structure(ledger))
    assert (got["hhi"], got["effective_number"], got["average_positions"]) == (1.0, 1.0, 1.0)
    assert got["gross_exposure"] == pytest.approx((0.5 + 0.5 + 600 / 1100) / 3)


def test_rows_on_which_nothing_is_left_are_not_counted() -> None:
    ledger = Unknown(np.array([[100.0], [50.0], [100.0]]))
    ledger.trade(0, 0, 20.0, 100.0)
    for row in range(3):
        ledger.shut(row)
    assert ledger.equity.tolist() == [1000.0, 0.0, 1000.0]
    got = values(structure(ledger))
    assert (got["gross_exposure"], got["average_cash"], got["time_invested"]) == (2.0, -1.0, 1.0)


def test_an_account_that_was_never_worth_anything_has_no_exposure() -> None:
    ledger = Ledger(np.array([[100.0]]))
    ledger.trade(0, 0, 20.0, 200.0)
    ledger.shut(0)
    assert ledger.equity.tolist() == [-1000.0]
    got = values(structure(ledger))
    assert set(got.values()) == {None}


def test_a_long_holding_period_is_a_slow_turnover() -> None:
    """Half of the capital bought over a hundred days: turnover 0.25 in 100 days, capital stays 400 days."""
    ledger = Ledger(np.full((101, 1), 10.0))
    ledger.trade(0, 0, 50.0, 10.0, commission=1.0)
    for row in range(101):
        ledger.shut(row)
    got = values(trading(ledger))
    assert (got["turnover"], got["holding_period"]) == (pytest.approx(0.25 * 3.6525), pytest.approx(400.0))
    assert got["cost_drag"] == pytest.approx(0.001 * 3.6525)


def test_a_record_of_one_bar_has_nothing_a_year() -> None:
    ledger = Ledger(np.array([[10.0]]))
    ledger.trade(0, 0, 50.0, 10.0)
    ledger.shut(0)
    got = values(trading(ledger))
    assert (got["turnover"], got["holding_period"], got["cost_drag"]) == (None, None, None)


def test_costs_without_trades_are_not_per_trade() -> None:
    ledger = Ledger(np.array([[10.0], [10.0]]))
    ledger.shut(0)
    ledger.shut(1)
    got = values(trading(ledger))
    assert (got["turnover"], got["holding_period"], got["cost_per_traded"], got["break_even_cost"]) == (
        *(0.0, None, None, None),
    )


def test_keys_go_by_the_group_of_the_catalogue() -> None:
    keys = group_keys()
    assert list(keys) == list(catalogue())
    assert keys["Holdings"][:3] == ("hhi", "effective_number", "diversification_ratio")
    assert keys["Return and risk"][:3] == ("final_equity", "total_return", "annual_return")
    assert keys["Record"] == ("start", "end", "bars", "years", "periods_per_year")
    assert keys["Losses"][:3] == ("downside_deviation", "var_95", "var_95_gaussian")
    assert list(keys) == [
        *("Return and risk", "Losses", "Drawdown", "Best and worst", "Against the benchmark"),
        *("Holdings", "Trading and costs", "Financing", "Flows", "Trades", "Luck", "Record"),
    ]


def test_the_mean_of_the_years_deepest_falls_goes_by_the_owners_stamps() -> None:
    """A date of January 1 is a day of the new year: 20 % down in 2020, 30 % in 2021."""
    index = pd.DatetimeIndex(["2020-06-30", "2020-12-31", "2021-01-01", "2021-06-30"])
    returns = pd.Series([-0.2, 0.0, -0.125, 0.0], index)
    annual = metrics.annual_return(returns)
    assert metrics.sterling(returns, drawdown="yearly") == pytest.approx(annual / (0.25 + 0.1))


def test_exposures_are_matched_through_time_zones_and_named() -> None:
    days = pd.date_range("2020-01-01", periods=40, tz="UTC")
    rng = np.random.default_rng(2)
    factors = pd.DataFrame(rng.normal(0.0, 0.01, (40, 2)), days, ["value", "size"])
    returns = factors["value"] * 1.5 + rng.normal(0.0, 0.001, 40)
    wanted = metrics.factor_exposures(returns, factors)
    assert wanted.table.index.name == "factor"
    local = returns.tz_convert("America/New_York")
    for found in (
        metrics.factor_exposures(local, factors[::-1]),
        metrics.factor_exposures(returns.to_numpy(), factors[::-1], times=days),
        metrics.factor_exposures(returns.tz_localize(None), factors[::-1]),
    ):
        pd.testing.assert_frame_equal(found.table, wanted.table)
        assert (found.bars, found.r_squared) == (40, pytest.approx(wanted.r_squared))
        assert found.residual_volatility == pytest.approx(wanted.residual_volatility)
    with pytest.raises(InputError) as caught:
        metrics.factor_exposures([0.1, 0.2], factors)
    assert str(caught.value) == "factors: expected one row a bar, 2; received 40"


def test_the_largest_of_equal_holdings_are_the_first() -> None:
    """More of them than a sort keeps in order by chance, all bought at 10 in the last row."""
    close = 10.0 * np.cumprod(1.0 + np.random.default_rng(5).normal(0.0, 0.01, (6, 40)), axis=0)
    close[5] = 10.0
    ledger = Ledger(close)
    for row in range(6):
        for asset in range(40 if row == 5 else 0):
            ledger.trade(row, asset, 1.0, 10.0)
        ledger.shut(row)
    assert sorted(held_correlations(ledger, 5).index) == ["A0", "A1", "A2", "A3", "A4"]
    assert held_correlations(ledger, 1).index.tolist() == ["A0"]


def test_a_weight_that_is_not_known_is_none() -> None:
    ledger = Unknown(np.array([[100.0], [50.0], [100.0]]))
    ledger.trade(0, 0, 20.0, 100.0)
    for row in range(3):
        ledger.shut(row)
    assert average_weights(ledger).tolist() == pytest.approx([(2.0 + 0.0 + 2.0) / 3.0])

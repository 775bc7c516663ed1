from __future__ import annotations

import json
import math

import numpy as np
import pytest

from backtest import stats
from backtest.errors import InputError
from backtest.metrics import catalogue, cost_by_row, drag_by_row, run_metrics, turnover_by_row
from backtest.metrics.ledger import asset_returns
from backtest.types import ActionKind

from .results import Ledger, random_ledger


def two_assets() -> Ledger:
    ledger = Ledger(np.array([[10.0, 20.0], [10.0, 20.0], [12.0, 18.0], [9.0, 20.0]]))
    ledger.shut(0)
    ledger.trade(1, 0, 50.0, 10.0, commission=1.0)
    ledger.trade(1, 1, 10.0, 20.0, spread=0.5)
    ledger.decide(0, 2)
    ledger.shut(1)
    ledger.decide(1, 0)
    ledger.shut(2)
    ledger.trade(3, 1, -10.0, 20.0, slippage=0.5)
    ledger.decide(2, 1)
    ledger.shut(3)
    return ledger


def test_initial_capital_stands_in_front() -> None:
    ledger = Ledger(np.array([[10.0], [10.0]]))
    ledger.trade(0, 0, 50.0, 10.0, commission=100.0)
    ledger.shut(0)
    ledger.shut(1)
    got = run_metrics(ledger)
    assert got["total_return"] == pytest.approx(-0.1)
    assert got["max_drawdown"] == pytest.approx(-0.1)
    assert (got["max_drawdown_peak"], got["max_drawdown_valley"]) == ("2020-01-01", "2020-01-01")
    assert got["worst_bar"] == pytest.approx(-0.1)


def test_turnover_and_cost_by_row() -> None:
    ledger = two_assets()
    before = ledger.equity[2]
    np.testing.assert_allclose(turnover_by_row(ledger), [0.0, 700.0 / 2000.0, 0.0, 200.0 / (2 * before)])
    np.testing.assert_allclose(cost_by_row(ledger), [0.0, 1.5, 0.0, 0.5])
    np.testing.assert_allclose(drag_by_row(ledger), [0.0, 0.0015, 0.0, 0.5 / before])


def test_trading_numbers() -> None:
    ledger = two_assets()
    got = run_metrics(ledger)
    years = 3 / 365.25
    assert got["years"] == pytest.approx(years)
    assert got["turnover"] == pytest.approx(turnover_by_row(ledger).sum() / years)
    assert got["cost_drag"] == pytest.approx(drag_by_row(ledger).sum() / years)
    assert (got["total_cost"], got["cost_commission"], got["cost_spread"]) == (2.0, 1.0, 0.5)
    assert got["cost_per_traded"] == pytest.approx(2.0 / 900.0)
    assert (got["decisions"], got["rebalances"], got["fills"]) == (3, 2, 3)
    assert (got["trades_closed"], got["trades_open"]) == (1, 1)


def test_structure_numbers_by_hand() -> None:
    ledger = two_assets()
    got = run_metrics(ledger)
    shares = [np.array([500.0, 200.0]) / 700.0, np.array([600.0, 180.0]) / 780.0, np.array([1.0, 0.0])]
    concentration = [float(share @ share) for share in shares]
    assert got["hhi"] == pytest.approx(np.mean(concentration))
    assert got["effective_number"] == pytest.approx(np.mean([1 / index for index in concentration]))
    assert got["time_invested"] == pytest.approx(0.75)
    assert got["average_positions"] == pytest.approx(5 / 4)
    assert got["average_cash"] == pytest.approx(np.mean(ledger.cash / ledger.equity))
    returns = np.array([[0.0, 0.0], [0.2, -0.1], [-0.25, 1 / 9]])
    covariance = np.cov(returns, rowvar=False)
    ratios = [w @ np.sqrt(np.diag(covariance)) / math.sqrt(w @ covariance @ w) for w in shares]
    assert got["diversification_ratio"] == pytest.approx(np.mean(ratios))


def test_asset_returns_see_through_splits_dividends_and_delistings() -> None:
    close = np.array([[100.0, 10.0, 8.0], [51.0, np.nan, 8.0], [52.0, 9.5, np.nan], [52.0, 9.5, np.nan]])
    actions = [
        (1, 0, ActionKind.SPLIT, 2.0),
        (1, 1, ActionKind.DIVIDEND, 0.5),
        (2, 0, ActionKind.DIVIDEND, 1.0),
        (2, 2, ActionKind.DELISTING, -0.5),
    ]
    ledger = Ledger(close, actions=actions)
    for row in range(4):
        for at, asset, kind, value in actions:
            if at == row:
                ledger.act(row, asset, kind, value)
        ledger.shut(row)
    expected = [[0.02, 0.0, 0.0], [2.0 / 51.0, 0.0, -0.5], [0.0, 0.0, np.nan]]
    np.testing.assert_allclose(asset_returns(ledger), expected, atol=1e-15)


def test_delisting_is_no_turnover() -> None:
    ledger = Ledger(np.array([[100.0], [np.nan]]))
    ledger.trade(0, 0, 2.0, 100.0)
    ledger.shut(0)
    ledger.act(1, 0, ActionKind.DELISTING, -0.3)
    ledger.shut(1)
    np.testing.assert_allclose(turnover_by_row(ledger), [0.1, 0.0])
    assert run_metrics(ledger)["trades_closed"] == 1


def test_a_benchmark_changes_no_other_number_and_has_its_own() -> None:
    ledger = random_ledger(3)
    returns = np.random.default_rng(0).normal(0.0, 0.01, ledger.equity.size)
    alone, both = run_metrics(ledger), run_metrics(ledger, returns)
    assert both.metrics[: len(alone.metrics)] == alone.metrics
    assert both.benchmark is not None
    assert {"beta", "tracking_error", "information_ratio", "active_return"} <= {m.key for m in both.metrics}
    own = {metric.key: metric.value for metric in both.benchmark}
    assert own["total_return"] == pytest.approx(np.prod(1 + returns) - 1)
    with pytest.raises(InputError, match="one return a row"):
        run_metrics(ledger, returns[1:])


def all_cash(rows: int) -> Ledger:
    ledger = Ledger(np.full((rows, 2), 10.0))
    for row in range(rows):
        ledger.shut(row)
    return ledger


@pytest.mark.parametrize("rows", [1, 2, 50])
def test_nothing_held_is_defined_and_plain_json(rows: int) -> None:
    got = run_metrics(all_cash(rows))
    text = json.dumps(got.to_dict(), allow_nan=False)
    assert json.loads(text)["schema"] == 1
    assert (got["total_return"], got["sharpe"], got["hhi"], got["diversification_ratio"]) == (0.0, None, None, None)
    assert (got["average_cash"], got["time_invested"], got["total_cost"], got["fills"]) == (1.0, 0.0, 0.0, 0)
    assert got["cost_per_traded"] is None
    assert (got.periods_per_year is None) == (rows == 1)


def test_ruin_is_counted_while_there_was_something_to_count() -> None:
    ledger = Ledger(np.array([[100.0], [160.0], [160.0]]))
    ledger.trade(0, 0, -20.0, 100.0)
    for row in range(3):
        ledger.shut(row)
    got = run_metrics(ledger)
    assert (got["total_return"], got["annual_return"]) == (pytest.approx(-1.2), -1.0)
    assert got["max_drawdown"] == pytest.approx(-1.2)
    assert got["average_cash"] == pytest.approx(3.0)
    json.dumps(got.to_dict(), allow_nan=False)


def test_keys_are_unique_and_conventions_said() -> None:
    ledger = random_ledger(5)
    found = run_metrics(ledger, np.zeros(ledger.equity.size)).metrics
    assert len({metric.key for metric in found}) == len(found)
    assert len({metric.label for metric in found}) == len(found)
    assert all(metric.convention for metric in found)


def test_break_even_cost_and_the_holding_period() -> None:
    """At the break-even cost the same trades would have ended where they began."""
    ledger = two_assets()
    got = run_metrics(ledger)
    assert got["break_even_cost"] == pytest.approx((ledger.equity[-1] - 1000.0 + 2.0) / 900.0)
    assert got["holding_period"] == pytest.approx(365.25 / got["turnover"])  # type: ignore[operator]
    free = ledger.equity[-1] + 2.0
    assert free - got["break_even_cost"] * 900.0 == pytest.approx(1000.0)  # type: ignore[operator]


def test_exposure_counts_shorts_by_size() -> None:
    ledger = Ledger(np.array([[10.0, 10.0], [10.0, 10.0]]))
    ledger.shut(0)
    ledger.trade(1, 0, 60.0, 10.0)
    ledger.trade(1, 1, -40.0, 10.0)
    ledger.shut(1)
    got = run_metrics(ledger)
    assert (got["gross_exposure"], got["net_exposure"]) == (pytest.approx(0.5), pytest.approx(0.1))
    assert got["max_gross_exposure"] == pytest.approx(1.0)


def test_bets_of_a_run_are_those_of_its_weights() -> None:
    ledger = random_ledger(4)
    weights = np.nan_to_num(ledger.weights())
    ever = (weights != 0.0).any(axis=0)
    covariance = stats.realised_covariance(asset_returns(ledger)[:, ever])
    bets = stats.effective_bets(weights[:, ever], covariance)
    assert run_metrics(ledger)["effective_bets"] == pytest.approx(np.nanmean(bets))
    assert 1.0 < np.nanmean(bets) <= 4.0


def test_bets_of_very_many_assets_are_left_to_those_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backtest.metrics.structure.MOST_BETS", 3)
    got = run_metrics(random_ledger(4))
    assert got["effective_bets"] is None
    assert got["diversification_ratio"] is not None


def test_existing_keys_keep_their_names() -> None:
    """Reports and manifests of earlier runs are read by these."""
    ledger = random_ledger(3)
    keys = {metric.key for metric in run_metrics(ledger, np.zeros(ledger.equity.size)).metrics}
    assert keys >= {
        *("final_equity", "total_return", "annual_return", "volatility", "sharpe", "sortino", "calmar"),
        *("best_bar", "worst_bar", "positive_bars", "max_drawdown", "max_drawdown_peak", "max_drawdown_valley"),
        *("max_drawdown_recovery", "longest_drawdown", "time_underwater", "active_return", "tracking_error"),
        *("information_ratio", "beta", "correlation", "hhi", "effective_number", "diversification_ratio"),
        *("average_positions", "time_invested", "average_cash", "turnover", "decisions", "rebalances", "fills"),
        *("trades_closed", "trades_open", "total_cost", "cost_commission", "cost_spread", "cost_slippage"),
        *("cost_impact", "cost_of_capital", "cost_drag", "cost_per_traded"),
        *("start", "end", "bars", "years", "periods_per_year"),
    }


def test_the_catalogue_is_what_a_run_has() -> None:
    ledger = random_ledger(3)
    found = run_metrics(ledger, np.zeros(ledger.equity.size)).metrics
    listed = {line.definition.key: line.definition for lines in catalogue().values() for line in lines}
    assert listed.keys() == {metric.key for metric in found}
    for metric in found:
        assert (metric.label, metric.unit) == (listed[metric.key].label, listed[metric.key].unit)
        assert listed[metric.key].formula
        assert listed[metric.key].source


def held_throughout(assets: int, unit: float = 1.0) -> Ledger:
    close = unit * 10.0 * np.cumprod(1.0 + np.random.default_rng(7).normal(0.0, 0.02, (40, assets)), axis=0)
    ledger = Ledger(close, capital=unit * 1000.0)
    for asset in range(assets):
        ledger.trade(0, asset, 20.0, close[0, asset], commission=unit)
    for row in range(40):
        ledger.shut(row)
    return ledger


def test_assets_held_from_the_first_bar_are_bets_too() -> None:
    assert run_metrics(held_throughout(1))["effective_bets"] == pytest.approx(1.0)
    assert 1.0 < run_metrics(held_throughout(3))["effective_bets"] <= 3.0  # type: ignore[operator]


def test_costs_are_measured_by_what_they_are_costs_of() -> None:
    got = run_metrics(held_throughout(2))
    traded = 40.0 * 10.0
    assert got["cost_of_capital"] == pytest.approx(0.002)
    assert got["cost_per_traded"] == pytest.approx(2.0 / traded, rel=0.1)


def test_the_unit_of_money_changes_no_fraction() -> None:
    """An account in millionths of the currency has the same ratios."""
    large, small = (run_metrics(held_throughout(2, unit)).metrics for unit in (1.0, 1e-6))
    for one, other in zip(large, small, strict=True):
        if one.unit != "money" and isinstance(one.value, float):
            assert other.value == pytest.approx(one.value, rel=1e-9, abs=1e-12), one.key
        elif one.unit != "money":
            assert other.value == one.value, one.key


def test_a_metric_that_is_not_there_is_one_clear_error() -> None:
    with pytest.raises(InputError, match=r"unknown metric 'sharp'.*did you mean 'sharpe'"):
        run_metrics(two_assets())["sharp"]

"""What a run's metrics say of weights, trading and trades, each as a function of its own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import metrics
from backtest.errors import InputError
from backtest.metrics.ledger import asset_returns

from .results import Ledger, random_ledger


@pytest.mark.parametrize("seed", range(4))
def test_they_are_the_metrics_of_the_run(seed: int) -> None:
    ledger = random_ledger(seed, rows=80)
    known = metrics.run_metrics(ledger)
    weights, trades = ledger.weights(), metrics.trades(ledger)
    for function in (metrics.hhi, metrics.effective_number, metrics.gross_exposure, metrics.net_exposure):
        assert function(weights) == pytest.approx(known[function.__name__], rel=1e-12)
    assert metrics.time_invested(weights) == known["time_invested"]
    ratio = metrics.diversification_ratio(weights, asset_returns(ledger))
    assert ratio == pytest.approx(known["diversification_ratio"], rel=1e-9)
    for function in (metrics.turnover, metrics.holding_period, metrics.cost_drag, metrics.break_even_cost):
        assert function(ledger) == known[function.__name__]
    for name in ("win_rate", "profit_factor", "payoff_ratio", "expectancy", "winning_streak", "losing_streak",
                 "average_mae", "average_mfe"):  # fmt: skip
        value = getattr(metrics, name)(trades)
        if known[name] is None:
            assert math.isnan(value), name
        else:
            assert value == pytest.approx(known[name], rel=1e-12), name


def test_weights_by_hand() -> None:
    assert metrics.hhi([0.5, 0.25, 0.25]) == pytest.approx(0.375)
    assert metrics.hhi([0.25, -0.25, np.nan]) == pytest.approx(0.5)
    assert metrics.effective_number([[1.0, 0.0], [0.3, 0.3], [0.0, 0.0]]) == pytest.approx(1.5)
    assert metrics.gross_exposure(pd.Series({"a": 0.6, "b": -0.5})) == pytest.approx(1.1)
    assert metrics.net_exposure(pd.DataFrame([[0.6, -0.5], [0.4, 0.1]])) == pytest.approx(0.3)
    assert metrics.time_invested([[0.0, 0.0], [0.1, 0.0]]) == 0.5
    assert math.isnan(metrics.hhi([0.0, 0.0]))


def test_a_diversification_ratio_goes_by_names() -> None:
    returns = pd.DataFrame({"a": [0.01, -0.01, 0.01, -0.01], "b": [0.02, 0.02, -0.02, -0.02]})
    both = metrics.diversification_ratio(pd.Series({"b": 1 / 3, "a": 2 / 3}), returns)
    assert both == pytest.approx(math.sqrt(2.0))  # equal risks without correlation
    assert metrics.diversification_ratio(pd.Series({"b": 1.0}), returns) == pytest.approx(1.0)
    assert metrics.diversification_ratio([2 / 3, 1 / 3], returns.to_numpy()) == pytest.approx(math.sqrt(2.0))


def test_profits_by_hand() -> None:
    profits = [3.0, -1.0, -2.0, 0.0, 5.0, 1.0]
    assert metrics.win_rate(profits) == 0.5
    assert metrics.profit_factor(profits) == 3.0
    assert metrics.payoff_ratio(profits) == 2.0
    assert metrics.expectancy(np.array(profits)) == 1.0
    assert (metrics.winning_streak(profits), metrics.losing_streak(pd.Series(profits))) == (2, 2)
    assert math.isnan(metrics.win_rate([]))


def test_open_trades_count_nowhere_and_the_rest_in_the_order_of_closing() -> None:
    """One opens first and closes last: the losses are in a row only in the order of closing."""
    close = np.tile(np.array([10.0, 9.0, 9.0, 8.0, 8.0, 12.0]), (2, 1)).T
    ledger = Ledger(close, capital=1000.0)
    orders = {0: [(1, 1.0), (0, 2.0)], 1: [(0, -2.0)], 2: [(0, 1.0)], 3: [(0, -1.0)], 4: [(0, 5.0)], 5: [(1, -1.0)]}
    for row, trades in orders.items():
        for asset, quantity in trades:
            ledger.trade(row, asset, quantity, close[row, asset])
        ledger.shut(row)
    table = metrics.trades(ledger)
    assert table["open"].sum() == 1
    assert metrics.losing_streak(table) == metrics.run_metrics(ledger)["losing_streak"] == 2
    assert metrics.expectancy(table) == pytest.approx((-2.0 - 1.0 + 2.0) / 3)
    assert metrics.average_mae(table) == pytest.approx(table[~table["open"]]["mae"].mean())


def test_of_trades_that_close_together_the_one_opened_first_comes_first() -> None:
    close = np.array([[10.0, 10.0, 10.0], [11.0, 9.0, 11.0], [12.0, 8.0, 12.0]])
    ledger = Ledger(close)
    for row, orders in enumerate([[(2, 1.0)], [(0, 1.0), (1, 1.0)], [(0, -1.0), (1, -1.0), (2, -1.0)]]):
        for asset, quantity in orders:
            ledger.trade(row, asset, quantity, close[row, asset])
        ledger.shut(row)
    assert metrics.winning_streak(metrics.trades(ledger)) == metrics.run_metrics(ledger)["winning_streak"] == 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: metrics.hhi([]), "weights: expected one an asset, or rows of them"),
        (lambda: metrics.hhi("half"), "weights: expected numbers"),
        (lambda: metrics.diversification_ratio([0.5], np.zeros((5, 2))), "expected one an asset, 2; received 1"),
        (
            lambda: metrics.diversification_ratio(pd.Series({"oli": 1.0}), pd.DataFrame({"oil": [0.1, 0.2]})),
            "did you mean 'oil'",
        ),
        (lambda: metrics.win_rate([1.0, math.nan]), "one profit a closed trade"),
        (lambda: metrics.win_rate(pd.DataFrame({"pnl": [1.0]})), "the table that `metrics.trades` returns"),
        (lambda: metrics.average_mae([0.1]), "the table that `metrics.trades` returns"),
    ],
)
def test_one_clear_error(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()

from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.stats import expectancy, longest_streak, payoff_ratio, profit_factor, win_rate

PROFIT = np.array([10.0, -5.0, 0.0, 20.0, -5.0, -10.0])


def test_by_hand() -> None:
    assert win_rate(PROFIT) == pytest.approx(2 / 6)
    assert profit_factor(PROFIT) == pytest.approx(30 / 20)
    assert payoff_ratio(PROFIT) == pytest.approx(15 / (20 / 3))
    assert expectancy(PROFIT) == pytest.approx(10 / 6)


def test_expectancy_is_what_wins_and_losses_leave() -> None:
    won, lost = PROFIT[PROFIT > 0], PROFIT[PROFIT < 0]
    shares = won.size / PROFIT.size * won.mean() + lost.size / PROFIT.size * lost.mean()
    assert expectancy(PROFIT) == pytest.approx(shares)


def test_streaks() -> None:
    assert longest_streak(PROFIT > 0) == 1
    assert longest_streak(PROFIT < 0) == 2  # the trade without profit ends neither kind and belongs to none
    assert longest_streak(np.array([True, True, False, True, True, True])) == 3
    assert longest_streak(np.zeros(3, bool)) == longest_streak(np.empty(0, bool)) == 0


def test_one_side_only_and_nothing() -> None:
    won = np.array([1.0, 2.0])
    assert (win_rate(won), expectancy(won)) == (1.0, 1.5)
    assert math.isnan(profit_factor(won))
    assert math.isnan(payoff_ratio(won))
    assert profit_factor(-won) == 0.0
    for number in (win_rate, profit_factor, payoff_ratio, expectancy):
        assert math.isnan(number(np.empty(0)))


def test_the_unit_of_profit_changes_no_ratio() -> None:
    small = PROFIT / 1e4
    for number in (win_rate, profit_factor, payoff_ratio):
        assert number(small) == pytest.approx(number(PROFIT))

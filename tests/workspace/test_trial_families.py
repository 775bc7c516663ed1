"""Which trials count together, and as how many."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtest.workspace.counting import MOST_CORRELATED, count
from backtest.workspace.families import family, standings
from backtest.workspace.trial_returns import DailyReturns, keep, kept
from backtest.workspace.trials import Register

from .trials_made import made


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"store": "copy"}, True),  # the same content under another name
        ({"data": "e" * 32}, True),  # the same store, brought up to date
        ({"data": "e" * 32, "store": "other"}, False),
        ({"start": "2020-04-29T00:00:00Z", "end": "2021-01-01T00:00:00Z"}, True),
        ({"start": "2020-04-30T00:00:00Z", "end": "2021-01-01T00:00:00Z"}, False),  # begins where the other ends
        ({"start": "2019-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}, False),
        ({"bars_per_year": 252.0}, True),
        ({"bars_per_year": 52.0}, False),
        ({"bars_per_year": None}, True),
        ({"sharpe": None}, False),
    ],
)
def test_what_counts_together(changes: dict[str, Any], counts: bool) -> None:
    assert family([made(1), made(2, **changes)], made(1)) == ([made(2, **changes)] if counts else [])


def test_a_configuration_on_newer_data_counts_once_and_as_it_came_out_last() -> None:
    older, newer = made(2), made(2, data="e" * 32, sharpe=0.07)
    assert older.key != newer.key
    assert family([older, newer], made(1)) == [newer]
    assert family([older, newer], newer) == []


def test_counted_by_hand(register: Register) -> None:
    """Ratios 0.05, 0.01, 0.03: variance 0.0004. Two series are one and the same, the third is unknown: ρ̄ = 1/3."""
    days = np.arange(100)
    returns = np.random.default_rng(0).normal(0.0, 0.01, 100)
    trials = [made(2, sharpe=0.01), made(3, sharpe=0.03), made(4, sharpe=None)]
    for trial in trials:
        register.add(trial)
    keep(register.returns, trials[0].key, DailyReturns(days, returns))
    found = count(register, trials, made(1), DailyReturns(days, returns))
    assert found.trials.count == 3
    assert found.trials.variance_per_bar == pytest.approx(0.0004, rel=1e-12)
    assert found.trials.effective == pytest.approx(1 / 3 + 2 / 3 * 3, rel=1e-6)
    assert found.correlated == 2


def test_many_trials_are_correlated_by_a_sample(register: Register) -> None:
    size = 2 * MOST_CORRELATED
    days = np.arange(30)
    rng = np.random.default_rng(1)
    alike = rng.normal(size=30)
    trials = [made(number) for number in range(size)]
    register.add(trials[0])
    for trial in trials:
        keep(register.returns, trial.key, DailyReturns(days, alike * 0.01))
    found = count(register, trials, trials[0], kept(register.returns, trials[0].key))
    assert (found.trials.count, found.correlated) == (size, MOST_CORRELATED)
    assert found.trials.effective == pytest.approx(2.0, rel=1e-6)  # one of each 250, taken for all 500


def test_standings_are_what_each_family_has() -> None:
    trials = [made(1), made(2, sharpe=0.01), made(3, start="2021-01-01T00:00:00Z", end="2021-06-01T00:00:00Z")]
    assert [found.count for _, found in standings(trials)] == [2, 2, 1]
    assert standings(trials)[0][1].variance_per_bar == pytest.approx(0.0008, rel=1e-12)
    idle = made(4, sharpe=None, skewness=None, kurtosis=None)
    assert [found.count for _, found in standings([idle, *trials])] == [3, 2, 2, 1]

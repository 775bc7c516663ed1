from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2

from backtest.stats import christoffersen, conditional_coverage, kupiec

from .golden import case


def sequence(days: int, runs: list[int], gap: int) -> np.ndarray:
    """Breaches in runs of given lengths, with quiet days between."""
    breached = np.zeros(days, bool)
    at = gap
    for run in runs:
        breached[at : at + run] = True
        at += run + gap
    return breached


def test_published_tests_of_bunched_exceptions() -> None:
    """Six exceptions, four of which follow another one: two runs, and 251 transitions plus the one the book adds."""
    inputs, expected, tolerance = case("stats_coverage", "jorion_question_10")
    breached = sequence(inputs["days"] + 1, [3, 3], 40)
    assert kupiec(inputs["exceptions"], inputs["days"], inputs["share"]).statistic == pytest.approx(
        expected["unconditional"], abs=tolerance
    )
    assert christoffersen(breached).statistic == pytest.approx(expected["independence"], abs=tolerance)


def test_p_values_are_those_of_the_chi_squared_law() -> None:
    breached = np.random.default_rng(1).random(500) < 0.08
    number, alone = kupiec(int(breached.sum()), 500, 0.05), christoffersen(breached)
    both = conditional_coverage(breached, 0.05)
    assert number.p_value == pytest.approx(chi2.sf(number.statistic, 1), rel=1e-10)
    assert alone.p_value == pytest.approx(chi2.sf(alone.statistic, 1), rel=1e-10)
    assert both.p_value == pytest.approx(chi2.sf(both.statistic, 2), rel=1e-10)
    assert both.statistic == pytest.approx(number.statistic + alone.statistic)


def test_the_promised_number_passes_and_both_sides_fail() -> None:
    assert kupiec(5, 100, 0.05).statistic == pytest.approx(0.0, abs=1e-12)
    assert kupiec(5, 100, 0.05).p_value == pytest.approx(1.0, abs=1e-5)
    assert kupiec(0, 100, 0.05).statistic == pytest.approx(-200 * math.log(0.95))
    assert kupiec(0, 100, 0.05).p_value < 0.01
    assert kupiec(12, 100, 0.05).p_value < 0.01
    assert kupiec(100, 100, 0.05).statistic == pytest.approx(-200 * math.log(0.05))


def test_runs_are_seen_and_lone_breaches_are_not() -> None:
    assert christoffersen(sequence(400, [5, 5, 5, 5], 80)).p_value < 1e-6
    assert christoffersen(sequence(400, [1] * 20, 19)).p_value > 0.1


def test_nothing_to_test() -> None:
    assert math.isnan(kupiec(0, 0, 0.05).statistic)
    assert math.isnan(christoffersen(np.array([True])).p_value)
    assert christoffersen(np.zeros(50, bool)).statistic == 0.0
    assert christoffersen(np.ones(50, bool)).statistic == 0.0


@pytest.mark.parametrize("share", [0.05, 0.25])
def test_the_level_is_kept_under_independence(share: float) -> None:
    """Of 2,000 sequences with the promised share, about 5 % are rejected by each test.

    At 5 % a run of two is rare and the law of the second test not yet its limit: it rejects 8 %.
    """
    rng = np.random.default_rng(5)
    rejected = [
        (kupiec(int(b.sum()), b.size, share).p_value < 0.05, christoffersen(b).p_value < 0.05)
        for b in rng.random((2000, 1000)) < share
    ]
    number, alone = np.mean(rejected, axis=0)
    assert 0.04 < number < 0.065
    assert 0.04 < alone < (0.06 if share == 0.25 else 0.1)


def test_shortest_sequences_and_the_impossible() -> None:
    assert kupiec(0, 1, 0.05).statistic == pytest.approx(-2.0 * math.log(0.95))
    assert christoffersen(np.array([False, True])).statistic == pytest.approx(0.0)
    assert kupiec(1, 10, 0.0).statistic == math.inf
    assert kupiec(1, 10, 0.0).p_value == 0.0

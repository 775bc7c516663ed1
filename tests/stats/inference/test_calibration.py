"""The promises of benchmarks/calibration.py, with few repetitions: three standard errors of room."""

from __future__ import annotations

import math

import pytest

from benchmarks import calibration

pytestmark = pytest.mark.slow


def holds(share: float, low: float, high: float, repetitions: int) -> bool:
    room = 3.0 * math.sqrt(share * (1.0 - share) / repetitions)
    return low - room <= share <= high + room


def test_the_measure_of_room() -> None:
    assert holds(0.95, 0.93, 0.97, 400)
    assert holds(0.90, 0.93, 0.97, 400)
    assert not holds(0.88, 0.93, 0.97, 400)
    assert not holds(1.0, 0.93, 0.97, 400)


@pytest.mark.parametrize("n", [1_000, 2_500])
def test_intervals_cover(n: int) -> None:
    for key, share in calibration.coverage("fat tails", n, 250).items():
        assert holds(share, 0.93, 0.97, 250), (key, share)


def test_intervals_of_returns_and_ratios_cover_under_clustered_volatility() -> None:
    found = calibration.coverage("clustered", 2_500, 200)
    for key in ("annual_return", "sharpe", "sortino"):
        assert holds(found[key], 0.93, 0.97, 200), (key, found[key])
    assert found["volatility"] > 0.8, "known to be too short, but not without end"


@pytest.mark.parametrize("name", list(calibration.PROCESSES))
def test_equal_sharpe_ratios_are_rejected_as_often_as_promised(name: str) -> None:
    assert holds(calibration.equal_sharpes(name, 500, 800), 0.04, 0.06, 800)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_the_best_of_a_thousand_worthless_is_not_believed(correlation: float) -> None:
    assert calibration.lucky(correlation, 200) <= 0.06


def test_overfitting_on_noise_and_with_an_edge() -> None:
    assert calibration.overfitted(0.0, 150).mean() == pytest.approx(0.5, abs=0.05)
    assert calibration.overfitted(4.0, 50).mean() < 0.05


@pytest.mark.parametrize("test", ["reality_check", "superior_ability", "step_down"])
def test_families_make_few_false_claims(test: str) -> None:
    assert holds(calibration.false_claims(test, 300), 0.0, 0.06, 300)

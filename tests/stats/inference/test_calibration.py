"""The promises of benchmarks/calibration.py, with few repetitions: three standard errors of room."""

from __future__ import annotations

import math

import pytest

from backtest.stats.inference import SPREAD
from benchmarks import calibration
from benchmarks.processes import truth

pytestmark = pytest.mark.slow


def holds(share: float, low: float, high: float, repetitions: int) -> bool:
    room = 3.0 * math.sqrt(share * (1.0 - share) / repetitions)
    return low - room <= share <= high + room


def test_the_measure_of_room() -> None:
    assert holds(0.95, 0.93, 0.97, 400)
    assert holds(0.90, 0.93, 0.97, 400)
    assert not holds(0.88, 0.93, 0.97, 400)
    assert not holds(1.0, 0.93, 0.97, 400)


def test_the_processes_are_what_they_say() -> None:
    """Deviation of 1 %, grown by the autocorrelation; and the truth of normal returns in two regimes by hand."""
    for name, growth in (("independent", 1.0), ("fat tails", 1 / 0.96), ("clustered", 1 / 0.99), ("stormy", 1.0)):
        wanted = 0.01 * math.sqrt(252.0 * growth)
        assert truth(name)["volatility"] == pytest.approx(wanted, rel=0.02), name
    calm = 125.0 / 165.0
    wanted = 0.01 * math.sqrt(252.0 * (calm * 0.7**2 + (1.0 - calm) * 2.0**2))
    assert truth("regimes")["volatility"] == pytest.approx(wanted, rel=0.02)


@pytest.mark.parametrize(("name", "n"), calibration.RECORDS)
def test_intervals_cover(name: str, n: int) -> None:
    for key, share in calibration.coverage(name, n, 200).items():
        if name == "stormy" and key in SPREAD:
            assert share > 0.8, "known to be too short, but not without end"
        else:
            assert holds(share, 0.93, 0.97, 200), (key, share)


@pytest.mark.parametrize("name", ["fat tails", "clustered"])
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

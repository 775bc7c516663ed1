"""Trials that make up the spread of the Sharpe ratios alone: who they are, and what it is without them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from made import Place
from scipy.optimize import brentq
from scipy.stats import t as student

from backtest.workspace.apart import apart
from backtest.workspace.counting import count
from backtest.workspace.families import without_few
from backtest.workspace.trials import Register, Trial

from .trials_made import made, run


def family_of(*ratios: float) -> list[Trial]:
    return [made(k, sharpe=ratio) for k, ratio in enumerate(ratios)]


def test_one_absurd_variant_is_found_among_three() -> None:
    trials = family_of(0.05, 0.04, -0.9)
    assert apart(trials) == [trials[2]]
    assert apart(trials[:2]) == []
    assert apart([]) == []


def grubbs(size: int, alpha: float = 0.05) -> float:
    """The critical value of the largest deviation over the sample deviation, two-sided, as the tables have it."""
    t = float(student.ppf(1.0 - alpha / (2.0 * size), size - 2))
    return (size - 1.0) / math.sqrt(size) * math.sqrt(t * t / (size - 2.0 + t * t))


@pytest.mark.parametrize(("size", "critical"), [(3, 1.154), (5, 1.715), (10, 2.290), (15, 2.549)])
def test_what_chance_may_do_is_not_apart(size: int, critical: float) -> None:
    """A point moved away from others at −1 … 1 is apart just where the table of Grubbs says that it is an outlier."""
    assert grubbs(size) == pytest.approx(critical, abs=0.001)
    rest = np.linspace(-1.0, 1.0, size - 1)

    def largest(place: float) -> float:
        whole = np.append(rest, place)
        return float(np.abs(place - whole.mean()) / whole.std(ddof=1))

    place = brentq(lambda x: largest(x) - max(grubbs(size), half(size)), 1.5, 1e4)
    assert apart(family_of(*rest, 1.001 * place)) == [made(size - 1, sharpe=1.001 * place)]
    assert apart(family_of(*rest, 0.999 * place)) == []


def half(size: int) -> float:
    """The same ratio where the deviation without the point is half of that with it."""
    share = 0.25 * (size - 2.0) / (size - 1.0)  # of the sum of squares
    return math.sqrt((1.0 - share) * (size - 1.0) ** 2 / size)


def test_families_of_chance_seldom_have_one() -> None:
    rng = np.random.default_rng(3)
    said = [bool(apart(family_of(*rng.standard_normal(size)))) for size in (3, 6, 12) for _ in range(300)]
    assert sum(said) <= 0.05 * len(said)


def test_what_is_spread_evenly_is_not_apart() -> None:
    assert apart(family_of(-0.6, -0.3, 0.0, 0.3, 0.6)) == []
    assert apart(family_of(0.0, 0.0, 1.0, 1.0)) == [], "two halves are not a few"


@pytest.mark.parametrize(("size", "few"), [(19, 1), (39, 1), (40, 2), (60, 3)])
def test_one_in_twenty_may_be_apart(size: int, few: int) -> None:
    rest = (np.linspace(-0.02, 0.02, size - few)).tolist()
    trials = family_of(*rest, *[-1.0 - 0.01 * k for k in range(few)])
    assert {each.sharpe for each in apart(trials)} == {-1.0 - 0.01 * k for k in range(few)}
    more = family_of(*rest[1:], *[-1.0 - 0.01 * k for k in range(few + 1)])
    assert apart(more) == []


def test_a_spread_that_deflates_nothing_is_nobodys() -> None:
    """A tenth of the error of a ratio of 120 bars is 0.0091; the deviation of (0, 0, 0, 2x) is x."""
    assert apart(family_of(0.05, 0.05, 0.05, 0.05 + 2.0 * 0.0090)) == []
    assert apart(family_of(0.05, 0.05, 0.05, 0.05 + 2.0 * 0.0093)) == [made(3, sharpe=0.05 + 2.0 * 0.0093)]
    assert apart(family_of(0.05, 0.05, 0.05 + 1e-16)) == []


def test_no_more_of_them_than_it_takes() -> None:
    trials = family_of(*np.linspace(-0.02, 0.02, 38).tolist(), -0.15, -2.0)
    assert apart(trials) == [trials[39]]


def test_a_family_without_the_few() -> None:
    trials = family_of(0.05, 0.03, 0.04, -0.9)
    far, rest = without_few(trials, trials[0])
    assert (far, rest.count) == ([trials[3]], 3)
    assert rest.variance_per_bar == pytest.approx(0.0001, rel=1e-9)
    far, rest = without_few(trials, trials[3])
    assert (far, rest.count) == ([trials[3]], 4), "the one that is judged counts in any case"
    assert rest.variance_per_bar == pytest.approx(0.0001, rel=1e-9)
    assert without_few(trials[:3], trials[0])[0] == []


def test_those_that_took_no_risk_are_not_among_them(register: Register) -> None:
    cash = made(9, sharpe=1.75)
    trials = family_of(0.05, 0.03, 0.04)
    assert without_few([*trials, cash], trials[0])[0] == []
    assert count(register, [*trials, cash], trials[0], None).apart == 0
    assert count(register, [*trials, made(8, sharpe=-0.9)], trials[0], None).apart == 1
    assert count(register, trials[:2], made(8, sharpe=-0.9), None).apart == 1


def test_a_run_keeps_how_many_there_were(place: Place) -> None:
    for capital in (10_000.0, 20_000.0, 30_000.0):
        assert run(place, capital=capital).manifest["trial"]["apart"] == 0
    absurd = run(place, costs={"commission_bps": 5_000.0})
    assert absurd.manifest["trial"]["apart"] == 1
    after = run(place, capital=40_000.0)
    assert (after["trials"], after.manifest["trial"]["apart"]) == (5, 1)

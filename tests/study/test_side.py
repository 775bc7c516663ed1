"""Runs side by side: which bars are compared, and what each run did on them."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.errors import InputError
from backtest.study.side import cut_short, side_by_side

from .runs import DAY, days, noise, record


def test_runs_of_one_clock_are_compared_whole() -> None:
    one, other = record("a", noise(300, 1)), record("b", noise(300, 2), capital=50.0)
    side = side_by_side([one, other])
    assert (side.by, side.cut, side.times.size) == ("bar", False, 300)
    np.testing.assert_array_equal(side.returns[:, 0], np.concatenate(([0.0], one.grown[1:] / one.grown[:-1] - 1.0)))
    np.testing.assert_allclose(side.growth[-1], [one.grown[-1] / 1_000.0, other.grown[-1] / 50.0])


def test_the_comparison_begins_when_the_last_had_decided() -> None:
    clock = days(300)
    late = record("late", np.concatenate((np.zeros(100), noise(200, 2))), decided=int(clock[99]))
    side = side_by_side([record("early", noise(300, 1)), late])
    assert side.cut
    assert side.times[0] == clock[99]
    np.testing.assert_array_equal(side.returns[0], [0.0, 0.0])
    np.testing.assert_array_equal(side.growth[0], [1.0, 1.0])
    assert side.growth[-1, 1] == pytest.approx(late.grown[-1] / late.grown[99])


def test_a_run_that_never_decided_waits_for_nobody() -> None:
    side = side_by_side([record("a", noise(300, 1)), record("cash", np.zeros(300), decided=None)])
    assert (side.cut, side.times.size) == (False, 300)


def test_other_spans_meet_where_both_are() -> None:
    long, short = record("long", noise(500, 1)), record("short", noise(200, 2), days(500)[250:450])
    side = side_by_side([long, short])
    assert (side.by, side.times[0], side.times[-1]) == ("bar", short.times[0], short.times[-1])
    assert side.growth[-1, 0] == pytest.approx(long.grown[449] / long.grown[250])


def test_bars_that_do_not_meet_are_compared_by_day() -> None:
    clock = days(200, freq="D")
    hours = (clock[0] - clock[0] % DAY) + (1 + np.arange(200 * 24)) * (DAY // 24)
    hourly = record("hourly", noise(hours.size, 3, deviation=0.002), hours)
    shifted = record("shifted", noise(200, 1), clock + 1)
    side = side_by_side([shifted, hourly])
    assert (side.by, side.cut, side.times.size) == ("day", True, 200)
    assert side.growth[-1, 1] == pytest.approx(hourly.grown[-1] / hourly.grown[23])


def test_very_many_bars_are_compared_by_day() -> None:
    rows = 15 * 24 * 60
    minutes = days(1)[0] + 60 * 10**9 * np.arange(2 * rows)
    many = [record(name, noise(2 * rows, k, deviation=1e-4), minutes) for k, name in enumerate("ab")]
    side = side_by_side(many)
    assert (side.by, side.cut, side.times.size) == ("day", True, 31)
    few = [record(name, noise(rows - 1_700, k, deviation=1e-4), minutes[: rows - 1_700]) for k, name in enumerate("ab")]
    assert side_by_side(few).by == "bar"


def test_too_few_common_bars_are_refused_with_the_spans() -> None:
    one, other = record("a", noise(100, 1)), record("b", noise(100, 2), days(100, "2019-01-01"))
    with pytest.raises(InputError, match=r"only 0 common bars; at least 20 .*a: 2015-01-01 to 2015-05-20; b: 2019"):
        side_by_side([one, other])


def test_currencies_do_not_mix() -> None:
    other = record("b", noise(100, 2), manifest={"currency": "EUR"})
    with pytest.raises(InputError, match=r"different currencies \(a: USD, b: EUR\)"):
        side_by_side([record("a", noise(100, 1)), other])


def test_gross_growth_is_what_it_would_be_without_costs() -> None:
    cost = np.zeros(50)
    cost[10] = 5.0
    flat = record("flat", np.zeros(50), cost=cost)
    paid = record("paid", np.zeros(50), grown=1_000.0 - np.cumsum(cost), cost=cost, turnover=cost / 10.0)
    side = side_by_side([flat, paid])
    np.testing.assert_allclose(side.gross[-1], [1.005, 1.0])
    assert side.paid(1)[1] == pytest.approx(0.005 / side.years)
    assert side.paid(1)[0] == pytest.approx(0.5 / side.years)


def test_a_benchmark_is_shown_only_when_all_have_the_same() -> None:
    path = 1_000.0 * np.cumprod(1.0 + noise(100, 9))
    one = record("a", noise(100, 1), benchmark=path)
    double = record("b", noise(100, 2), capital=2_000.0, benchmark=2.0 * path)
    found = side_by_side([one, double]).benchmark
    assert found is not None
    assert found[-1] == pytest.approx(path[-1] / 1_000.0)
    assert side_by_side([one, record("b", noise(100, 2))]).benchmark is None
    assert side_by_side([one, record("b", noise(100, 2), benchmark=path[::-1])]).benchmark is None


def test_a_run_that_is_much_shorter_is_named() -> None:
    clock = days(300)
    whole, same = record("whole", noise(300, 1)), record("same", noise(300, 2))
    assert cut_short(side_by_side([whole, same])) == []
    late = record("late", noise(100, 3), clock[200:])
    early = record("early", noise(250, 4), clock[:250])
    (said,) = cut_short(side_by_side([whole, late, early]))
    assert said.startswith("compared is only what all runs cover, 2015-10-08 to ")
    assert said.endswith(": late began last; early ended first")
    nearly = record("nearly", noise(290, 5), clock[10:])
    assert cut_short(side_by_side([whole, nearly])) == []

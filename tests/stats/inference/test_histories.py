"""What other histories show, against resamples put together row by row."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backtest import stats
from backtest.kernels import histories as kernel
from backtest.stats.inference import histories
from backtest.stats.inference.histories import _blocks

RNG = np.random.default_rng(12)


def drawn(returns: np.ndarray, start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """The rows of a history, one after the other."""
    n = returns.size
    whole = [*length[:-1], n]
    rows = np.concatenate([(row + np.arange(k)) % n for row, k in zip(start, whole, strict=True)])[:n]
    return np.asarray(returns[rows])


def depth(returns: np.ndarray) -> float:
    return float(stats.underwater(stats.path_from_returns(returns)).min())


def compute(returns: np.ndarray, start: np.ndarray, length: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    n, draws = returns.size, len(start)
    place, fall = np.empty(draws), np.empty(draws)
    tree = np.full((2 << (n - 1).bit_length(), 4), np.nan)
    kernel.histories(np.log1p(returns), start, length, tree, place, fall)
    return place, fall


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 9, 31, 64, 100])
def test_histories_row_by_row(n: int) -> None:
    """Every way of cutting blocks out of a tree: around the end, longer than the record, too few for a history."""
    returns = RNG.standard_t(4, n) * 0.02
    for most in (1, 3, n, 3 * n):
        start, length = RNG.integers(0, n, (40, 5)), RNG.integers(1, most + 1, (40, 5))
        place, fall = compute(returns, start, length)
        for b in range(40):
            rows = drawn(returns, start[b], length[b])
            assert place[b] == pytest.approx(np.log1p(rows).sum(), abs=1e-12)
            assert np.expm1(fall[b]) == pytest.approx(depth(rows), abs=1e-12)


def test_a_fall_across_two_blocks_is_one_and_the_start_is_a_peak() -> None:
    """+10 %, −10 %, −20 %: the fall is 28 % in the order of rows 0, 1, 2 and in that of 1, 2, 0, else 20.8 %."""
    returns = np.array([0.1, -0.1, -0.2])
    start, length = np.array([[1, 0, 0], [2, 0, 0], [0, 1, 0]]), np.array([[2, 1, 1], [1, 2, 1], [1, 2, 1]])
    place, fall = compute(returns, start, length)
    assert np.expm1(place) == pytest.approx(np.full(3, 1.1 * 0.9 * 0.8 - 1.0))
    assert np.expm1(fall) == pytest.approx([-0.28, 0.8 * 1.1 * 0.9 - 1.0, -0.28])


def test_numbers_and_ranges_by_hand() -> None:
    returns = RNG.standard_t(5, 150) * 0.01 + 0.001
    found = histories(returns, 250.0, 6.0, level=0.8, draws=300, seed=4)
    rows = [drawn(returns, *each) for each in zip(*_blocks(150, 6.0, 300, 4), strict=True)]
    fell = np.array([depth(each) for each in rows])
    ratios = np.expm1(250.0 * np.array([np.log1p(each).mean() for each in rows])) / -fell
    own = math.expm1(250.0 * np.log1p(returns).mean()) / -depth(returns)
    for key, value, values in (("max_drawdown", depth(returns), fell), ("calmar", own, ratios)):
        low, high = np.quantile(values, [0.1, 0.9])
        assert found[key] == pytest.approx((value, values.std(ddof=1), low, high), rel=1e-9)


def test_blocks_have_the_length_that_was_asked_for_and_fill_a_history() -> None:
    start, length = _blocks(1_000, 25.0, 500, 0)
    assert length.mean() == pytest.approx(25.0, rel=0.03)
    assert length.min() == 1
    assert (length[:, :-1].sum(axis=1) >= 1_000).all()
    assert (start.min(), start.max()) == (0, 999)
    assert np.bincount(start.ravel() // 100, minlength=10) == pytest.approx(start.size / 10, rel=0.05)
    assert (_blocks(50, 0.5, 20, 0)[1] == 1).all()
    assert not np.array_equal(_blocks(1_000, 25.0, 500, 1)[0], start)


def test_long_blocks_keep_what_short_ones_break() -> None:
    """Good and bad stretches of forty bars: blocks of one bar make shallow falls of them."""
    returns = np.tile(np.repeat([0.01, -0.01], 40), 8)
    short, long = (histories(returns, 250.0, block, draws=199)["max_drawdown"] for block in (1.0, 60.0))
    assert short.value == long.value == pytest.approx(depth(returns))
    assert long.low < short.low
    assert long.high < short.high


def test_a_loss_of_everything_and_no_loss_at_all() -> None:
    ruined = np.append(RNG.normal(0.001, 0.01, 60), -1.0)
    found = histories(ruined, 250.0, 3.0)
    assert (found["max_drawdown"].value, found["max_drawdown"].low) == (-1.0, -1.0)
    assert found["max_drawdown"].high > -0.9, "the loss is in most resamples, not in all"
    assert found["calmar"].value == -1.0
    gains = histories(np.full(60, 0.01), 250.0, 3.0)
    assert gains["max_drawdown"] == (0.0, 0.0, 0.0, 0.0)
    assert all(math.isnan(each) for each in gains["calmar"])
    below = histories(np.append(RNG.normal(0.001, 0.01, 60), -1.2), 250.0, 3.0)["max_drawdown"]
    assert below.value < -1.0 == below.low


def test_without_a_clock_a_drawdown_has_a_range_and_a_calmar_ratio_none() -> None:
    found = histories(RNG.normal(0.0, 0.01, 60), math.nan, 3.0)
    assert found["max_drawdown"].low < found["max_drawdown"].high
    assert all(math.isnan(each) for each in found["calmar"])

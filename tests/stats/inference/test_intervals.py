from __future__ import annotations

import math

import numpy as np
import pytest

from backtest import stats
from backtest.stats.bootstrap import block_length, chances, stationary_rows
from backtest.stats.inference import (
    ESTIMATED,
    SPREAD,
    STUDENTISED,
    headline,
    histories,
    influences,
    long_run_variance,
    standard_errors,
)
from backtest.stats.inference.line import line_intervals
from backtest.stats.inference.spread import spread_bounds

N = 120
R = np.random.default_rng(1).standard_t(5, N) * 0.01 + 0.001
CASH = 0.0002


def numbers(r: np.ndarray) -> np.ndarray:
    """The three studentised numbers of a series per bar, each from the plain metrics."""
    return np.array([np.log1p(r).mean(), stats.sharpe(r, 1.0, CASH), stats.sortino(r, 1.0, CASH)])


def errors(r: np.ndarray, restart: np.ndarray) -> np.ndarray:
    """Errors from the sums of influences over blocks."""
    starts = np.flatnonzero(restart)
    sums = np.add.reduceat(influences(r - CASH, r)[[0, 2, 3]], starts, axis=1)
    return np.asarray(np.sqrt((sums**2).sum(axis=1)) / r.size)


def test_the_whole_by_hand() -> None:
    """Resamples, numbers, errors and bounds, with nothing of the kernel in it."""
    found = headline(R, 252.0, risk_free=CASH, draws=300, block=4.0, seed=9)
    rows, restart = stationary_rows(N, 4.0, 300, 9)
    centre = numbers(R)
    drawn = np.array([numbers(R[each]) for each in rows])
    spread = np.array([errors(R[each], again) for each, again in zip(rows, restart, strict=True)])
    t = np.sort(np.abs(drawn - centre) / spread, axis=0)[284]  # the 285th of 300
    own = []
    for influence in influences(R - CASH, R):
        windows = (long_run_variance(influence, "resampled", 4.0), long_run_variance(influence, "quadratic_spectral"))
        own.append(math.sqrt(max(windows) / N))
    reach = t * np.array(own)[[0, 2, 3]]
    turned = (lambda x: math.expm1(252.0 * x), lambda x: math.sqrt(252.0) * x, lambda x: math.sqrt(252.0) * x)
    for k, key in enumerate(STUDENTISED):
        got, turn = found.intervals[key], turned[k]
        wanted = (turn(centre[k]), turn(centre[k] - reach[k]), turn(centre[k] + reach[k]))
        assert (got.value, got.low, got.high) == pytest.approx(wanted, rel=1e-8)
    log, shortfall = spread_bounds(R, chances(N, 300, 9), block=4.0, seed=9)
    volatility = math.sqrt(252.0) * stats.deviation(R)
    bounds = tuple(math.sqrt(252.0) * math.exp(each) for each in log)
    assert found.intervals["volatility"] == pytest.approx((volatility, volatility * own[1], *bounds), rel=1e-8)
    wanted = (stats.expected_shortfall(R, 0.95), own[4], *shortfall)
    assert found.intervals["expected_shortfall"] == pytest.approx(wanted, rel=1e-8)
    for key, interval in histories(R, 252.0, 4.0, draws=300, seed=9).items():
        assert found.intervals[key] == interval


def test_errors_alone_are_those_of_the_intervals() -> None:
    found = headline(R, 252.0, years=0.5, risk_free=CASH, draws=99).intervals
    alone = standard_errors(R, 252.0, 0.5, CASH).errors
    assert alone == pytest.approx({key: found[key].error for key in ESTIMATED})
    assert all(math.isnan(each) for each in standard_errors(R[:19], 252.0).errors.values())


def test_influences_are_derivatives() -> None:
    """One bar weighed a little more moves each number by its influence; shortfall away from its quantile."""
    inside, small = influences(R - CASH, R), 1e-6
    assert inside.mean(axis=1) == pytest.approx(np.zeros(5), abs=1e-12)

    def weighed(w: np.ndarray) -> np.ndarray:
        x, mean = R - CASH, w @ (R - CASH)
        deviation = math.sqrt(w @ (x - mean) ** 2)
        return np.array(
            [w @ np.log1p(R), math.log(deviation), mean / deviation, mean / math.sqrt(w @ np.minimum(x, 0) ** 2)]
        )

    for place in (0, 17, 80):
        w = np.full(N, (1.0 - small) / N)
        w[place] += small
        slope = (weighed(w) - weighed(np.full(N, 1.0 / N))) / small
        assert slope == pytest.approx(inside[:4, place], rel=0.01, abs=0.01)


def test_annual_errors_follow_from_those_per_bar() -> None:
    found = headline(R, 252.0, draws=99, block=1.0).intervals
    per_bar = headline(R, 1.0, draws=99, block=1.0).intervals
    assert found["sharpe"].error == pytest.approx(math.sqrt(252.0) * per_bar["sharpe"].error)
    assert found["volatility"].error == pytest.approx(math.sqrt(252.0) * per_bar["volatility"].error)
    growth = (1 + found["annual_return"].value) / (1 + per_bar["annual_return"].value)
    assert found["annual_return"].error == pytest.approx(252.0 * growth * per_bar["annual_return"].error)


def test_the_block_is_the_longest_that_is_asked_for() -> None:
    """Of the numbers of the mean for themselves; of all, of which storms ask for the longest, for histories."""
    calm, storm = np.random.default_rng(3).standard_normal((2, 1_200)) * np.array([[0.004], [0.02]])
    returns = np.where(np.arange(1_200) // 150 % 2 == 0, calm, storm)
    asked = [block_length(each).stationary for each in influences(returns, returns)]
    found = headline(returns, 252.0, draws=99)
    assert found.blocks.mean == max(*(asked[k] for k in (0, 2, 3)), 0.5 * math.sqrt(1_200))
    assert found.blocks.longest == max(asked) > 2.0 * found.blocks.mean
    longest = found.blocks.longest
    assert found.intervals["max_drawdown"] == histories(returns, 252.0, longest, draws=99)["max_drawdown"]
    own = headline(returns, 252.0, draws=99, block=found.blocks.mean).intervals
    assert found.intervals["sharpe"] == own["sharpe"]
    assert found.intervals["volatility"].error == pytest.approx(
        headline(returns, 252.0, draws=99, block=longest).intervals["volatility"].error
    )
    assert headline(R, 252.0, draws=99).blocks.mean == 0.5 * math.sqrt(N), "no shorter than that"


def test_the_same_seed_gives_the_same_numbers_and_gaps_do_not_count() -> None:
    gapped = np.insert(R, [3, 50], np.nan)
    assert headline(gapped, 252.0, draws=99) == headline(R, 252.0, draws=99)
    assert headline(R, 252.0, draws=99, seed=1) != headline(R, 252.0, draws=99)


def test_wider_with_the_level_and_around_the_value() -> None:
    narrow, wide = (headline(R, 252.0, level=level, draws=400).intervals for level in (0.8, 0.99))
    for key in (*STUDENTISED, *SPREAD):
        assert wide[key].low < narrow[key].low < narrow[key].value < narrow[key].high < wide[key].high


@pytest.mark.parametrize("values", [np.empty(0), R[:19], np.full(50, 0.01), np.full(50, np.nan)])
def test_nothing_to_say(values: np.ndarray) -> None:
    found = headline(values, 252.0, draws=99)
    assert all(math.isnan(number) for each in found.intervals.values() for number in each)


def test_what_is_undefined_is_left_out_alone() -> None:
    gains = np.abs(R) + 0.001
    found = headline(gains, 252.0, draws=99).intervals
    assert math.isnan(found["sortino"].low)
    assert math.isnan(found["calmar"].low)
    assert found["sharpe"].low < found["sharpe"].value
    assert found["max_drawdown"][:1] + found["max_drawdown"][2:] == (0.0, 0.0, 0.0)
    ruin = headline(np.append(R, -1.0), 252.0, draws=99).intervals
    assert math.isnan(ruin["annual_return"].low)
    assert ruin["max_drawdown"].value == -1.0


def test_alpha_and_beta_against_least_squares() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(0.001, 0.01, 20_000)
    y = 0.0004 + 1.3 * x + rng.normal(0.0, 0.005, 20_000)
    found, plain = line_intervals(y, x), stats.regress(y, x[:, None])
    assert found["beta"].value == pytest.approx(plain.betas[0])
    assert found["alpha"].value == pytest.approx(plain.alpha)
    assert found["beta"].error == pytest.approx(plain.beta_errors[0], rel=0.05)
    assert found["alpha"].error == pytest.approx(plain.alpha_error, rel=0.05)
    assert found["beta"].high - found["beta"].low == pytest.approx(2 * 1.959964 * found["beta"].error, rel=1e-6)
    assert math.isnan(line_intervals(y, np.ones(20_000))["beta"].value)
    assert math.isnan(line_intervals(y[:5], x[:5])["beta"].value)

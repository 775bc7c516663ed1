from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.stats import sharpe
from backtest.stats.bootstrap import circular_starts
from backtest.stats.inference import long_run_variance, sharpe_difference

RNG = np.random.default_rng(8)
COMMON = RNG.standard_t(5, 240) * 0.01
X = COMMON + RNG.normal(0.0005, 0.004, 240)
Y = 0.8 * COMMON + RNG.normal(0.0, 0.006, 240)


def by_the_paper(x: np.ndarray, y: np.ndarray, block: int, draws: int, seed: int) -> np.ndarray:
    """The studentised statistics as section 3.2.2 writes them: four moments, a gradient, and Ψ* of blocks."""
    n, deviations = x.size, []
    centre = x.mean() / x.std() - y.mean() / y.std()
    for starts in circular_starts(n, block, draws, seed):
        rows = [(start + np.arange(block)) % n for start in starts]
        xs, ys = x[np.concatenate(rows)], y[np.concatenate(rows)]
        means, squares = (xs.mean(), ys.mean()), ((xs**2).mean(), (ys**2).mean())
        vx, vy = squares[0] - means[0] ** 2, squares[1] - means[1] ** 2
        gradient = np.array(
            [squares[0] / vx**1.5, -squares[1] / vy**1.5, -means[0] / vx**1.5 / 2, means[1] / vy**1.5 / 2]
        )
        apart = np.stack((xs - means[0], ys - means[1], xs**2 - squares[0], ys**2 - squares[1]), axis=1)
        zeta = apart.reshape(len(rows), block, 4).sum(axis=1) / math.sqrt(block)
        psi = zeta.T @ zeta / len(rows)
        found = means[0] / math.sqrt(vx) - means[1] / math.sqrt(vy)
        deviations.append(abs(found - centre) / math.sqrt(gradient @ psi @ gradient / xs.size))
    return np.array(deviations)


@pytest.mark.parametrize("block", [1, 4, 7])
def test_statistic_and_p_value_are_those_of_the_paper(block: int) -> None:
    found = sharpe_difference(X, Y, draws=300, block=block, seed=5)
    deviations = by_the_paper(X, Y, block, 300, 5)
    assert found.difference == pytest.approx(sharpe(X, 1.0) - sharpe(Y, 1.0))
    above = (deviations >= abs(found.difference) / found.error).sum()
    assert found.p_value == pytest.approx((above + 1) / 301)
    reach = np.quantile(deviations, 0.95) * found.error
    assert (found.low, found.high) == pytest.approx((found.difference - reach, found.difference + reach), rel=1e-9)


def test_the_error_is_that_of_the_influence() -> None:
    def influence(r: np.ndarray) -> np.ndarray:
        z = (r - r.mean()) / r.std()
        return np.asarray(z - r.mean() / r.std() / 2 * (z**2 - 1))

    variance = long_run_variance(influence(X) - influence(Y), "quadratic_spectral")
    assert sharpe_difference(X, Y, draws=99).error == pytest.approx(math.sqrt(variance / 236))


def test_swapping_turns_the_sign_and_scale_changes_nothing() -> None:
    one, other = sharpe_difference(X, Y, draws=200, block=3), sharpe_difference(Y, X, draws=200, block=3)
    assert (other.difference, other.low, other.high) == pytest.approx((-one.difference, -one.high, -one.low))
    assert other.p_value == one.p_value
    assert sharpe_difference(3.0 * X, 0.1 * Y, draws=200, block=3).p_value == one.p_value


def test_a_large_difference_is_seen_and_gaps_are_left_out() -> None:
    better = Y + 0.004
    assert sharpe_difference(better, Y, draws=499).p_value < 0.01
    gapped = np.append(X, [0.5, np.nan])
    found = sharpe_difference(gapped, np.append(Y, [np.nan, 0.5]), draws=99)
    assert found == sharpe_difference(X, Y, draws=99)
    assert found.n == 240


def test_what_cannot_be_told_apart_is_undefined() -> None:
    for x, y in ((X, X), (X, 2.0 * X), (X[:5], Y[:5]), (X, np.full(240, 0.01)), (X, np.full(240, np.nan))):
        assert math.isnan(sharpe_difference(x, y, draws=99).p_value)

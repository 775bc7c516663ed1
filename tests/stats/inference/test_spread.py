from __future__ import annotations

import math

import numpy as np
import pytest

from backtest import stats
from backtest.kernels.volatility import PARTS, spread_of
from backtest.stats.bootstrap import block_length, chances, stationary_rows
from backtest.stats.inference import headline, influences
from backtest.stats.inference.spread import ARCH, DECAY, spread_bounds, storms

N, TAIL = 120, 0.05
R = np.random.default_rng(1).standard_t(5, N) * 0.01 + 0.001


def garch(n: int, arch: float, decay: float, seed: int = 0) -> np.ndarray:
    z = np.random.default_rng(seed).standard_normal(n)
    out, variance = np.empty(n), 1.0
    for t in range(n):
        out[t] = math.sqrt(variance) * z[t]
        variance = decay + arch * out[t] ** 2 + (1.0 - decay - arch) * variance
    return 0.01 * out


def spread(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log deviation and shortfall, and their errors from six parts, with nothing of the kernel in it."""
    value = np.array([math.log(stats.deviation(x)), stats.expected_shortfall(x, 1.0 - TAIL)])
    sums = np.array([each.sum(axis=1) for each in np.array_split(influences(x, x, TAIL)[[1, 4]], PARTS, axis=1)])
    return value, sums.std(axis=0, ddof=1) * math.sqrt(PARTS) / x.size


def test_what_spreads_and_its_errors() -> None:
    value, error = np.empty(2), np.empty(2)
    spread_of(R, TAIL, value, error)
    wanted = spread(R)
    assert value == pytest.approx(wanted[0], rel=1e-12)
    assert error == pytest.approx(wanted[1], rel=1e-9)
    spread_of(np.zeros(20), TAIL, value, error)
    assert np.isnan(value).all()
    assert np.isnan(error).all()


def test_the_model_of_storms_by_hand() -> None:
    apart = R - R.mean()
    square = apart**2 / np.mean(apart**2)
    loss, variances = np.full((ARCH.size, DECAY.size), np.inf), {}
    for i, arch in enumerate(ARCH):
        for j, decay in enumerate(DECAY):
            h = [1.0]
            for each in square:
                h.append(decay + arch * each + (1.0 - decay - arch) * h[-1])
            if arch <= 1.0 - decay:
                variances[i, j] = np.array(h[:-1])
                loss[i, j] = np.sum(np.log(h[:-1]) + square / h[:-1])
    best = np.unravel_index(int(loss.argmin()), loss.shape)
    z = apart / np.sqrt(variances[best[0], best[1]])
    z = (z - z.mean()) / z.std()
    weight = np.exp(-(loss - loss.min()) / (2.0 * max((np.mean(z**4) - 1.0) / 2.0, 1.0)))
    found = storms(apart)
    assert found.variance == pytest.approx(variances[best[0], best[1]], rel=1e-12)
    assert found.z == pytest.approx(z, rel=1e-9)
    assert found.weight == pytest.approx(weight / weight.sum(), rel=1e-9)


def test_storms_are_seen_where_they_are() -> None:
    stormy = storms(garch(4_000, 0.08, 0.03))
    assert float(stormy.weight.sum(axis=1) @ ARCH) == pytest.approx(0.08, rel=0.3)
    assert float(stormy.weight.sum(axis=0) @ DECAY) == pytest.approx(0.03, rel=0.5)
    calm = storms(np.random.default_rng(3).normal(0.0, 0.01, 4_000))
    assert float(calm.weight.sum(axis=1) @ ARCH) < 0.03


@pytest.mark.parametrize(("level", "rank"), [(0.9, 5), (0.8, 10), (0.5, 25)])
def test_bounds_by_hand(level: float, rank: int) -> None:
    draws, seed = 99, 4
    rows = stationary_rows(N, 3.0, draws, seed).rows
    apart = R - R.mean()
    model = storms(apart)
    place = np.random.default_rng((seed, 1)).choice(model.weight.size, draws, p=model.weight.ravel())
    paths = np.empty((draws, N))
    for b in range(draws):
        arch, decay = ARCH[place[b] // DECAY.size], DECAY[place[b] % DECAY.size]
        h = model.variance[rows[b, 0]]
        for t in range(N):
            x = math.sqrt(h) * model.z[rows[b, t]]
            paths[b, t] = apart.std() * x
            h = decay + arch * x * x + (1.0 - decay - arch) * h
    edge = np.quantile(apart, TAIL)
    true = edge + np.minimum(paths - edge, 0.0).mean() / TAIL
    drawn = [spread(path) for path in paths]
    own, error = spread(apart)
    found = spread_bounds(R, chances(N, draws, seed), level, TAIL, 3.0, seed)
    for k, (d, relative, centre) in enumerate(
        (
            ([math.exp(v[0]) for v, _ in drawn], [e[0] for _, e in drawn], apart.std()),
            ([-v[1] for v, _ in drawn], [-e[1] / v[1] for v, e in drawn], -true),
        )
    ):
        t = np.sort(2.0 * (np.sqrt(np.array(d) / centre) - 1.0) / np.array(relative))
        mine = math.exp(own[0]) if k == 0 else -own[1]
        scale = error[0] if k == 0 else -error[1] / own[1]
        roots = [1.0 + 0.5 * scale * each for each in (t[99 - rank], t[rank - 1])]
        low, high = (mine / root**2 if root > 0.0 else math.inf for root in roots)
        wanted = (math.log(low), math.log(high)) if k == 0 else (R.mean() - high, R.mean() - low)
        assert found[k] == pytest.approx(wanted, rel=1e-9)


def test_the_block_is_the_longest_that_the_residuals_ask_for() -> None:
    z = storms(R - R.mean()).z
    block = max(block_length(each).stationary for each in (z, z**2))
    drawn = chances(N, 99)
    assert spread_bounds(R, drawn) == spread_bounds(R, drawn, block=block)
    assert spread_bounds(R, drawn) != spread_bounds(R, drawn, block=block + 3.0)


def test_storms_make_intervals_wide_and_the_order_of_bars_decides() -> None:
    stormy = garch(600, 0.1, 0.02)
    found = headline(stormy, 252.0, draws=99).intervals
    mixed = headline(np.random.default_rng(0).permutation(stormy), 252.0, draws=99).intervals
    for key in ("volatility", "expected_shortfall"):
        assert found[key].value == pytest.approx(mixed[key].value)
        assert found[key].high - found[key].low > 1.5 * (mixed[key].high - mixed[key].low), key
    up, down = found["volatility"].high - found["volatility"].value, found["volatility"].value - found["volatility"].low
    assert up > 1.2 * down, "a record without its worst storm is the usual one"


def test_a_record_may_set_no_bound() -> None:
    """One return makes all the volatility there is: how large it may be cannot be told."""
    returns = np.full(60, 1e-6) * np.random.default_rng(2).standard_normal(60)
    returns[30] = 1.0
    found = headline(returns, 252.0, draws=199).intervals["volatility"]
    assert found.low < found.value
    assert found.high == math.inf or found.high > 2.0 * found.value


def test_where_all_parts_agree_nothing_is_known() -> None:
    """Two returns in turn: every part has the same deviation, and the shortfall is always the lower one."""
    found = headline(np.tile([0.01, -0.02], 60), 252.0, draws=99).intervals
    for key in ("volatility", "expected_shortfall"):
        assert np.isnan([found[key].low, found[key].high]).all(), key
    assert found["sharpe"].low < found["sharpe"].value


def test_returns_whose_squares_are_no_numbers() -> None:
    apart = R - R.mean()
    small = storms(2.0**-600 * apart)
    assert small.z == pytest.approx(storms(apart).z, rel=1e-12)
    assert small.weight == pytest.approx(storms(apart).weight, rel=1e-12)
    found = headline(1e-152 * R, 252.0, draws=99).intervals
    assert found["volatility"].value > 0.0


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e3])
def test_bounds_are_in_units_of_the_returns(scale: float) -> None:
    one, other = (spread_bounds(each, chances(N, 99)) for each in (R, scale * R))
    assert np.array(other[0]) == pytest.approx(np.array(one[0]) + math.log(scale), rel=1e-9)
    assert np.array(other[1]) == pytest.approx(scale * np.array(one[1]), rel=1e-9)

"""Do intervals cover what they promise, and do tests reject as often as they say? Simulated: the truth is known.

Returns are daily with a true annual Sharpe ratio near 0.8. `fat tails` is an AR(1) of Student's t with five degrees of
freedom; `clustered` has GARCH(1, 1) volatility of persistence 0.95, t with six degrees, and an AR(1) of 0.1 on top.
`python -m benchmarks.calibration 2000` takes as many repetitions.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from backtest.kernels._jit import kernel
from backtest.stats import inference
from backtest.stats.ratios import sharpe
from benchmarks.timing import Row, Section

Array = NDArray[np.float64]
Process = Callable[[np.random.Generator, int, int], Array]

REPETITIONS = 400
DRAWS = 499
MEAN = 0.0005
BURN = 300
KEYS = inference.STUDENTISED
COVERAGE, LEVEL, LUCKY = (0.93, 0.97), (0.04, 0.06), 0.06
TEXT = """{n:,} repetitions each, {draws} resamples; ± is one standard error of the share. A promise counts as broken
when the share lies more than {strict:g} standard errors outside. Volatility and shortfall of clustered returns are
shown without a promise: their intervals are too short, because a few storms decide how large both are."""
STRICT = 2.0


def fat_tails(rng: np.random.Generator, n: int, columns: int) -> Array:
    """AR(1) of 0.2 with t(5) shocks, `(n, columns)`."""
    return MEAN + 0.01 * _autoregressive(math.sqrt(0.6) * rng.standard_t(5, (n + BURN, columns)), 0.2)[BURN:]


def clustered(rng: np.random.Generator, n: int, columns: int) -> Array:
    """GARCH(1, 1) with t(6) shocks, and an AR(1) of 0.1, `(n, columns)`."""
    shocks = _garch(math.sqrt(4.0 / 6.0) * rng.standard_t(6, (n + BURN, columns)))
    return MEAN + 0.01 * _autoregressive(shocks, 0.1)[BURN:]


@kernel
def _autoregressive(shocks: Array, phi: float) -> Array:
    out = shocks.copy()
    for t in range(1, out.shape[0]):
        out[t] += phi * out[t - 1]
    return out


@kernel
def _garch(shocks: Array) -> Array:
    out = np.empty_like(shocks)
    for k in range(shocks.shape[1]):
        variance = 1.0
        for t in range(shocks.shape[0]):
            out[t, k] = np.sqrt(variance) * shocks[t, k]
            variance = 0.05 + 0.07 * out[t, k] ** 2 + 0.88 * variance
    return out


PROCESSES: dict[str, Process] = {"fat tails": fat_tails, "clustered": clustered}


@cache
def truth(name: str) -> dict[str, float]:
    """What the five studentised numbers are, from four million bars whose mean is put right."""
    returns = np.concatenate([PROCESSES[name](np.random.default_rng([7, k]), 100_000, 5).ravel() for k in range(8)])
    returns += MEAN - returns.mean()
    losses = np.minimum(returns, 0.0)
    edge = np.quantile(returns, 0.05)
    return {
        "annual_return": math.expm1(252.0 * float(np.log1p(returns).mean())),
        "volatility": math.sqrt(252.0) * float(returns.std()),
        "sharpe": math.sqrt(252.0) * MEAN / float(returns.std()),
        "sortino": math.sqrt(252.0) * MEAN / math.sqrt(float(np.mean(losses * losses))),
        "expected_shortfall": float(returns[returns <= edge].mean()),
    }


def coverage(name: str, n: int, repetitions: int, level: float = 0.95) -> dict[str, float]:
    """How often the interval of each number holds the truth."""
    true, inside = truth(name), dict.fromkeys(KEYS, 0)
    for k in range(repetitions):
        returns = np.ascontiguousarray(PROCESSES[name](np.random.default_rng([5, k]), n, 1)[:, 0])
        found = inference.headline(returns, 252.0, level=level, draws=DRAWS, seed=k).intervals
        for key in KEYS:
            inside[key] += found[key].low <= true[key] <= found[key].high
    return {key: count / repetitions for key, count in inside.items()}


def next_drawdown(name: str, n: int, repetitions: int) -> float:
    """How often the deepest drawdown of the *next* history lies in the range that this one gives."""
    inside = 0
    for k in range(repetitions):
        returns = PROCESSES[name](np.random.default_rng([6, k]), n, 2).T.copy()
        found = inference.headline(returns[0], 252.0, draws=DRAWS, seed=k).intervals["max_drawdown"]
        path = np.concatenate(([1.0], np.cumprod(1.0 + returns[1])))
        inside += found.low <= float((path / np.maximum.accumulate(path) - 1.0).min()) <= found.high
    return inside / repetitions


def equal_sharpes(name: str, n: int, repetitions: int, level: float = 0.05) -> float:
    """How often two correlated series of equal Sharpe ratio, one half as volatile again, are said to differ."""
    rejected = 0
    for k in range(repetitions):
        x, own = (PROCESSES[name](np.random.default_rng([9, k]), n, 2) - MEAN).T
        y = 1.5 * (0.5 * x + math.sqrt(0.75) * own)
        found = inference.sharpe_difference(x + MEAN, y + 1.5 * MEAN, draws=DRAWS, seed=k)
        rejected += found.p_value <= level
    return rejected / repetitions


def lucky(correlation: float, repetitions: int, effective: bool = False, trials: int = 1_000, n: int = 1_250) -> float:
    """How often the best of worthless strategies has a deflated Sharpe ratio above 0.95."""
    found = 0
    for k in range(repetitions):
        rng = np.random.default_rng([11, k])
        own = rng.standard_normal((n, trials))
        returns = math.sqrt(correlation) * rng.standard_normal((n, 1)) + math.sqrt(1.0 - correlation) * own
        ratios = returns.mean(axis=0) / returns.std(axis=0, ddof=1)
        best = returns[:, int(ratios.argmax())]
        count = correlation + (1.0 - correlation) * trials if effective else trials
        deflated = inference.deflated_sharpe(
            sharpe(best, 1.0), n, count, float(ratios.var(ddof=1)), *inference.shape(best)
        )
        found += deflated > 0.95
    return found / repetitions


def overfitted(edge: float, repetitions: int, strategies: int = 100, n: int = 1_000) -> Array:
    """PBO of each repetition: noise, and one strategy among it with an annual Sharpe ratio of `edge`."""
    found = np.empty(repetitions)
    for k in range(repetitions):
        returns = np.random.default_rng([13, k]).standard_normal((n, strategies))
        returns[:, 0] += edge / math.sqrt(252.0)
        found[k] = inference.overfitting(returns, 12).probability
    return found


def false_claims(test: str, repetitions: int, columns: int = 20, n: int = 500) -> float:
    """How often a family of worthless fat-tailed strategies is said to hold a good one at 5 %."""
    found = 0
    for k in range(repetitions):
        returns = fat_tails(np.random.default_rng([17, k]), n, columns) - MEAN
        result = getattr(inference, test)(returns, DRAWS, None, k)
        found += float(np.min(result.p_value)) <= 0.05
    return found / repetitions


def measure(repetitions: int = REPETITIONS) -> Section:
    """Simulate, and put what came out beside what was promised."""
    rows = [*_coverage_rows(repetitions), *_test_rows(repetitions), *_luck_rows(repetitions)]
    text = TEXT.format(n=repetitions, draws=DRAWS, strict=STRICT)
    return Section("Calibration of intervals and tests", text, (), rows, heads=("share", "±"))


def _coverage_rows(repetitions: int) -> list[Row]:
    rows = []
    for name in PROCESSES:
        for n in (1_000, 2_500):
            for key, share in coverage(name, n, repetitions).items():
                promised = COVERAGE if name == "fat tails" or key in ("annual_return", "sharpe", "sortino") else None
                what = f"95 % interval of {key.replace('_', ' ')}, {name}, {n:,} bars"
                rows.append(_row(what, share, repetitions, promised))
        share = next_drawdown(name, 2_500, repetitions)
        rows.append(_row(f"next drawdown in the 95 % range, {name}, 2,500 bars", share, repetitions, None))
    return rows


def _test_rows(repetitions: int) -> list[Row]:
    equal = [
        _row(f"equal Sharpe ratios rejected at 5 %, {name}, {n:,} bars", equal_sharpes(name, n, m), m, LEVEL)
        for name in PROCESSES
        for n, m in ((500, 5 * repetitions), (2_500, 2 * repetitions))
    ]
    families = [
        _row(
            f"{test.replace('_', ' ')} of 20 worthless at 5 %",
            false_claims(test, repetitions),
            repetitions,
            (0.0, 0.06),
        )
        for test in ("reality_check", "superior_ability", "step_down")
    ]
    return [*equal, *families]


def _luck_rows(repetitions: int) -> list[Row]:
    rows = []
    for correlation in (0.0, 0.5, 0.9):
        for effective in (False, True)[: 1 if correlation == 0.0 else 2]:
            said = "effective number" if effective else "number of trials"
            what = f"deflated Sharpe of the best of 1,000 worthless > 0.95, correlation {correlation:g}, {said}"
            share = lucky(correlation, repetitions, effective)
            rows.append(_row(what, share, repetitions, None if effective else (0.0, LUCKY)))
    for edge, promised in ((0.0, (0.45, 0.55)), (4.0, (0.0, 0.05))):
        found = overfitted(edge, repetitions)
        what = "mean PBO of 100 strategies, noise" if edge == 0.0 else f"mean PBO, one of them has a Sharpe of {edge:g}"
        error = float(found.std(ddof=1)) / math.sqrt(repetitions)
        rows.append(_row(what, float(found.mean()), repetitions, promised, error))
    return rows


def _row(
    what: str, share: float, repetitions: int, promised: tuple[float, float] | None, error: float | None = None
) -> Row:
    """One line: the share, its error, and what was promised."""
    wide = math.sqrt(share * (1.0 - share) / repetitions) if error is None else error
    if promised is None:
        return Row(what, said=f"{share:.1%}", range=f"{wide:.1%}")
    low, high = promised
    kept = low - STRICT * wide <= share <= high + STRICT * wide
    words = f"{low:.0%} – {high:.0%}" if low > 0.0 else f"≤ {high:.0%}"
    return Row(what, said=f"{share:.1%}", range=f"{wide:.1%}", promise=words, kept=kept)


if __name__ == "__main__":
    from benchmarks.__main__ import measured

    section = measured(measure(int(sys.argv[1]) if len(sys.argv) > 1 else REPETITIONS))
    for row in section.rows:
        if not row.kept:
            print(f"NOT KEPT: {row.what}")

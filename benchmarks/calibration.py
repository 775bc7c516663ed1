"""Do intervals cover what they promise, and do tests reject as often as they say? Simulated: the truth is known.

`python -m benchmarks --calibration` runs it and writes the table into docs/inference.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from backtest.stats import inference
from backtest.stats.ratios import sharpe
from benchmarks.processes import MEAN, PROCESSES, Array, fat_tails, truth
from benchmarks.timing import Row, Section

REPETITIONS = 1_000
DRAWS = 499
KEYS = inference.ESTIMATED
COVERAGE, LEVEL, LUCKY = (0.93, 0.97), (0.04, 0.06), 0.06
RECORDS = (
    ("fat tails", 120),
    *((name, n) for name in ("independent", "fat tails", "clustered", "stormy", "regimes") for n in (1_250, 2_500)),
)
"""What intervals are made of. 120 bars stand for ten years of months."""
TEXT = """{n:,} repetitions ({equal:,} and {long:,} of equal Sharpe ratios with 500 and 2,500 bars), {draws} resamples
each; ± is one standard error of the share. A promise counts as broken when the share lies more than {strict:g} standard
errors outside."""
STRICT = 2.0


def coverage(name: str, n: int, repetitions: int, level: float = 0.95) -> dict[str, float]:
    """How often the interval of each number holds the truth; a bound that a record does not set holds it."""
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
    text = TEXT.format(n=repetitions, equal=10 * repetitions, long=5 * repetitions, draws=DRAWS, strict=STRICT)
    return Section("Calibration of intervals and tests", text, (), rows, heads=("share", "±"))


def _coverage_rows(repetitions: int) -> Iterable[Row]:
    for name, n in RECORDS:
        for key, share in coverage(name, n, repetitions).items():
            what = f"95 % interval of {key.replace('_', ' ')}, {name}, {n:,} bars"
            is_out_of_reach = name == "stormy" and key in inference.SPREAD
            yield _row(what, share, repetitions, None if is_out_of_reach else COVERAGE)
    for name in ("fat tails", "clustered"):
        share = next_drawdown(name, 2_500, repetitions)
        yield _row(f"next drawdown in the 95 % range, {name}, 2,500 bars", share, repetitions, None)


def _test_rows(repetitions: int) -> Iterable[Row]:
    for name in ("fat tails", "clustered"):
        for n, m in ((500, 10 * repetitions), (2_500, 5 * repetitions)):
            share = equal_sharpes(name, n, m)
            yield _row(f"equal Sharpe ratios rejected at 5 %, {name}, {n:,} bars", share, m, LEVEL)
    for test in ("reality_check", "superior_ability", "step_down"):
        share = false_claims(test, repetitions)
        yield _row(f"{test.replace('_', ' ')} of 20 worthless at 5 %", share, repetitions, (0.0, LUCKY))


def _luck_rows(repetitions: int) -> Iterable[Row]:
    for correlation in (0.0, 0.5, 0.9):
        for effective in (False, True)[: 1 if correlation == 0.0 else 2]:
            said = "effective number" if effective else "number of trials"
            what = f"deflated Sharpe of the best of 1,000 worthless > 0.95, correlation {correlation:g}, {said}"
            share = lucky(correlation, repetitions, effective)
            yield _row(what, share, repetitions, None if effective else (0.0, LUCKY))
    for edge, promised in ((0.0, (0.45, 0.55)), (4.0, (0.0, 0.05))):
        found = overfitted(edge, repetitions)
        what = "mean PBO of 100 strategies, noise" if edge == 0.0 else f"mean PBO, one of them has a Sharpe of {edge:g}"
        error = float(found.std(ddof=1)) / math.sqrt(repetitions)
        yield _row(what, float(found.mean()), repetitions, promised, error)


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

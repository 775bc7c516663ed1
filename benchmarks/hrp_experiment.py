"""Which method holds up out of sample: the experiment of López de Prado (2016), with this engine.

Five of ten assets are independent, and each of the others follows one of them closely. In the second half of each path
two shocks hit a pair that moves together, and two hit one asset alone. Every 22 days each method weighs the last 260
days anew; the weights are held, topped up each day, until the next time. What counts is the variance, over many paths,
of what each method has made in 260 days. `python -m benchmarks.hrp_experiment 10000` takes as many as the paper.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import backtest
from backtest.allocate import allocate
from benchmarks.timing import Row, Section, must

PATHS = 1_000  # half a minute
DAYS, WINDOW, HOLD = 520, 260, 22
INDEPENDENT, FOLLOWING = 5, 5
SIGMA, NOISE = 0.01, 0.25  # daily volatility; noise of a follower, in volatilities
SHOCKS = np.array([-0.5, 2.0])  # returns
METHODS: dict[str, dict[str, Any]] = {
    "min_variance": {"lookback": WINDOW, "covariance": "sample"},
    "inverse_variance": {"lookback": WINDOW},
    "hrp": {"lookback": WINDOW, "covariance": "sample", "linkage": "single", "distance": "columns", "order": "tree"},
}
WORDS = {"min_variance": "minimum variance (CLA)", "inverse_variance": "inverse variance", "hrp": "HRP"}
PUBLISHED = {"min_variance": 0.1157, "inverse_variance": 0.0928, "hrp": 0.0671}
"""Variances over 10,000 paths in López de Prado (2016), "Building diversified portfolios that outperform"."""

FREE = {"fill": "same_close"}
STRICT = 3.0  # standard errors
TEXT = """López de Prado (2016) compares minimum variance, inverse variance and HRP on made paths of ten assets with
shocks, out of sample, over 10,000 paths. Here {paths:,} paths, weighed by `backtest.allocate` and simulated by
`backtest.simulate`: decided and filled on the same close, no costs, topped up daily as in the paper. ± is one standard
error of our variance; the published numbers have one too, so that both should agree within a few of them. What the
paper claims is the order, and it is kept."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """What every method made on each path, `(paths,)`, and the errors of what is said about it."""

    made: dict[str, Array]

    def variance(self, method: str) -> float:
        """Sample variance over the paths."""
        return float(self.made[method].var(ddof=1))

    def error(self, method: str) -> float:
        """Standard error of the variance, from the fourth moment: the tails are far from normal."""
        apart = self.made[method] - self.made[method].mean()
        return float(np.sqrt((np.mean(apart**4) - np.mean(apart**2) ** 2) / len(apart)))


def measure(paths: int = PATHS) -> Section:
    """Run the experiment and put its variances beside the published ones."""
    outcome = experiment(paths)
    rows = [_row(method, outcome) for method in METHODS]
    best = min(METHODS, key=outcome.variance)
    must(best == "hrp", f"the smallest variance is that of {best}, not of HRP")
    columns = ("published", "over HRP's", "published")
    return Section("HRP out of sample", TEXT.format(paths=paths), columns, rows, heads=("variance", "volatility"))


def _row(method: str, outcome: Outcome) -> Row:
    variance, error = outcome.variance(method), outcome.error(method)
    over = f"{variance / outcome.variance('hrp') - 1.0:+.0%}"
    published = f"{PUBLISHED[method] / PUBLISHED['hrp'] - 1.0:+.0%}"
    # The published number comes from as many paths as the paper has; its own error is that much smaller.
    expected = error * np.sqrt(1.0 + len(outcome.made[method]) / 10_000)
    return Row(
        WORDS[method],
        said=f"{variance:.4f} ± {error:.4f}",
        range=f"{np.sqrt(variance):.4f}",
        ratios=(f"{PUBLISHED[method]:.4f}", over, published),
        promise=f"within {STRICT:g} standard errors",
        kept=abs(variance - PUBLISHED[method]) <= STRICT * expected,
    )


def experiment(paths: int, seed: int = 0) -> Outcome:
    """Draw paths and invest in each by every method."""
    made = {method: np.empty(paths) for method in METHODS}
    for k in range(paths):
        returns = path(np.random.default_rng([seed, k]))
        for method in METHODS:
            made[method][k] = invested(method, returns)
    return Outcome(made)


def path(rng: np.random.Generator) -> Array:
    """Draw daily returns `(520, 10)` as in the paper (its appendix A.3)."""
    independent = rng.normal(0.0, SIGMA, (DAYS, INDEPENDENT))
    leader = rng.integers(0, INDEPENDENT, FOLLOWING)
    following = independent[:, leader] + rng.normal(0.0, SIGMA * NOISE, (DAYS, FOLLOWING))
    returns = np.hstack([independent, following])
    for assets in ([leader[0], INDEPENDENT], [leader[-1]]):  # a pair that moves together, and one asset alone
        days = rng.integers(WINDOW, DAYS - 1, len(SHOCKS))
        returns[np.ix_(days, assets)] = SHOCKS[:, None]
    return returns


def invested(method: str, returns: Array) -> float:
    """Return what a method makes of 1 in the second half of a path, less 1."""
    days = np.arange(WINDOW, DAYS)
    weights = np.empty((len(days), returns.shape[1]))
    for first in range(WINDOW, DAYS, HOLD):
        chosen = allocate(method, returns=returns[first - WINDOW : first], **METHODS[method]).weights
        weights[first - WINDOW : first - WINDOW + HOLD] = chosen
    closes = np.vstack([np.ones(returns.shape[1]), np.cumprod(1.0 + returns[days], axis=0)])
    result = backtest.simulate({"close": closes}, (days - WINDOW, weights), execution=FREE, capital=1.0)
    return float(result.equity[-1] - 1.0)


if __name__ == "__main__":
    from benchmarks.__main__ import measured

    measured(measure(int(sys.argv[1]) if len(sys.argv) > 1 else PATHS))

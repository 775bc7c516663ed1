"""arch as judge of block lengths and of families of tests, on its own resamples: to the last digit.

Differences, by name. arch's SPA does not divide by the errors that it computes (its statistic is max d̄, as White's), so
its p-values are compared with White's; it has no 1 in numerator and denominator of a p-value, and counts > where the
rest of the literature counts ≥. Its step-down answers at one level and has no p-values.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtest.stats.bootstrap import Resamples, block_length
from backtest.stats.inference import confidence_set, long_run_variance, reality_check, superior

from .peers import peer

arch = peer("arch.bootstrap")
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]

DRAWS, BLOCK = 1_000, 5


def ar1(n: int, phi: float, columns: int = 1) -> np.ndarray:
    out = np.random.default_rng([n, columns]).standard_t(5, (n, columns))
    for t in range(1, n):
        out[t] += phi * out[t - 1]
    return out


RETURNS = ar1(500, 0.2, 8) + np.linspace(-0.15, 0.2, 8)


@pytest.mark.parametrize(("n", "phi"), [(60, 0.2), (300, 0.3), (1000, 0.6), (2500, 0.9), (2500, -0.4)])
def test_block_lengths(n: int, phi: float) -> None:
    x = ar1(n, phi)[:, 0]
    theirs = arch.optimal_block_length(x).to_numpy()[0]
    assert block_length(x) == pytest.approx(np.maximum(theirs, 1.0), rel=1e-9)


def on_rows(monkeypatch: pytest.MonkeyPatch, rows: np.ndarray) -> None:
    again = Resamples(rows.astype(np.int64), np.zeros(rows.shape, bool))
    monkeypatch.setattr(superior, "stationary_rows", lambda *_: again)


@pytest.mark.parametrize(("theirs", "ours"), [("max", "max"), ("R", "range")])
def test_the_model_confidence_set(theirs: str, ours: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = arch.MCS(-RETURNS, 0.1, reps=DRAWS, block_size=BLOCK, method=theirs, seed=1)
    judge.compute()
    on_rows(monkeypatch, np.array(judge._bootstrap_indices))
    found = confidence_set(RETURNS, ours, DRAWS, BLOCK)
    assert found.p_value == pytest.approx(judge.pvalues["Pvalue"].sort_index().to_numpy(), abs=1e-12)
    assert list(found.order[:-1]) == list(judge.pvalues.index[:-1])


def test_the_reality_check(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = arch.SPA(np.zeros(500), -RETURNS, block_size=BLOCK, reps=DRAWS, seed=1)
    judge.compute()
    marked = arch.StationaryBootstrap(BLOCK, np.arange(500), seed=1)
    on_rows(monkeypatch, np.array([data[0][0] for data in marked.bootstrap(DRAWS)]))
    mine = reality_check(RETURNS, DRAWS, BLOCK).p_value
    assert (mine * (1 + DRAWS) - 1) / DRAWS == pytest.approx(judge.pvalues["upper"], abs=1e-12)


def test_the_errors_behind_the_studentised_tests() -> None:
    judge = arch.SPA(np.zeros(500), -RETURNS, block_size=BLOCK, reps=10, nested=False, seed=1)
    judge.compute()
    ours = [long_run_variance(column, "resampled", BLOCK) for column in RETURNS.T]
    assert ours == pytest.approx(judge._loss_diff_var, rel=1e-10)

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import rankdata

from backtest.stats.inference import overfitting


def by_the_paper(returns: np.ndarray, blocks: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits and pairs of Sharpe ratios, the long way: each half is put together from its rows."""
    size = len(returns) // blocks
    parts = np.split(returns[len(returns) - size * blocks :], blocks)
    logits, pairs = [], []
    for half in combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[b] for b in half])
        outside = np.concatenate([parts[b] for b in range(blocks) if b not in half])
        r_in, r_out = (np.nanmean(each, axis=0) / np.nanstd(each, axis=0, ddof=1) for each in (inside, outside))
        best = int(np.argmax(r_in))
        omega = rankdata(r_out)[best] / (returns.shape[1] + 1)
        logits.append(math.log(omega / (1 - omega)))
        pairs.append((r_in[best], r_out[best]))
    return np.array(logits), np.array(pairs)


@pytest.mark.parametrize(("rows", "blocks", "gaps"), [(96, 6, False), (103, 8, False), (120, 6, True)])
def test_as_the_paper_says(rows: int, blocks: int, gaps: bool) -> None:
    rng = np.random.default_rng(rows)
    returns = rng.standard_t(5, (rows, 9)) * 0.01 * rng.uniform(0.2, 5.0, 9) + 0.001
    if gaps:
        returns[rng.random(returns.shape) < 0.1] = np.nan
    found = overfitting(returns, blocks)
    logits, pairs = by_the_paper(returns, blocks)
    assert sorted(found.logits) == pytest.approx(sorted(logits), rel=1e-12)
    assert found.probability == np.mean(logits <= 0)
    assert sorted(found.inside) == pytest.approx(sorted(pairs[:, 0]), rel=1e-8)
    assert found.loss_probability == np.mean(pairs[:, 1] < 0)
    assert found.slope == pytest.approx(np.polyfit(pairs[:, 0], pairs[:, 1], 1)[0], rel=1e-6)
    assert found.chosen.sum() == math.comb(blocks, blocks // 2) == found.logits.size
    assert found.rows == rows // blocks * blocks


def test_many_halves_do_not_pile_up_rounding() -> None:
    """12,870 halves are reached by adding and taking away blocks."""
    returns = np.random.default_rng(0).normal(size=(160, 4)) + 100.0 * np.array([0.0, 0.0, 0.0, 1.0])
    logits, _ = by_the_paper(returns, 12)
    assert sorted(overfitting(returns, 12).logits) == pytest.approx(sorted(logits))
    found = overfitting(returns, 16)
    assert found.logits.size == 12_870
    assert found.probability == 0.0
    assert found.chosen[3] == 12_870


def test_a_real_edge_and_its_opposite() -> None:
    returns = np.random.default_rng(1).normal(size=(500, 30))
    returns[:, 7] += 0.4
    found = overfitting(returns, 10)
    assert found.probability == 0.0
    assert found.loss_probability == 0.0
    assert found.chosen.argmax() == 7
    late = np.random.default_rng(2).normal(size=(400, 6)) * 0.1
    late[np.arange(400) // 40 % 2 == 0, :3] += 1.0  # each is good in one half of the blocks, and bad in the other
    late[np.arange(400) // 40 % 2 == 1, 3:] += 1.0
    assert overfitting(late, 10).slope < 0.0


def test_ties_are_in_the_middle_and_count_as_overfit() -> None:
    same = np.repeat(np.random.default_rng(3).normal(size=(60, 1)), 5, axis=1)
    found = overfitting(same, 4)
    assert found.logits == pytest.approx(np.zeros(6), abs=1e-12)
    assert found.probability == 1.0


def test_what_has_no_ratio() -> None:
    returns = np.random.default_rng(4).normal(size=(80, 3))
    dead = np.column_stack((returns, np.zeros(80), np.full(80, 0.01), np.full(80, np.nan)))
    found = overfitting(dead, 8)
    assert found.chosen[3:].sum() == 0
    assert math.isnan(overfitting(returns[:, :1], 8).probability)
    assert math.isnan(overfitting(returns[:10], 8).probability)
    assert math.isnan(overfitting(np.zeros((80, 3)), 8).probability)

"""Sums by blocks: right, and the same bits whatever is kept between decisions."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.allocate.moments.gram import BLOCK, BLOCKWISE, Grams, gram_of, scatter
from tests.allocate.moments.data import apart, factor_returns


@pytest.mark.parametrize("first_row", [0, 1, BLOCK - 1, BLOCK, 3 * BLOCK + 17])
def test_blocks_add_up_to_the_whole(first_row: int) -> None:
    returns = factor_returns(BLOCKWISE + 100, 7)
    gram = gram_of(returns, first_row)
    assert gram is not None
    assert gram.count == len(returns)
    np.testing.assert_allclose(gram.total, returns.sum(axis=0), rtol=1e-12)
    assert apart(gram.outer, returns.T @ returns) < 1e-14
    mean, sums = scatter(returns, gram)
    np.testing.assert_allclose(mean, returns.mean(axis=0), rtol=1e-12)
    assert apart(sums, scatter(returns)[1]) < 1e-13
    np.testing.assert_array_equal(sums, sums.T)


def test_short_lookbacks_and_unknown_rows_are_summed_whole() -> None:
    assert gram_of(factor_returns(BLOCKWISE - 1, 2), 0) is None
    assert gram_of(factor_returns(BLOCKWISE, 2), None) is None


@pytest.mark.parametrize("step", [1, 21, 300])
def test_bits_do_not_depend_on_what_was_kept(step: int) -> None:
    panel = factor_returns(BLOCKWISE + 1500, 5)
    grams, lookback = Grams(), BLOCKWISE + 50
    for start in range(0, 600, step):
        rows = panel[start : start + lookback]
        warm, cold = gram_of(rows, start, grams), gram_of(rows, start)
        assert warm is not None
        assert cold is not None
        np.testing.assert_array_equal(warm.outer, cold.outer)
        np.testing.assert_array_equal(warm.total, cold.total)
    assert len(grams.blocks) <= lookback // BLOCK + 8 * step // BLOCK + 1


def test_blocks_are_used_again() -> None:
    panel, grams = factor_returns(BLOCKWISE + 100, 5), Grams()
    gram_of(panel[:-10], 0, grams)
    kept = {number: gram for number, (_, gram) in grams.blocks.items()}
    gram_of(panel[10:], 10, grams)
    assert set(kept) == {0, 1, 2, 3}
    assert all(grams.blocks[number][1] is kept[number] for number in (1, 2, 3))


def test_two_lookbacks_share_blocks_and_old_ones_are_dropped() -> None:
    panel, grams = factor_returns(BLOCKWISE + 3000, 5), Grams()
    for start in (0, 1):
        gram_of(panel[start : start + BLOCKWISE + 600], start, grams)
        gram_of(panel[start + 600 : start + BLOCKWISE + 600], start + 600, grams)
        assert set(grams.blocks) == set(range((BLOCKWISE + 600) // BLOCK))
    for start in range(2000, 2010):
        gram_of(panel[start : start + BLOCKWISE], start, grams)
    assert set(grams.blocks) == set(range(8, 11))


def test_rows_that_changed_are_summed_again() -> None:
    """A split adjusts prices as of the wake: returns of old rows may then differ in their last bit."""
    panel, grams = factor_returns(BLOCKWISE + 100, 5), Grams()
    gram_of(panel, 0, grams)
    changed = panel.copy()
    changed[300, 2] = np.nextafter(changed[300, 2], 1.0)
    warm, cold = gram_of(changed, 0, grams), gram_of(changed, 0)
    assert warm is not None
    assert cold is not None
    np.testing.assert_array_equal(warm.outer, cold.outer)
    other = gram_of(np.ascontiguousarray(panel[:, :3]), 0, grams)  # other columns
    assert other is not None
    assert other.outer.shape == (3, 3)


def test_a_steady_drift_does_not_cancel() -> None:
    """Returns of 1 % a bar that deviate by 1e-9: sums of products would leave noise of their deviations."""
    rng = np.random.default_rng(0)
    returns = 0.01 + 1e-9 * rng.normal(size=(BLOCKWISE, 3))
    _, sums = scatter(returns, gram_of(returns, 0))
    np.testing.assert_array_equal(sums, scatter(returns)[1])

"""All pairs of Sharpe ratios at once: equal to the single test where there is one pair, honest and sharper for many."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.stats.inference import adjusted, sharpe_difference
from backtest.stats.inference.sharpe_family import sharpe_family


def made(rows: int, columns: int, seed: int, shared: float = 0.8, means: float | np.ndarray = 0.0005) -> np.ndarray:
    """Returns that share a part of their risk."""
    rng = np.random.default_rng(seed)
    common = rng.standard_t(6, (rows, 1))
    own = rng.standard_t(6, (rows, columns))
    return means + 0.01 * (np.sqrt(shared) * common + np.sqrt(1.0 - shared) * own)


@pytest.mark.parametrize("block", [1, 7])
def test_one_pair_is_the_test_of_ledoit_and_wolf(block: int) -> None:
    returns = made(400, 2, 1, means=np.array([0.0012, 0.0002]))
    family = sharpe_family(returns, draws=500, block=block, seed=3)
    single = sharpe_difference(returns[:, 0], returns[:, 1], draws=500, block=block, seed=3)
    assert family.difference[0] == pytest.approx(single.difference, rel=1e-12)
    assert family.error[0] == pytest.approx(single.error, rel=1e-12)
    assert family.p_value[0] == pytest.approx(single.p_value, abs=1.01 / 501)  # a tie may round to either side
    assert family.adjusted[0] == family.p_value[0]
    assert family.high[0] - family.low[0] == pytest.approx(single.high - single.low, rel=0.02)


def test_pairs_are_in_order_and_signs_follow_them() -> None:
    family = sharpe_family(made(600, 3, 2, means=np.array([0.0, 0.003, 0.0])), draws=200)
    assert family.pairs.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert family.difference[0] < 0.0 < family.difference[2]
    assert (family.low <= family.difference).all()
    assert (family.high >= family.difference).all()


def test_adjusted_p_values_are_never_smaller_and_keep_the_order() -> None:
    family = sharpe_family(made(500, 5, 4, means=np.linspace(0.0, 0.002, 5)), draws=500)
    assert (family.adjusted >= family.p_value).all()
    order = np.argsort(-np.abs(family.difference / family.error))
    assert (np.diff(family.adjusted[order]) >= 0.0).all()


def test_it_is_sharper_than_holm_where_pairs_share_their_risk() -> None:
    family = sharpe_family(made(800, 6, 5, means=np.array([0.0015, *[0.0] * 5])), draws=1_000)
    holm = adjusted(family.p_value, "holm")
    real = family.pairs[:, 0] == 0
    assert family.adjusted[real].mean() < holm[real].mean()


def test_equal_ratios_are_seldom_called_different() -> None:
    wrong = [(sharpe_family(made(300, 4, 100 + k), draws=199).adjusted <= 0.05).any() for k in range(120)]
    assert np.mean(wrong) <= 0.11  # 5 % and three standard errors


def test_a_real_difference_among_many_is_found() -> None:
    means = np.array([0.0035, *[0.0005] * 5])
    found = [sharpe_family(made(750, 6, 300 + k, means=means), draws=199).adjusted for k in range(20)]
    real = sharpe_family(made(20, 6, 0), draws=99).pairs[:, 0] == 0
    assert np.mean([(each[real] <= 0.05).mean() for each in found]) > 0.8


def test_pairs_without_a_test_are_left_out_of_the_family() -> None:
    returns = made(400, 3, 6, means=np.array([0.002, 0.0, 0.0]))
    more = np.column_stack((returns, 2.0 * returns[:, 0], np.zeros(400)))
    family = sharpe_family(more, draws=300, block=5)
    tested = {tuple(pair) for pair, p in zip(family.pairs.tolist(), family.adjusted, strict=True) if not np.isnan(p)}
    assert tested == {(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)}
    nothing = sharpe_family(np.zeros((100, 3)))
    assert np.isnan(nothing.adjusted).all()
    assert np.isnan(sharpe_family(returns[:10]).adjusted).all()


def test_the_same_seed_gives_the_same_numbers() -> None:
    returns = made(300, 4, 7)
    one, two = sharpe_family(returns, draws=200, seed=1), sharpe_family(returns, draws=200, seed=1)
    np.testing.assert_array_equal(one.adjusted, two.adjusted)
    assert (sharpe_family(returns, draws=200, seed=2).p_value != one.p_value).any()
    assert sharpe_family(returns, draws=200).block <= 300 // 25

"""Lots of one position that has many: the order of the heap, and room for as many parts as there can be."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.kernels.lots import Lots, Parts, Splits, Trades, match_lots
from backtest.types import Floats, LotMethod


def matched(quantity: Floats, price: Floats, method: LotMethod) -> Parts:
    """Follow one position without splits, a trade a row."""
    n = quantity.size
    none = np.zeros(2, np.int64)
    trades = Trades(np.array([0, n]), np.arange(n), quantity, price)
    splits = Splits(none, none[:0], np.zeros(0), np.zeros(0))
    lots = Lots(np.zeros(n, np.int64), np.zeros(n), np.zeros(n))
    parts = Parts(np.zeros(2 * n, np.int64), np.zeros(2 * n, np.int64), np.zeros(2 * n), np.zeros(2 * n))
    found = match_lots(trades, splits, lots, parts, int(method))
    return Parts(*(column[:found] for column in parts))


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("n", [1, 2, 3, 10, 511])
def test_the_costliest_of_many_lots_goes_first(n: int, side: float) -> None:
    """Few prices, so that many are equal: of those the oldest."""
    price = np.random.default_rng(n).integers(1, 20, n).astype(np.float64)
    found = matched(np.append(np.full(n, side), -side * n), np.append(price, 5.0), LotMethod.HIGHEST_COST)
    assert found.opened.tolist() == np.argsort(-side * price, kind="stable").tolist()
    assert found.closed.tolist() == [n] * n


@pytest.mark.parametrize(("method", "last"), [(LotMethod.FIFO, [0, 1, 2, 3]), (LotMethod.LIFO, [3, 2, 1, 0])])
def test_a_queue_and_a_stack(method: LotMethod, last: list[int]) -> None:
    found = matched(np.array([1.0, 1.0, 1.0, 1.0, -1.0, -3.0]), np.ones(6), method)
    assert found.opened.tolist() == last
    assert found.closed.tolist() == [4, 5, 5, 5]


@pytest.mark.parametrize("method", LotMethod)
def test_parts_have_room(method: LotMethod) -> None:
    """Each lot is cut as often as it can be; what is left of it is the last part."""
    found = matched(np.array([10.0, *[-1.0] * 9]), np.ones(10), method)
    assert found.closed.tolist() == [*range(1, 10), -1]
    assert found.units.tolist() == [1.0] * 10


@pytest.mark.parametrize("method", LotMethod)
def test_what_rounding_leaves_is_no_lot(method: LotMethod) -> None:
    bought = np.full(10, 0.1)
    for sold in (bought.sum(), sum(bought.tolist()), 1.0 + 2e-16):
        found = matched(np.append(bought, -sold), np.ones(11), method)
        assert (found.closed == 10).all(), sold
    # The ledger says that 1e6 + 0.1 − 1e6 is 0.0999999999767, and sells that; the lot has 0.1.
    whole = matched(np.array([1e6, 0.1, -1e6, -(1e6 + 0.1 - 1e6)]), np.ones(4), method)
    assert (whole.closed >= 2).all()
    kept = matched(np.append(bought, -0.3), np.ones(11), method)
    assert kept.units.sum() == pytest.approx(1.0)
    assert kept.units.min() > 0.01

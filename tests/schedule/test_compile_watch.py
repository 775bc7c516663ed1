"""The watch: bits per row, bands, masks, and what is silent before there is enough history."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.schedule import START, Calendar, Drift, Rebalance, compile_watch

from .markets import market_of, weekdays

MONTH = Calendar(calendar="month")
WEEK_END = Calendar(calendar="week", on="last")
BAND = Drift(drift=0.05)
ASKING = Drift(drift=0.2, then="decide")
MARKET = market_of(weekdays("2022-01-03", "2022-04-01"))  # rows 0-63, months begin on rows 21, 41


def bits(fires: np.ndarray) -> dict[int, int]:
    return {int(row): int(fires[row]) for row in np.flatnonzero(fires)}


def test_bits_labels_and_masks_follow_the_order_written() -> None:
    watch = compile_watch(Rebalance(any=(BAND, MONTH, ASKING, WEEK_END)), MARKET, 0, 0)
    assert watch.labels == ("start", "drift 5 %", "calendar month first", "drift 20 % decide", "calendar week last")
    assert watch.bands.tolist() == [0.05, 0.2]
    assert watch.band_bits.tolist() == [0b10, 0b1000]
    assert watch.wake_mask == 0b11101
    assert watch.reapply_mask == 0b00010
    fires = bits(watch.fires)
    assert fires[0] == START
    assert (fires[21], fires[41]) == (0b100, 0b100)
    assert fires[4] == 0b10000


def test_dtypes_and_shapes_are_those_of_the_kernel() -> None:
    watch = compile_watch(Rebalance(), MARKET, 0, 0)
    assert (watch.fires.dtype, watch.fires.shape) == (np.int64, (MARKET.n_rows,))
    assert (watch.bands.dtype, watch.bands.shape) == (np.float64, (0,))
    assert (watch.band_bits.dtype, watch.band_bits.shape) == (np.int64, (0,))
    assert (watch.wake_mask, watch.reapply_mask) == (START, 0)


def test_never_decides_once() -> None:
    assert bits(compile_watch(Rebalance(), MARKET, 10, 12).fires) == {12: START}


@pytest.mark.parametrize(("initial", "expected"), [("start", {25: 1, 41: 2}), ("wait", {41: 2})])
def test_nothing_fires_before_there_is_enough_history(initial: str, expected: dict[int, int]) -> None:
    rule = Rebalance(any=(MONTH,), initial=initial)
    assert bits(compile_watch(rule, MARKET, 5, 25).fires) == expected


@pytest.mark.parametrize(("initial", "expected"), [("start", {21: 3, 41: 2}), ("wait", {21: 2, 41: 2})])
def test_the_first_row_with_enough_history_counts(initial: str, expected: dict[int, int]) -> None:
    rule = Rebalance(any=(MONTH,), initial=initial)
    assert bits(compile_watch(rule, MARKET, 21, 21).fires) == expected


@pytest.mark.parametrize("initial", ["start", "wait"])
def test_never_enough_history(initial: str) -> None:
    assert not compile_watch(Rebalance(any=(MONTH, BAND), initial=initial), MARKET, 0, None).fires.any()


def test_the_last_bit_is_not_the_sign() -> None:
    rule = Rebalance(any=(*(Drift(drift=k / 100) for k in range(1, 62)), MONTH))
    watch = compile_watch(rule, MARKET, 0, 0)
    assert watch.fires[21] == 1 << 62
    assert (watch.fires >= 0).all()

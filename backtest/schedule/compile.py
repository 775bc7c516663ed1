"""From a rebalance rule to what the watch of a row needs: bits per row, bands, and what the bits mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.market.market import Market
from backtest.schedule.rule import Rebalance
from backtest.types import Floats, Ints

START = 1
"""The bit of the start trigger; trigger k (from 0, as written) has bit k + 1."""


@dataclass(frozen=True)
class Watch:
    """The triggers of one run, as arrays.

    `fires` `(T,)` are the bits known ahead, per row of the market. `bands` `(D,)` are the drifts beyond which
    `band_bits` `(D,)` fire. `labels` names each bit; a bit is either in `wake_mask` or in `reapply_mask`.
    """

    fires: Ints
    bands: Floats
    band_bits: Ints
    labels: tuple[str, ...]
    wake_mask: int
    reapply_mask: int


def compile_watch(rebalance: Rebalance, market: Market, first: int, start_row: int | None) -> Watch:
    """Return the watch of a run over the market's rows from `first`.

    `start_row` is the first row from `first` with enough history, None when there is none: before it nothing fires,
    whatever `initial` says, because nothing could be decided. With `initial: start` it fires itself.
    """
    fires = np.zeros(market.n_rows, np.int64)
    bands: list[float] = []
    band_bits: list[int] = []
    wake, reapply = START, 0
    for k, trigger in enumerate(rebalance.any):
        bit = START << (k + 1)
        fires |= np.where(trigger.rows(market), np.int64(bit), np.int64(0))
        if trigger.band is not None:
            bands.append(trigger.band)
            band_bits.append(bit)
        wake, reapply = (wake | bit, reapply) if trigger.wakes else (wake, reapply | bit)
    fires[: market.n_rows if start_row is None else max(first, start_row)] = 0
    if rebalance.initial == "start" and start_row is not None:
        fires[start_row] |= START
    labels = ("start", *(trigger.label for trigger in rebalance.any))
    return Watch(fires, np.array(bands, np.float64), np.array(band_bits, np.int64), labels, wake, reapply)

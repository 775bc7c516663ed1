"""From a rebalance rule to what the watch of a row needs: bits per row, bands, and what the bits mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backtest.errors import InputError
from backtest.market.market import Market
from backtest.schedule.base import Trigger
from backtest.schedule.event import OnEvent
from backtest.schedule.rule import Rebalance
from backtest.types import Floats, Ints

START = 1
"""The bit of the start trigger. The others follow as written, then the kinds of events that the loop listens for."""

MOST_BITS = 63
"""Of an int64, beside the sign."""


@dataclass(frozen=True)
class Watch:
    """The triggers of one run, as arrays.

    `fires` `(T,)` are the bits known ahead, per row of the market. `bands` `(D,)` are the drifts beyond which
    `band_bits` `(D,)` fire. `event_kinds` has a bit for each `EventKind` that fires from row `event_from` on: the first
    of them fires `event_bit`, the next ones the bits after it. `labels` names each bit; a bit is either in `wake_mask`
    or in `reapply_mask`.
    """

    fires: Ints
    bands: Floats
    band_bits: Ints
    labels: tuple[str, ...]
    wake_mask: int
    reapply_mask: int
    event_kinds: int = 0
    event_bit: int = 0
    event_from: int = 0


def compile_watch(
    rebalance: Rebalance, market: Market, first: int, start_row: int | None, wake_on: Sequence[str] = ()
) -> Watch:
    """Return the watch of a run over the market's rows from `first`.

    `start_row` is the first row from `first` with enough history, None when there is none: before it nothing fires,
    whatever `initial` says, because nothing could be decided. With `initial: start` it fires itself. `wake_on` are
    events on which the strategy itself wants to be asked.
    """
    asked = tuple(OnEvent(event=name) for name in wake_on)
    triggers = {trigger.label: trigger for trigger in (*rebalance.any, *asked)}
    ahead = [trigger for trigger in triggers.values() if not trigger.kinds]
    fires = np.zeros(market.n_rows, np.int64)
    bands: list[float] = []
    band_bits: list[int] = []
    wake, reapply = START, 0
    for k, trigger in enumerate(ahead):
        bit = START << (k + 1)
        fires |= np.where(trigger.rows(market), np.int64(bit), np.int64(0))
        if trigger.band is not None:
            bands.append(trigger.band)
            band_bits.append(bit)
        wake, reapply = (wake | bit, reapply) if trigger.wakes else (wake, reapply | bit)
    begin = market.n_rows if start_row is None else max(first, start_row)
    fires[:begin] = 0
    if rebalance.initial == "start" and start_row is not None:
        fires[start_row] |= START
    labels = ("start", *(trigger.label for trigger in ahead))
    watched = fires, np.array(bands, np.float64), np.array(band_bits, np.int64)
    return _listening(Watch(*watched, labels, wake, reapply), tuple(triggers.values()), begin)


def _listening(watch: Watch, triggers: Sequence[Trigger], begin: int) -> Watch:
    """Give the kinds of events that fire from row `begin` on the bits that are left; asking wins."""
    waking = {kind for trigger in triggers if trigger.wakes for kind in trigger.kinds}
    kinds = sorted({kind for trigger in triggers for kind in trigger.kinds})
    labels, wake, reapply = list(watch.labels), watch.wake_mask, watch.reapply_mask
    event_bit = START << len(labels)
    for kind in kinds:
        bit = START << len(labels)
        labels.append(kind.name.lower() + ("" if kind in waking else " reapply"))
        wake, reapply = (wake | bit, reapply) if kind in waking else (wake, reapply | bit)
    if len(labels) > MOST_BITS:
        asked = "those that events fire and that the strategy asks for included"
        raise InputError(f"rebalance: {len(labels)} triggers, {asked}; at most {MOST_BITS}")
    return replace(
        watch,
        labels=tuple(labels),
        wake_mask=wake,
        reapply_mask=reapply,
        event_kinds=sum(1 << kind for kind in kinds),
        event_bit=event_bit,
        event_from=begin,
    )

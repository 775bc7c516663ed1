"""An index that answers what was known of each asset at an instant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.types import Bools, Floats, Ints


@dataclass(frozen=True)
class KnownIndex:
    """The records of a side series that were ever the latest word, sorted by asset, then by when they became known.

    `key` is ``asset * width + rank of known_at``, so that one binary search serves all assets at once.
    """

    instants: Ints
    key: Ints
    value: Floats

    @property
    def width(self) -> int:
        """Number of different instants, plus one for "before all of them"."""
        return int(self.instants.shape[0]) + 1

    def latest(self, assets: Ints, time_ns: int) -> Floats:
        """Return the latest value of each of `assets` known at `time_ns` (UTC nanoseconds), NaN where none is."""
        rank = int(np.searchsorted(self.instants, time_ns, side="right"))
        found = np.searchsorted(self.key, (assets + 1) * self.width + rank, side="right") - 1
        known = (found >= 0) & (self.key[found] // self.width == assets + 1) if self.key.size else found >= 0
        out = np.full(assets.shape[0], np.nan)
        out[known] = self.value[found[known]]
        return out


def known_index(time: Ints, known_at: Ints, asset: Ints, value: Floats) -> KnownIndex:
    """Sort the records and leave out each one that speaks of an older time than one known before it.

    A late revision of January must not hide February, known already: of what is known, the newest `time` counts, and of
    one time the latest revision.
    """
    order = np.lexsort((time, known_at, asset))
    time, known_at, asset, value = time[order], known_at[order], asset[order], value[order]
    kept = _newest_so_far(asset, time)
    instants, rank = np.unique(known_at[kept], return_inverse=True)
    key = (asset[kept] + 1) * (instants.shape[0] + 1) + rank + 1
    return KnownIndex(instants, key.astype(np.int64), value[kept])


def _newest_so_far(asset: Ints, time: Ints) -> Bools:
    """Mark the records whose time no earlier record of the same asset exceeds; records are sorted by asset."""
    kept = np.ones(time.shape[0], np.bool_)
    bounds = np.flatnonzero(np.diff(asset)) + 1
    for first, stop in zip(np.r_[0, bounds], np.r_[bounds, time.shape[0]], strict=True):
        part = time[first:stop]
        kept[first:stop] = part >= np.maximum.accumulate(part)
    return kept

"""Weights that often obey all rules: finding one that does is proof enough, and costs no linear program."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backtest.allocate.constraints.region import Region
from backtest.types import Floats, Ints


def candidates(region: Region) -> Iterator[Floats]:
    """Return weights worth a try: those held now, and bounds filled up group by group.

    With bounds from 0 and groups that do not overlap, the second obeys whenever any weights do.
    """
    if region.current is not None and region.current.any():
        yield np.clip(region.current, region.lower, region.upper)
    if np.isfinite(region.lower).all() and np.isfinite(region.upper).all():
        yield filled(region)


def filled(region: Region) -> Floats:
    """Return the least weights, raised evenly to the least of each group, then to the least net exposure."""
    group, least, most = _groups(region)
    weights = region.lower.copy()
    have = np.bincount(group, weights, len(least))
    room = np.bincount(group, region.upper - weights, len(least))
    wanted = np.minimum(np.maximum(least - have, 0.0), room)
    room_left = np.maximum(np.minimum(room, most - have) - wanted, 0.0)
    missing = region.net[0] - (have + wanted).sum()
    if missing > 0.0:
        left = room_left.sum()
        wanted += room_left if missing >= left else room_left * (missing / left)
    share = np.divide(wanted, room, out=np.zeros_like(room), where=room > 0.0)
    raised: Floats = weights + (region.upper - weights) * share[group]
    return raised


def _groups(region: Region) -> tuple[Ints, Floats, Floats]:
    """Return the group of each asset `(N,)`, the least and the most of each; rows that overlap others are left out."""
    group = np.zeros(region.n_assets, np.int64)
    least, most = [-np.inf], [np.inf]
    for row, low, high, name in zip(region.rows, region.row_lower, region.row_upper, region.names, strict=True):
        of = row == 1.0
        if name != "net" and (of | (row == 0.0)).all() and not group[of].any():
            group[of] = len(least)
            least.append(float(low))
            most.append(float(high))
    return group, np.array(least), np.array(most)

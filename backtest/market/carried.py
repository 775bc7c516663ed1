"""Marks that actions meet: the last real close of an asset, moved by whatever has happened to it since.

What an action does to a mark depends on the market alone, not on who holds what.
"""

from __future__ import annotations

import numpy as np

from backtest.types import ActionKind, Floats, Records

AT_ONCE = 4_096  # rows that are looked through for a bar


def prices_given(close: Floats, first: Floats, actions: Records) -> Floats:
    """Return the price of what each spin-off of `actions` gives away, 0 where nobody knows it, and for other actions.

    It is the first price of the child in that row, `first` `(T, N)`, without a bar its last mark.
    """
    given = np.zeros(len(actions))
    for k in np.flatnonzero(actions["kind"] == ActionKind.SPIN_OFF):
        row, child = int(actions["row"][k]), int(actions["other"][k])
        price = first[row, child]
        if np.isnan(price):
            price = mark_before(close, actions, given, int(k), child)
        given[k] = 0.0 if np.isnan(price) else price
    return given


def mark_before(close: Floats, actions: Records, given: Floats, k: int, asset: int) -> float:
    """Return the mark of `asset` just before action `k` of `actions`, in the order in which they apply; NaN: none yet.

    `given` has the prices of earlier spin-offs.
    """
    since = _last_bar(close, int(actions["row"][k]), asset)
    mark = float(close[since, asset]) if since >= 0 else np.nan
    before = actions[:k]
    touched = (before["row"] > since) & ((before["asset"] == asset) | (before["other"] == asset))
    for n in np.flatnonzero(touched):
        mark = _moved(mark, close, actions, given, int(n), asset)
    return mark


def _last_bar(close: Floats, row: int, asset: int) -> int:
    """Return the last row before `row` in which an asset has a bar, -1 without one; a stream is not read whole."""
    for high in range(row, 0, -AT_ONCE):
        low = max(0, high - AT_ONCE)
        bars = np.flatnonzero(np.isfinite(close[low:high, asset]))
        if bars.size:
            return low + int(bars[-1])
    return -1


def _moved(mark: float, close: Floats, actions: Records, given: Floats, n: int, asset: int) -> float:
    """Return what action `n` makes of the mark of `asset`, its own or that of the asset that it gives to."""
    action = actions[n]
    value = float(action["value"])
    if action["asset"] != asset:
        if action["kind"] == ActionKind.RENAME:
            return mark_before(close, actions, given, n, int(action["asset"]))
        return float(given[n]) if np.isnan(mark) else mark
    if action["kind"] == ActionKind.SPLIT:
        return mark / value
    if action["kind"] == ActionKind.DIVIDEND:
        return mark - value
    return mark - value * float(given[n]) if action["kind"] == ActionKind.SPIN_OFF else mark

"""What each corporate action does to the history before it, as one factor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.types import ActionKind, Floats, Ints, Records

AT_ONCE = 4_096  # rows that are looked through for a bar


@dataclass(frozen=True)
class ActionFactors:
    """Splits and dividends, sorted by row, with what they do to earlier rows of their asset.

    `split` divides earlier prices and multiplies earlier volume (1 for a dividend). `dividend` multiplies earlier
    prices (1 for a split): ``1 - d / p`` with p the last mark before the payment. None depends on the row from which
    history is looked at, so they are worked out once.
    """

    row: Ints
    asset: Ints
    split: Floats
    dividend: Floats


def action_factors(close: Floats, actions: Records) -> ActionFactors:
    """Work out the factors of all splits and dividends of `actions` on `close`, `(T, N)` with NaN for no bar."""
    kept = actions[actions["kind"] != ActionKind.DELISTING]
    kept = kept[np.lexsort((kept["kind"], kept["asset"], kept["row"]))]
    is_split = kept["kind"] == ActionKind.SPLIT
    dividend = np.ones(kept.shape[0])
    marks = _marks_before(close, kept)
    paid = ~is_split & (marks > 0.0)  # before the first bar there is no history to adjust
    dividend[paid] = 1.0 - kept["value"][paid] / marks[paid]
    split = np.where(is_split, kept["value"], 1.0)
    return ActionFactors(kept["row"].astype(np.int64), kept["asset"].astype(np.int64), split, dividend)


def _marks_before(close: Floats, actions: Records) -> Floats:
    """Return the mark that each action meets: the close of the row before, in the common case."""
    before = np.maximum(actions["row"] - 1, 0)
    marks: Floats = np.where(actions["row"] > 0, close[before, actions["asset"]], np.nan)
    follows = np.zeros(actions.shape[0], np.bool_)  # a second action of the asset in the same row
    follows[1:] = (actions["row"][1:] == actions["row"][:-1]) & (actions["asset"][1:] == actions["asset"][:-1])
    for k in np.flatnonzero(np.isnan(marks) | follows):
        marks[k] = _carried_mark(close, actions, int(k))
    return marks


def _carried_mark(close: Floats, actions: Records, k: int) -> float:
    """Return the last real close before action `k`, moved by the asset's own actions since: splits and payments."""
    row, asset = int(actions["row"][k]), int(actions["asset"][k])
    last = _last_bar(close, row, asset)
    if last < 0:
        return np.nan
    mark = float(close[last, asset])
    since = np.flatnonzero((actions["asset"][:k] == asset) & (actions["row"][:k] > last))
    for earlier in actions[since]:
        value = float(earlier["value"])
        mark = mark / value if earlier["kind"] == ActionKind.SPLIT else mark - value
    return mark


def _last_bar(close: Floats, row: int, asset: int) -> int:
    """Return the last row before `row` in which an asset has a bar, -1 without one; a stream is not read whole."""
    for high in range(row, 0, -AT_ONCE):
        low = max(0, high - AT_ONCE)
        bars = np.flatnonzero(np.isfinite(close[low:high, asset]))
        if bars.size:
            return low + int(bars[-1])
    return -1

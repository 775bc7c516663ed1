"""Renames and spin-offs: which ones make no sense, and the history that a new name takes over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from backtest.errors import DataError
from backtest.market.rows import iso
from backtest.market.stream.lazy import LazyRows
from backtest.types import ActionKind, Bools, Floats, Ints, Records

TRANSFERS = (ActionKind.SPIN_OFF, ActionKind.RENAME)
ENDINGS = (ActionKind.DELISTING, ActionKind.RENAME)


def renames_of(actions: Records) -> Records:
    """Return the renames, in the order of their rows."""
    renames: Records = actions[actions["kind"] == ActionKind.RENAME]
    return renames


def taken_over(values: Floats, actions: Records, low: int, row: int) -> Floats:
    """Return rows ``low .. row`` of a field `(T, N)` in which new names have the past of the old ones, as of `row`.

    A view when no name changed in between.
    """
    window = values[low : row + 1]
    renames = renames_of(actions)
    renames = renames[(renames["row"] > low) & (renames["row"] <= row)]
    return with_past(window, renames, low) if len(renames) else window


def with_past(rows: Floats, renames: Records, low: int) -> Floats:
    """Return rows from `low` on in which new names have the past of the old ones."""
    out = rows.copy()
    for rename in renames:
        stop = max(int(rename["row"]) - low, 0)
        out[:stop, rename["other"]] = out[:stop, rename["asset"]]
    return out


class Successive(LazyRows):
    """Rows of a table that is never there whole, in which new names have the past of the old ones."""

    def __init__(self, table: LazyRows, renames: Records) -> None:
        """Take the renames in the order of their rows, which are those of the table."""
        self._table, self._renames = table, renames
        self.name, self.shape = table.name, table.shape

    def block(self, low: int, high: int) -> Floats:
        """Read the rows, and let them take over."""
        return with_past(self._table.block(low, high), self._renames, low)


BarsBefore = Callable[[int, int], Ints]
"""Return the rows before a row, the second, in which a column, the first, has a bar."""


def bars_of(real: Bools) -> BarsBefore:
    """Look them up in a table `(T, N)` of who has a bar when."""
    return lambda column, row: np.flatnonzero(real[:row, column])


def refuse_wrong_transfers(symbols: Sequence[str], session: Ints, bars: BarsBefore, actions: Records) -> None:
    """Refuse renames and spin-offs that cannot have happened; `actions` are in the order in which they apply."""
    if not np.isin(actions["kind"], TRANSFERS).any():
        return
    for action in actions:
        wrong = next(_faults(action, symbols, session, bars, actions), None)
        if wrong is not None:
            raise DataError(f"actions: {wrong}")


def _faults(
    action: Records, symbols: Sequence[str], session: Ints, bars: BarsBefore, actions: Records
) -> Iterator[str]:
    """Say what is wrong with one action."""
    row, asset, kind, other = (int(action[name]) for name in ("row", "asset", "kind", "other"))
    word, symbol, day = ActionKind(kind).name.lower(), symbols[asset], iso(int(session[row]))
    said = f"{word} of {symbol} on {day}"
    if kind in TRANSFERS and other == asset:
        yield f"{said}: received {symbol!r} as the other symbol; allowed: another one than {symbol!r}"
    for change in renames_of(actions):
        since, old, new = int(change["row"]), int(change["asset"]), int(change["other"])
        told = f"{symbols[old]} is {symbols[new]} since {iso(int(session[since]))}"
        is_other = change is not action and (since, old, new) != (row, asset, other)
        if old == asset and is_other and (row >= since or kind == ActionKind.RENAME):
            yield f"{said}: {told}; allowed: one new name a symbol, and what comes after it under that name"
        if new == asset and (row < since or (row == since and kind == ActionKind.RENAME)):
            yield f"{said}: {told}; allowed: actions of a new name from that day on, and one rename a day"
        if kind == ActionKind.RENAME and new == other and is_other:
            yield f"{said}: {told}; allowed: a name that nobody else has taken"
    if kind not in TRANSFERS:
        return
    heir = symbols[other]
    if kind == ActionKind.RENAME:
        yield from _faults_of_name(said, heir, other, row, session, bars)
    else:
        yield from _faults_of_child(said, heir, action, session, actions, symbols)


def _faults_of_name(said: str, heir: str, other: int, row: int, session: Ints, bars: BarsBefore) -> Iterator[str]:
    """Say why a symbol cannot be the new name of another: it has a past of its own."""
    before = bars(other, row)
    if before.size:
        yield (
            f"{said}: the new name {heir} has {before.size} bars before that day, the first on "
            f"{iso(int(session[before[0]]))}; allowed: a symbol that begins with the rename"
        )


def _faults_of_child(
    said: str, heir: str, action: Records, session: Ints, actions: Records, symbols: Sequence[str]
) -> Iterator[str]:
    """Say why a symbol cannot be given away: it is gone, or another gives it on the same day."""
    same = actions[(actions["kind"] == ActionKind.SPIN_OFF) & (actions["other"] == action["other"])]
    same = same[(same["row"] == action["row"]) & (same["asset"] != action["asset"])]
    if len(same):
        yield f"{said} into {heir}: {symbols[same['asset'][0]]} gives it too; allowed: one spin-off a day into a symbol"
    gone = actions[np.isin(actions["kind"], ENDINGS) & (actions["asset"] == action["other"])]
    gone = gone[(gone["row"] < action["row"]) | ((gone["row"] == action["row"]) & (gone["kind"] == ActionKind.RENAME))]
    if len(gone):
        yield (
            f"{said} into {heir}: which has left the market on {iso(int(session[gone['row'][0]]))}; "
            "allowed: a symbol that is there"
        )

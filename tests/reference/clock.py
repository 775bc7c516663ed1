"""Groups of assets that share a clock: when each of them opens and closes in a row, and what that leaves possible."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from .bars import Day, Prices
from .orders import Working


@dataclass
class Turn:
    """Whose moment it is: assets that trade at this instant, and those that open, or close, later in the row."""

    now: set[int]
    later: set[int] = field(default_factory=set)
    is_last: bool = True  # no group opens, or closes, after it


def openings(day: Day) -> list[Turn]:
    """Return the turns of the row's opens: groups that open at one instant have one."""
    return turns(day, day.bars.clock.starts[day.row])


def closings(day: Day) -> list[Turn]:
    """Return the turns of the row's closes."""
    return turns(day, day.bars.clock.ends[day.row])


def turns(day: Day, stamps: Sequence[float]) -> list[Turn]:
    """Return the assets of each distinct stamp, in order; groups without a session (NaN) have none."""
    assets = range(len(day.book.marks))
    at = {i: stamps[day.bars.clock.groups[i]] for i in assets}
    moments = sorted({stamp for stamp in stamps if not math.isnan(stamp)})
    return [
        Turn({i for i in assets if at[i] == now}, {i for i in assets if at[i] > now}, now == moments[-1])
        for now in moments
    ]


def everybody(day: Day) -> Turn:
    """Return the one turn of all assets."""
    return Turn(set(range(len(day.book.marks))))


def begin(day: Day, turn: Turn, table: Prices) -> list[float]:
    """Let the assets of a turn trade at their prices in `table`; the others are worth what was last seen of them."""
    day.turn = turn
    for i in turn.now:
        if day.is_tradable(i):
            day.book.marks[i] = table[day.row][i]
    return list(day.book.marks)


def is_open(day: Day, asset: int) -> bool:
    """Whether the asset's group has a session in this row."""
    return day.bars.clock.last_open(day.row, asset) == day.row


def began_before(day: Day, asset: int, decided: int) -> bool:
    """Whether the asset's bar in this row began before the decision of row `decided` was taken."""
    clock = day.bars.clock
    return 0 <= decided < day.row and clock.starts[day.row][clock.groups[asset]] < clock.decided(decided)


def is_possible(day: Day, asset: int, decided: int) -> bool:
    """Whether the row is an opportunity for what was decided in row `decided`."""
    return is_open(day, asset) and not began_before(day, asset, decided)


def has_turn(day: Day, asset: int, decided: int) -> bool:
    """Whether the opportunity is now."""
    return asset in day.turn.now and is_possible(day, asset, decided)


def may_meet(day: Day, working: Working) -> bool:
    """Whether an order works in this row: its asset has a bar that began after the order was given."""
    return day.is_tradable(working.asset) and is_possible(day, working.asset, working.decision_row)


def is_current(day: Day, asset: int) -> bool:
    """Whether the asset had a bar when its group last had a session, and can be traded when that opens again."""
    row = day.bars.clock.last_open(day.row, asset)
    return row >= 0 and not day.book.delisted[asset] and day.bars.is_real(row, asset)

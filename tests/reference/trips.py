"""Round trips: from no position to no position again, or to the end of the data.

A fill that turns a position ends one trip and begins another; its costs are shared by units.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .bars import Action, Bars
from .book import Fill, Outcome, Spun
from .history import Step, lived_rows, steps


@dataclass
class Trip:
    """One trip in one asset. Prices are reference prices of the units as they are at its end.

    `worst` and `best` are the excursions: the largest move against and for the position, as a fraction of the average
    entry price of that moment, over all prices that the position has seen for sure.
    """

    asset: int
    side: float  # 1 long, -1 short
    entry_row: int
    exit_row: int = -1  # -1 while it is open
    quantity: float = 0.0  # held now, signed
    bought: float = 0.0  # units opened in all, > 0
    entry_price: float = 0.0  # average of what is, or was last, held
    closed: float = 0.0  # units closed in all, > 0
    exit_price: float = math.nan  # average of what was closed
    bars_held: int = 0  # real bars after the row of the entry, up to that of the exit
    costs: float = 0.0
    profit: float = 0.0  # after costs; of an open trip at the last mark
    worst: float = 0.0
    best: float = 0.0
    entry_reason: str = ""
    exit_reason: str = ""

    def see(self, price: float) -> None:
        """Take in a price. What was given (a child without a price) has no excursions."""
        if self.entry_price == 0.0:
            return
        move = self.side * (price - self.entry_price) / self.entry_price
        self.worst, self.best = min(self.worst, move), max(self.best, move)


def follow_trips(out: Outcome) -> list[Trip]:
    """Follow the trips of a run, in the order in which they began."""
    bars: Bars = out.market
    trips: list[Trip] = []
    now: dict[int, Trip] = {}
    for row in lived_rows(out):
        changes = list(steps(out, row))
        for step in changes:
            if not isinstance(step, Fill):
                take(trips, now, step)
        see_first(bars, row, now)
        take_fills(trips, now, changes, "open")
        since_open = dict(now)
        take_fills(trips, now, changes, "inside")
        look_back(bars, row, now, since_open)
        take_fills(trips, now, changes, "close")
    for trip in now.values():
        trip.profit += trip.quantity * out.marks[trip.asset]
    return trips


def take_fills(trips: list[Trip], now: dict[int, Trip], changes: list[Step], moment: str) -> None:
    """Let the fills of one part of the row change the trips."""
    for step in changes:
        if isinstance(step, Fill) and step.moment == moment:
            take_fill(trips, now, step)


def see_first(bars: Bars, row: int, now: dict[int, Trip]) -> None:
    """A position that is older than the row has seen its first price."""
    for i, trip in now.items():
        if bars.is_real(row, i) and trip.entry_row < row:
            trip.see((bars.close if bars.open is None else bars.open)[row][i])


def look_back(bars: Bars, row: int, now: dict[int, Trip], since_open: dict[int, Trip]) -> None:
    """Before the fills at the close: who is there since the open has seen the whole bar, others the close."""
    for i, trip in now.items():
        if not bars.is_real(row, i):
            continue
        trip.bars_held += row > trip.entry_row
        trip.see(bars.close[row][i])
        if since_open.get(i) is trip and bars.high is not None and bars.low is not None:
            trip.see(bars.high[row][i])
            trip.see(bars.low[row][i])


def take(trips: list[Trip], now: dict[int, Trip], step: Action | Spun) -> None:
    """Let an action change the trips."""
    if isinstance(step, Spun):
        parent = now[step.parent]
        parent.entry_price *= 1.0 - step.share
        parent.profit += step.units * step.price  # what has become a position of its own was not lost
        child = Fill(step.row, step.child, -1, -1, step.units, step.price, step.price, step.price, "spin_off")
        take_fill(trips, now, child)
    elif step.kind == "rename":
        if step.asset in now:
            trip = now[step.other] = now.pop(step.asset)
            trip.asset = step.other
    elif step.asset in now:
        restate(now[step.asset], step.value)


def restate(trip: Trip, ratio: float) -> None:
    """Count in the units of a split."""
    trip.quantity *= ratio
    trip.bought *= ratio
    trip.closed *= ratio
    trip.entry_price /= ratio
    trip.exit_price /= ratio


def take_fill(trips: list[Trip], now: dict[int, Trip], fill: Fill) -> None:
    """Close what the fill closes and open the rest."""
    left, cost = fill.quantity, fill.cost / abs(fill.quantity)
    trip = now.get(fill.asset)
    if trip is not None and trip.quantity * left < 0.0:
        part = math.copysign(min(abs(left), abs(trip.quantity)), left)
        close(trip, part, fill, cost)
        left -= part
        if abs(trip.quantity) <= 1e-12 * abs(part):
            trip.quantity, trip.exit_row, trip.exit_reason = 0.0, fill.row, fill.reason
            trip.bars_held += fill.row > trip.entry_row and fill.moment != "close"  # there it was counted
            del now[fill.asset]
    if abs(left) > 1e-12 * abs(fill.quantity):
        open_up(trips, now, fill.asset, fill.row, left, fill.price, cost * abs(left), fill.reason)


def close(trip: Trip, part: float, fill: Fill, cost: float) -> None:
    """Take units out of a trip."""
    trip.see(fill.price)
    units = abs(part)
    average = 0.0 if trip.closed == 0.0 else trip.exit_price * trip.closed
    trip.closed += units
    trip.exit_price = (average + fill.price * units) / trip.closed
    trip.quantity += part
    trip.costs += cost * units
    trip.profit -= part * fill.price + cost * units


def open_up(
    trips: list[Trip], now: dict[int, Trip], asset: int, row: int, units: float, price: float, cost: float, reason: str
) -> None:
    """Begin a trip, or add to it."""
    trip = now.get(asset)
    if trip is None:
        trip = now[asset] = Trip(asset, math.copysign(1.0, units), row, entry_reason=reason)
        trips.append(trip)
    held = abs(trip.quantity)
    trip.entry_price = (trip.entry_price * held + price * abs(units)) / (held + abs(units))
    trip.quantity += units
    trip.bought += abs(units)
    trip.costs += cost
    trip.profit -= units * price + cost
    trip.see(price)

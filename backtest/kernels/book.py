"""What crosses into the loop: the book, the bars, the rules, the plan and the output, as named blocks.

The book is two records and eight blocks, so that it can be saved whole and costs little to hand over. A block's row is
named by a constant: `book.owned[s, Own.QUANTITY]` is the `(N,)` array of quantities of owner *s*.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from backtest.types import Bools, Floats, Ints, Records


class _Own(NamedTuple):
    """Rows of `Book.owned`, `(S, 7, N)` floats."""

    QUANTITY: int = 0
    TARGET: int = 1  # last raw targets
    REFERENCE: int = 2  # weights attained by the last basket
    REDUCE: int = 3  # working order, signed quantity that closes
    OPEN: int = 4  # working order, signed quantity that opens
    DECISION_PRICE: int = 5
    BEFORE: int = 6  # quantity before the spin-offs of the row that had the last ones


class _Listed(NamedTuple):
    """Rows of `Book.listed`, `(S, 2, N + 1)` ints: columns in the order of their names."""

    REDUCING: int = 0
    OPENING: int = 1


class _Work(NamedTuple):
    """Rows of the scratch block, `(16, N)` floats, that one call of the loop shares; nothing in it outlives a step."""

    WEIGHT: int = 0  # what sizing aims at: 0 where nothing can be traded
    VALUE: int = 1  # held, in money
    RATE: int = 2  # commission per unit of value, per-share part included
    MEMBER: int = 3  # 1.0 for assets that trade
    FREE: int = 4  # 1.0 for assets that may trade
    TERMS: int = 5  # of a sum
    MORE: int = 6  # of another
    PART: int = 7  # line of the fill of this moment that the second half of a basket's order joins, −1: none
    ENTERED: int = 8  # price at which an asset was opened or increased inside this bar, NaN: it was not
    BY_LIMIT: int = 9  # 1.0 where a limit order did that
    HOT: int = 10  # columns of the assets that are hot, by name; as many as `list_hot` found
    QUOTE: int = 11  # with several clocks: prices of what trades at this instant, NaN for the rest
    NOW: int = 12  # 1.0 for assets whose instant it is, with a bar or without
    TURN: int = 13  # 1.0 for those whose order of the basket has its opportunity now
    OWN: int = 14  # prices of those
    SALEABLE: int = 15  # prices of what can be sold in this row, marks of what opens later; NaN for the rest


class _Seen(NamedTuple):
    """Rows of `Book.seen`, `(4, N)` ints."""

    SESSION: int = 0  # ordinal of the session of the last real bar, -1: never
    FLAGGED: int = 1  # 1 once staleness beyond the limit was reported
    GONE: int = 2  # 1 after the delisting, or once it has another name
    GIVEN: int = 3  # 1: received before anybody knew a price of it, and worth nothing until then


class _Slot(NamedTuple):
    """Rows of `Book.slots`, `(S, 15, N)` floats: what exits, volume and carried orders remember of each position.

    Levels and distances are money and NaN when there is none.
    """

    ENTRY: int = 0  # average reference price of what is held
    STOP: int = 1
    TARGET: int = 2
    DISTANCE: int = 3  # of the trail
    EXTREME: int = 4  # best price that the trail has seen
    FRESH: int = 5  # 1.0: opened inside this bar
    FIRED: int = 6  # FillReason of the exit that has fired but could not be filled whole, 0: none
    EXITED: int = 7  # 1.0: an exit took the position out; targets that are sent again leave the asset alone
    MET: int = 8  # real bars that the working target order has met
    ROOM: int = 9  # units that may still be filled in this row, kept with the first owner
    TOUCHED: int = 10  # last row in which the asset was filled outside a basket
    OUTSIDE: int = 11  # 1.0: did not belong to the universe when the targets were taken, which then count as 0
    HOT: int = 12  # 1.0: the bar that is being played may reach an exit; 2.0: it was walked through
    LOWER: int = 13  # prices that leave waiting orders alone lie between, kept with the first owner
    UPPER: int = 14


class _Row(NamedTuple):
    """Rows of `Output.rows`, `(10, R)` floats: what is said of each simulated row, column by column.

    They begin as zeros, and are written only where there is something to say: memory that nobody wrote costs nothing.
    """

    EQUITY: int = 0
    CASH: int = 1
    DRIFT: int = 2  # where it is known
    INTEREST: int = 3  # what holding cash and shorts earned, or cost (negative), since the row before
    LOAN: int = 4
    REBATE: int = 5
    BORROW: int = 6
    FUNDING: int = 7  # what perpetual futures paid (negative) or brought since the row before
    FLOW: int = 8  # money paid in, negative: taken out
    GROWTH: int = 9  # time-weighted return of the row, where money comes or goes


class _Told(NamedTuple):
    """Rows of `Output.told`, `(2, R)` ints, likewise."""

    REASONS: int = 0  # trigger bits that fired
    DRIFT_ASSET: int = 1  # where drift is known


class _Stamp(NamedTuple):
    """Tables of `Bars.stamps`, `(4, T, K)` ints: what a row is to each of the groups that have clocks of their own."""

    START: int = 0  # nanoseconds, CLOSED where the group has no session
    END: int = 1
    SESSION: int = 2  # ordinal of its session, between two of them that of the last one
    LAST: int = 3  # the last row up to this one in which it has a session, -1 before its first


Own, Listed, Work, Seen, Slot, Row, Told, Stamp = (
    _Own(), _Listed(), _Work(), _Seen(), _Slot(), _Row(), _Told(), _Stamp(),
)  # fmt: skip
"""Tuples of constants: the indices of an array that every version of numba takes (an enum is refused before 0.68)."""

OWNER = np.dtype(
    [
        ("cash", "f8"),
        ("equity", "f8"),  # at the last mark
        ("has_targets", "i8"),
        ("has_reference", "i8"),
        ("working", "i8"),  # 1 while a basket waits for its fill opportunity
        ("row", "i8"),  # of the working basket: when, from where and why it was decided
        ("source", "i8"),
        ("reasons", "i8"),
        ("drift", "f8"),
        ("drift_asset", "i8"),
        ("n_orders", "i8"),
        ("n_fills", "i8"),
        ("before", "f8"),  # equity before and after the basket's costs
        ("after", "f8"),
        ("scale", "f8"),
        ("net_before", "f8"),  # at the prices of the fill
        ("net_after", "f8"),
        ("n_reducing", "i8"),  # entries of Book.listed
        ("n_opening", "i8"),
        ("shorts", "i8"),  # 1 when the working basket may open shorts
        ("sized", "i8"),  # 1 once the working basket has orders
        ("met", "i8"),  # opportunities of the working basket: 0 none, 1 the first on this row, 2 earlier ones
        ("turn", "i8"),  # 1 while the instant is an opportunity of the working basket
    ]
)


class Book(NamedTuple):
    """One account, whole."""

    record: Records  # (1,) of types.BOOK
    owners: Records  # (S,) of OWNER
    mark: Floats  # (N,) last known price, 0 before the first
    owned: Floats  # (S, 7, N), rows named by Own
    order_id: Ints  # (S, N) of the working orders
    listed: Ints  # (S, 2, N + 1) which assets the working orders reduce and open, rows named by Listed
    seen: Ints  # (4, N), rows named by Seen
    slots: Floats  # (S, 15, N), rows named by Slot; (S, 15, 0) without the whole bar
    orders: Records  # of types.ORDER, by number; the record counts them, and the caller makes room
    unsettled: Floats  # (S, nK) by clock and session modulo n: money that n sessions from its fill on pays for nothing
    curves: Floats  # (C, L) part of a sliced order that is due by the end of each of its rows; the caller makes room


NO_CLOCKS: Any = None  # the engine says which, when it hands the bars over


class Bars(NamedTuple):
    """What the loop reads of a market."""

    open: Floats  # (T, N); the closes when the market has no opens
    close: Floats  # (T, N)
    complete: Bools  # (T,) every asset has a bar and none is delisted in this row
    session: Ints  # (T,) ordinal of the session
    actions: Records  # of types.ACTION, sorted by row and then as they apply
    by_name: Ints  # (N,) columns in the order of their symbols
    lots: Floats  # (N,) 0: fractional
    years: Floats  # (T,) since the end of the row before, of 365 days; empty where nothing is financed
    high: Floats  # (T, N); (0, 0) where nothing asks for it, as the three after it
    low: Floats
    volume: Floats
    exits: Floats  # (3, N) declared stops, targets and trails as fractions of the entry price, NaN: none
    ticks: Floats  # (N,) money per tick of levels, 0: none
    member: Bools  # (T, N) who belongs to the universe; (0, 0): everybody, always
    rates: Floats  # (T, 3) or (1, 3) a year: of cash, of debt, of the proceeds of shorts; row t: known at its end
    borrow: Floats  # (T, N) or (1, N) a year, for borrowing what is short; NaN: unknown
    funding: Floats  # (T, N) or (1, N) a year, that longs of perpetual futures pay to shorts; NaN: unknown
    perpetual: Bools  # (N,) which assets are perpetual futures; (0,): none
    group: Ints = NO_CLOCKS  # (N,) whose clock an asset has; empty, as the two after it: there is one for all
    stamps: Ints = NO_CLOCKS  # (4, T, K), tables named by Stamp
    quotes: Floats = NO_CLOCKS  # the scratch block once more, to be read only, so that quotes are of one type


class Rates(NamedTuple):
    """What holding earns and costs a year, as in `Bars`."""

    money: Floats  # (T, 3) or (1, 3)
    borrow: Floats  # (T, N) or (1, N)
    funding: Floats  # (T, N) or (1, N)
    perpetual: Bools  # (N,) or (0,)


class Fees(NamedTuple):
    """Costs that differ between assets, rows or months. A table has a row for each bar, or one for all; NaN: unknown.

    Row *t* is what a trade in row *t* pays by, known before it.
    """

    half_spread: Floats  # (T, N) or (1, N), fraction of the value
    push: Floats  # impact is push · √units · value + curve · units²
    curve: Floats
    tiers: Floats  # (K, 2) money traded in the month from which on, commission; rising
    month: Ints  # (T,) running number of the month; empty without tiers


class Rules(NamedTuple):
    """What is constant during a run."""

    record: Records  # (1,) of types.RULES
    fires: Ints  # (T,) trigger bits known ahead
    bands: Floats  # (D,) drift bands
    band_bits: Ints  # (D,)
    fees: Fees | None  # None in the lean form
    flows: Floats | None  # (T, 2) what comes (> 0) or goes: money, and parts of the equity; (0, 2): nothing, ever


class Plan(NamedTuple):
    """Decisions known ahead."""

    at: Ints  # (T,) row of `weights` decided at each row, -1: none
    weights: Floats  # (P, N)


class Output(NamedTuple):
    """What the loop writes; the record of the book counts what was written."""

    rows: Floats  # (10, R), rows named by Row
    told: Ints  # (2, R), rows named by Told
    fills: Records
    decisions: Records
    events: Records

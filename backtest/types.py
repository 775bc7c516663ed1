"""Array aliases, modes and the records that cross into kernels.

Everything here is plain numpy: kernels import this module and nothing else of ours. An enum member reaches a kernel as
a number; a record reaches it as one element of a structured array, so that a call unboxes one argument, not forty.

Adding a field to a record changes the format of saved books: raise `BOOK_VERSION` with it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Strings = NDArray[np.str_]
Records = NDArray[Any]

BOOK_VERSION = 11

CLOSED = int(np.iinfo(np.int64).min)
"""The end of a group in a row where it has no session: before everything."""
NEVER_OPEN = int(np.iinfo(np.int64).max)
"""And its start: after everything, so that the first start and the last end of a row are what they are without it."""


class Fill(IntEnum):
    """When a target order decided on row t meets the market."""

    NEXT_OPEN = 0
    NEXT_CLOSE = 1
    SAME_CLOSE = 2


class Size(IntEnum):
    """Which prices turn a weight into a quantity."""

    AT_DECISION = 0
    AT_FILL = 1


class Phase(IntEnum):
    """Where in a row a book stands when `advance` is not running."""

    ROW_START = 0
    DECIDE = 1


class Status(IntEnum):
    """Why `advance` came back."""

    END = 0
    WAKE = 1
    BUFFER = 2
    BAD_ANSWER = 3
    NO_COST = 4


class Source(IntEnum):
    """Where the targets of a basket came from."""

    ANSWER = 0
    PLAN = 1
    REAPPLY = 2


class ActionKind(IntEnum):
    """A corporate action. `market.actions.in_order` says in which order those of a row apply."""

    SPLIT = 0
    DIVIDEND = 1
    DELISTING = 2
    SPIN_OFF = 3
    RENAME = 4


class OrderKind(IntEnum):
    """What an explicit order waits for; `CANCEL` is not an order but takes a working one out of the book."""

    MARKET = 0
    MARKET_ON_CLOSE = 1
    LIMIT = 2
    STOP = 3
    STOP_LIMIT = 4
    TRAILING = 5
    CANCEL = 6
    SLICED = 7  # a parent, filled little by little over its rows


class TimeInForce(IntEnum):
    """How long an explicit order works."""

    GTC = 0  # until it is cancelled
    DAY = 1  # through the session of its first row
    GTD = 2  # through a row or a session


class Intrabar(IntEnum):
    """What is assumed about the way of the price inside a bar."""

    PESSIMISTIC = 0
    OPTIMISTIC = 1
    OPEN_HIGH_LOW_CLOSE = 2
    OPEN_LOW_HIGH_CLOSE = 3


class Moment(IntEnum):
    """When in a row a trade happened."""

    OPEN = 0
    INSIDE = 1
    CLOSE = 2


class FillReason(IntEnum):
    """Why a trade happened. Explicit orders say their kind: `MARKET` and what follows stand as in `OrderKind`."""

    TARGET = 0
    DELISTING = 1
    MARGIN_CALL = 2
    MARKET = 3
    MARKET_ON_CLOSE = 4
    LIMIT = 5
    STOP = 6
    STOP_LIMIT = 7
    TRAILING = 8
    EXIT_STOP = 9  # declared exits
    EXIT_TRAIL = 10
    EXIT_TARGET = 11
    UNIVERSE = 12  # the asset does not belong to the universe any more
    WITHDRAWAL = 13  # money was taken out, and there was not so much of it
    REINVEST = 14  # a dividend that buys more of what paid it, without cost
    SLICED = 15  # a slice of an explicit order


class EventKind(IntEnum):
    """Something that happened to the book. The comment says what `value` holds."""

    HALTED = 0  # decided quantity that lapsed: no real bar at its fill opportunity
    UNTRADABLE_TARGET = 1  # weight asked for an unheld asset that cannot be traded now
    SHORT_DROPPED = 2  # quantity of a short opening that a cash account does not do
    SCALED = 3  # factor below 1 by which the openings of a basket were cut
    COST_EXCEEDS_EQUITY = 4  # value of the trade dropped because its cost could not be paid
    BANKRUPT = 5  # equity at the mark that ended the account
    SPLIT = 6  # ratio: new units per old unit
    DIVIDEND = 7  # cash received
    DELISTING = 8  # cash received for the remaining quantity
    UNFILLED_AT_END = 9  # decided quantity still working when the data ended
    STALE = 10  # sessions since the last real bar of a held asset, first row beyond the limit
    MARGIN_CALL = 11  # equity that is missing to the maintenance margin
    ORDER_CANCELLED = 12  # quantity that will not trade; the event's `reason` is a CancelReason
    CAPPED = 13  # decided quantity that lapsed because the volume did not reach for it
    BELOW_MINIMUM = 14  # value of an order of a basket that was too small to be sent
    NOT_IN_UNIVERSE = 15  # weight asked for an asset that does not belong to it
    LISTING = 16  # close of the first real bar, the first event of its row
    ORDER_PLACED = 17  # quantity, 0 of an exit that waits for its entry; the reason is a FillReason up to 20
    ORDER_FILLED = 18  # quantity of this part of the order
    POSITION_OPENED = 19  # quantity held
    POSITION_CLOSED = 20  # quantity that was held
    REBALANCE_COMPLETED = 21  # factor of its openings, 1 when they were filled whole
    TRIGGER_FIRED = 22  # the bits; the reason holds them as well
    CASH_FLOW = 23  # money paid in, negative: taken out; the reason CUT: less than was asked for
    SPIN_OFF = 24  # units of the asset received (negative: owed), for each held of its parent
    RENAME = 25  # column of the symbol that takes over a held position


class CancelReason(IntEnum):
    """Why an order will not trade (any more), or not all of a withdrawal is paid."""

    NONE = 0  # of events that lack nothing
    CANCELLED = 1  # by an answer
    REPLACED = 2
    NOTHING_TO_REPLACE = 3  # what it should have replaced works no more
    PARENT = 4  # the entry that it should have protected is gone, or never was
    DELISTED = 5
    BELOW_MINIMUM = 6
    EXPIRED = 7
    OCO = 8  # another of its group was filled
    CHILD_FILLED = 9  # an exit of what this order was still opening
    POSITION_CLOSED = 10  # there is nothing left that it could reduce
    NO_POSITION = 11  # the basket of its answer left nothing that it could reduce
    UNAFFORDABLE = 12
    SHORT_DROPPED = 13
    SUPERSEDED = 14  # by newer targets
    MARGIN_CALL = 15
    UNIVERSE = 16  # the asset does not belong to it
    CUT = 17  # there was not so much to be had


class CostShape(IntEnum):
    """How costs depend on what is traded, and when."""

    FLAT = 0  # the same rates for all assets, always
    TABLES = 1  # rates that change with asset, row or month; half of a trade costs half, but for money per fill
    CURVED = 2  # impact: twice the units cost more than twice


class LotMethod(IntEnum):
    """Which lot of a position a trade closes first."""

    FIFO = 0  # the oldest
    LIFO = 1  # the youngest
    HIGHEST_COST = 2  # the one that earns least: a long that cost most, a short that brought least
    AVERAGE = 3  # there is one only, at the average of what was opened


class Fault(IntEnum):
    """What is wrong with an answer (`Status.BAD_ANSWER`), or with what it needs (`Status.NO_COST`)."""

    NAN = 1
    GROSS = 2
    COST = 3  # an asset trades where its spread, volatility or volume is not known
    BORROW = 4  # an asset is held short where its borrow fee is not known
    FUNDING = 5  # a perpetual future is held where its funding is not known


BOOK = np.dtype(
    [
        ("version", "i8"),
        ("row", "i8"),  # next row to process; in phase DECIDE, the row being decided
        ("phase", "i8"),
        ("frozen", "i8"),  # 1 after bankruptcy
        ("called", "i8"),  # 1 from a margin call to the first prices after it
        ("reasons", "i8"),  # bits that fired at `row`, valid in phase DECIDE
        ("next_order", "i8"),
        ("n_fills", "i8"),  # written since the caller last emptied the buffer
        ("n_decisions", "i8"),
        ("n_events", "i8"),
        ("commission", "f8"),  # rate of the tier that counts now
        ("month", "i8"),  # in which `month_volume` was traded
        ("month_volume", "f8"),  # money
        ("n_working", "i8"),  # entries of Book.orders
        ("n_dead", "i8"),  # of them, filled or cancelled since they were last tidied up
        ("timed", "i8"),  # 1 when an order may outlive its time
        ("n_near", "i8"),  # orders that the bar being played may reach
        ("n_market", "i8"),  # orders that may fill at its close
        ("trails", "i8"),  # 1 when an order trails the price
        ("late", "i8"),  # 1 when an order began to work since those near were counted
        ("entered", "i8"),  # 1 when a position was opened or increased inside the bar
        ("fault", "i8"),  # Fault of the last answer, 0: none
        ("fault_asset", "i8"),
        ("fault_value", "f8"),
        ("equity", "f8"),  # at the last mark
        ("drift", "f8"),  # largest drift measured at `row`, NaN while silent
        ("drift_asset", "i8"),
        ("happened", "i8"),  # bit k: an event of EventKind k has happened since the triggers were last watched
        ("fills_before", "i8"),  # fills on the pages that the caller has emptied
        ("withdrawal", "f8"),  # money that waits for what must be sold for it
        ("growth", "f8"),  # of the row up to a payment inside it
        ("base", "f8"),  # equity from which on the rest of the row's return counts
        ("guarded", "i8"),  # 1 while `Slot.LOWER` and `Slot.UPPER` hold for every waiting order
    ]
)

RULES = np.dtype(
    [
        ("fill", "i8"),
        ("size", "i8"),
        ("commission", "f8"),  # fraction of traded value
        ("per_share", "f8"),
        ("minimum", "f8"),  # money per fill
        ("per_trade", "f8"),
        ("half_spread", "f8"),
        ("slippage", "f8"),
        ("cost_shape", "i8"),  # of CostShape
        ("min_trade", "f8"),  # money
        ("cash_reserve", "f8"),  # money
        ("max_gross", "f8"),  # largest Σ|w| an answer may have
        ("max_stale", "i8"),  # sessions
        ("lots", "i8"),  # 1 when any quantity is rounded
        ("first", "i8"),  # first simulated row of the market
        ("margin", "i8"),  # 1: an account on margin, which may borrow and be short
        ("initial", "f8"),  # part of each position that own money must cover to open it
        ("maintenance", "f8"),  # and to keep it
        ("financed", "i8"),  # 1 when any rate is not 0, or there are perpetual futures
        ("whole", "i8"),  # 1 when any of what follows is wanted, down to `min_notional`
        ("exits", "i8"),  # 1 when exits are declared
        ("opens", "i8"),  # 1 when the market has opens; and highs and lows
        ("ranges", "i8"),
        ("intrabar", "i8"),
        ("carry", "i8"),  # real bars that a target order may meet, 0: the next row, -1: until it is filled
        ("participation", "f8"),  # largest part of a bar's volume, 0: all of it and more
        ("min_notional", "f8"),  # money; an order worth less is not sent
        ("reinvest", "i8"),  # 1: a dividend buys more of what paid it
        ("wake_mask", "i8"),  # trigger bits that wake Python
        ("reapply_mask", "i8"),  # trigger bits that send the last targets again
        ("all_events", "i8"),  # 1: events are written that fills, decisions and prices do not tell in their order
        ("event_kinds", "i8"),  # bit k: EventKind k fires a trigger
        ("event_bit", "i8"),  # the trigger bit of the first such kind; the next ones have the next bits
        ("event_from", "i8"),  # row from which on they fire
        ("flowing", "i8"),  # 1 when money comes or goes
        ("settlement", "i8"),  # sessions until the proceeds of a fill can pay for something
        ("keep_net", "i8"),  # 1: what reduces is cut by the factor of what opens
    ]
)

FILL = np.dtype(
    [
        ("row", "i4"),
        ("asset", "i4"),
        ("order_id", "i4"),
        ("parent_id", "i4"),  # -1: none
        ("owner", "i2"),
        ("reason", "i1"),  # FillReason
        ("moment", "i1"),  # Moment
        ("decision_row", "i4"),  # -1: nobody decided it (a delisting)
        ("quantity", "f8"),  # signed
        ("price", "f8"),  # reference price inside the bar
        ("commission", "f8"),
        ("spread", "f8"),
        ("slippage", "f8"),
        ("impact", "f8"),
        ("decision_price", "f8"),
        ("arrival_price", "f8"),
    ]
)

DECISION = np.dtype(
    [
        ("row", "i4"),
        ("done_row", "i4"),  # row in which the basket finished, -1: still working
        ("owner", "i2"),
        ("source", "i2"),
        ("n_orders", "i4"),
        ("reasons", "i8"),
        ("drift", "f8"),
        ("drift_asset", "i4"),
        ("n_fills", "i4"),
        ("equity", "f8"),  # before the basket's costs
        ("equity_after", "f8"),  # the x that sizing solved for
        ("scale", "f8"),  # f
        ("net_before", "f8"),  # net exposure / equity before and after the fills
        ("net_after", "f8"),
    ]
)

EVENT = np.dtype(
    [
        ("row", "i4"),
        ("asset", "i4"),
        ("owner", "i2"),
        ("kind", "i2"),
        ("order_id", "i4"),
        ("value", "f8"),
        ("reason", "i8"),  # CancelReason; of kinds that say so a FillReason, or bits
        ("after", "i8"),  # fills that stood in the record when it happened
    ]
)

REQUEST = np.dtype(
    [
        ("owner", "i8"),
        ("asset", "i8"),
        ("kind", "i8"),
        ("quantity", "f8"),  # signed; of a child that of its parent's fills
        ("limit", "f8"),
        ("stop", "f8"),
        ("trail", "f8"),  # distance from the best price since the order began to work
        ("trail_is_percent", "i8"),  # 1: a fraction of that price, 0: money
        ("reduce_only", "i8"),
        ("tif", "i8"),
        ("expires_row", "i8"),  # of a GTD order; -1: not by row
        ("expires_session", "i8"),  # ordinal; -1: not by session
        ("parent", "i8"),  # place in the same array of the entry that this order protects, -1: none
        ("group", "i8"),  # orders of the same group cancel each other, -1: none
        ("number", "i8"),  # of the working order that is cancelled (CANCEL), or replaced by this one; -1: none
        ("first_row", "i8"),  # of a sliced order: the rows over which it is filled
        ("last_row", "i8"),
        ("curve", "i8"),  # row of Book.curves that says what is due when; -1: equal steps
    ]
)
"""What an answer asks for, cancellations first."""

ORDER = np.dtype(
    [
        *((name, REQUEST[name]) for name in REQUEST.names or () if name not in ("parent", "number")),
        ("number", "i8"),
        ("parent_id", "i8"),  # number of the entry that it protects, -1: none
        ("decision_row", "i8"),
        ("decision_price", "f8"),
        ("basket_row", "i8"),  # row of the answer whose basket it waits for, -1: none
        ("last_session", "i8"),  # of a DAY order, known from its first row on
        ("limit_from", "i8"),  # row from which on the limit of a stop-limit works, -1: not yet
        ("extreme", "f8"),  # of a trail: the best price since it began to work
        ("filled", "f8"),
        ("alive", "i8"),  # 0 once it is filled or cancelled
        ("forced", "i8"),  # 1: nobody asked for it; it ends a position in what has left the universe
        ("children", "i8"),  # 1 when others protect what it opens
        ("triggered", "i8"),  # 1: a stop or trail that was reached, the rest of which is a market order
        ("fresh", "i8"),  # 1: began to work inside this bar
        ("reached", "i8"),  # 1: has its turn in the step that is being played
        ("near", "i8"),  # 1: the bar that is being played may reach it
        ("nth_near", "i8"),  # lists, by their own places: of the orders that are near, and of those that are reached
        ("nth_reached", "i8"),
        ("spent", "i8"),  # 1: has had its turn on the assumed way through this bar
        ("part", "i8"),  # line of its fill of this moment, which the second half of the order joins; -1: none
    ]
)
"""A working order of the book. `quantity` is what is left of it, 0 for a child that is not born yet."""

ACTION = np.dtype([("row", "i8"), ("asset", "i8"), ("kind", "i8"), ("value", "f8"), ("other", "i8")])
"""A split's value is new units per old one, a dividend's cash per unit, a delisting's its return on the last price.

A spin-off gives `value` units of the column `other` for each one held; a rename moves everything to that column. The
others have an `other` of -1.
"""

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

BOOK_VERSION = 3


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
    """A corporate action; within a row they apply in this order."""

    SPLIT = 0
    DIVIDEND = 1
    DELISTING = 2


class FillReason(IntEnum):
    """Why a trade happened."""

    TARGET = 0
    DELISTING = 1
    MARGIN_CALL = 2


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
    DELISTED = 8  # cash received for the remaining quantity
    UNFILLED_AT_END = 9  # decided quantity still working when the data ended
    STALE = 10  # sessions since the last real bar of a held asset, first row beyond the limit
    MARGIN_CALL = 11  # equity that is missing to the maintenance margin


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
        ("fault", "i8"),  # Fault of the last answer, 0: none
        ("fault_asset", "i8"),
        ("fault_value", "f8"),
        ("equity", "f8"),  # at the last mark
        ("drift", "f8"),  # largest drift measured at `row`, NaN while silent
        ("drift_asset", "i8"),
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
        ("financed", "i8"),  # 1 when any of the four rates is not 0
        ("cash_rate", "f8"),  # a year, as fractions
        ("loan_rate", "f8"),
        ("rebate_rate", "f8"),  # on the value of shorts
        ("borrow_rate", "f8"),  # for borrowing what is short
        ("wake_mask", "i8"),  # trigger bits that wake Python
        ("reapply_mask", "i8"),  # trigger bits that send the last targets again
    ]
)

FILL = np.dtype(
    [
        ("row", "i4"),
        ("asset", "i4"),
        ("order_id", "i4"),
        ("parent_id", "i4"),  # -1: none
        ("owner", "i2"),
        ("reason", "i2"),
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

EVENT = np.dtype([("row", "i4"), ("asset", "i4"), ("owner", "i2"), ("kind", "i2"), ("order_id", "i4"), ("value", "f8")])

ACTION = np.dtype([("row", "i8"), ("asset", "i8"), ("kind", "i8"), ("value", "f8")])
"""A split's value is new units per old one, a dividend's cash per unit, a delisting's its return on the last price."""

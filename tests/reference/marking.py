"""The end of a row: marks, what the account is worth at them, and whether they are old."""

from __future__ import annotations

import math

from .bars import Day
from .watch import weight


def announce_listings(day: Day) -> None:
    """Name what is traded for the first time in this row, by column; a new name is no new company."""
    seen = day.book.last_bar
    known = {action.other for action in day.actions if action.kind == "rename" and seen[action.asset] >= 0}
    for i, session in enumerate(seen):
        if session < 0 and i not in known and day.is_tradable(i):
            day.log_all("listing", day.bars.close[day.row][i], i)


def mark(day: Day) -> None:
    """Mark at the close where there is a real bar; elsewhere the last known price is carried."""
    book = day.book
    for i in range(len(book.marks)):
        if day.is_tradable(i):
            book.marks[i] = day.bars.close[day.row][i]
            book.last_bar[i] = day.bars.clock.session(day.row, i)
            book.flagged_stale[i] = False


def settle(day: Day, finished: bool) -> None:
    """Compute the equity at the marks; end the account, or take the weights that a basket attained.

    What was filled outside a basket sets the reference of its own asset.
    """
    book = day.book
    nothing = 1e-12 * book.equity  # after a total loss the sign of what is left is rounding
    book.equity = math.fsum([book.cash, *(q * book.marks[i] for i, q in enumerate(book.quantities) if q != 0.0)])
    if book.equity <= nothing:
        day.log("bankrupt", book.equity)
        book.frozen = True
    elif finished:
        book.reference = [weight(day, i) for i in range(len(book.marks))]
    elif book.reference is not None:
        for i in day.touched:
            book.reference[i] = weight(day, i)


def flag_stale(day: Day) -> None:
    """Say once that a held asset has not traded for more than `max_stale` sessions."""
    book = day.book
    for i, quantity in enumerate(book.quantities):
        age = day.bars.clock.session(day.row, i) - book.last_bar[i]
        if quantity != 0.0 and age > day.rules.max_stale and not book.flagged_stale[i]:
            book.flagged_stale[i] = True
            day.log("stale", float(age), i)

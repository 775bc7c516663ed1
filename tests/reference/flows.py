"""Money that comes and goes from outside, and the return that does not count it."""

from __future__ import annotations

from .bars import Day
from .forced import free_cash, stand


def begin_return(day: Day) -> None:
    """Let the row's return begin at the equity of the row before."""
    day.book.growth, day.book.base = 1.0, day.book.equity


def move_cash(day: Day, flow: float) -> None:
    """Take in a deposit, pay a withdrawal; what is more than the free cash waits for sales at the row's first price."""
    book = day.book
    if flow == 0.0:
        return
    if -flow > free_cash(day, stand(day, book.marks, 0.0)):
        book.withdrawal = -flow
        return
    book.cash += flow
    book.base += flow
    day.log("cash_flow", flow)


def record_return(day: Day) -> None:
    """Write down the time-weighted return of the row. An account that is empty has no return."""
    book = day.book
    rest = book.equity / book.base if book.base > 0.0 else 1.0
    day.out.returns.append(book.growth * rest - 1.0)

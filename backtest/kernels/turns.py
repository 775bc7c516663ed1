"""The opens and the closes of a row: one instant, or with several clocks one after the other.

What a group sells pays for what opens later, because nothing that opens earlier has it yet.
"""

from typing import Any

import numpy as np

from backtest.kernels._jit import YES, part
from backtest.kernels.book import Stamp, Work
from backtest.kernels.clocks import NEVER, begin_turn, has_clocks, next_turn
from backtest.kernels.flows import pay_withdrawal
from backtest.kernels.instant import fill_close, fill_open
from backtest.kernels.margin import answer_call
from backtest.kernels.reinvest import reinvest

START: Any = np.int64(Stamp.START)  # no literals: each would be compiled for itself
END: Any = np.int64(Stamp.END)


@part
def play_opens(book, bars, rule, fees, out, t, first_event, work):
    """Fill what fills at the opens, in the order in which groups open."""
    several = has_clocks(bars)
    now, following = NEVER, NEVER
    if several:
        now = next_turn(bars, START, t, NEVER)
    while True:
        quotes = bars.open[t]
        if several:
            following = next_turn(bars, START, t, now)
            begin_turn(book, bars, START, t, now, bars.open[t], work)
            quotes = bars.quotes[Work.QUOTE]
            _force(book, bars, rule, fees, out, t, quotes, first_event, following == NEVER, work)
        fill_open(book, bars, rule, fees, out, t, quotes, work)
        if following == NEVER:
            break
        now = following
    if several:
        book.record[0]["late"] = 1  # each open has listed only its own orders


@part
def play_closes(book, bars, rule, fees, out, t, first_event, work):
    """Fill what fills at the closes, in the order in which groups close; without opens they are the first prices."""
    several = has_clocks(bars)
    now, following = NEVER, NEVER
    if several:
        now = next_turn(bars, END, t, NEVER)
    while True:
        quotes = bars.close[t]
        if several:
            following = next_turn(bars, END, t, now)
            begin_turn(book, bars, END, t, now, bars.close[t], work)
            quotes = bars.quotes[Work.QUOTE]
            if rule["opens"] == 0:
                _force(book, bars, rule, fees, out, t, quotes, first_event, following == NEVER, work)
        fill_close(book, bars, rule, fees, out, t, quotes, work)
        if following == NEVER:
            break
        now = following


@part
def _force(book, bars, rule, fees, out, t, quotes, first_event, is_last, work):
    """Do what cannot wait: a margin call, a withdrawal, dividends that buy more."""
    saleable, sold = bars.quotes[Work.SALEABLE], bars.quotes[Work.OWN]
    if rule["margin"] == 1:
        answer_call(book, bars, rule, fees, out, t, saleable, sold, is_last, work)
    if rule["flowing"] == 1:
        pay_withdrawal(book, bars, rule, fees, out, t, saleable, sold, is_last, work)
    if rule["reinvest"] == 1:
        reinvest(book, bars, rule, fees, out, t, quotes, first_event, work)


@part
def force_at_once(book, bars, rule, fees, out, t, first_event, acting, work):
    """Do it at the first prices of a row that all assets share."""
    quotes = bars.open[t]
    if rule["margin"] == 1:
        answer_call(book, bars, rule, fees, out, t, quotes, quotes, YES, work)
    if rule["flowing"] == 1:
        pay_withdrawal(book, bars, rule, fees, out, t, quotes, quotes, YES, work)
    if acting and rule["reinvest"] == 1:
        reinvest(book, bars, rule, fees, out, t, quotes, first_event, work)

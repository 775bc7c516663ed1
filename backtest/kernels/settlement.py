"""Settlement: what a fill brings can pay for something from the session on that is `settlement` after its own."""

from backtest.kernels._jit import part
from backtest.kernels.book import Stamp
from backtest.kernels.clocks import has_clocks, own_session


@part
def settle_cash(book, bars, t):
    """Let what is due in the session of row `t` be usable."""
    n = book.unsettled.shape[1]
    if n > 0 and has_clocks(bars):
        n = n // bars.stamps.shape[2]
        for k in range(bars.stamps.shape[2]):
            session = bars.stamps[Stamp.SESSION, t, k]
            if t == 0 or session != bars.stamps[Stamp.SESSION, t - 1, k]:
                for s in range(book.owners.shape[0]):
                    book.unsettled[s, k * n + session % n] = 0.0
    elif n > 0 and (t == 0 or bars.session[t] != bars.session[t - 1]):
        for s in range(book.owners.shape[0]):
            book.unsettled[s, bars.session[t] % n] = 0.0


@part
def hold_back(book, bars, s, t, i, amount):
    """Keep money that a fill of row `t` has brought until it is settled; a session has the place that it falls due."""
    n = book.unsettled.shape[1]
    if n > 0 and amount > 0.0:
        place = bars.session[t] % n
        if has_clocks(bars):
            n = n // bars.stamps.shape[2]
            place = bars.group[i] * n + own_session(bars, t, i) % n
        book.unsettled[s, place] += amount


@part
def not_settled(book, s):
    """Money of an owner that cannot pay for anything yet."""
    held_back = 0.0
    for k in range(book.unsettled.shape[1]):
        held_back += book.unsettled[s, k]
    return held_back


@part
def has_unsettled(book):
    """Whether any money still has to settle."""
    found = False
    for s in range(book.unsettled.shape[0]):
        found = found or not_settled(book, s) > 0.0
    return found

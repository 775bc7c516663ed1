"""Settlement: what a fill brings can pay for something from the session on that is `settlement` after its own."""

from backtest.kernels._jit import part


@part
def settle_cash(book, bars, t):
    """Let what is due in the session of row `t` be usable."""
    n = book.unsettled.shape[1]
    if n > 0 and (t == 0 or bars.session[t] != bars.session[t - 1]):
        for s in range(book.owners.shape[0]):
            book.unsettled[s, bars.session[t] % n] = 0.0


@part
def hold_back(book, bars, s, t, amount):
    """Keep money that a fill of row `t` has brought until it is settled; a session has the place that it falls due."""
    n = book.unsettled.shape[1]
    if n > 0 and amount > 0.0:
        book.unsettled[s, bars.session[t] % n] += amount


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

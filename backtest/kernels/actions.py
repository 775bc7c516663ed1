"""Corporate actions, as they reach the book at the start of a row."""

from backtest.kernels._jit import NO, YES, part
from backtest.kernels.book import Own, Seen
from backtest.kernels.exits import empty_slot, split_slot
from backtest.kernels.mark import is_known
from backtest.kernels.post import post_delisting, post_event
from backtest.kernels.transfers import note_held, rename, spin_off
from backtest.kernels.working import cancel_entries, cancel_explicit, split_orders
from backtest.types import ActionKind, CancelReason, EventKind


@part
def first_action(actions, t):
    """Index of the first action on or after row `t`."""
    low, high = 0, actions.shape[0]
    while low < high:
        middle = (low + high) // 2
        if actions[middle]["row"] < t:
            low = middle + 1
        else:
            high = middle
    return low


@part
def has_actions(actions, t):
    """Whether anything happens on row `t`."""
    return first_action(actions, t) < first_action(actions, t + 1)


@part
def apply_actions(book, bars, out, t):
    """Carry out the corporate actions of row `t`, before anything trades."""
    spun = False
    for a in range(first_action(bars.actions, t), first_action(bars.actions, t + 1)):
        action = bars.actions[a]
        i = action["asset"]
        if action["kind"] == ActionKind.SPLIT:
            _split(book, out, t, i, action["value"])
        elif action["kind"] == ActionKind.DIVIDEND:
            _dividend(book, out, t, i, action["value"])
        elif action["kind"] == ActionKind.RENAME:
            rename(book, bars, out, t, i, action["other"])
        elif action["kind"] == ActionKind.SPIN_OFF:
            if not spun:
                note_held(book)
            spun = True
            spin_off(book, bars, out, t, i, action["other"], action["value"])
        else:
            _announce_delisting(book, bars, out, t, i, action["value"])


@part
def _split(book, out, t, i, ratio):
    book.mark[i] /= ratio
    for s in range(book.owners.shape[0]):
        held = book.owned[s, Own.QUANTITY, i]
        book.owned[s, Own.QUANTITY, i] *= ratio
        book.owned[s, Own.REDUCE, i] *= ratio
        book.owned[s, Own.OPEN, i] *= ratio
        book.owned[s, Own.DECISION_PRICE, i] /= ratio
        if book.slots.shape[2] > 0:
            split_slot(book, s, i, ratio)
        if held != 0.0:
            post_event(book, out, s, t, i, EventKind.SPLIT, -1, ratio)
    split_orders(book, i, ratio)


@part
def _dividend(book, out, t, i, amount):
    if is_known(book, i):
        book.mark[i] -= amount
    for s in range(book.owners.shape[0]):
        received = book.owned[s, Own.QUANTITY, i] * amount
        if received != 0.0:
            book.owners[s]["cash"] += received
            post_event(book, out, s, t, i, EventKind.DIVIDEND, -1, received)


@part
def _announce_delisting(book, bars, out, t, i, ret):
    """Cancel what would open; without a bar today also what would close, and pay out at the last mark."""
    bar = bars.close[t, i] == bars.close[t, i]
    for s in range(book.owners.shape[0]):
        _cancel(book, out, s, t, i, not bar)
        if bar:
            cancel_entries(book, out, t, i, CancelReason.DELISTED.value)
        else:
            cancel_explicit(book, out, t, i)
            _pay_out(book, out, s, t, i, book.mark[i] * (1.0 + ret))
    if not bar:
        book.seen[Seen.GONE, i] = 1


@part
def _cancel(book, out, s, t, i, whole):
    """Cancel the opening part of a working order, or the `whole` of it; a finished basket leaves old numbers behind."""
    if book.owners[s]["working"] != 1:
        return
    cancelled = book.owned[s, Own.OPEN, i]
    book.owned[s, Own.OPEN, i] = 0.0
    if whole:
        cancelled += book.owned[s, Own.REDUCE, i]
        book.owned[s, Own.REDUCE, i] = 0.0
    if cancelled != 0.0:
        post_event(book, out, s, t, i, EventKind.HALTED, book.order_id[s, i], cancelled)


@part
def cancel_openings(book, bars, out, s, t):
    """Cancel what orders sized only now would open in assets that are traded for the last time in row `t`."""
    for a in range(first_action(bars.actions, t), first_action(bars.actions, t + 1)):
        action = bars.actions[a]
        if action["kind"] == ActionKind.DELISTING:
            _cancel(book, out, s, t, action["asset"], NO)


@part
def pay_delistings(book, bars, out, t):
    """After the mark: pay out what is still held of assets that were last traded in row `t`."""
    for a in range(first_action(bars.actions, t), first_action(bars.actions, t + 1)):
        action = bars.actions[a]
        i = action["asset"]
        if action["kind"] == ActionKind.DELISTING and book.seen[Seen.GONE, i] == 0:
            for s in range(book.owners.shape[0]):
                _cancel(book, out, s, t, i, YES)
                cancel_explicit(book, out, t, i)
                _pay_out(book, out, s, t, i, book.mark[i] * (1.0 + action["value"]))
            book.seen[Seen.GONE, i] = 1


@part
def _pay_out(book, out, s, t, i, price):
    book.owned[s, Own.REFERENCE, i] = 0.0
    if book.slots.shape[2] > 0:
        empty_slot(book, s, i)
    if book.owned[s, Own.QUANTITY, i] != 0.0:
        post_delisting(book, out, s, t, i, price)

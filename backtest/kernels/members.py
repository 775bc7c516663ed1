"""Who belongs to the universe, and what that does to targets."""

from backtest.kernels._jit import part
from backtest.kernels.book import Own, Slot
from backtest.kernels.post import post_event
from backtest.types import EventKind, Source


@part
def has_universe(bars):
    """Whether assets enter and leave."""
    return bars.member.shape[0] > 0


@part
def look_outside(book, bars, out, s, t, source):
    """Note which targets count as 0, because their assets do not belong; an answer or a plan is told so."""
    target = book.owned[s, Own.TARGET]
    for n in range(target.shape[0]):
        i = bars.by_name[n]
        book.slots[s, Slot.OUTSIDE, i] = 0.0 if bars.member[t, i] else 1.0
        if not bars.member[t, i] and target[i] != 0.0 and source != Source.REAPPLY:
            post_event(book, out, s, t, i, EventKind.NOT_IN_UNIVERSE, -1, target[i])

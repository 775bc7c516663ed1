"""Groups of assets that share a clock: what a row is to each of them, and whose turn it is at an instant.

A market of one clock has no groups here (`Bars.group` is empty), so that nothing is asked of it row by row.
"""

from typing import Any

import numpy as np

from backtest.kernels._jit import part
from backtest.kernels.book import Own, Seen, Stamp, Work
from backtest.kernels.post import post_event
from backtest.types import CLOSED, EventKind

NEVER: Any = np.int64(CLOSED)


@part
def has_clocks(bars):
    """Whether assets have different clocks."""
    return bars.group.shape[0] > 0


@part
def own_session(bars, t, i):
    """Ordinal of the session of an asset in row `t`: of its own clock where there are several."""
    return bars.stamps[Stamp.SESSION, t, bars.group[i]] if has_clocks(bars) else bars.session[t]


@part
def _decided(bars, t):
    """When the decision of row `t` is taken: at its latest end."""
    latest = NEVER
    for k in range(bars.stamps.shape[2]):
        latest = max(latest, bars.stamps[Stamp.END, t, k])
    return latest


@part
def began_before(bars, t, i, decided):
    """Whether the bar of an asset in row `t` began before the decision of row `decided` was taken."""
    return 0 <= decided < t and bars.stamps[Stamp.START, t, bars.group[i]] < _decided(bars, decided)


@part
def is_possible(bars, t, i, decided):
    """Whether row `t` is an opportunity for what was decided in row `decided`; with one clock every row is."""
    if not has_clocks(bars):
        return True
    is_open = bars.stamps[Stamp.START, t, bars.group[i]] != NEVER
    return is_open and not began_before(bars, t, i, decided)


@part
def next_turn(bars, side, t, before):
    """Return the first instant after `before` at which a group opens (closes) in row `t`, `NEVER` if none does."""
    found = NEVER
    for k in range(bars.stamps.shape[2]):
        stamp = bars.stamps[side, t, k]
        if stamp > before and (found == NEVER or stamp < found):
            found = stamp
    return found


@part
def begin_turn(book, bars, side, t, now, prices, work):
    """Let the assets whose instant it is trade at `prices` `(N,)`, which are what they are worth from now on.

    Besides the quotes of the instant this writes what can be sold for a margin call or a withdrawal, which were decided
    in the row before: now, and as far as anybody knows now, later in this row.
    """
    quotes, turn, sold, saleable = work[Work.QUOTE], work[Work.NOW], work[Work.OWN], work[Work.SALEABLE]
    for i in range(prices.shape[0]):
        stamp = bars.stamps[side, t, bars.group[i]]
        price = prices[i]
        turn[i] = 1.0 if stamp == now else 0.0
        quotes[i] = price if stamp == now else np.nan
        if quotes[i] == quotes[i]:
            book.mark[i] = price
        sold[i] = np.nan if began_before(bars, t, i, t - 1) else quotes[i]
        saleable[i] = book.mark[i] if stamp > now and not began_before(bars, t, i, t - 1) else sold[i]


@part
def match_turn(book, bars, s, t, work):
    """Write which assets have their opportunity for the working basket of owner `s` now, and their quotes."""
    decided = book.owners[s]["row"]
    turn, own = work[Work.TURN], work[Work.OWN]
    for i in range(turn.shape[0]):
        has_turn = work[Work.NOW, i] == 1.0 and not began_before(bars, t, i, decided)
        turn[i] = 1.0 if has_turn else 0.0
        own[i] = work[Work.QUOTE, i] if has_turn else np.nan


@part
def has_turn(book, s, work):
    """Whether any order of the basket has its opportunity now; a basket without orders is done at the first."""
    waits, meets = False, False
    for i in range(book.mark.shape[0]):
        if book.owned[s, Own.REDUCE, i] + book.owned[s, Own.OPEN, i] != 0.0:
            waits = True
            meets = meets or work[Work.TURN, i] == 1.0
    return meets or not waits


@part
def is_waiting(bars, work, i):
    """Whether the basket's order in an asset waits for the turn of its group; with one clock none does."""
    return has_clocks(bars) and work[Work.TURN, i] == 0.0


@part
def quote_current(book, bars, t, work):
    """Write the marks of what traded when its group was last open, NaN for the rest: that cannot be traded."""
    for i in range(book.mark.shape[0]):
        row = bars.stamps[Stamp.LAST, t, bars.group[i]]
        current = row >= 0 and book.seen[Seen.GONE, i] == 0 and bars.close[row, i] == bars.close[row, i]
        work[Work.QUOTE, i] = book.mark[i] if current else np.nan


@part
def mark_groups(book, bars, t):
    """Mark what has a real bar in row `t`, in the session of its own clock, and carry the rest."""
    for i in range(book.mark.shape[0]):
        price = bars.close[t, i]
        if price == price:
            book.mark[i] = price
            book.seen[Seen.SESSION, i] = own_session(bars, t, i)
            book.seen[Seen.FLAGGED, i] = 0


@part
def report_stale_groups(book, bars, rule, out, t):
    """Say once that a held asset has not traded for more than the allowed sessions of its own clock."""
    for i in range(book.mark.shape[0]):
        age = own_session(bars, t, i) - book.seen[Seen.SESSION, i]
        if age > rule["max_stale"] and book.seen[Seen.FLAGGED, i] == 0:
            for s in range(book.owners.shape[0]):
                if book.owned[s, Own.QUANTITY, i] != 0.0:
                    book.seen[Seen.FLAGGED, i] = 1
                    post_event(book, out, s, t, i, EventKind.STALE, -1, age)

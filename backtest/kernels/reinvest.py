"""Dividends that buy more of what paid them, at the first price of their row, without cost."""

from backtest.kernels._jit import NO, part
from backtest.kernels.book import Own, Seen
from backtest.kernels.levels import CLOSE, OPEN
from backtest.kernels.orders import whole_lots
from backtest.kernels.trade import NEW, REINVEST, trade
from backtest.types import EventKind


@part
def reinvest(book, bars, rule, fees, out, t, quotes, first_event, work):
    """Spend at `quotes` what longs have received in row `t`, by name; the events from `first_event` on tell who did.

    Without a bar, or for less than a lot, the money stays cash.
    """
    last = book.record[0]["n_events"]
    moment = OPEN if rule["opens"] == 1 else CLOSE
    for n in range(quotes.shape[0]):
        i = bars.by_name[n]
        price = quotes[i]
        if price != price or book.seen[Seen.GONE, i] == 1:
            continue
        for k in range(first_event, last):
            paid = out.events[k]
            if paid["kind"] == EventKind.DIVIDEND and paid["asset"] == i and paid["value"] > 0.0:
                s = paid["owner"]
                quantity = whole_lots(paid["value"] / price, bars.lots[i])
                if quantity != 0.0 and book.owned[s, Own.QUANTITY, i] > 0.0:
                    trade(book, bars, rule, fees, out, s, t, i, quantity, price, NEW, REINVEST, NO, NO, moment, work)

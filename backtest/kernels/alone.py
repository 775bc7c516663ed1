"""Rows on which nothing can trade but declared exits: most rows of an account that has some.

One look over the bar finds the few exits that it may reach, and lets all other trails rise; what is played then is
what is played on any row, for those few. Of 500 assets a row takes 2.2 ns each so, beside 5.3 ns in three passes
(open, inside, trails) that ask the same of everybody.
"""

from backtest.kernels._jit import part
from backtest.kernels.book import Own, Work
from backtest.kernels.decide import is_working
from backtest.kernels.instant import fire_stops, fire_targets, follows_trails
from backtest.kernels.intrabar import play_exits
from backtest.kernels.reach import list_hot, raise_hot, warm_whole
from backtest.types import Intrabar


@part
def are_alone(book, rule):
    """Whether nothing but declared exits may trade in the row, and they need not be followed through the bar."""
    waits = book.record[0]["n_working"] > 0 or is_working(book)
    return rule["exits"] == 1 and rule["ranges"] == 1 and not waits and not follows_trails(rule)


@part
def play_alone(book, bars, rule, fees, out, t, work):
    """Steps 3 and 4 of such a row."""
    quotes, high, low = bars.open[t], bars.high[t], bars.low[t]
    found, has_rests = 0, rule["participation"] != 0.0
    for s in range(book.owners.shape[0]):
        found += warm_whole(book.owned[s, Own.QUANTITY], book.slots[s], quotes, high, low, has_rests)
    if found == 0:
        return
    n_hot = list_hot(book, bars.by_name, work[Work.HOT])
    fire_stops(book, bars, rule, fees, out, t, quotes, n_hot, work)
    fire_targets(book, bars, rule, fees, out, t, quotes, n_hot, work)
    stops_first = rule["intrabar"] == Intrabar.PESSIMISTIC
    play_exits(book, bars, rule, fees, out, t, stops_first, n_hot, work)
    play_exits(book, bars, rule, fees, out, t, not stops_first, n_hot, work)
    raise_hot(book, high, low, n_hot, work[Work.HOT])

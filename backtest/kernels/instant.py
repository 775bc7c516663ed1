"""The open and the close: one price an asset, at which everything that may fill does so in a fixed order."""

from backtest.kernels._jit import NO, YES, part
from backtest.kernels.basket import finish_basket, open_basket, reduce_basket, start_basket
from backtest.kernels.book import Own, Slot
from backtest.kernels.execute import execute, fire, reduce_with
from backtest.kernels.exits import TARGET, gaps_target, stop_at_open
from backtest.kernels.levels import CLOSE, OPEN, is_market, is_stop, price_at_open
from backtest.kernels.working import fills_at_close, is_asleep
from backtest.types import Fill, OrderKind


@part
def fill_open(book, bars, rule, fees, out, t, work):
    """Fill what fills at the open: gapped exits, all that reduces, explicit openings, the basket's openings."""
    quotes = bars.open[t]
    reached = _reach_open(book, rule, t, quotes)
    if rule["exits"] == 1:
        _fire_stops(book, bars, rule, fees, out, t, quotes, work)
    if reached:
        _reduce_gapped(book, bars, rule, fees, out, t, quotes, YES, work)
    if rule["exits"] == 1:
        _fire_targets(book, bars, rule, fees, out, t, quotes, work)
    if reached:
        _reduce_gapped(book, bars, rule, fees, out, t, quotes, NO, work)
    fill_at(book, bars, rule, fees, out, t, quotes, OPEN, reached, rule["fill"] == Fill.NEXT_OPEN, work)


@part
def fill_close(book, bars, rule, fees, out, t, work):
    """Fill what fills at the close."""
    quotes = bars.close[t]
    reached = NO
    for k in range(book.record[0]["n_working"]):
        order = book.orders[k]
        meets = order["alive"] == 1 and fills_at_close(rule, order)
        meets = meets and quotes[order["asset"]] == quotes[order["asset"]] and not is_asleep(book, order)
        order["reached"] = 1 if meets else 0
        reached = reached or meets
    fill_at(book, bars, rule, fees, out, t, quotes, CLOSE, reached, rule["fill"] == Fill.NEXT_CLOSE, work)


@part
def fill_at(book, bars, rule, fees, out, t, quotes, moment, reached, has_basket, work):
    """Fill at one price an asset: all reducing parts, then explicit openings, then those of the basket."""
    n = book.record[0]["n_working"]
    if has_basket:
        for s in range(book.owners.shape[0]):
            if book.owners[s]["working"] == 1:
                start_basket(book, bars, rule, fees, out, s, t, quotes, work)
    if reached:
        for k in range(n):
            order = book.orders[k]
            if order["reached"] == 1 and is_market(order["kind"]):
                reduce_with(book, bars, rule, fees, out, t, k, quotes[order["asset"]], moment, work)
    if has_basket:
        for s in range(book.owners.shape[0]):
            if book.owners[s]["working"] == 1:
                reduce_basket(book, bars, rule, fees, out, s, t, quotes, moment, work)
    if reached:
        for k in range(n):
            order = book.orders[k]
            if order["reached"] == 1:
                execute(book, bars, rule, fees, out, t, k, quotes[order["asset"]], quotes, moment, work)
    if has_basket:
        for s in range(book.owners.shape[0]):
            if book.owners[s]["working"] == 1:
                open_basket(book, bars, rule, fees, out, s, t, quotes, moment, work)
                finish_basket(book, bars, rule, out, s, t, quotes, work)
    if reached:
        for k in range(n):
            book.orders[k]["part"] = -1


@part
def _reach_open(book, rule, t, quotes):
    """Mark the orders that fill at the open; return whether any does."""
    reached = NO
    for k in range(book.record[0]["n_working"]):
        order = book.orders[k]
        meets = False
        if order["alive"] == 1 and not is_asleep(book, order):
            opened = quotes[order["asset"]]
            if opened == opened:
                price = price_at_open(order, t, opened)
                meets = price == price and not (order["kind"] == OrderKind.MARKET and fills_at_close(rule, order))
        order["reached"] = 1 if meets else 0
        reached = reached or meets
    return reached


@part
def _reduce_gapped(book, bars, rule, fees, out, t, quotes, stops, work):
    """Reduce with the orders that the open has gapped: stops, or else limits."""
    for k in range(book.record[0]["n_working"]):
        order = book.orders[k]
        if order["reached"] == 1 and not is_market(order["kind"]) and is_stop(order["kind"]) == stops:
            reduce_with(book, bars, rule, fees, out, t, k, quotes[order["asset"]], OPEN, work)


@part
def _fire_stops(book, bars, rule, fees, out, t, quotes, work):
    """Fire the declared stops and trails that the open has gapped, by name."""
    for s in range(book.owners.shape[0]):
        for n in range(quotes.shape[0]):
            i = bars.by_name[n]
            if book.owned[s, Own.QUANTITY, i] != 0.0 and quotes[i] == quotes[i]:
                reason = stop_at_open(book, s, i, quotes[i])
                if reason != 0:
                    fire(book, bars, rule, fees, out, s, t, i, quotes[i], reason, OPEN, work)


@part
def _fire_targets(book, bars, rule, fees, out, t, quotes, work):
    """Fire the declared targets that the open has gapped, by name."""
    for s in range(book.owners.shape[0]):
        for n in range(quotes.shape[0]):
            i = bars.by_name[n]
            watched = book.owned[s, Own.QUANTITY, i] != 0.0 and book.slots[s, Slot.FIRED, i] == 0.0
            if watched and quotes[i] == quotes[i] and gaps_target(book, s, i, quotes[i]):
                fire(book, bars, rule, fees, out, s, t, i, quotes[i], TARGET, OPEN, work)

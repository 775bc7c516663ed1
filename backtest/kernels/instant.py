"""The open and the close: one price an asset, at which everything that may fill does so in a fixed order."""

from typing import Any

import numpy as np

from backtest.kernels._jit import NO, YES, part
from backtest.kernels.basket import finish_basket, open_basket, reduce_basket, start_basket
from backtest.kernels.book import Own, Slot, Work
from backtest.kernels.clocks import has_clocks, has_turn, match_turn
from backtest.kernels.execute import execute, fire, reduce_with
from backtest.kernels.exits import TARGET, gaps_target, stop_at_open, update_slot
from backtest.kernels.fill import fill_basket
from backtest.kernels.keep_net import cut_basket
from backtest.kernels.levels import CLOSE, OPEN, is_market, is_stop
from backtest.kernels.reach import list_hot, reach_close, reach_open, warm_at_open
from backtest.types import Fill, Intrabar

NONE: Any = np.int64(0)  # as many orders fill at a moment


@part
def follows_trails(rule):
    """Whether trails rise on the way through a bar, before they are asked again."""
    return rule["intrabar"] != Intrabar.PESSIMISTIC and rule["intrabar"] != Intrabar.OPTIMISTIC


@part
def fill_open(book, bars, rule, fees, out, t, quotes, work):
    """Fill what fills at the open: gapped exits, all that reduces, explicit openings, the basket's openings."""
    n_reached = NONE
    if book.record[0]["n_working"] > 0:
        n_reached = reach_open(book, bars, rule, t, quotes, follows_trails(rule))
    gapped = False
    if rule["exits"] == 1:
        for s in range(book.owners.shape[0]):
            gapped = warm_at_open(book.owned[s, Own.QUANTITY], book.slots[s], quotes) > 0 or gapped
    n_hot = NONE
    if gapped:
        n_hot = list_hot(book, bars.by_name, work[Work.HOT])
        fire_stops(book, bars, rule, fees, out, t, quotes, n_hot, work)
    if n_reached > 0:
        _reduce_gapped(book, bars, rule, fees, out, t, quotes, n_reached, YES, work)
    if gapped:
        fire_targets(book, bars, rule, fees, out, t, quotes, n_hot, work)
    if n_reached > 0:
        _reduce_gapped(book, bars, rule, fees, out, t, quotes, n_reached, NO, work)
    fill_at(book, bars, rule, fees, out, t, quotes, OPEN, n_reached, rule["fill"] == Fill.NEXT_OPEN, work)


@part
def fill_close(book, bars, rule, fees, out, t, quotes, work):
    """Fill what fills at the close."""
    state = book.record[0]
    n_reached = NONE
    if state["n_working"] > 0 and (state["n_market"] > 0 or rule["opens"] == 0):
        n_reached = reach_close(book, bars, rule, t, quotes)
    fill_at(book, bars, rule, fees, out, t, quotes, CLOSE, n_reached, rule["fill"] == Fill.NEXT_CLOSE, work)


@part
def fill_at(book, bars, rule, fees, out, t, quotes, moment, n_reached, has_basket, work):
    """Fill at one price an asset: all reducing parts, then explicit openings, then those of the basket."""
    orders = book.orders
    several = has_clocks(bars)
    if has_basket and not several and _is_alone(book, rule):
        _fill_alone(book, bars, rule, fees, out, t, quotes, moment, work)
        return
    own = bars.quotes[Work.OWN] if several else quotes  # those of them that a basket may trade at
    if has_basket:
        _give_turns(book, bars, t, several, work)
        for s in range(book.owners.shape[0]):
            if _is_on(book, bars, s, t, several, work):
                start_basket(book, bars, rule, fees, out, s, t, own, work)
    for j in range(n_reached):
        k = orders[j]["nth_reached"]
        if is_market(orders[k]["kind"]):
            reduce_with(book, bars, rule, fees, out, t, k, quotes[orders[k]["asset"]], moment, work)
    if has_basket:
        for s in range(book.owners.shape[0]):
            if _is_on(book, bars, s, t, several, work):
                if rule["keep_net"] == 1:
                    cut_basket(book, bars, rule, fees, out, s, t, own, work)
                reduce_basket(book, bars, rule, fees, out, s, t, own, moment, work)
    for j in range(n_reached):
        k = orders[j]["nth_reached"]
        execute(book, bars, rule, fees, out, t, k, quotes[orders[k]["asset"]], quotes, moment, work)
    if has_basket:
        for s in range(book.owners.shape[0]):
            if _is_on(book, bars, s, t, several, work):
                open_basket(book, bars, rule, fees, out, s, t, own, moment, work)
                finish_basket(book, bars, rule, out, s, t, own, work)
    for j in range(n_reached):
        orders[orders[j]["nth_reached"]]["part"] = -1


@part
def _give_turns(book, bars, t, several, work):
    """Say whose basket this moment is an opportunity of: of all that work, with several clocks of those it concerns."""
    for s in range(book.owners.shape[0]):
        owner = book.owners[s]
        owner["turn"] = 1 if owner["working"] == 1 else 0
        if several and owner["turn"] == 1:
            match_turn(book, bars, s, t, work)
            owner["turn"] = 1 if has_turn(book, s, work) else 0


@part
def _is_on(book, bars, s, t, several, work):
    """Whether it is the turn of an owner's basket; with several clocks, find its quotes."""
    on = book.owners[s]["turn"] == 1
    if several and on:
        match_turn(book, bars, s, t, work)
    return on


@part
def _is_alone(book, rule):
    """Whether a basket shares its moment with no order, nothing of it may wait, and no trigger hears of it."""
    shares = book.record[0]["n_working"] > 0 or rule["participation"] != 0.0 or rule["event_kinds"] != 0
    waits = rule["carry"] != 0 or rule["settlement"] > 0 or rule["keep_net"] == 1
    return not shares and not waits and rule["min_notional"] == 0.0


@part
def _fill_alone(book, bars, rule, fees, out, t, quotes, moment, work):
    """Fill the baskets as where no bar is played whole, which takes a fifth of the time, and set the exits."""
    for s in range(book.owners.shape[0]):
        if book.owners[s]["working"] == 1:
            first = book.record[0]["n_fills"]
            fill_basket(book, bars, rule, fees, out, s, t, quotes, bars.complete[t], work)
            if rule["exits"] == 1:
                for k in range(first, book.record[0]["n_fills"]):
                    fill = out.fills[k]
                    i = fill["asset"]
                    before = book.owned[s, Own.QUANTITY, i] - fill["quantity"]
                    update_slot(book, bars, s, i, before, fill["price"], moment)


@part
def _reduce_gapped(book, bars, rule, fees, out, t, quotes, n_reached, stops, work):
    """Reduce with the orders that the open has gapped: stops, or else limits."""
    orders = book.orders
    for j in range(n_reached):
        k = orders[j]["nth_reached"]
        if not is_market(orders[k]["kind"]) and is_stop(orders[k]["kind"]) == stops:
            reduce_with(book, bars, rule, fees, out, t, k, quotes[orders[k]["asset"]], OPEN, work)


@part
def fire_stops(book, bars, rule, fees, out, t, quotes, n_hot, work):
    """Fill the declared stops and trails of the listed assets that the open has gapped, by name."""
    for s in range(book.owners.shape[0]):
        for n in range(n_hot):
            i = int(work[Work.HOT, n])
            if book.slots[s, Slot.HOT, i] == 1.0:
                reason = stop_at_open(book, s, i, quotes[i])
                if reason != 0:
                    fire(book, bars, rule, fees, out, s, t, i, quotes[i], reason, OPEN, work)


@part
def fire_targets(book, bars, rule, fees, out, t, quotes, n_hot, work):
    """Fire the declared targets of the listed assets that the open has gapped, by name."""
    for s in range(book.owners.shape[0]):
        for n in range(n_hot):
            i = int(work[Work.HOT, n])
            hot = book.slots[s, Slot.HOT, i] == 1.0 and book.slots[s, Slot.FIRED, i] == 0.0
            if hot and book.owned[s, Own.QUANTITY, i] != 0.0 and gaps_target(book, s, i, quotes[i]):
                fire(book, bars, rule, fees, out, s, t, i, quotes[i], TARGET, OPEN, work)

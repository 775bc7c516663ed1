"""One factor for a whole basket: what reduces is cut with what opens, so that the net exposure goes where it should."""

from backtest.kernels._jit import part
from backtest.kernels.afford import price_of
from backtest.kernels.book import Own, Work
from backtest.kernels.costs import read_rates, whole_cost
from backtest.kernels.match import BISECTIONS
from backtest.kernels.orders import whole_lots
from backtest.kernels.post import post_event
from backtest.types import EventKind


@part
def cut_basket(book, bars, rule, fees, out, s, t, quotes, work):
    """Cut every order by f where not all of the basket is covered; nothing is cut where nothing opens.

    f is the lower end of 60 halvings of the part of the basket after which the margin is still covered. Where it is
    not covered before anything trades either, the basket is not cut here: what reduces is then made in full.
    """
    wanted, owner = work[Work.MORE], book.owners[s]
    if not _wish(book, s, quotes, wanted):
        return
    rates = read_rates(book, rule, fees)
    rounding = 1e-12 * owner["equity"]
    if _spare(book, rule, rates, fees, s, t, quotes, wanted, 1.0) >= -rounding:
        return
    if _spare(book, rule, rates, fees, s, t, quotes, wanted, 0.0) < -rounding:
        return
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        if _spare(book, rule, rates, fees, s, t, quotes, wanted, middle) >= 0.0:
            low = middle
        else:
            high = middle
    low = low if low > 1e-12 else 0.0  # what is to spare after a withdrawal is rounding
    owner["scale"] = low if owner["scale"] != owner["scale"] else min(low, owner["scale"])
    post_event(book, out, s, t, -1, EventKind.SCALED, -1, low)
    for n in range(quotes.shape[0]):
        i = bars.by_name[n]
        if wanted[i] != 0.0:
            _cut(book, bars, rule, out, s, t, i, low * wanted[i], quotes[i])


@part
def _wish(book, s, quotes, wanted):
    """Write what each order would trade now (units, signed; 0 without a bar); return whether any of it opens."""
    reduce, opening, q = book.owned[s, Own.REDUCE], book.owned[s, Own.OPEN], book.owned[s, Own.QUANTITY]
    opens = False
    for i in range(quotes.shape[0]):
        wanted[i] = 0.0
        if quotes[i] == quotes[i]:
            wanted[i] = _closing(reduce[i], q[i])
            if opening[i] != 0.0 and opening[i] * (q[i] + wanted[i]) >= 0.0:
                wanted[i] += opening[i]
                opens = True
    return opens


@part
def _closing(quantity, held):
    """Return the part of a trade that makes a position smaller."""
    if quantity * held >= 0.0:
        return 0.0
    size = min(abs(quantity), abs(held))
    return size if quantity > 0.0 else -size


@part
def _spare(book, rule, rates, fees, s, t, quotes, wanted, f):
    """Return the equity above the initial margin once the part `f` of everything has traded and paid for itself."""
    equity, margin = book.owners[s]["cash"], 0.0
    for i in range(quotes.shape[0]):
        held = book.owned[s, Own.QUANTITY, i]
        if held != 0.0 or wanted[i] != 0.0:
            price = price_of(book, quotes, i)
            equity += held * price
            margin += rule["initial"] * abs(held + f * wanted[i]) * price
            if wanted[i] != 0.0:
                equity -= whole_cost(rates, fees, t, i, abs(f * wanted[i]) * price, price, False)
    return equity - margin


@part
def _cut(book, bars, rule, out, s, t, i, quantity, price):
    """Let an order be for `quantity`, split at zero and rounded to lots anew; small openings are dropped."""
    lot = bars.lots[i]
    closing = _closing(quantity, book.owned[s, Own.QUANTITY, i])
    opening = whole_lots(quantity - closing, lot) if book.owned[s, Own.OPEN, i] != 0.0 else 0.0
    closing = whole_lots(closing, lot)
    worth = abs(closing + opening) * price
    if opening != 0.0 and worth < rule["min_notional"]:
        post_event(book, out, s, t, i, EventKind.BELOW_MINIMUM, book.order_id[s, i], worth)
        opening = 0.0
    book.owned[s, Own.REDUCE, i] = closing
    book.owned[s, Own.OPEN, i] = opening

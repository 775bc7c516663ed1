"""What the account can pay for one opening: cash above the reserve, or equity above the initial margin."""

from backtest.kernels._jit import part
from backtest.kernels.book import Own
from backtest.kernels.costs import is_linear, read_rates, whole_cost
from backtest.kernels.match import BISECTIONS
from backtest.kernels.settlement import not_settled


@part
def price_of(book, quotes, i):
    """Return the quote of an asset, its mark where there is none."""
    return quotes[i] if quotes[i] == quotes[i] else book.mark[i]


@part
def available_money(book, rule, s, quotes):
    """Money that openings may use up now, positions valued at `quotes`, at the mark where there is none.

    What a withdrawal waits for is not to be spent.
    """
    cash = book.owners[s]["cash"]
    waiting = book.record[0]["withdrawal"]
    if rule["margin"] == 0:
        return cash - not_settled(book, s) - rule["cash_reserve"] - waiting
    equity, margin = cash, 0.0
    for i in range(quotes.shape[0]):
        held = book.owned[s, Own.QUANTITY, i]
        if held != 0.0:
            value = held * price_of(book, quotes, i)
            equity += value
            margin += rule["initial"] * abs(value)
    return equity - margin - waiting


@part
def affordable_part(book, rule, fees, s, t, i, wanted, price, done, resting, quotes):
    """Return the part of one opening that can be paid for; `done` is what the same order has just reduced.

    1 if all of it, up to 1e-12 of the equity at the last mark, which is rounding; else in closed form where half of a
    trade costs half, and otherwise the lower end of 60 halvings.
    """
    limit = available_money(book, rule, s, quotes)
    tolerance = 1e-12 * book.owners[s]["equity"]
    rates = read_rates(book, rule, fees)
    need = _use_of(rule, rates, fees, t, i, wanted, price, done, resting)
    if need <= limit + tolerance:
        return 1.0
    if limit <= tolerance:
        return 0.0
    if is_linear(rates):
        return limit / need
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        if _use_of(rule, rates, fees, t, i, middle * wanted, price, done, resting) <= limit:
            low = middle
        else:
            high = middle
    return low


@part
def _use_of(rule, rates, fees, t, i, quantity, price, done, resting):
    """Money that opening `quantity` uses up: its value, on margin the initial part of it, and what it adds to costs."""
    own = rule["initial"] if rule["margin"] == 1 else 1.0
    value, before = abs(quantity) * price, abs(done) * price
    paid = whole_cost(rates, fees, t, i, before, price, resting)
    return own * value + (whole_cost(rates, fees, t, i, before + value, price, resting) - paid)

"""How much equity is left once a basket has paid for itself: the x of SEMANTICS §5.

Weights are net of their own cost: with `x` the equity after costs, each trade is `w·x − h`, and its costs are part of
what `x` has to pay for. Names: `w` weights, `h` values held, `y` the equity that tradable weights aim at (`x`, unless
holdings that cannot be sold are in the way), `member` 1.0 for assets that trade.
"""

import numpy as np

from backtest.kernels._jit import part
from backtest.kernels.costs import is_flat, note_unknown, whole_cost
from backtest.kernels.lanes import total

STEPS = 200
TOLERANCE = 1e-15


@part
def aimed_equity(x, stuck, gross, free):
    """Equity that the tradable weights aim at, when `stuck` money sits in what cannot be sold.

    `gross` is Σ|w| over all assets that count, `free` over the tradable ones.
    """
    if stuck == 0.0 and gross == free:
        return x
    if free == 0.0:
        return 0.0
    return min(x, max(0.0, gross * x - stuck) / free)


@part
def basket_cost(y, w, h, member, unit_rate, quotes, rates, fees, t, work):
    """Cost of moving every member from `h` to `w·y`, in money."""
    if is_flat(rates):
        spread_rate = rates.half_spread + rates.slippage
        for i in range(w.shape[0]):
            work[i] = abs(w[i] * y - h[i]) * (unit_rate[i] + spread_rate) * member[i]
    else:
        for i in range(w.shape[0]):
            size = abs(w[i] * y - h[i])
            work[i] = whole_cost(rates, fees, t, i, size, quotes[i], False) if member[i] == 1.0 else 0.0
    return total(work)


@part
def equity_after(equity, stuck, gross, free, w, h, member, unit_rate, quotes, rates, fees, t, work):
    """Solve `x = equity − cost(x)` for its largest root; 0 when the basket costs more than there is.

    The fixed point contracts by the cost of one more unit; the halving is for costs near one and for money per fill,
    which makes the map jump.
    """
    x = equity
    for _ in range(STEPS):
        y = aimed_equity(x, stuck, gross, free)
        after = equity - basket_cost(y, w, h, member, unit_rate, quotes, rates, fees, t, work)
        if abs(after - x) <= TOLERANCE * equity:
            return after
        if after <= 0.0:
            break
        x = after
    low, high = 0.0, equity
    for _ in range(STEPS):
        x = 0.5 * (low + high)
        y = aimed_equity(x, stuck, gross, free)
        if equity - basket_cost(y, w, h, member, unit_rate, quotes, rates, fees, t, work) > x:
            low = x
        else:
            high = x
    return low


@part
def equity_after_rates(equity, smallest, rate, w, h, member, terms, more):
    """Solve `x = equity − rate · Σ|w·x − h|`, when all can be traded at one rate; −1 sends to the general way.

    The same root as `equity_after` finds, by Newton's method from above: cost is convex in `x`, so two evaluations
    nearly always do. (The fixed point was half of the time of sizing, on 500 assets.) It gives up when
    the answer lets another asset in, or when it does not settle.
    """
    x = equity
    for _ in range(8):
        newcomers = 0
        for i in range(w.shape[0]):
            far = abs(w[i] * equity - h[i]) > smallest
            d = w[i] * x - h[i]
            newcomers += (not far) & (abs(d) > smallest)
            member[i] = 1.0 if far else 0.0
            terms[i] = abs(d) if far else 0.0
            more[i] = (w[i] if d > 0.0 else -w[i]) if far else 0.0
        paid, slope = total(terms), total(more)
        if newcomers > 0 or 1.0 + rate * slope <= 0.0:
            return -1.0
        if abs(equity - rate * paid - x) <= TOLERANCE * equity:
            return x
        x = (equity - rate * (paid - slope * x)) / (1.0 + rate * slope)
        if x <= 0.0:
            return -1.0
    return -1.0


@part
def add_members(y, smallest, w, h, free, member):
    """Let every asset in that may trade and whose trade now exceeds `smallest`; return how many came."""
    added = 0
    for i in range(w.shape[0]):
        comes = (free[i] > member[i]) & (abs(w[i] * y - h[i]) > smallest)
        member[i] = 1.0 if comes else member[i]
        added += comes
    return added


@part
def drop_unknown_members(book, y, w, h, free, member, quotes, rates, fees, t):
    """Note members whose cost nobody knows, and trade without them: the run ends with this row."""
    for i in range(w.shape[0]):
        if member[i] == 1.0:
            cost = whole_cost(rates, fees, t, i, abs(w[i] * y - h[i]), quotes[i], False)
            if not np.isfinite(cost):
                note_unknown(book, i)
                member[i] = 0.0
                free[i] = 0.0


@part
def smallest_member(y, tie, w, h, member, by_name):
    """Column of the member with the smallest trade; the first by name among those within `tie` of each other.

    What one of two assets sells the other buys: such ties are common, and rounding must not decide them.
    """
    found = -1
    least = 0.0
    for k in range(by_name.shape[0]):
        i = by_name[k]
        size = abs(w[i] * y - h[i])
        if member[i] == 1.0 and (found < 0 or least - size > tie):
            found = i
            least = size
    return found

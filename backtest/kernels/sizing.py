"""How much equity is left once a basket has paid for itself: the x of SEMANTICS §5.

Weights are net of their own cost: with `x` the equity after costs, each trade is `w·x − h`, and its costs are part of
what `x` has to pay for. Names: `w` weights, `h` values held, `y` the equity that tradable weights aim at (`x`, unless
holdings that cannot be sold are in the way), `member` 1.0 for assets that trade.
"""

from backtest.kernels._jit import kernel
from backtest.kernels.costs import trade_cost
from backtest.kernels.lanes import total

STEPS = 200
TOLERANCE = 1e-15


@kernel
def aimed_equity(x, stuck, gross, free):
    """Equity that the tradable weights aim at, when `stuck` money sits in what cannot be sold.

    `gross` is Σ|w| over all assets that count, `free` over the tradable ones.
    """
    if stuck == 0.0 and gross == free:
        return x
    if free == 0.0:
        return 0.0
    return min(x, max(0.0, gross * x - stuck) / free)


@kernel
def basket_cost(y, w, h, member, unit_rate, spread_rate, minimum, work):
    """Cost of moving every member from `h` to `w·y`, in money."""
    if minimum == 0.0:
        for i in range(w.shape[0]):
            work[i] = abs(w[i] * y - h[i]) * (unit_rate[i] + spread_rate) * member[i]
    else:
        for i in range(w.shape[0]):
            work[i] = trade_cost(abs(w[i] * y - h[i]) * member[i], unit_rate[i], spread_rate, minimum)
    return total(work)


@kernel
def equity_after(equity, stuck, gross, free, w, h, member, unit_rate, spread_rate, minimum, work):
    """Solve `x = equity − cost(x)` for its largest root; 0 when the basket costs more than there is.

    The fixed point contracts by the cost rate; the halving is for cost rates near one and for minimum commissions that
    make the map jump.
    """
    x = equity
    for _ in range(STEPS):
        y = aimed_equity(x, stuck, gross, free)
        after = equity - basket_cost(y, w, h, member, unit_rate, spread_rate, minimum, work)
        if abs(after - x) <= TOLERANCE * equity:
            return after
        if after <= 0.0:
            break
        x = after
    low, high = 0.0, equity
    for _ in range(STEPS):
        x = 0.5 * (low + high)
        y = aimed_equity(x, stuck, gross, free)
        if equity - basket_cost(y, w, h, member, unit_rate, spread_rate, minimum, work) > x:
            low = x
        else:
            high = x
    return low


@kernel
def add_members(y, smallest, w, h, free, member):
    """Let every asset in that may trade and whose trade now exceeds `smallest`; return how many came."""
    added = 0
    for i in range(w.shape[0]):
        comes = (free[i] > member[i]) & (abs(w[i] * y - h[i]) > smallest)
        member[i] = 1.0 if comes else member[i]
        added += comes
    return added


@kernel
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

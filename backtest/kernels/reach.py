"""Which orders and declared exits a bar may reach: asked of all at once, so that most rows touch nothing else.

Prices are turned by the side of the position, so that a short looks like a long; a comparison with NaN is False.
"""

from backtest.kernels._jit import part
from backtest.kernels.book import Own, Slot
from backtest.kernels.clocks import has_clocks, is_possible
from backtest.kernels.guard import guard, is_within, lift_guard
from backtest.kernels.levels import (
    has_limit,
    is_beyond_limit,
    is_beyond_stop,
    is_market,
    is_stop,
    price_at_open,
    raise_extreme,
    side_of,
    stop_of,
)
from backtest.kernels.working import fills_at_close, is_asleep
from backtest.types import OrderKind


@part
def _works(bars, t, order):
    """Whether the row is an opportunity for an order: its bar did not begin before the order was given."""
    return is_possible(bars, t, order["asset"], order["decision_row"])


@part
def reach_open(book, bars, rule, t, quotes, follows):
    """List the orders that fill at `quotes` and those that the bar may reach; return how many of the former.

    `follows` says that trails rise inside the bar before they are asked.
    """
    several = has_clocks(bars)  # then this is asked at each open, and of few assets
    if not several and is_within(book, bars, t):
        return 0
    state, orders = book.record[0], book.orders
    n_reached = n_near = n_market = trails = 0
    for k in range(state["n_working"]):
        order = orders[k]
        reached, near = False, False
        if order["alive"] == 1:
            n_market += 1 if fills_at_close(rule, order) else 0
            trails |= 1 if order["kind"] == OrderKind.TRAILING else 0
            i = order["asset"]
            opened = quotes[i]
            if opened == opened and not is_asleep(book, order) and _works(bars, t, order):
                price = price_at_open(order, t, opened)
                reached = price == price and not (is_market(order["kind"]) and fills_at_close(rule, order))
                near = rule["ranges"] == 1 and is_near(order, t, bars.high[t, i], bars.low[t, i], follows)
        orders[n_reached]["nth_reached"] = k
        n_reached += 1 if reached else 0
        order["near"], order["spent"], order["fresh"] = 1 if near else 0, 0, 0
        orders[n_near]["nth_near"] = k
        n_near += 1 if near else 0
    state["n_near"], state["n_market"], state["trails"], state["late"] = n_near, n_market, trails, 0
    lift_guard(book)
    if not several and rule["ranges"] == 1 and n_reached + n_near + n_market == 0:
        guard(book)
    return n_reached


@part
def reach_again(book, bars, t, follows):
    """List anew the orders that the bar may reach, when some began to work since then."""
    state, orders = book.record[0], book.orders
    if state["late"] == 0:
        return
    n_near = 0
    for k in range(state["n_working"]):
        order = orders[k]
        i = order["asset"]
        near = False
        has_bar = bars.open[t, i] == bars.open[t, i]
        if order["alive"] == 1 and has_bar and not is_asleep(book, order) and _works(bars, t, order):
            began = follows and order["fresh"] == 1  # sees nothing but the rest of the way
            near = began or is_near(order, t, bars.high[t, i], bars.low[t, i], follows)
        order["near"] = 1 if near else 0
        orders[n_near]["nth_near"] = k
        n_near += 1 if near else 0
    state["n_near"], state["late"] = n_near, 0


@part
def is_near(order, t, high, low, follows):
    """Whether any price between `high` and `low` could fill an order, or arm it."""
    if order["triggered"] == 1 or is_market(order["kind"]):
        return False
    side = side_of(order["quantity"])
    adverse = high if side > 0.0 else low
    favourable = low if side > 0.0 else high
    if has_limit(order, t):
        return is_beyond_limit(side, order["limit"], favourable)
    if not is_stop(order["kind"]):
        return is_beyond_stop(side, order["stop"], adverse)
    level = stop_of(order)
    if follows and order["kind"] == OrderKind.TRAILING:
        best = raise_extreme(side, order["extreme"], favourable)
        level = best * (1.0 + side * order["trail"]) if order["trail_is_percent"] == 1 else best + side * order["trail"]
    return is_beyond_stop(side, level, adverse)


@part
def reach_close(book, bars, rule, t, quotes):
    """List the orders that fill at `quotes`, the closes; return how many."""
    n_reached = 0
    for k in range(book.record[0]["n_working"]):
        order = book.orders[k]
        meets = order["alive"] == 1 and fills_at_close(rule, order)
        meets = meets and quotes[order["asset"]] == quotes[order["asset"]] and not is_asleep(book, order)
        meets = meets and _works(bars, t, order)
        book.orders[n_reached]["nth_reached"] = k
        n_reached += 1 if meets else 0
    return n_reached


@part
def warm_at_open(q, slots, opened):
    """Mark in `Slot.HOT` the positions whose exits the open has gapped, or which have a rest; return how many.

    Trails see the open first.
    """
    stop, target, distance, extreme = slots[Slot.STOP], slots[Slot.TARGET], slots[Slot.DISTANCE], slots[Slot.EXTREME]
    fired, hot = slots[Slot.FIRED], slots[Slot.HOT]
    found = 0
    for i in range(q.shape[0]):
        side = 1.0 if q[i] > 0.0 else -1.0
        price = side * opened[i]
        best = side * extreme[i]
        best = best if best >= price else price
        held = (q[i] != 0.0) & (opened[i] == opened[i])
        extreme[i] = side * best if held else extreme[i]
        hit = (price <= side * stop[i]) | (price <= best - distance[i]) | (price >= side * target[i])
        hit = held & (hit | (fired[i] != 0.0))
        hot[i] = 1.0 if hit else 0.0
        found += 1 if hit else 0
    return found


@part
def warm_inside(q, slots, high, low, follows):
    """Mark in `Slot.HOT` the positions whose exits the bar may reach; return how many."""
    stop, target, distance, extreme = slots[Slot.STOP], slots[Slot.TARGET], slots[Slot.DISTANCE], slots[Slot.EXTREME]
    fired, hot = slots[Slot.FIRED], slots[Slot.HOT]
    found = 0
    for i in range(q.shape[0]):
        side = 1.0 if q[i] > 0.0 else -1.0
        adverse = low[i] if q[i] > 0.0 else -high[i]
        favourable = high[i] if q[i] > 0.0 else -low[i]
        best = side * extreme[i]
        best = favourable if follows & (favourable > best) else best
        hit = (adverse <= side * stop[i]) | (adverse <= best - distance[i]) | (favourable >= side * target[i])
        hit = hit & (q[i] != 0.0) & (fired[i] == 0.0)
        hot[i] = 1.0 if hit else 0.0
        found += 1 if hit else 0
    return found


@part
def warm_whole(q, slots, opened, high, low, has_rests):
    """Mark in `Slot.HOT`, of which nothing is marked yet, the positions whose exits the open or the bar may reach.

    Return how many. All other trails see the open and the best price of the bar. What follows asks again, so that too
    many are no harm. `has_rests` says that exits may have fired before and be waiting for volume. What is not written,
    or not asked, takes no room in the cache, where bars and slots of 500 assets are more than it holds: 0.8 ns each.
    """
    stop, target, distance, extreme = slots[Slot.STOP], slots[Slot.TARGET], slots[Slot.DISTANCE], slots[Slot.EXTREME]
    fired, hot = slots[Slot.FIRED], slots[Slot.HOT]
    found = 0
    for i in range(q.shape[0]):
        side = 1.0 if q[i] > 0.0 else -1.0
        price, one, other = side * opened[i], side * high[i], side * low[i]
        adverse = one if one <= other else other
        favourable = one if one > other else other
        adverse = adverse if adverse <= price else price
        best = side * extreme[i]
        best = best if best >= price else price
        top = favourable if favourable > best else best
        favourable = favourable if favourable > price else price
        hit = (adverse <= side * stop[i]) | (adverse <= best - distance[i]) | (favourable >= side * target[i])
        held = (q[i] != 0.0) & (price == price)
        if held & hit:
            hot[i] = 1.0
        if held & (not hit):
            extreme[i] = side * top
        found += 1 if held & hit else 0
    if has_rests:
        for i in range(q.shape[0]):
            if (fired[i] != 0.0) & (q[i] != 0.0) & (opened[i] == opened[i]):
                hot[i] = 1.0
                found += 1
    return found


@part
def list_hot(book, by_name, hot):
    """Write into `hot` `(N,)` the columns of the assets of which any owner has a hot slot, by name; return how many.

    Without a branch: where a few of 500 are hot, a processor guesses each of them wrong.
    """
    slots, n_hot = book.slots, 0
    for k in range(by_name.shape[0]):
        i = by_name[k]
        is_hot = False
        for s in range(slots.shape[0]):
            is_hot |= slots[s, Slot.HOT, i] == 1.0
        hot[n_hot] = i
        n_hot += 1 if is_hot else 0
    return n_hot


@part
def raise_hot(book, high, low, n_hot, hot):
    """Let the trails of hot positions that are still there see the best price of the bar; then none is hot."""
    for k in range(n_hot):
        i = int(hot[k])
        for s in range(book.slots.shape[0]):
            held = book.owned[s, Own.QUANTITY, i]
            if book.slots[s, Slot.HOT, i] == 1.0 and held != 0.0:
                extreme, seen = book.slots[s, Slot.EXTREME, i], high[i] if held > 0.0 else low[i]
                rises = seen > extreme if held > 0.0 else seen < extreme
                book.slots[s, Slot.EXTREME, i] = seen if rises else extreme
            book.slots[s, Slot.HOT, i] = 0.0


@part
def raise_slots(q, slots, high, low, close, follows):
    """Let the trails of positions see the best price of the bar; those that began inside it see its close.

    When trails have followed the price already, those that are hot were on the way.
    """
    extreme, fresh, hot = slots[Slot.EXTREME], slots[Slot.FRESH], slots[Slot.HOT]
    for i in range(q.shape[0]):
        side = 1.0 if q[i] > 0.0 else -1.0
        favourable = high[i] if q[i] > 0.0 else -low[i]
        seen = side * close[i] if fresh[i] == 1.0 else favourable
        best = side * extreme[i]
        rises = (q[i] != 0.0) & (seen > best) & (not (follows & (hot[i] == 1.0)))
        extreme[i] = side * seen if rises else extreme[i]
        fresh[i] = 0.0


@part
def warm_near(book):
    """Mark the assets of the orders that the bar may reach."""
    orders = book.orders
    for j in range(book.record[0]["n_near"]):
        order = orders[orders[j]["nth_near"]]
        if book.slots[order["owner"], Slot.HOT, order["asset"]] == 0.0:
            book.slots[order["owner"], Slot.HOT, order["asset"]] = 1.0


@part
def cool(book):
    """Forget what was hot."""
    for s in range(book.slots.shape[0]):
        for i in range(book.slots.shape[2]):
            book.slots[s, Slot.HOT, i] = 0.0


@part
def raise_orders(book, bars, t, follows):
    """Let the trails of orders see the best price of the bar; those that began inside it see its close.

    When trails have followed the price already, those that are near were on the way.
    """
    for k in range(book.record[0]["n_working"]):
        order = book.orders[k]
        i = order["asset"]
        trails = order["alive"] == 1 and order["kind"] == OrderKind.TRAILING
        if trails and bars.open[t, i] == bars.open[t, i] and not is_asleep(book, order) and _works(bars, t, order):
            side = side_of(order["quantity"])
            seen = bars.low[t, i] if side > 0.0 else bars.high[t, i]
            if not follows:
                seen = bars.close[t, i] if order["fresh"] == 1 else seen
                order["fresh"] = 0
            if not (follows and order["near"] == 1):
                order["extreme"] = raise_extreme(side, order["extreme"], seen)

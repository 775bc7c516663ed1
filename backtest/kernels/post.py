"""What fills, events and finished baskets do to the book and the record."""

from backtest.kernels._jit import part
from backtest.kernels.book import Own
from backtest.kernels.costs import fill_cost, read_rates
from backtest.kernels.heard import note
from backtest.types import CostShape, EventKind, Fill, FillReason, Moment


@part
def post_event(book, out, s, t, i, kind, order_id, value):
    """Write one event."""
    state = book.record[0]
    event = out.events[state["n_events"]]
    event["row"] = t
    event["asset"] = i
    event["owner"] = s
    event["kind"] = kind
    event["order_id"] = order_id
    event["value"] = value
    event["reason"] = 0
    event["after"] = state["fills_before"] + state["n_fills"]
    state["n_events"] += 1
    note(book, kind)


@part
def post_cancel(book, out, s, t, i, order_id, quantity, reason):
    """Write that `quantity` of an order will not trade (any more), and why."""
    post_event(book, out, s, t, i, EventKind.ORDER_CANCELLED, order_id, quantity)
    out.events[book.record[0]["n_events"] - 1]["reason"] = reason


@part
def post_triggers(book, out, t, bits):
    """Write what has fired."""
    post_event(book, out, 0, t, -1, EventKind.TRIGGER_FIRED, -1, float(bits))
    out.events[book.record[0]["n_events"] - 1]["reason"] = bits


@part
def post_order(book, rule, out, t, order, reason):
    """Write that an explicit order was placed, where that is wanted."""
    if rule["all_events"] == 1:
        s, i, number = order["owner"], order["asset"], order["number"]
        post_event(book, out, s, t, i, EventKind.ORDER_PLACED, number, order["quantity"])
        out.events[book.record[0]["n_events"] - 1]["reason"] = reason


@part
def complete_rebalance(book, rule, out, s, t):
    """Write that the basket of owner `s` is done, where that is wanted."""
    if rule["all_events"] == 1:
        post_event(book, out, s, t, -1, EventKind.REBALANCE_COMPLETED, -1, book.owners[s]["scale"])


@part
def post_fills(book, rule, fees, out, s, t, assets, count, quantities, prices):
    """Book fills of the working basket of owner `s`: cash, quantities, costs, and their lines in the record.

    `assets` lists what fills, in order, its first `count` entries; `quantities` and `prices` are `(N,)`. Return the
    value traded, signed.
    """
    state = book.record[0]
    owner = book.owners[s]
    held = book.owned[s, Own.QUANTITY]
    decision_price = book.owned[s, Own.DECISION_PRICE]
    order_id = book.order_id[s]
    fills = out.fills
    cash = owner["cash"]
    decision_row = owner["row"]
    moment = Moment.OPEN.value if rule["fill"] == Fill.NEXT_OPEN else Moment.CLOSE.value
    first = state["n_fills"]
    k = first
    traded = 0.0
    rates = read_rates(book, rule, fees)
    for j in range(count):
        i = assets[j]
        quantity = quantities[i]
        if quantity == 0.0:
            continue
        price = prices[i]
        value = quantity * price
        fee, spread, slippage, impact = fill_cost(rates, fees, t, i, abs(quantity), price, False)
        cash -= value + (fee + spread + slippage + impact)
        traded += value
        if fees is not None and rates.shape != CostShape.FLAT:
            state["month_volume"] += abs(value)
        held[i] += quantity
        fill = fills[k]
        fill["row"] = t
        fill["asset"] = i
        fill["order_id"] = order_id[i]
        fill["parent_id"] = -1
        fill["owner"] = s
        fill["reason"] = FillReason.TARGET
        fill["moment"] = moment
        fill["decision_row"] = decision_row
        fill["quantity"] = quantity
        fill["price"] = price
        fill["commission"] = fee
        fill["spread"] = spread
        fill["slippage"] = slippage
        fill["impact"] = impact
        fill["decision_price"] = decision_price[i]
        fill["arrival_price"] = price
        k += 1
    owner["cash"] = cash
    owner["n_fills"] += k - first
    state["n_fills"] = k
    return traded


@part
def join_fills(book, rule, fees, out, s, t, first, quantities, prices):
    """Let the opening half of an order through zero join the fill of its reducing half: one fill, one minimum.

    `first` is the basket's first fill; what joined is taken out of `quantities`. Return the value traded, signed.
    """
    state = book.record[0]
    owner = book.owners[s]
    traded = 0.0
    rates = read_rates(book, rule, fees)
    for k in range(first, state["n_fills"]):
        fill = out.fills[k]
        i = fill["asset"]
        quantity = quantities[i]
        if quantity == 0.0:
            continue
        price = prices[i]
        whole = abs(fill["quantity"]) + abs(quantity)
        fee, spread, slippage, impact = fill_cost(rates, fees, t, i, whole, price, False)
        paid = fill["commission"] + fill["spread"] + fill["slippage"] + fill["impact"]
        more = (fee + spread + slippage + impact) - paid
        if fees is not None and rates.shape != CostShape.FLAT:
            state["month_volume"] += abs(quantity) * price
        owner["cash"] -= quantity * price + more
        before = -fill["quantity"]  # all that was held, so that the book is to the bit what its fills add up to
        fill["quantity"] += quantity
        book.owned[s, Own.QUANTITY, i] = before + fill["quantity"]
        fill["commission"] = fee
        fill["spread"] = spread
        fill["slippage"] = slippage
        fill["impact"] = impact
        traded += quantity * price
        quantities[i] = 0.0
    return traded


@part
def post_delisting(book, out, s, t, i, price):
    """Pay out what is held of an asset that leaves, without cost."""
    quantity = -book.owned[s, Own.QUANTITY, i]
    value = -quantity * price
    book.owners[s]["cash"] += value
    book.owned[s, Own.QUANTITY, i] = 0.0
    write_alone(book, out, s, t, i, quantity, price, FillReason.DELISTING, Moment.CLOSE.value)
    note(book, EventKind.POSITION_CLOSED)
    post_event(book, out, s, t, i, EventKind.DELISTING, -1, value)


@part
def write_alone(book, out, s, t, i, quantity, price, reason, moment):
    """Write a fill that belongs to no order, as one without cost."""
    state = book.record[0]
    fill = out.fills[state["n_fills"]]
    fill["row"] = t
    fill["asset"] = i
    fill["order_id"] = -1
    fill["parent_id"] = -1
    fill["owner"] = s
    fill["reason"] = reason
    fill["moment"] = moment
    fill["decision_row"] = -1
    fill["quantity"] = quantity
    fill["price"] = price
    fill["commission"] = 0.0
    fill["spread"] = 0.0
    fill["slippage"] = 0.0
    fill["impact"] = 0.0
    fill["decision_price"] = price
    fill["arrival_price"] = price
    state["n_fills"] += 1


@part
def post_decision(book, out, s, done_row):
    """Write the finished basket of owner `s`."""
    state = book.record[0]
    owner = book.owners[s]
    line = out.decisions[state["n_decisions"]]
    line["row"] = owner["row"]
    line["done_row"] = done_row
    line["owner"] = s
    line["source"] = owner["source"]
    line["n_orders"] = owner["n_orders"]
    line["reasons"] = owner["reasons"]
    line["drift"] = owner["drift"]
    line["drift_asset"] = owner["drift_asset"]
    line["n_fills"] = owner["n_fills"]
    line["equity"] = owner["before"]
    line["equity_after"] = owner["after"]
    line["scale"] = owner["scale"]
    line["net_before"] = owner["net_before"]
    line["net_after"] = owner["net_after"]
    state["n_decisions"] += 1
    owner["working"] = 0

"""Sliced orders: parents that are filled little by little, as far as a curve over their rows says."""

from backtest.kernels._jit import part
from backtest.kernels.orders import whole_lots
from backtest.types import OrderKind


@part
def is_sliced(order):
    """Whether an order is filled in slices."""
    return order["kind"] == OrderKind.SLICED


@part
def part_due(book, order, t):
    """Return which part of the order is due by the end of row `t`: equal steps, or what its curve says."""
    first, last = order["first_row"], order["last_row"]
    if t < first:
        return 0.0
    if t >= last:
        return 1.0
    if order["curve"] >= 0:
        return book.curves[order["curve"], t - first]
    return (t - first + 1.0) / (last - first + 1.0)


@part
def due(book, order, t, lot):
    """Return what of an order may fill now: all that is left of it, of a sliced one what is due, in whole lots."""
    quantity = order["quantity"]
    if not is_sliced(order):
        return quantity
    share = part_due(book, order, t)
    if share >= 1.0:
        return quantity
    left = share * (quantity + order["filled"]) - order["filled"]
    if left * quantity <= 0.0:
        return 0.0
    size = min(abs(left), abs(quantity))
    return whole_lots(size if quantity > 0.0 else -size, lot)


@part
def number_slice(book, order, fill, is_new):
    """Write the numbers of a fill of a sliced order: its own, which the slice takes from the book, and the parent's."""
    if is_new:
        fill["order_id"] = book.record[0]["next_order"]
        book.record[0]["next_order"] += 1
    fill["parent_id"] = order["number"]

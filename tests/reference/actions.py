"""Corporate actions: what happens to the book before anything trades, and the payout of what left the market."""

from __future__ import annotations

from .bars import Action, Day
from .book import Fill, Slot
from .transfers import rename, spin_off
from .working import cancel, cancel_entries, find


def apply_actions(day: Day) -> None:
    """Apply the row's actions. Only what touches a holding is an event."""
    for action in day.actions:
        if action.kind == "rename":
            rename(day, action)
        elif action.kind == "split":
            apply_split(day, action)
        elif action.kind == "dividend":
            pay_dividend(day, action)
        elif action.kind == "spin_off":
            spin_off(day, action)
        elif day.is_tradable(action.asset):
            cancel_opening(day, action.asset)  # the payout waits for this row's close
            cancel_entries(day, action.asset, "delisted")
        else:
            cancel_order(day, action.asset)
            cancel_explicit(day, action.asset)
            pay_out(day, action)


def apply_split(day: Day, split: Action) -> None:
    """Restate holding, working orders, exits, mark and decision prices in new units; nothing changes its value."""
    book, i, ratio = day.book, split.asset, split.value
    book.quantities[i] *= ratio
    book.marks[i] /= ratio
    if book.pending is not None:
        book.pending.decision_prices[i] /= ratio
        for order in book.pending.orders or []:
            if order.asset == i:
                order.reducing *= ratio
                order.opening *= ratio
    slot = book.slots[i]
    for name in ("entry", "stop", "target", "distance", "extreme"):
        setattr(slot, name, getattr(slot, name) / ratio)
    for working in book.orders:
        if working.asset == i:
            working.quantity *= ratio
            working.filled *= ratio
            for name in ("limit", "stop", "extreme", "decision_price"):
                setattr(working, name, getattr(working, name) / ratio)
            if not working.trail_is_percent:
                working.trail /= ratio
    if book.quantities[i] != 0.0:
        day.log("split", ratio, i)


def pay_dividend(day: Day, dividend: Action) -> None:
    """Pay on the quantity of the previous close (restated by a split of this row); the carried mark goes ex.

    A short pays. With `reinvest` what a long receives is kept for the first price of the row.
    """
    book, i = day.book, dividend.asset
    paid = book.quantities[i] * dividend.value
    book.cash += paid
    book.marks[i] -= dividend.value
    if book.quantities[i] != 0.0:
        day.log("dividend", paid, i)
    if day.rules.reinvest and paid > 0.0:
        day.reinvested[i] = day.reinvested.get(i, 0.0) + paid


def cancel_opening(day: Day, asset: int, kind: str = "halted", reason: str = "") -> None:
    """Cancel what a working order would open in an asset that may not be opened any more; reductions still fill."""
    basket = day.book.pending
    if basket is None or basket.orders is None:
        return
    for order in basket.orders:
        if order.asset == asset and order.opening != 0.0:
            day.log(kind, order.opening, asset, order.order_id, reason)
            order.opening = 0.0
    basket.orders = [order for order in basket.orders if order.quantity != 0.0]


def cancel_order(day: Day, asset: int) -> None:
    """Cancel the whole working order of an asset that has no bar any more."""
    basket = day.book.pending
    if basket is None or basket.orders is None:
        return
    for order in basket.orders:
        if order.asset == asset:
            day.log("halted", order.quantity, asset, order.order_id)
    basket.orders = [order for order in basket.orders if order.asset != asset]


def cancel_explicit(day: Day, asset: int) -> None:
    """Cancel every explicit order of an asset that is gone."""
    for working in list(day.book.orders):
        if working.asset == asset and find(day, working.order_id) is not None:
            cancel(day, working, "delisted")


def pay_delistings(day: Day) -> None:
    """After the close was marked: pay out the assets that had their last bar in this row."""
    for action in day.actions:
        if action.kind == "delisting" and day.is_tradable(action.asset):
            cancel_order(day, action.asset)
            cancel_explicit(day, action.asset)
            pay_out(day, action)


def pay_out(day: Day, delisting: Action) -> None:
    """Turn what is held of a delisted asset into cash at mark x (1 + return), without cost; it never trades again."""
    book, i = day.book, delisting.asset
    book.delisted[i] = True
    quantity = book.quantities[i]
    if quantity == 0.0:
        return
    price = book.marks[i] * (1.0 + delisting.value)
    book.quantities[i] = 0.0
    book.slots[i] = Slot()
    book.cash += quantity * price
    fill = Fill(day.row, i, -1, -1, -quantity, price, price, price, reason="delisting", moment="close")
    day.out.fills.append(fill)
    day.log_all("position_closed", quantity, i, reason="delisting")
    day.log("delisting", quantity * price, i)

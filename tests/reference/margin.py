"""Margin: whether the equity still covers what the positions need, and what happens when it does not."""

from __future__ import annotations

from .bars import Day
from .basket import cancel_basket
from .money import margin_at
from .working import cancel_entries


def call_margin(day: Day) -> None:
    """Call if maintenance exceeds the equity at the marks: entries go, and the next first price reduces everything."""
    book, rules = day.book, day.rules
    if not rules.on_margin or book.frozen:
        return
    missing = margin_at(day, book.marks, rules.maintenance) - book.equity
    if missing <= 1e-12 * book.equity:
        return
    day.log("margin_call", missing)
    cancel_basket(day, "margin_call")
    for i in day.bars.by_name:
        cancel_entries(day, i, "margin_call")
    book.is_called = True

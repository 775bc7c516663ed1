"""Who decides on a row, and what becomes of the answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from .bars import Day
from .basket import cancel_basket, size_basket
from .book import Basket, Decision, View
from .orders import Answer
from .universe import within_universe
from .working import place_orders

Weights = Sequence[float]
Decide = Callable[[int, int, View], Weights | Answer | None]


def decide_row(
    day: Day, bits: int, drift: float, drift_asset: int, planned: Weights | Answer | None, decide: Decide | None
) -> None:
    """Find out what is wanted on this row and put it to work: cancels, explicit orders, then the basket."""
    source, answer = choose(day, bits, planned, decide)
    if source in ("plan", "answer"):
        place_orders(day, answer)
    if answer.weights is not None:
        weights = list(answer.weights)
        place(day, Decision(day.row, source, bits, drift, drift_asset, day.book.equity), weights)


def choose(day: Day, bits: int, planned: Weights | Answer | None, decide: Decide | None) -> tuple[str, Answer]:
    """Return where the row's answer comes from and the answer; weights of None leave everything alone."""
    book, rules = day.book, day.rules
    if planned is not None:
        return "plan", read_answer(day, planned)
    if bits & rules.wake_mask and decide is not None:
        return "answer", read_answer(day, decide(day.row, bits, look(day)))
    if bits & rules.reapply_mask and book.targets is not None:
        return "reapply", Answer(list(book.targets))
    return "", Answer()


def look(day: Day) -> View:
    """Return what a strategy may see of its book; nothing of it is the book's own."""
    book = day.book
    orders = tuple(replace(working) for working in book.orders)
    return View(book.cash, tuple(book.quantities), tuple(book.marks), book.equity, orders, book.next_order)


def read_answer(day: Day, given: Weights | Answer | None) -> Answer:
    """Check an answer. No weights, or nothing but NaN, means no targets; one NaN or too much gross is an error."""
    answer = given if isinstance(given, Answer) else Answer(given)
    weights = [] if answer.weights is None else [float(w) for w in answer.weights]
    if all(math.isnan(w) for w in weights):
        return replace(answer, weights=None)
    if any(math.isnan(w) for w in weights):
        raise ValueError(f"row {day.row}: a weight is NaN")
    gross = math.fsum(abs(w) for w in weights)
    if gross > day.rules.max_gross + 1e-9:
        raise ValueError(f"row {day.row}: gross weight {gross}, allowed {day.rules.max_gross}")
    return replace(answer, weights=weights)


def place(day: Day, decision: Decision, weights: list[float]) -> None:
    """Remember the raw targets and make them the working basket; what is left of the last one is cancelled first."""
    book = day.book
    cancel_basket(day, "superseded")
    if decision.source != "reapply":
        book.exited = [False] * len(book.exited)
    book.targets = weights
    targets = within_universe(day, weights, decision.source)
    book.pending = Basket(decision, targets, decision_prices=list(book.marks))
    day.out.decisions.append(decision)
    day.out.targets.append(list(weights))
    if day.rules.size == "at_decision":
        size_basket(day, book.pending, book.marks)

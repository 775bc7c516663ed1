"""Compiled lots against plain ones: on generated books of trades, and on what generated simulations traded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backtest.metrics.attribution.lot_parts import METHODS, LotParts, lot_parts
from backtest.types import EVENT, FILL, ActionKind, EventKind, FillReason
from tests.metrics.results import Ledger
from tests.property.generate import Case, random_case
from tests.property.kernel import market_of
from tests.reference import Fill, Outcome, simulate
from tests.reference.bars import Action
from tests.reference.lots import METHODS as PLAIN
from tests.reference.lots import Lots, book_fill, follow_lots, restate

ROWS, ASSETS = 40, 3
ASSETS_AT_MOST = 6


def random_book(seed: int, shorts: bool = True) -> tuple[Ledger, list[Fill | Action]]:
    """Trade at random, in fractions or whole units: additions, reductions, exits, reversals, splits; and the steps."""
    rng = np.random.default_rng(seed)
    close = 20.0 * np.cumprod(1.0 + rng.normal(0.0, 0.05, (ROWS, ASSETS)), axis=0)
    splits = {(int(row), int(row) % ASSETS): float(rng.choice([2.0, 0.1, 7.0 / 3.0])) for row in rng.integers(0, 40, 4)}
    actions = [(row, asset, ActionKind.SPLIT, ratio) for (row, asset), ratio in splits.items()]
    ledger = Ledger(close, capital=1e5, actions=actions)
    steps: list[Fill | Action] = []
    digits = int(rng.integers(0, 4))
    for row in range(ROWS):
        for asset in range(ASSETS):
            if ratio := splits.get((row, asset)):
                ledger.act(row, asset, ActionKind.SPLIT, ratio)
                steps.append(Action(row, asset, "split", ratio))
            for _ in range(int(rng.integers(0, 3))):
                held, price = float(ledger.quantity[asset]), float(close[row, asset])
                quantity = drawn(rng, held, digits, shorts)
                cost = float(rng.choice([0.0, 0.01 * price * abs(quantity)]))
                ledger.trade(row, asset, quantity, price, commission=cost)
                steps.append(Fill(row, asset, -1, -1, quantity, price, price, price, commission=cost))
        ledger.shut(row)
    return ledger, steps


def drawn(rng: np.random.Generator, held: float, digits: int, shorts: bool) -> float:
    """Draw a quantity that is not zero; now and then all that is held, or twice that."""
    if held and rng.random() < 0.15:
        return -held * (float(rng.choice([1.0, 2.0])) if shorts else 1.0)
    quantity = round(float(rng.normal(0.0, 10.0)), digits) or 1.0
    return quantity if shorts or held + quantity >= 0.0 else -quantity


def followed(steps: list[Fill | Action], method: str) -> Lots:
    """Follow the lots of a book in plain Python."""
    lots = Lots(method)
    for step in steps:
        if isinstance(step, Fill):
            book_fill(lots, step)
        else:
            restate(lots, step)
    return lots


def assert_equal(found: LotParts, wanted: Lots, marks: np.ndarray, first: int = 0) -> None:
    """Compare part by part, in the order of closing, then of rows and assets."""
    parts = [(c.asset, c.lot_row - first, c.row - first, c.quantity, c.lot_price, c.price) for c in wanted.closed]
    held = sorted((lot for lots in wanted.held.values() for lot in lots), key=lambda lot: (lot.row, lot.asset))
    parts += [(lot.asset, lot.row - first, -1, lot.quantity, lot.price, marks[lot.asset]) for lot in held]
    columns = (found.asset, found.opened, found.closed, found.units, found.opening, found.closing)
    open_ones = np.flatnonzero(found.is_open)
    by_row = open_ones[np.lexsort((found.asset[open_ones], found.opened[open_ones]))]
    got = without_dust(np.stack(columns, axis=1)[np.concatenate((np.flatnonzero(~found.is_open), by_row))])
    table = without_dust(np.array(parts).reshape(-1, 6))
    np.testing.assert_array_equal(got[:, :3], table[:, :3])
    np.testing.assert_allclose(got[:, 3:], table[:, 3:], rtol=1e-9)


def without_dust(table: np.ndarray) -> np.ndarray:
    """Leave out what only rounding leaves of a trade, which the reference writes and the engine does not."""
    units = np.abs(table[:, 3])
    largest = np.zeros(ASSETS_AT_MOST)
    np.maximum.at(largest, table[:, 0].astype(int), units)
    return table[units > 1e-12 * largest[table[:, 0].astype(int)]]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shorts", [False, True])
def test_lots_of_a_book_are_those_of_the_reference(method: str, shorts: bool) -> None:
    for seed in range(60):
        ledger, steps = random_book(seed, shorts)
        assert_equal(lot_parts(ledger, method), followed(steps, method), ledger.close[-1])


def as_outcome(case: Case, out: Outcome) -> Any:
    """Return what a simulation of the reference left as metrics read it."""
    fills = np.zeros(len(out.fills), FILL)
    for name in ("row", "asset", "owner", "quantity", "price", "commission", "spread", "slippage", "impact"):
        fills[name] = [getattr(fill, name) for fill in out.fills]
    fills["impact"] += [fill.temporary + fill.permanent for fill in out.fills]
    fills["reason"] = [FillReason[fill.reason.upper()] for fill in out.fills]
    ruined = [
        (event.row, -1, 0, EventKind.BANKRUPT, -1, event.value, 0, 0)
        for event in out.events
        if event.kind == "bankrupt"
    ]
    marks = np.broadcast_to(out.marks, (len(out.equity), len(out.marks)))
    return SimpleNamespace(
        market=market_of(case),
        first=case.first,
        fills=fills,
        events=np.array(ruined, EVENT),
        equity=np.array(out.equity),
        marks=lambda: marks,
    )


@pytest.mark.parametrize("method", METHODS)
def test_lots_of_a_simulation_are_those_of_the_reference(method: str) -> None:
    assert set(METHODS) == set(PLAIN)
    parts = 0
    for seed in range(100):
        case = random_case(seed)
        out = simulate(**case.arguments())
        found = lot_parts(as_outcome(case, out), method)
        assert_equal(found, follow_lots(out, method), np.array(out.marks), case.first)
        parts += found.asset.size
    assert parts > 500

"""The day of a cash account, step by step, in the plainest Python.

This is the authority on what is right: the compiled engine must agree with it. It imports nothing of the engine.
Speed does not matter here. The readings of the rules that were chosen where they left room are listed in `__init__`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from .actions import apply_actions, pay_delistings
from .bars import Bars, Day, group_actions, number_sessions, read_prices
from .book import Basket, Book, Decision, Outcome, Rules, View
from .costs import Costs
from .fills import fill_basket, size_basket
from .marking import flag_stale, mark, settle
from .watch import watch

Weights = Sequence[float]
Decide = Callable[[int, int, View], Weights | None]


def simulate(
    *,
    open: Iterable[Iterable[float]] | None,
    close: Iterable[Iterable[float]],
    symbols: Sequence[str],
    capital: float,
    plan: Mapping[int, Weights] | None = None,
    decide: Decide | None = None,
    fires: Sequence[int] | None = None,
    wake_mask: int = 0,
    reapply_mask: int = 0,
    bands: Sequence[float] = (),
    band_bits: Sequence[int] = (),
    fill: str = "next_open",
    size: str = "at_decision",
    commission: float = 0.0,
    per_share: float = 0.0,
    minimum: float = 0.0,
    half_spread: float = 0.0,
    slippage: float = 0.0,
    lots: Sequence[float] | None = None,
    min_trade: float = 0.0,
    cash_reserve: float = 0.0,
    max_gross: float = 1.0,
    max_stale: int = 5,
    session: Sequence[int] | None = None,
    actions: Iterable[tuple[int, int, str, float]] = (),
    first: int = 0,
) -> Outcome:
    """Simulate rows [first, T) of a market of N assets.

    Parameters
    ----------
    open, close
        Prices `(T, N)`, NaN where there is no bar. `open` may be None unless `fill` is "next_open".
    plan
        Row of the market -> N weights, decided at the close of that row.
    decide
        Asked on rows whose bits meet `wake_mask`: `decide(row, bits, view)` answers N weights, or None.
    fires
        Bits `(T,)` known ahead (start, calendar); each of `band_bits` is added when drift exceeds its band.
        All of them, and both masks, are bit masks (1, 2, 4, ...), not bit numbers.
    commission, half_spread, slippage
        Fractions of traded value; `per_share` is money per unit, `minimum`, `min_trade` and `cash_reserve` money.
    lots
        `(N,)` units per lot, 0 = fractional.
    session
        `(T,)` labels; a new label begins a new session. Without it each row is a session.
    actions
        (row, asset, "split" | "dividend" | "delisting", value). Those before `first` only move marks.

    Returns
    -------
    Outcome
        Lists of T - first rows, and every fill, decision and event.
    """
    closes = read_prices(close)
    n_rows, n_assets = len(closes), len(symbols)
    bars = Bars(
        open=None if open is None else read_prices(open),
        close=closes,
        by_name=tuple(sorted(range(n_assets), key=lambda i: str(symbols[i]))),
        session=number_sessions(session, n_rows),
        actions=group_actions(actions),
    )
    rules = Rules(
        fill=fill,
        size=size,
        costs=Costs(commission, per_share, minimum, half_spread, slippage),
        lots=tuple(float(lot) for lot in lots) if lots is not None else (0.0,) * n_assets,
        min_trade=min_trade,
        cash_reserve=cash_reserve,
        max_gross=max_gross,
        max_stale=max_stale,
        wake_mask=wake_mask,
        reapply_mask=reapply_mask,
        bands=tuple(bands),
        band_bits=tuple(band_bits),
    )
    book = Book(
        cash=float(capital),
        equity=float(capital),
        quantities=[0.0] * n_assets,
        marks=[math.nan] * n_assets,
        last_bar=[-1] * n_assets,
        flagged_stale=[False] * n_assets,
        delisted=[False] * n_assets,
    )
    check_modes(bars, rules, decide)
    out = Outcome()
    for row in range(first):
        see_history(Day(row, bars, rules, book, out))
    for row in range(first, n_rows):
        bits = 0 if fires is None else int(fires[row])
        play(Day(row, bars, rules, book, out), bits, (plan or {}).get(row), decide)
    leave_working(Day(n_rows - 1, bars, rules, book, out))
    return out


def check_modes(bars: Bars, rules: Rules, decide: Decide | None) -> None:
    """Refuse what cannot be simulated."""
    if rules.fill not in ("next_open", "next_close", "same_close") or rules.size not in ("at_decision", "at_fill"):
        raise ValueError(f"unknown fill {rules.fill!r} or size {rules.size!r}")
    if rules.fill == "next_open" and bars.open is None:
        raise ValueError("next_open needs opening prices")
    if rules.wake_mask != 0 and decide is None:
        raise ValueError("wake_mask is set, but there is nobody to ask")


def see_history(day: Day) -> None:
    """Carry marks through a row before the simulation starts; there is nothing to trade yet."""
    apply_actions(day)
    mark(day)
    pay_delistings(day)


def play(day: Day, calendar_bits: int, planned: Weights | None, decide: Decide | None) -> None:
    """One row, in the order of the rules."""
    book, bars, rules = day.book, day.bars, day.rules
    if book.frozen:
        rest(day)
        return

    # 1. corporate actions
    apply_actions(day)

    # 2. and 3. the basket decided on the previous row meets its one opportunity
    finished = book.pending is not None
    if book.pending is not None:
        assert bars.open is not None or rules.fill != "next_open"
        fill_basket(day, bars.open if bars.open is not None and rules.fill == "next_open" else bars.close)

    # 4. mark, pay out what was delisted, look at the result
    mark(day)
    pay_delistings(day)
    settle(day, finished)
    if book.frozen:
        rest(day)
        return
    flag_stale(day)

    # 5. record
    if rules.fill != "same_close":
        record(day)

    # 6. watch
    bits, drift, drift_asset = watch(day, calendar_bits)
    day.out.reasons.append(bits)
    day.out.drift.append(drift)
    day.out.drift_asset.append(drift_asset)

    # 7. decide; a same_close basket fills at once and the row is recorded after it
    source, weights = choose(day, bits, planned, decide)
    if weights is not None:
        place(day, Decision(day.row, source, bits, drift, drift_asset, book.equity), weights)
    if rules.fill == "same_close":
        if book.pending is not None:
            fill_basket(day, bars.close)
            settle(day, finished=True)
        record(day)


def record(day: Day) -> None:
    """Write down the book at the end of the row."""
    day.out.equity.append(day.book.equity)
    day.out.cash.append(day.book.cash)
    day.out.quantities.append(list(day.book.quantities))


def rest(day: Day) -> None:
    """A row of a frozen book: everything stays as it was when the account ended."""
    record(day)
    day.out.reasons.append(0)
    day.out.drift.append(math.nan)
    day.out.drift_asset.append(-1)


def choose(day: Day, bits: int, planned: Weights | None, decide: Decide | None) -> tuple[str, list[float] | None]:
    """Return where the row's targets come from and the targets, None for "leave everything alone"."""
    book, rules = day.book, day.rules
    if planned is not None:
        return "plan", read_answer(day, planned)
    if bits & rules.wake_mask and decide is not None:
        view = View(book.cash, tuple(book.quantities), tuple(book.marks), book.equity)
        return "answer", read_answer(day, decide(day.row, bits, view))
    if bits & rules.reapply_mask and book.targets is not None:
        return "reapply", list(book.targets)
    return "", None


def read_answer(day: Day, answer: Weights | None) -> list[float] | None:
    """Check an answer. None, or nothing but NaN, means no answer; one NaN or too much gross is an error."""
    weights = [] if answer is None else [float(w) for w in answer]
    if all(math.isnan(w) for w in weights):
        return None
    if any(math.isnan(w) for w in weights):
        raise ValueError(f"row {day.row}: a weight is NaN")
    gross = math.fsum(abs(w) for w in weights)
    if gross > day.rules.max_gross + 1e-9:
        raise ValueError(f"row {day.row}: gross weight {gross}, allowed {day.rules.max_gross}")
    return weights


def place(day: Day, decision: Decision, weights: list[float]) -> None:
    """Remember the raw targets and make them the working basket."""
    book = day.book
    book.targets = weights
    book.pending = Basket(decision, weights, decision_prices=list(book.marks))
    day.out.decisions.append(decision)
    day.out.targets.append(list(weights))
    if day.rules.size == "at_decision":
        size_basket(day, book.pending, book.marks)


def leave_working(day: Day) -> None:
    """The data ended: orders still working are named, positions stay open at their marks."""
    if day.book.pending is None:
        return
    for order in day.book.pending.orders or []:
        day.log("unfilled_at_end", order.quantity, order.asset, order.order_id)

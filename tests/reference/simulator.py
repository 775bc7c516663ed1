"""The day of an account, step by step, in the plainest Python.

This is the authority on what is right: the compiled engine must agree with it. It imports nothing of the engine.
Speed does not matter here. The readings of the rules that were chosen where they left room are listed in `__init__`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from .actions import apply_actions, pay_delistings
from .answers import Decide, Weights, decide_row
from .bars import Bars, Day, group_actions, number_sessions, read_prices
from .book import Outcome
from .costs import Costs
from .financing import Rates, carry, read_rates
from .flows import begin_return, move_cash, record_return
from .inputs import check_modes, new_book, read_costs, read_exits, read_table
from .instant import fill_close, fill_open, fill_same_close
from .intrabar import play_inside
from .margin import call_margin
from .marking import flag_stale, mark, settle
from .options import Account, Exits, Finance, Impact, Rules, Table, Trading, per_asset
from .orders import Answer
from .universe import leave_universe
from .watch import watch
from .working import expire

__all__ = ["Decide", "Weights", "simulate"]


def simulate(
    *,
    open: Iterable[Iterable[float]] | None,
    close: Iterable[Iterable[float]],
    symbols: Sequence[str],
    capital: float,
    plan: Mapping[int, Weights | Answer] | None = None,
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
    half_spread: float | Table = 0.0,
    slippage: float = 0.0,
    lots: Sequence[float] | None = None,
    min_trade: float = 0.0,
    cash_reserve: float = 0.0,
    max_gross: float = 1.0,
    max_stale: int = 5,
    session: Sequence[int] | None = None,
    actions: Iterable[tuple[int, int, str, float] | tuple[int, int, str, float, int]] = (),
    first: int = 0,
    high: Table | None = None,
    low: Table | None = None,
    volume: Table | None = None,
    month: Sequence[int] | None = None,
    ends: Sequence[float] | None = None,
    member: Iterable[Iterable[bool]] | None = None,
    per_trade: float = 0.0,
    tiers: Sequence[tuple[float, float]] = (),
    impact: Impact | None = None,
    finance: Finance | None = None,
    account: Account | None = None,
    trading: Trading | None = None,
    exits: Exits | None = None,
    flows: Mapping[int, float] | None = None,
    reinvest: bool = False,
    on_fill: int = 0,
    all_events: bool = False,
) -> Outcome:
    """Simulate rows [first, T) of a market of N assets.

    Parameters
    ----------
    open, close
        Prices `(T, N)`, NaN where there is no bar. `open` may be None unless `fill` is "next_open".
    plan
        Row of the market -> N weights, or an `Answer`, decided at the close of that row.
    decide
        Asked on rows whose bits meet `wake_mask`: `decide(row, bits, view)` answers N weights, an `Answer`, or None.
    fires
        Bits `(T,)` known ahead (start, calendar); each of `band_bits` is added when drift exceeds its band, `on_fill`
        when something was filled. All of them, and both masks, are bit masks (1, 2, 4, ...), not bit numbers.
    commission, half_spread, slippage
        Fractions of traded value (`half_spread` may be a table `(T, N)`); `per_share` is money per unit, `per_trade`,
        `minimum`, `min_trade` and `cash_reserve` money.
    tiers
        (money traded in the month from which on, commission), rising; they take the place of `commission`.
    lots
        `(N,)` units per lot, 0 = fractional.
    session, month
        `(T,)` labels; a new label begins a new session or month. Without them each row is a session, all are one month.
    actions
        (row, asset, "split" | "dividend" | "delisting", value), (row, asset, "spin_off", units, child) or
        (row, asset, "rename", 0, new column). Those before `first` only move marks.
    high, low, volume
        `(T, N)`; explicit orders with levels and declared exits need the first two, a participation cap the third.
    ends
        `(T,)` days: when each row ends. Without them each row is a day.
    member
        `(T, N)` who belongs to the universe.
    flows
        Row -> money that comes (> 0) or goes before anything else happens on that row.

    Returns
    -------
    Outcome
        Lists of T - first rows, and every fill, decision and event.
    """
    closes = read_prices(close)
    n_rows, n_assets = len(closes), len(symbols)
    bars = Bars(
        open=read_table(open),
        close=closes,
        by_name=tuple(sorted(range(n_assets), key=lambda i: str(symbols[i]))),
        session=number_sessions(session, n_rows),
        actions=group_actions(actions),
        high=read_table(high),
        low=read_table(low),
        volume=read_table(volume),
        month=(0,) * n_rows if month is None else number_sessions(month, n_rows),
        ends=tuple(float(row) for row in range(n_rows)) if ends is None else tuple(float(day) for day in ends),
        member=None if member is None else [[bool(entry) for entry in row] for row in member],
    )
    impact, account, trading = impact or Impact(), account or Account(), trading or Trading()
    spread = half_spread if isinstance(half_spread, (int, float)) else 0.0
    plain = Costs(commission, per_share, minimum, spread, slippage, per_trade, impact.coefficient)
    rules = Rules(
        fill=fill,
        size=size,
        costs=read_costs(plain, half_spread, tiers, impact, n_assets),
        lots=tuple(float(lot) for lot in lots) if lots is not None else (0.0,) * n_assets,
        min_trade=min_trade,
        cash_reserve=cash_reserve,
        max_gross=max_gross,
        max_stale=max_stale,
        wake_mask=wake_mask,
        reapply_mask=reapply_mask,
        bands=tuple(bands),
        band_bits=tuple(band_bits),
        on_fill=on_fill,
        trading=trading,
        ticks=per_asset(trading.ticks, n_assets),
        exits=read_exits(exits or Exits(), n_assets),
        on_margin=account.kind == "margin",
        initial=per_asset(account.initial, n_assets),
        maintenance=per_asset(account.maintenance, n_assets),
        settlement=account.settlement,
        reinvest=reinvest,
        all_events=all_events,
    )
    check_modes(bars, rules, account, is_asked=decide is not None)
    rates = None if finance is None else read_rates(finance, n_rows, n_assets)
    book, out = new_book(capital, n_assets), Outcome()
    for row in range(first):
        see_history(Day(row, bars, rules, book, out))
    for row in range(first, n_rows):
        bits = 0 if fires is None else int(fires[row])
        paid = rates if row > first else None
        flow = (flows or {}).get(row, 0.0)
        play(Day(row, bars, rules, book, out), bits, paid, flow, (plan or {}).get(row), decide)
    leave_working(Day(n_rows - 1, bars, rules, book, out))
    out.marks, out.market = list(book.marks), bars
    return out


def see_history(day: Day) -> None:
    """Carry marks through a row before the simulation starts; there is nothing to trade yet."""
    apply_actions(day)
    mark(day)
    pay_delistings(day)


def play(
    day: Day,
    calendar_bits: int,
    rates: Rates | None,
    flow: float,
    planned: Weights | Answer | None,
    decide: Decide | None,
) -> None:
    """One row, in the order of the rules."""
    book, bars, rules = day.book, day.bars, day.rules
    begin_return(day)
    if book.frozen:
        rest(day)
        return
    begin_row(day)

    # 1. carry and flows of cash
    if rates is not None:
        carry(day, rates)
    move_cash(day, flow)

    # 2. corporate actions
    apply_actions(day)

    # 3. and 4. the open, and the way to the close
    basket = book.pending
    had_met = basket is not None and basket.has_met
    if bars.open is not None:
        fill_open(day)
    play_inside(day)

    # 5. the close; mark, pay out what was delisted, look at the result
    fill_close(day)
    mark(day)
    pay_delistings(day)
    settle(day, basket is not None and (book.pending is None or basket.has_met > had_met))
    if book.frozen:
        rest(day)
        return
    call_margin(day)
    flag_stale(day)
    leave_universe(day)
    book.tier_volume = book.month_volume

    # 6. watch
    bits, drift, drift_asset = watch(day, calendar_bits)
    if bits:
        day.log_all("trigger_fired", float(bits))
    day.out.reasons.append(bits)
    day.out.drift.append(drift)
    day.out.drift_asset.append(drift_asset)

    # 7. decide, unless a margin call has done so; a same_close basket fills at once and is marked once more
    if not book.is_called:
        decide_row(day, bits, drift, drift_asset, planned, decide)
    if rules.fill == "same_close" and book.pending is not None:
        fill_same_close(day)
        settle(day, finished=True)
        call_margin(day)
    record(day)


def begin_row(day: Day) -> None:
    """What the calendar alone brings: a new month of commission tiers, settled cash, orders that are outlived."""
    book, month = day.book, day.bars.month
    if day.row > 0 and month[day.row] != month[day.row - 1]:
        book.month_volume = 0.0
    book.tier_volume = book.month_volume
    book.unsettled = [entry for entry in book.unsettled if entry[0] > day.bars.session[day.row]]
    expire(day)


def record(day: Day) -> None:
    """Write down the book at the end of the row."""
    record_return(day)
    day.out.equity.append(day.book.equity)
    day.out.cash.append(day.book.cash)
    day.out.quantities.append(list(day.book.quantities))


def rest(day: Day) -> None:
    """A row of a frozen book: everything stays as it was when the account ended."""
    record(day)
    day.out.reasons.append(0)
    day.out.drift.append(math.nan)
    day.out.drift_asset.append(-1)


def leave_working(day: Day) -> None:
    """The data ended: orders still working are named, positions stay open at their marks."""
    book = day.book
    if book.frozen:
        return
    for order in (book.pending.orders or []) if book.pending is not None else []:
        day.log("unfilled_at_end", order.quantity, order.asset, order.order_id)
    for working in book.orders:
        if working.is_born:
            day.log("unfilled_at_end", working.quantity, working.asset, working.order_id)

"""From arguments to a run: the market, the rules and an empty book, and then one row after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .answers import Decide, Weights
from .bars import Bars, Day, group_actions, number_sessions, one_clock, read_clock, read_prices
from .book import Outcome
from .costs import Costs
from .financing import read_rates
from .inputs import check_modes, new_book, read_costs, read_exits, read_table
from .options import Account, Exits, Finance, Impact, Rules, Table, Trading, per_asset
from .orders import Answer
from .simulator import leave_working, play, see_history


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
    flow_parts: Mapping[int, float] | None = None,
    reinvest: bool = False,
    on_event: Mapping[str, int] | None = None,
    all_events: bool = False,
    groups: Sequence[int] | None = None,
    group_starts: Iterable[Iterable[float]] = (),
    group_ends: Iterable[Iterable[float]] = (),
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
        Bits `(T,)` known ahead (start, calendar); each of `band_bits` is added when drift exceeds its band, and those
        of `on_event` (kind -> bits) when such an event has happened since the row before was watched. All of them, and
        both masks, are bit masks (1, 2, 4, ...), not bit numbers.
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
    flow_parts
        Row -> the same as a part of the equity at the mark before; it is added to `flows`.
    groups, group_starts, group_ends
        The clock `(N,)` of each asset, and when each clock's bar of a row begins and ends `(T, K)`, NaN where it has
        none. Without them all assets have one clock.

    Returns
    -------
    Outcome
        Lists of T - first rows, and every fill, decision and event.
    """
    closes = read_prices(close)
    n_rows, n_assets = len(closes), len(symbols)
    numbers = number_sessions(session, n_rows)
    clock = one_clock(n_assets, numbers)
    if groups is not None:
        clock = read_clock(groups, group_starts, group_ends, range(n_rows) if session is None else session)
    bars = Bars(
        open=read_table(open),
        close=closes,
        by_name=tuple(sorted(range(n_assets), key=lambda i: str(symbols[i]))),
        session=numbers,
        actions=group_actions(actions),
        clock=clock,
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
        on_event=tuple((on_event or {}).items()),
        trading=trading,
        ticks=per_asset(trading.ticks, n_assets),
        exits=read_exits(exits or Exits(), n_assets),
        on_margin=account.kind == "margin",
        initial=per_asset(account.initial, n_assets),
        maintenance=per_asset(account.maintenance, n_assets),
        settlement=account.settlement,
        reinvest=reinvest,
        all_events=all_events,
        perpetual=() if finance is None else finance.perpetuals(n_assets),
    )
    check_modes(bars, rules, account, is_asked=decide is not None)
    rates = None if finance is None else read_rates(finance, n_rows, n_assets)
    book, out = new_book(capital, n_assets), Outcome()
    for row in range(first):
        see_history(Day(row, bars, rules, book, Outcome()))  # what happened then is nobody's event
    for row in range(first, n_rows):
        bits = 0 if fires is None else int(fires[row])
        paid = rates if row > first else None
        flow = (flows or {}).get(row, 0.0) + (flow_parts or {}).get(row, 0.0) * book.equity
        play(Day(row, bars, rules, book, out), bits, paid, flow, (plan or {}).get(row), decide)
    leave_working(Day(n_rows - 1, bars, rules, book, out))
    out.marks, out.market = list(book.marks), bars
    return out

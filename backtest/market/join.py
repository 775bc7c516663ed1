"""Markets of different calendars joined to one: a union clock, and for each of them a clock of its own.

Daily rows belong together by session, whatever the hours; rows of bars within the day by the instant at which they end.
A market has bars only in the rows in which its own calendar has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd

from backtest.errors import DataError
from backtest.market.actions import in_order
from backtest.market.cut import ended
from backtest.market.fields import fixed
from backtest.market.market import FIELDS, Market, Series
from backtest.market.masks import session_ends
from backtest.market.prepare import prepared
from backtest.market.rows import SESSIONS_AFTER, iso
from backtest.types import ACTION, CLOSED, NEVER_OPEN, Bools, Floats, Ints, Records

BETWEEN = " + "
DATA = "data"
"""The calendar that knows no sessions but those of its store."""


def joined_name(names: Sequence[str]) -> str:
    """Return what the market of several stores is called."""
    return BETWEEN.join(names)


def join_markets(markets: Mapping[str, Market]) -> Market:
    """Return one market of the symbols of several, by name, each with a clock of its own.

    Daily rows belong together by session, others by the instant at which they end. Prices, currency and length of bars
    have to be the same, and symbols may not repeat. The market ends with the first of the data to end.

    >>> import pandas as pd
    >>> from backtest import make_market
    >>> shares = make_market(close=pd.DataFrame({"A": [10.0, 11.0]}, pd.to_datetime(["2024-01-05", "2024-01-08"])))
    >>> coins = make_market(close=pd.DataFrame({"C": [1.0, 2.0, 3.0, 4.0]}, pd.date_range("2024-01-05", periods=4)))
    >>> join_markets({"shares": shares, "coins": coins}).close[:, 0].tolist()
    [10.0, nan, nan, 11.0]
    """
    whole = [prepared(replace(market, name=name)) for name, market in markets.items()]
    if not whole:
        raise DataError("join_markets: no market to join; allowed: at least one, by name")
    digest = blake2b("\n".join(market.content_hash for market in whole).encode(), digest_size=16)
    return join(whole, digest.hexdigest())


def join(markets: Sequence[Market], content_hash: str) -> Market:
    """Return one market of all symbols, with a clock for each calendar; DataError says why they do not fit together.

    It ends with the session in which the first of the data end: beyond it that store knows nothing.
    """
    _refuse_misfits(markets)
    keys = [_keys(market) for market in markets]
    union = _union(markets, keys)
    places = [np.searchsorted(union, own[own <= union[-1]]) for own in keys]
    markets = [first_rows(market, len(place)) for market, place in zip(markets, places, strict=True)]
    own = _calendars(markets)
    calendars = sorted(set(own))
    start, end = _clocks(markets, places, [calendars.index(name) for name in own], len(calendars), len(union))
    session = _sessions(markets, places, len(union))
    _refuse_backwards(end, session)
    fields: Any = {name: _spread(markets, places, name, len(union)) for name in _fields(markets)}
    one = len(calendars) == 1
    return Market(
        symbols=np.concatenate([market.symbols for market in markets]),
        start=fixed(start),
        end=fixed(end),
        group=fixed(np.repeat([calendars.index(name) for name in own], _widths(markets))),
        calendars=() if one else tuple(calendars),
        listed=fixed(_listed(markets, places, len(union))),
        complete=fixed(~np.isnan(fields["close"]).any(axis=1)),
        session=fixed(session),
        session_end=fixed(session_ends(session)),
        actions=_actions(markets, places),
        series=_series(markets),
        properties=_properties(markets),
        price_kind=markets[0].price_kind,
        calendar=BETWEEN.join(calendars),
        timezone=markets[0].timezone if len({market.timezone for market in markets}) == 1 else "UTC",
        currency=markets[0].currency,
        name=joined_name([market.name for market in markets]),
        content_hash=content_hash,
        sessions_after=_after(markets),
        own_sessions_after=tuple(
            _after([market for market, name in zip(markets, own, strict=True) if name == each]) for each in calendars
        ),
        **fields,
    )


def with_one_clock(market: Market) -> Market:
    """Return the market as if all of it opened and closed together: for who holds one symbol and decides nothing."""
    if market.n_clocks == 1:
        return market
    start, end = market.start.min(axis=1, keepdims=True), market.end.max(axis=1, keepdims=True)
    nobody = np.zeros(market.n_assets, np.int64)
    return replace(market, start=fixed(start), end=fixed(end), group=nobody, calendars=(), own_sessions_after=())


def _refuse_misfits(markets: Sequence[Market]) -> None:
    """Raise for what cannot be one book: prices, currencies, lengths of bars, symbols of the same name."""
    first = markets[0]
    for other in markets[1:]:
        _refuse(
            "prices are", [market.price_kind.replace("_", " ") for market in (first, other)], first, other, "one kind"
        )
        _refuse(
            "money is", [market.currency for market in (first, other)], first, other, "one currency: nothing converts"
        )
        _refuse(
            "bars are of",
            [_length_told(market) for market in (first, other)],
            first,
            other,
            "bars of one length, or `market: {bars: session}`, which makes bars of a session of all of them",
        )
    owner: dict[str, str] = {}
    for market in markets:
        for symbol in map(str, market.symbols):
            if symbol in owner:
                raise DataError(
                    f"stores {owner[symbol]!r} and {market.name!r} both have the symbol {symbol!r}; allowed: each "
                    "symbol in one store, or a list of symbols that leaves it out"
                )
            owner[symbol] = market.name


def _refuse(what: str, told: Sequence[str], one: Market, other: Market, allowed: str) -> None:
    if told[0] != told[1]:
        raise DataError(f"stores {one.name!r} and {other.name!r}: {what} {told[0]} and {told[1]}; allowed: {allowed}")


def _is_daily(market: Market) -> bool:
    """Whether each session is one row."""
    return bool((np.diff(market.session) != 0).all())


def _length_told(market: Market) -> str:
    """Say how long most bars are."""
    if _is_daily(market):
        return "a session"
    lengths, counts = np.unique(market.end[:, 0] - market.start[:, 0], return_counts=True)
    return str(pd.Timedelta(int(lengths[counts.argmax()]), "ns")).removeprefix("0 days ")


def _keys(market: Market) -> Ints:
    """What rows that belong together share: the session of daily bars, else the instant at which they end."""
    return market.session if _is_daily(market) else market.end[:, 0]


def _union(markets: Sequence[Market], keys: Sequence[Ints]) -> Ints:
    """All keys up to the last one that every market reaches with its session."""
    last = min(int(market.session[-1]) for market in markets)
    kept = [own[market.session <= last] for market, own in zip(markets, keys, strict=True)]
    for market, own in zip(markets, kept, strict=True):
        if not len(own):
            begins, ends = iso(int(market.session[0])), iso(last)
            raise DataError(f"store {market.name!r} begins {begins}, when the data of another have ended {ends}")
    return np.unique(np.concatenate(kept))


def first_rows(market: Market, rows: int) -> Market:
    """Return the market's first rows; the sessions of its calendars after them are known."""
    if rows == market.n_rows:
        return market
    cut = ended(market, rows - 1)
    after = [_later(market, rows, k) for k in range(market.n_clocks)]
    known = np.unique(np.concatenate(after))[:SESSIONS_AFTER]
    return replace(cut, sessions_after=known, own_sessions_after=tuple(after) if market.n_clocks > 1 else ())


def _later(market: Market, rows: int, clock: int) -> Ints:
    """Return the sessions that a clock has after so many rows; one that only knows its own data has none."""
    calendar = market.calendars[clock] if market.calendars else market.calendar
    known = market.own_sessions_after[clock] if market.own_sessions_after else market.sessions_after
    if calendar.split(" of ")[0] == DATA:
        return known[:0]
    later = np.unique(market.session[rows:][market.opens[rows:, clock]])
    return np.concatenate([later, known])[:SESSIONS_AFTER]


def _calendars(markets: Sequence[Market]) -> list[str]:
    """Name the clock of each market: its calendar, with the store where another one's is the same by name alone."""
    clocks = {(market.calendar, market.timezone, market.name if market.calendar == DATA else "") for market in markets}
    names = [calendar for calendar, _, _ in clocks]
    return [
        market.calendar if names.count(market.calendar) == 1 else f"{market.calendar} of {market.name}"
        for market in markets
    ]


def _clocks(
    markets: Sequence[Market], places: Sequence[Ints], clocks: Sequence[int], n_clocks: int, rows: int
) -> tuple[Ints, Ints]:
    """Starts and ends of each clock, `(T, K)`; stores of one calendar have one."""
    start = np.full((rows, n_clocks), NEVER_OPEN)
    end = np.full((rows, n_clocks), CLOSED)
    for market, place, k in zip(markets, places, clocks, strict=True):
        start[place, k] = np.minimum(start[place, k], market.start[:, 0])
        end[place, k] = np.maximum(end[place, k], market.end[:, 0])
    return start, end


def _sessions(markets: Sequence[Market], places: Sequence[Ints], rows: int) -> Ints:
    """The session of each row: the latest of those that are open in it."""
    session = np.full(rows, np.iinfo(np.int64).min)
    for market, place in zip(markets, places, strict=True):
        session[place] = np.maximum(session[place], market.session)
    latest: Ints = np.maximum.accumulate(session)
    return latest


def _refuse_backwards(end: Ints, session: Ints) -> None:
    """A row is decided at its latest end, and so those must rise."""
    latest = end.max(axis=1)
    wrong = np.flatnonzero(latest[1:] <= latest[:-1])
    if len(wrong):
        days = iso(int(session[wrong[0]])), iso(int(session[wrong[0] + 1]))
        raise DataError(
            f"the sessions of {days[0]} end no earlier than those of {days[1]}: these calendars name their sessions by "
            "days that are too far apart to be decided one after the other"
        )


def _fields(markets: Sequence[Market]) -> list[Any]:
    """Fields that all of them have."""
    return [name for name in FIELDS if all(market.get(name) is not None for market in markets)]


def _spread(markets: Sequence[Market], places: Sequence[Ints], name: Any, rows: int) -> Floats:
    """Put a field of each market into its own rows and columns, `(T, N)`."""
    table = np.full((rows, sum(_widths(markets))), np.nan)
    for market, place, low in zip(markets, places, _offsets(markets), strict=True):
        table[place, low : low + market.n_assets] = market.get(name)
    spread: Floats = fixed(table)
    return spread


def _widths(markets: Sequence[Market]) -> list[int]:
    return [market.n_assets for market in markets]


def _offsets(markets: Sequence[Market]) -> list[int]:
    """The first column of each market."""
    return [0, *np.cumsum(_widths(markets)).tolist()][:-1]


def _listed(markets: Sequence[Market], places: Sequence[Ints], rows: int) -> Bools:
    """Who is listed: between two sessions as at the one before, before the first one nobody."""
    tables = [_carried(market.listed, place, rows) for market, place in zip(markets, places, strict=True)]
    return np.concatenate(tables, axis=1)


def _carried(table: Any, place: Ints, rows: int) -> Bools:
    last = np.searchsorted(place, np.arange(rows), side="right") - 1
    carried: Bools = np.asarray(table)[np.maximum(last, 0)]
    carried[last < 0] = False
    return carried


def _actions(markets: Sequence[Market], places: Sequence[Ints]) -> Records:
    """All corporate actions, in the rows and columns of the union."""
    moved = []
    for market, place, low in zip(markets, places, _offsets(markets), strict=True):
        actions = market.actions.copy()
        actions["row"] = place[actions["row"]]
        actions["asset"] += low
        actions["other"][actions["other"] >= 0] += low
        moved.append(actions)
    records: Records = np.concatenate([np.empty(0, ACTION), *moved])
    ordered: Records = fixed(in_order(records))
    return ordered


def _series(markets: Sequence[Market]) -> dict[str, Series]:
    """Side series of all; what speaks of the whole market may be told by one of them, or by all alike."""
    found: dict[str, list[Series]] = {}
    for market, low in zip(markets, _offsets(markets), strict=True):
        for name, series in market.series.items():
            asset = np.where(series.asset >= 0, series.asset + low, series.asset)
            found.setdefault(name, []).append(Series(name, series.time, series.known_at, asset, series.value))
    return {name: _one_series(name, told) for name, told in found.items()}


def _one_series(name: str, told: Sequence[Series]) -> Series:
    whole = [series for series in told if (series.asset < 0).any()]
    own = [series for series in told if not (series.asset < 0).any()]
    if whole and any(_differ(whole[0], other) for other in whole[1:]):
        raise DataError(f"series {name!r}: two stores say different things of the whole market; allowed: one of them")
    parts = [*whole[:1], *own]
    time, known_at, asset, value = (
        np.concatenate([getattr(part, field) for part in parts]) for field in ("time", "known_at", "asset", "value")
    )
    order = np.lexsort((asset, time, known_at))
    return Series(name, time[order], known_at[order], asset[order], value[order])


def _differ(one: Series, other: Series) -> bool:
    pairs = ((getattr(one, name), getattr(other, name)) for name in ("time", "known_at", "asset", "value"))
    return not all(np.array_equal(ours, theirs, equal_nan=ours.dtype.kind == "f") for ours, theirs in pairs)


def _properties(markets: Sequence[Market]) -> pd.DataFrame:
    """What is known of each symbol, and whose calendar it has."""
    tables = []
    for market in markets:
        assert market.properties is not None
        tables.append(market.properties.assign(calendar=market.calendar, store=market.name))
    return pd.concat(tables)


def _after(markets: Sequence[Market]) -> Ints:
    """Sessions that are known beyond the last row."""
    known = np.unique(np.concatenate([market.sessions_after for market in markets]))[:SESSIONS_AFTER]
    after: Ints = fixed(known.astype(np.int64))
    return after

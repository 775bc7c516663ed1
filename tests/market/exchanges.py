"""Markets on the calendars of real exchanges, with their hours, holidays and changes of the clock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from backtest.market.calendars import default_timezone, resolve
from backtest.market.market import Market
from backtest.market.prepare import prepared

DAY = 86_400_000_000_000
HOUR = DAY // 24


def exchange(calendar: str, first: str, last: str, symbols: str, **changes: Any) -> Market:
    """Daily bars of a calendar's sessions from `first` to `last`; `symbols` are letters. The same ones every time."""
    stamps = pd.date_range(first, last).as_unit("ns").asi8
    zone = default_timezone(calendar)
    open_days = pd.date_range(first, last).as_unit("ns").asi8[_has_session(calendar, stamps, zone)]
    clock = resolve(open_days, "date", calendar, zone)
    rows = len(clock.start)
    rng = np.random.default_rng([ord(letter) for letter in symbols])
    close = 50.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, (rows, len(symbols))), axis=0))
    opened = close * np.exp(rng.normal(0.0, 0.003, close.shape))
    market = Market(
        symbols=np.array(list(symbols)),
        start=clock.start[:, None],
        end=clock.end[:, None],
        open=opened,
        high=np.maximum(opened, close) * 1.002,
        low=np.minimum(opened, close) * 0.998,
        close=close,
        volume=np.full(close.shape, 1e6),
        session=clock.session,
        sessions_after=clock.sessions_after,
        price_kind="raw",
        calendar=calendar,
        timezone=zone,
        name=calendar.lower().replace("/", "_"),
    )
    known = {name: value for name, value in changes.items() if name != "properties"}
    return prepared(Market(**(vars(market) | known)) if known else market)


def _has_session(calendar: str, stamps: Any, zone: str) -> Any:
    return resolve(stamps, "date", calendar, zone).row >= 0


def hourly(calendar: str, days: list[str], first: float, hours: int, symbols: str) -> Market:
    """Bars of an hour, the first of which begins `first` hours after midnight UTC."""
    midnight = np.array(days, "datetime64[D]").astype(np.int64)
    start = (midnight[:, None] * 24 * HOUR + int(first * HOUR) + HOUR * np.arange(hours)).ravel()
    close = 10.0 + 0.1 * np.arange(len(start) * len(symbols)).reshape(len(start), len(symbols))
    session = np.repeat(midnight, hours)
    market = Market(
        symbols=np.array(list(symbols)), start=start[:, None], end=start[:, None] + HOUR, close=close, open=close,
        session=session, price_kind="raw", calendar=calendar, name=calendar,
    )  # fmt: skip
    return prepared(market)

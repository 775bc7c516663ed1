"""Small markets made of sessions alone: triggers look at nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.market.market import Market

Dates = Sequence[str] | np.ndarray


def days(dates: Dates) -> np.ndarray:
    """Dates as days since 1970."""
    return np.asarray(dates, "datetime64[D]").astype(np.int64)


def market_of(dates: Dates, after: Dates = (), rows_each: int = 1) -> Market:
    """A market with `rows_each` rows in each of the sessions."""
    session = np.repeat(days(dates), rows_each)
    rows = len(session)
    end = (session * 24 + np.tile(np.arange(rows_each), rows // rows_each) + 1) * 3_600_000_000_000
    return Market(
        symbols=np.array(["A"]),
        start=end[:, None] - 3_600_000_000_000,
        end=end[:, None],
        close=np.full((rows, 1), 10.0),
        session=session,
        session_end=np.append(session[1:] != session[:-1], True)[:rows],
        sessions_after=days(after),
    )


def weekdays(first: str, stop: str) -> np.ndarray:
    """Monday to Friday from `first` up to but not including `stop`."""
    dates = np.arange(first, stop, dtype="datetime64[D]")
    return dates[np.is_busday(dates)]

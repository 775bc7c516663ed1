"""Small markets for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from backtest.market.actions import action_table
from backtest.market.market import Market, Series
from backtest.market.prepare import prepared
from backtest.types import ActionKind

DAY = 86_400_000_000_000
FIRST = 18_000  # 2019-04-14
NAN = float("nan")


def daily(close, symbols=None, actions=(), price_kind="raw", name="small", **fields) -> Market:
    """A market of calendar days from 2019-04-14; `actions` are (row, asset, kind, value[, other])."""
    close = np.array(close, np.float64)
    rows, assets = close.shape
    session = FIRST + np.arange(rows)
    start = (session * DAY).reshape(-1, 1)
    records = action_table(actions)
    names = symbols or [chr(ord("A") + k) for k in range(assets)]
    fields = {
        key: np.array(v, np.float64) if key in ("open", "high", "low", "volume") else v for key, v in fields.items()
    }
    market = Market(
        symbols=np.array(names, np.str_),
        start=start,
        end=start + DAY,
        close=close,
        session=session,
        actions=records,
        price_kind=price_kind,
        name=name,
        **fields,
    )
    return prepared(market)


def series(rows, name="caps") -> Series:
    """A side series of (time, known_at, asset, value)."""
    rows = sorted(rows, key=lambda row: (row[1], row[0], row[2]))
    time, known_at, asset = (np.array([row[k] for row in rows], np.int64) for k in range(3))
    return Series(name, time, known_at, asset, np.array([row[3] for row in rows], np.float64))


def rich() -> Market:
    """A market with every kind of thing in it."""
    rng = np.random.default_rng(0)
    close = 50.0 * np.exp(np.cumsum(rng.normal(0, 0.01, (40, 3)), axis=0))
    close[:5, 1] = NAN
    close[20:23, 2] = NAN
    close[35:, 0] = NAN
    volume = np.where(np.isnan(close), NAN, 1000.0 + np.arange(120).reshape(40, 3))
    properties = pd.DataFrame(
        {"sector": ["Tech", None, "Oil"], "lot": [1.0, 0.0, 10.0], "note": ["x", "y", "z"]},
        index=pd.Index(["BRK", "BRK.B", "C"], name="symbol"),
    )
    actions = [(10, 1, ActionKind.SPLIT, 2.0), (10, 1, ActionKind.DIVIDEND, 0.5), (35, 0, ActionKind.DELISTING, -0.5)]
    at = (FIRST + 3) * DAY
    caps = series([(at, at + DAY, 0, 1e9), (at, at + DAY, 2, 2e9), (at, at, -1, 0.02)])
    return daily(
        close, ["BRK", "BRK.B", "C"], actions, open=close * 1.001, high=close * 1.02, low=close * 0.98, volume=volume,
        properties=properties, series={"caps": caps}, name="rich", sessions_after=FIRST + 40 + np.arange(3),
        calendar="24/7",
    )  # fmt: skip


def write(path: Path, text: str) -> Path:
    """Write an input file."""
    path.write_text(text, encoding="utf-8")
    return path

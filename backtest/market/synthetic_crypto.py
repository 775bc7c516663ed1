"""A synthetic crypto market: hourly OHLCV around the clock.

All coins follow one factor with fat tails and moving volatility, busier in some hours than in others. Two are listed
late, and now and then a venue is down: for one coin, or for all of them.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from backtest.market.market import Market
from backtest.market.prepare import prepared
from backtest.market.rows import SESSIONS_AFTER
from backtest.market.synthetic import fat_tailed, generator, halts, high_low, moving_volatility
from backtest.types import Bools, Floats

HOUR = 3_600_000_000_000
HOURS_A_YEAR = 24 * 365.25
_COINS = (  # symbol, first price, yearly volatility, share of it that is the factor's, units traded an hour
    ("AVOL", 38_000.0, 0.60, 0.90, 2_000.0),
    ("BREZ", 2_600.0, 0.75, 0.85, 20_000.0),
    ("CIRR", 110.0, 0.95, 0.70, 3e5),
    ("DUNE", 24.0, 1.00, 0.70, 1e6),
    ("EMBR", 1.1, 1.05, 0.60, 2e7),
    ("FJRD", 0.62, 1.10, 0.65, 4e7),
    ("GALE", 7.5, 1.20, 0.55, 2e6),
    ("HAZE", 0.085, 1.40, 0.50, 3e8),
)
_LATE = {"GALE": 0.2, "HAZE": 0.4}  # share of the period after which they are listed
_DIGITS = 6


def synthetic_crypto(seed: int = 24, first: date = date(2022, 1, 1), last: date = date(2023, 12, 31)) -> Market:
    """Make an hourly market of eight invented coins from `first` to `last`, both included; same seed, same bits.

    Sessions are days in UTC. Volume is in units of the coin.
    """
    rng = generator(seed)
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1).astype(np.int64)
    start = (days[:, None] * 24 + np.arange(24)).reshape(-1) * HOUR
    returns, deviation = _returns(rng, start.shape[0])
    real = _traded(rng, start.shape[0])
    bars = _bars(rng, returns, deviation)
    fields = {name: np.where(real, values, np.nan) for name, values in bars.items()}
    symbols = [coin[0] for coin in _COINS]
    return prepared(
        Market(
            symbols=np.array(symbols, np.str_),
            start=start.reshape(-1, 1),
            end=(start + HOUR).reshape(-1, 1),
            session=np.repeat(days, 24),
            sessions_after=days[-1] + 1 + np.arange(SESSIONS_AFTER),
            properties=_properties(symbols),
            price_kind="raw",
            calendar="24/7",
            name="synthetic_crypto",
            open=fields["open"],
            high=fields["high"],
            low=fields["low"],
            close=fields["close"],
            volume=fields["volume"],
        )
    )


def _column(place: int) -> Floats:
    """Return one number of each coin, `(N,)`."""
    return np.array([coin[place] for coin in _COINS], np.float64)


def _returns(rng: np.random.RandomState, rows: int) -> tuple[Floats, Floats]:
    """Draw hourly log returns `(T, N)` and the deviation from which each was drawn."""
    hour = HOURS_A_YEAR**-0.5
    clock = _busy_hours(rows)[:, None]
    deviation = _column(2) * hour * clock * moving_volatility(rng, rows, 1, 0.995, 0.45)
    share = _column(3)
    common = fat_tailed(rng, 4.5, (rows, 1))
    own = fat_tailed(rng, 4.5, (rows, len(_COINS)))
    returns: Floats = deviation * (share * common + np.sqrt(1.0 - share**2) * own)
    drift: Floats = 0.10 / HOURS_A_YEAR - 0.5 * (_column(2) * hour) ** 2
    return returns + drift, deviation


def _busy_hours(rows: int) -> Floats:
    """Return how lively each hour is around 1: quiet before dawn in UTC, busiest in the afternoon."""
    angle = 2.0 * np.pi * (np.arange(rows) % 24 - 9.0) / 24.0
    return np.asarray(1.0 + 0.3 * np.sin(angle))


def _bars(rng: np.random.RandomState, returns: Floats, deviation: Floats) -> dict[str, Floats]:
    """Draw bars that open where the last one closed, but for a tick."""
    close = _column(1) * np.exp(np.cumsum(returns, axis=0))
    opened = np.concatenate([_column(1)[None, :], close[:-1]]) * np.exp(
        0.02 * deviation * rng.standard_normal(returns.shape)
    )
    high, low = high_low(rng, opened, close, deviation)
    busy = np.exp(0.5 * rng.standard_normal(returns.shape) + 25.0 * np.abs(returns))
    volume = _column(4) * _busy_hours(returns.shape[0])[:, None] * busy
    prices = {"open": opened, "high": high, "low": low, "close": close}
    bars = {name: _significant(values) for name, values in prices.items()}
    return bars | {"volume": np.round(volume, 2)}


def _significant(values: Floats) -> Floats:
    """Round to the digits that venues quote; the rounding hides the last bits, in which processors may differ."""
    decimals = _DIGITS - 1 - np.floor(np.log10(_column(1)))
    return np.asarray(np.round(values * 10.0**decimals) / 10.0**decimals)


def _traded(rng: np.random.RandomState, rows: int) -> Bools:
    """Say which bars there are: from the listing, not while a venue is down."""
    real = np.ones((rows, len(_COINS)), np.bool_)
    for k, coin in enumerate(_COINS):
        listed = int(_LATE.get(coin[0], 0.0) * rows)
        real[:listed, k] = False
        for row, length in halts(rng, listed + 24, rows, 3, 6):
            real[row : row + length, k] = False
    for row, length in halts(rng, 24, rows, 2, 4):
        real[row : row + length] = False
    return real


def _properties(symbols: list[str]) -> pd.DataFrame:
    decimals = _DIGITS - 1 - np.floor(np.log10(_column(1)))
    about = {"sector": "Coins", "lot": 0.0, "tick": 10.0**-decimals}
    return pd.DataFrame(about, index=pd.Index(symbols, name="symbol"))

"""What financing asks of a market and cannot have: series that are not there, or hold no rates a year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from backtest.config.node import Keys
from backtest.costs import Account, Financing, RateSeries
from backtest.costs.financing import SERIES
from backtest.costs.rates import BY_SYMBOL
from backtest.errors import nearest
from backtest.market.market import Market, Series
from backtest.market.series import WHOLE_MARKET

BOUNDS = {
    "interest_on_cash": (-1.0, 1.0),
    "margin_interest": (0.0, 1.0),
    "short_rebate": (-1.0, 1.0),
    "borrow_fee": (0.0, 10.0),  # what everybody wants to be short of costs more than it is worth
    "funding": (-100.0, 100.0),  # for hours the price of a future may be far away from what it follows
}


class Unfit(NamedTuple):
    """Something that a configuration asks for and the prices and series of a market cannot give."""

    keys: Keys
    message: str
    received: str
    allowed: str


def unfit_rates(market: Market, financing: Financing) -> Iterator[Unfit]:
    """Say which rates are told by what `market` does not have, and which perpetual futures it does not know."""
    yield from _unlisted(market, financing)
    for name in SERIES:
        told = financing.series(name)
        if told is None:
            continue
        keys = ("financing", name, "series")
        series = market.series.get(told.series)
        if series is None:
            listed = ", ".join(market.series) or "none"
            yield Unfit(keys, f"{market.name!r} has no such series", repr(told.series), listed)
        else:
            yield from _unfit(keys, name, told, series)


def _unlisted(market: Market, financing: Financing) -> Iterator[Unfit]:
    """Name what is said to be a perpetual future and is no symbol of the market."""
    symbols = market.symbols.tolist()
    for k, symbol in enumerate(financing.perpetuals or ()):
        if symbol not in symbols:
            near = nearest(symbol, symbols)
            listed = near or ", ".join(symbols[:5]) + ("" if len(symbols) <= 5 else ", …")
            yield Unfit(("financing", "perpetuals", k), f"no symbol of {market.name!r}", repr(symbol), listed)


def idle_rates(account: Account, financing: Financing) -> Iterator[tuple[Keys, str]]:
    """Return the rates that stand idle on a cash account, with what to say of each."""
    for name in () if account.is_margin else ("margin_interest", "short_rebate", "borrow_fee"):
        key = name if financing.series(name) else f"{name}_annual"
        if getattr(financing, key):
            yield ("financing", key), "nothing is charged by it: a cash account has neither debt nor shorts"


def _unfit(keys: Keys, name: str, told: RateSeries, series: Series) -> Iterator[Unfit]:
    if name not in BY_SYMBOL and not (series.asset == WHOLE_MARKET).any():
        said = "it has a value per symbol, and money has one rate"
        yield Unfit(keys, said, repr(told.series), "a series of the whole market")
        return
    rates, (low, high) = told.of(series.value), BOUNDS[name]
    if not ((rates >= low) & (rates <= high)).all():
        received = f"{np.min(rates):g} to {np.max(rates):g}"
        said = "no rates a year as fractions; `times: 0.01` makes percent fractions"
        yield Unfit(keys, said, received, f"numbers from {low:g} to {high:g}")

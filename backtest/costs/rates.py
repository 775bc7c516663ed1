"""What a market adds to financing: its symbols, and rates that series of its store tell, as known at ends of bars."""

from __future__ import annotations

import numpy as np

from backtest.costs.financing import Financing, RateSeries
from backtest.costs.running import KnownRows
from backtest.costs.tables import whole_unless_streamed
from backtest.errors import DataError
from backtest.kernels.book import Rates
from backtest.market.market import Market
from backtest.market.series import asof, asof_market
from backtest.types import Bools, Floats

MONEY = ("interest_on_cash", "margin_interest", "short_rebate")
"""Rates on money, which are the same whatever is held; the columns of `Rates.money`."""

BY_SYMBOL = ("borrow_fee", "funding")
"""Rates on what is held, which may differ between symbols."""

NOBODY: Bools = np.empty(0, np.bool_)


def rates_of(financing: Financing, market: Market, first: int = 0) -> Rates | None:
    """Return the rates as the kernel takes them, of a market that is simulated from row `first`; None when all are 0.

    Row *t* is what is known at the end of row *t*: what is paid in the next row goes by it.
    """
    if financing.are_zero:
        return None
    told = [financing.series(name) for name in MONEY]
    rows = 1 if told == [None] * len(MONEY) else market.n_rows
    money = np.empty((rows, len(MONEY)))
    for k, (name, series) in enumerate(zip(MONEY, told, strict=True)):
        money[:, k] = financing.rate(f"{name}_annual") if series is None else _money_rates(series, market, first)
    perpetual = np.array(financing.perpetual(market.symbols.tolist())) if financing.are_funded else NOBODY
    fees, funding = (_rates_by_symbol(financing, name, market) for name in BY_SYMBOL)
    return Rates(money, fees, funding, perpetual)


def rates_at(financing: Financing, market: Market, row: int, column: int) -> Financing:
    """Return the rates by which one symbol would be held from the end of `row` on, none of them a series."""
    end = int(_ends(market)[row])
    changes: dict[str, float | None] = {}
    for name in MONEY:
        series = financing.series(name)
        if series is not None:
            known = np.array(asof_market(market.series[series.series], end))
            changes |= {f"{name}_annual": float(series.of(known)), name: None}
    for name in BY_SYMBOL:
        series = financing.series(name)
        if series is not None:
            known = asof(market.series[series.series], end, market.n_assets)
            changes |= {f"{name}_annual": float(series.of(known)[column]), name: None}
    return financing.model_copy(update=changes)


def _rates_by_symbol(financing: Financing, name: str, market: Market) -> Floats:
    """Return a rate of each symbol at the end of each row, `(T, N)`, or `(1, N)` where it is a number.

    Of a market that is streamed it is `LazyRows`.
    """
    told = financing.series(name)
    if told is None:
        return np.full((1, market.n_assets), financing.rate(f"{name}_annual"))
    rates = KnownRows(market.series[told.series], np.array(_ends(market)), market.n_assets, told.of)
    found: Floats = whole_unless_streamed(market, rates)
    return found


def _money_rates(told: RateSeries, market: Market, first: int) -> Floats:
    """Return a rate of the whole market at the end of each row; DataError where a simulated row has none."""
    series, ends = market.series[told.series], _ends(market)
    found = told.of(np.array([asof_market(series, end) for end in ends]))
    missing = np.flatnonzero(np.isnan(found[first:-1]))
    if missing.size:
        last = market.day(first + int(missing[-1]))
        raise DataError(f"market {market.name!r}: the series {told.series!r} (financing) knows no rate on {last}")
    return found


def _ends(market: Market) -> list[int]:
    ends: list[int] = market.end.max(axis=1).tolist()
    return ends

"""A synthetic equity market: raw daily prices with all that happens to real ones.

Log returns are market + sector + own, each with fat tails and slowly moving volatility. Prices are raw: splits and
dividends move them and stand in the table of actions. Some symbols are listed late, some are halted for days, one
fails and is delisted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from backtest.market import weekdays
from backtest.market.actions import action_table, in_order
from backtest.market.market import Market, Series
from backtest.market.masks import session_ends
from backtest.market.prepare import prepared
from backtest.market.rows import SESSIONS_AFTER
from backtest.market.synthetic import fat_tailed, generator, halts, high_low, moving_volatility
from backtest.types import ActionKind, Bools, Floats, Ints, Records, Strings

SECTORS = ("Energy", "Financials", "Health", "Industry", "Retail", "Software", "Staples", "Utilities")
YEAR = 252.0
DAY_NS = 86_400_000_000_000
_FAILS_AFTER = 0.8  # of the period, one company collapses within about a year and is delisted
_FAILURE_DRIFT = -0.012  # of its daily log return while it collapses
_DELISTING_RETURN = -0.6  # its delisting pays 40 % of the last price
_SPLIT_ABOVE, _SPLIT_BELOW = 400.0, 4.0  # prices at which companies split their shares or merge them
_MERGER = 0.1


@dataclass(frozen=True)
class _Company:
    """What is drawn once for each symbol; arrays `(N,)`."""

    sector: Ints
    beta: Floats
    sector_beta: Floats
    own_volatility: Floats
    drift: Floats
    price: Floats
    shares: Floats
    dividend_yield: Floats
    payment: Ints  # session of the quarter on which the dividend goes
    listed: Ints  # first row


def synthetic_equity(
    seed: int = 20, symbols: int = 50, first: date = date(2013, 1, 1), last: date = date(2022, 12, 31)
) -> Market:
    """Make an equity market of `symbols` companies with OHLCV, actions, sectors and market caps; same seed, same bits.

    Sessions are those of `weekdays`. The series ``market_cap`` has month-end values (money), known one day later.
    """
    rng = generator(seed)
    session = weekdays.sessions(first, last)
    company = _companies(rng, session.shape[0], symbols)
    failing, fails = _failure(company, session.shape[0])
    returns, deviation = _returns(rng, company, session.shape[0], failing, fails)
    path = _walk(rng, company, returns, session)
    bars = _bars(rng, path, returns, deviation)
    real = _traded(rng, company, session.shape[0], failing, fails)
    return _market(session, company, path, bars, real, failing, fails)


def _companies(rng: np.random.RandomState, rows: int, n: int) -> _Company:
    late = np.zeros(n, np.int64)
    late[rng.permutation(n)[: n // 5]] = rng.randint(rows // 20, rows // 2, n // 5)
    pays = rng.random_sample(n) < 0.6
    return _Company(
        sector=np.arange(n) % len(SECTORS),
        beta=0.6 + 0.8 * rng.random_sample(n),
        sector_beta=0.7 + 0.6 * rng.random_sample(n),
        own_volatility=0.15 + 0.20 * rng.random_sample(n),
        drift=0.02 * rng.standard_normal(n),
        price=np.exp(rng.uniform(np.log(20.0), np.log(200.0), n)),
        shares=np.rint(np.exp(rng.uniform(np.log(5e7), np.log(5e9), n)) / 1e6) * 1e6,
        dividend_yield=np.where(pays, 0.01 + 0.03 * rng.random_sample(n), 0.0),
        payment=rng.randint(10, 50, n),
        listed=late,
    )


def _failure(company: _Company, rows: int) -> tuple[int, int]:
    """Return which company fails, and the row of its delisting: the most volatile of those there from the start."""
    there = company.listed == 0
    return int(np.where(there, company.own_volatility, 0.0).argmax()), int(_FAILS_AFTER * rows)


def _returns(
    rng: np.random.RandomState, company: _Company, rows: int, failing: int, fails: int
) -> tuple[Floats, Floats]:
    """Draw daily log returns `(T, N)` and the deviation from which each was drawn."""
    n, day = company.beta.shape[0], 1.0 / np.sqrt(YEAR)
    market_volatility = 0.15 * day * moving_volatility(rng, rows, 1, 0.985, 0.45)
    sector_volatility = 0.10 * day * moving_volatility(rng, rows, len(SECTORS), 0.98, 0.3)
    own_volatility = company.own_volatility * day * moving_volatility(rng, rows, n, 0.97, 0.35)
    market = market_volatility * fat_tailed(rng, 5.0, (rows, 1)) + 0.07 / YEAR
    sector = sector_volatility * fat_tailed(rng, 5.0, (rows, len(SECTORS)))
    own = own_volatility * fat_tailed(rng, 5.0, (rows, n)) + company.drift / YEAR
    returns = company.beta * market + company.sector_beta * sector[:, company.sector] + own
    variance = (company.beta * market_volatility) ** 2 + own_volatility**2
    variance += (company.sector_beta * sector_volatility[:, company.sector]) ** 2
    returns[fails - int(YEAR) : fails, failing] += _FAILURE_DRIFT
    return returns, np.sqrt(variance)


@dataclass(frozen=True)
class _Path:
    """Closes and shares outstanding `(T, N)`, and the actions on the way."""

    before: Floats  # close of the row before, after the actions of the row: what an open starts from
    close: Floats
    shares: Floats
    actions: Records


def _walk(rng: np.random.RandomState, company: _Company, returns: Floats, session: Ints) -> _Path:
    """Let prices walk: each row first splits, then pays dividends, then moves by its return."""
    rows, n = returns.shape
    before, close, shares = (np.empty((rows, n)) for _ in range(3))
    price, outstanding = company.price.copy(), company.shares.copy()
    quarter = _session_of_quarter(session)
    actions: list[tuple[int, int, int, float]] = []
    willing = rng.random_sample((rows, n)) < 0.02  # how soon a price beyond the bounds is answered by a split
    for t in range(rows):
        ratio = _split_ratio(price, willing[t] & (company.listed < t))
        dividend = np.where(quarter[t] == company.payment, price / ratio * company.dividend_yield / 4.0, 0.0)
        dividend = np.where(company.listed < t, np.round(dividend, 2), 0.0)
        actions += [(t, int(k), ActionKind.SPLIT, float(ratio[k])) for k in np.flatnonzero(ratio != 1.0)]
        actions += [(t, int(k), ActionKind.DIVIDEND, float(dividend[k])) for k in np.flatnonzero(dividend)]
        outstanding = outstanding * ratio
        before[t] = price / ratio - dividend
        price = np.maximum(before[t] * np.exp(returns[t]), 0.02)
        close[t], shares[t] = price, outstanding
    return _Path(before, close, shares, action_table(actions))


def _split_ratio(price: Floats, willing: Bools) -> Floats:
    """Return new shares per old one for each company: 1 for most."""
    split = np.where(price > 2.0 * _SPLIT_ABOVE, 4.0, 2.0)
    ratio = np.where(price > _SPLIT_ABOVE, split, np.where(price < _SPLIT_BELOW, _MERGER, 1.0))
    return np.where(willing, ratio, 1.0)


def _session_of_quarter(session: Ints) -> Ints:
    """Count the sessions of each calendar quarter from 0."""
    months = session.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    firsts = np.append(True, np.diff(months // 3) != 0)
    start = np.maximum.accumulate(np.where(firsts, np.arange(session.shape[0]), 0))
    return np.arange(session.shape[0]) - start


def _bars(rng: np.random.RandomState, path: _Path, returns: Floats, deviation: Floats) -> dict[str, Floats]:
    """Draw the rest of each bar; prices in cents, volume in shares."""
    overnight = 0.3 * returns + 0.3 * deviation * rng.standard_normal(returns.shape)
    opened = np.maximum(path.before * np.exp(overnight), 0.02)
    high, low = high_low(rng, opened, path.close, deviation)
    busy = np.exp(0.35 * rng.standard_normal(returns.shape) + 12.0 * np.abs(returns))
    prices = {"open": opened, "high": high, "low": low, "close": path.close}
    bars = {name: np.maximum(np.round(values, 2), 0.01) for name, values in prices.items()}
    bars["volume"] = np.rint(0.004 * path.shares * busy)
    return bars


def _traded(rng: np.random.RandomState, company: _Company, rows: int, failing: int, fails: int) -> Bools:
    """Say which bars there are: from the listing, not while halted, not from the delisting on."""
    real = np.arange(rows)[:, None] >= company.listed
    for asset in rng.permutation(company.beta.shape[0])[:12]:
        for row, length in halts(rng, int(company.listed[asset]) + 20, rows, 1, 8):
            real[row : row + length, asset] = False
    real[fails:, failing] = False
    return np.asarray(real)


def _market(
    session: Ints, company: _Company, path: _Path, bars: dict[str, Floats], real: Bools, failing: int, fails: int
) -> Market:
    names = [f"{SECTORS[sector][:4].upper()}{k // len(SECTORS) + 1:02d}" for k, sector in enumerate(company.sector)]
    order = np.argsort(names)
    symbols = np.array(names, np.str_)[order]
    fields = {name: np.ascontiguousarray(np.where(real, values, np.nan)[:, order]) for name, values in bars.items()}
    start, end = weekdays.bounds(session)
    last = session[-1].astype("datetime64[D]").item()
    after = weekdays.sessions(last, date(last.year + 1, 3, 1))[1 : SESSIONS_AFTER + 1]
    return prepared(
        Market(
            symbols=symbols,
            start=start.reshape(-1, 1),
            end=end.reshape(-1, 1),
            session=session,
            sessions_after=after,
            actions=_actions(path, order, failing, fails),
            series={"market_cap": _market_caps(session, end, (path.close * path.shares)[:, order], real[:, order])},
            properties=_properties(symbols, company.sector[order]),
            price_kind="raw",
            calendar=weekdays.NAME,
            timezone=weekdays.TIMEZONE,
            name="synthetic_equity",
            open=fields["open"],
            high=fields["high"],
            low=fields["low"],
            close=fields["close"],
            volume=fields["volume"],
        )
    )


def _actions(path: _Path, order: Ints, failing: int, fails: int) -> Records:
    """Return the actions with the delisting, sorted; the failed company has none after it."""
    gone = (path.actions["asset"] == failing) & (path.actions["row"] >= fails)
    delisting = action_table([(fails, failing, ActionKind.DELISTING, _DELISTING_RETURN)])
    actions = np.concatenate([path.actions[~gone], delisting])
    actions["asset"] = np.argsort(order)[actions["asset"]]
    return in_order(actions)


def _market_caps(session: Ints, end: Ints, caps: Floats, real: Bools) -> Series:
    """Return month-end values in whole thousands, known a day after the close they were computed from."""
    months = session.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    rows, assets = np.nonzero(session_ends(months)[:, None] & real)
    value = np.rint(caps[rows, assets] / 1e3) * 1e3
    return Series("market_cap", end[rows], end[rows] + DAY_NS, assets, value)


def _properties(symbols: Strings, sector: Ints) -> pd.DataFrame:
    names = [SECTORS[k] for k in sector]
    long = [f"Invented {name} {symbol[-2:]}" for name, symbol in zip(names, symbols, strict=True)]
    about = {"sector": names, "lot": 1.0, "tick": 0.01, "name": long}
    return pd.DataFrame(about, index=pd.Index([str(symbol) for symbol in symbols], name="symbol"))

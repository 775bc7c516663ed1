"""What a market adds to costs: the spread, volatility and volume of each bar and symbol, as known before the bar.

Row *t* of each table is what a trade in row *t* pays by. It looks at rows before *t* alone, so that nothing that
happens in a bar, and nothing that comes later, is in it.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backtest.costs.model import BPS, NOTHING_KNOWN, Conditions, Costs
from backtest.kernels.book import Fees
from backtest.market.factors import ActionFactors
from backtest.market.market import Market, Series
from backtest.market.series import asof
from backtest.market.transfers import taken_over
from backtest.types import ActionKind, CostShape, Floats, Ints

CELLS = 2_000_000
"""Numbers that are copied at once while windows are worked out."""


def fees_of(costs: Costs, market: Market) -> Fees | None:
    """Return the costs that differ between assets, rows or months, as the kernel takes them; None when none do."""
    if costs.shape == CostShape.FLAT:
        return None
    one = np.ones((1, market.n_assets))
    spread = costs.half_spread_bps / BPS * one
    if costs.half_spread is not None:
        spread = costs.half_spread.times / BPS * spreads_known(market, costs.half_spread.series)
    push = 0.0 * one
    if costs.impact_coefficient != 0.0:
        push = costs.impact_coefficient * volatilities(market, costs.impact_volatility_bars)
        push /= np.sqrt(volumes(market, costs.impact_volume_bars))
    tiers = np.array([(tier.from_money, tier.bps / BPS) for tier in costs.commission_tiers]).reshape(-1, 2)
    months = months_of(market) if costs.commission_tiers else np.empty(0, np.int64)
    return Fees(spread, push, (costs.impact_eta + 0.5 * costs.impact_gamma) * one, tiers, months)


def conditions(costs: Costs, market: Market, row: int, column: int) -> Conditions:
    """Return what a fill of one symbol in `row` meets, when nothing was traded before in its month."""
    known = NOTHING_KNOWN
    if costs.half_spread is not None:
        bps = asof(market.series[costs.half_spread.series], int(_instants(market)[row]), market.n_assets)
        known = known._replace(half_spread_bps=float(bps[column]))
    if costs.impact_coefficient != 0.0:
        known = known._replace(
            volatility=float(volatilities(market, costs.impact_volatility_bars)[row, column]),
            volume=float(volumes(market, costs.impact_volume_bars)[row, column]),
        )
    return known


def months_of(market: Market) -> Ints:
    """Number the calendar month of each row's session, `(T,)`."""
    months: Ints = market.session.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months


def spreads_known(market: Market, name: str) -> Floats:
    """Return the values of a series known before each row, `(T, N)`: at the end of the row before, or its own start."""
    series: Series = market.series[name]
    known = np.empty((market.n_rows, market.n_assets))
    for row, instant in enumerate(_instants(market)):
        known[row] = asof(series, int(instant), market.n_assets)
    return known


def _instants(market: Market) -> Ints:
    """Return the last moment before each row, `(T,)`: the end of the row before; of the first row its own start."""
    ends: Ints = market.end.max(axis=1)
    return np.concatenate([market.start[:1].min(axis=1), ends[:-1]])


def volatilities(market: Market, bars: int) -> Floats:
    """Return the sample deviation of the last `bars` total returns before each row, `(T, N)`, NaN before half of them.

    The return after a halt is from the last price before it.
    """
    return _windowed(total_returns(market), bars, deviating=True)


def volumes(market: Market, bars: int) -> Floats:
    """Return the mean of the last `bars` volumes before each row, in units of that row, `(T, N)`.

    NaN before there is half of them, and where nothing at all was traded.
    """
    assert market.volume is not None  # asked of the market before: config.check
    units = _units(market)
    volume = taken_over(market.volume, market.actions, 0, market.n_rows - 1)
    means: Floats = _windowed(volume / units, bars, deviating=False) * units
    means[~(means > 0.0)] = np.nan
    return means


def total_returns(market: Market) -> Floats:
    """Return simple returns from each real close to the next, actions taken out, `(T, N)`, else NaN."""
    close = taken_over(market.close, market.actions, 0, market.n_rows - 1)  # before its name nobody trades it
    level = close / _cumulated(market, market.action_factors, with_dividends=True)
    found = np.full(level.shape, np.nan)
    last = np.full(market.n_assets, np.nan)
    for row, prices in enumerate(level):
        real = ~np.isnan(prices)
        found[row, real] = prices[real] / last[real] - 1.0
        last[real] = prices[real]
    return found


def _units(market: Market) -> Floats:
    """Return how many units of each row one unit of the first has become, `(T, N)`, or `(1, N)` without splits."""
    if not (market.actions["kind"] == ActionKind.SPLIT).any():
        return np.ones((1, market.n_assets))
    return 1.0 / _cumulated(market, market.action_factors, with_dividends=False)


def _cumulated(market: Market, factors: ActionFactors, with_dividends: bool) -> Floats:
    """Return what actions up to each row have done to prices, `(T, N)`, or `(1, N)` without actions."""
    if not factors.row.size:
        return np.ones((1, market.n_assets))
    product = np.ones((market.n_rows, market.n_assets))
    change = 1.0 / factors.split * (factors.dividend if with_dividends else 1.0)
    np.multiply.at(product, (factors.row, factors.asset), change)
    return np.asarray(np.cumprod(product, axis=0))


def _windowed(values: Floats, bars: int, deviating: bool) -> Floats:
    """Return the mean, or sample deviation, of the last `bars` numbers before each row, `(T, N)`.

    NaN before there is half of them. Rows without a number are passed over, however many they are.
    """
    out = _of_rows(values, bars, deviating)
    missing = np.isnan(values)
    gappy = np.flatnonzero((missing[1:] & ~missing[:-1]).any(axis=0))  # others miss numbers at the beginning alone
    for column in gappy:
        there = ~missing[:, column]
        own = _of_rows(np.append(values[there, column], np.nan)[:, None], bars, deviating)
        out[:, column] = own[np.cumsum(there) - there, 0]
    return out


def _of_rows(values: Floats, bars: int, deviating: bool) -> Floats:
    """Return the mean, or sample deviation, of the last `bars` rows before each, NaN where fewer than half are there.

    Each window is summed by itself: what a row says does not depend on where the data begin.
    """
    rows, assets = values.shape
    padded = np.concatenate([np.full((bars, assets), np.nan), values[:-1]])
    windows = sliding_window_view(padded, bars, axis=0)
    out = np.empty((rows, assets))
    step = max(1, CELLS // (assets * bars))
    for low in range(0, rows, step):
        block = windows[low : low + step]
        there = ~np.isnan(block)
        count = there.sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(there, block, 0.0).sum(axis=-1) / count
            if deviating:
                gaps = np.where(there, block - mean[..., None], 0.0)
                found = np.sqrt((gaps * gaps).sum(axis=-1) / (count - 1))
            else:
                found = mean
        out[low : low + step] = np.where((2 * count >= bars) & (count > int(deviating)), found, np.nan)
    return out

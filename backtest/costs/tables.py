"""What a market adds to costs: the spread, volatility and volume of each bar and symbol, as known before the bar.

Row *t* of each table is what a trade in row *t* pays by. It looks at rows before *t* alone, so that nothing that
happens in a bar, and nothing that comes later, is in it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backtest.costs.model import BPS, NOTHING_KNOWN, Conditions, Costs
from backtest.costs.running import KnownRows, RunningRows
from backtest.costs.windows import LastNumbers
from backtest.kernels.book import Fees
from backtest.market.market import Market
from backtest.market.stream.lazy import LazyRows
from backtest.market.transfers import Successive, renames_of, taken_over
from backtest.types import CostShape, Floats, Ints


def fees_of(costs: Costs, market: Market) -> Fees | None:
    """Return the costs that differ between assets, rows or months, as the kernel takes them; None when none do.

    Of a market that is streamed the tables with a row for each bar are `LazyRows`.
    """
    if costs.shape == CostShape.FLAT:
        return None
    one = np.ones((1, market.n_assets))
    spread: Any = costs.half_spread_bps / BPS * one
    if costs.half_spread is not None:
        spread = whole_unless_streamed(market, spreads(market, costs.half_spread.series, costs.half_spread.times / BPS))
    push: Any = 0.0 * one
    if costs.impact_coefficient != 0.0:
        push = whole_unless_streamed(market, Pushes(market, costs))
    tiers = np.array([(tier.from_money, tier.bps / BPS) for tier in costs.commission_tiers]).reshape(-1, 2)
    months = months_of(market) if costs.commission_tiers else np.empty(0, np.int64)
    return Fees(spread, push, (costs.impact_eta + 0.5 * costs.impact_gamma) * one, tiers, months)


def whole_unless_streamed(market: Market, rows: LazyRows) -> Any:
    """Work out all rows at once, of a market whose prices are all there too."""
    return rows if market.stream is not None else rows.block(0, market.n_rows)


def conditions(costs: Costs, market: Market, row: int, column: int) -> Conditions:
    """Return what a fill of one symbol in `row` meets, when nothing was traded before in its month."""
    known = NOTHING_KNOWN
    if costs.half_spread is not None:
        known = known._replace(half_spread_bps=float(spreads(market, costs.half_spread.series)[row, column]))
    if costs.impact_coefficient != 0.0:
        known = known._replace(
            volatility=float(Volatilities(market, costs.impact_volatility_bars)[row, column]),
            volume=float(Volumes(market, costs.impact_volume_bars)[row, column]),
        )
    return known


def months_of(market: Market) -> Ints:
    """Number the calendar month of each row's session, `(T,)`."""
    months: Ints = market.session.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months


def spreads(market: Market, name: str, times: float = 1.0) -> LazyRows:
    """Return the values of a series known before each row, `(T, N)`: at the end of the row before, or its own start."""
    return KnownRows(market.series[name], _instants(market), market.n_assets, lambda values: times * values)


def _instants(market: Market) -> Ints:
    """Return the last moment before each row, `(T,)`: the end of the row before; of the first row its own start."""
    ends: Ints = market.end.max(axis=1)
    return np.concatenate([market.start[:1].min(axis=1), ends[:-1]])


class Volatilities(RunningRows):
    """The sample deviation of the last `bars` total returns before each row, `(T, N)`, NaN before half of them.

    The return after a halt is from the last price before it.
    """

    def __init__(self, market: Market, bars: int) -> None:
        super().__init__("volatilities", market)
        self._prices, self._bars = _Adjusted(market, "close", with_dividends=True), bars

    def begin(self) -> None:
        """Know no price."""
        self._prices.begin()
        self._last: Floats = np.full(self.shape[1], np.nan)
        self._returns = LastNumbers(self._bars, self.shape[1], deviating=True)

    def next(self, low: int, high: int) -> Floats:
        """Work out the next rows."""
        close, change = self._prices.next(low, high)
        level = close / change
        found = np.full(level.shape, np.nan)
        for row, prices in enumerate(level):
            real = ~np.isnan(prices)
            found[row, real] = prices[real] / self._last[real] - 1.0
            self._last[real] = prices[real]
        return self._returns.before(found)


class Volumes(RunningRows):
    """The mean of the last `bars` volumes before each row, in units of that row, `(T, N)`.

    NaN before there is half of them, and where nothing at all was traded.
    """

    def __init__(self, market: Market, bars: int) -> None:
        super().__init__("volumes", market)
        self._traded, self._bars = _Adjusted(market, "volume", with_dividends=False), bars

    def begin(self) -> None:
        """Know no volume."""
        self._traded.begin()
        self._means = LastNumbers(self._bars, self.shape[1], deviating=False)

    def next(self, low: int, high: int) -> Floats:
        """Work out the next rows."""
        volume, change = self._traded.next(low, high)
        units = 1.0 / change
        means: Floats = self._means.before(volume / units) * units
        means[~(means > 0.0)] = np.nan
        return means


class Pushes(RunningRows):
    """What impact by the square root is counted with, `(T, N)`: coefficient x volatility / √(average volume)."""

    def __init__(self, market: Market, costs: Costs) -> None:
        super().__init__("impact", market)
        self._coefficient = costs.impact_coefficient
        self._volatilities = Volatilities(market, costs.impact_volatility_bars)
        self._volumes = Volumes(market, costs.impact_volume_bars)

    def begin(self) -> None:
        """Stand before the first row."""
        self._volatilities.begin()
        self._volumes.begin()

    def next(self, low: int, high: int) -> Floats:
        """Work out the next rows."""
        push = self._coefficient * self._volatilities.next(low, high)
        push /= np.sqrt(self._volumes.next(low, high))
        return push


class _Adjusted:
    """A field with what actions up to each row have done to prices: rows that go on from those before."""

    def __init__(self, market: Market, name: str, with_dividends: bool) -> None:
        self._market, self._name = market, name
        factors = market.action_factors
        self._changes = 1.0 / factors.split * (factors.dividend if with_dividends else 1.0)
        values = getattr(market, name)
        assert values is not None  # asked of the market before: config.check
        if isinstance(values, LazyRows):
            self._values: LazyRows | Floats = Successive(values, renames_of(market.actions))
        else:
            self._values = taken_over(values, market.actions, 0, market.n_rows - 1)

    def begin(self) -> None:
        """Stand before the first row."""
        self._product: Floats = np.ones(self._market.n_assets)

    def next(self, low: int, high: int) -> tuple[Floats, Floats]:
        """Return the next rows of the field, and how many times prices of then have become those before any action."""
        rows = self._values
        values: Floats = rows.block(low, high) if isinstance(rows, LazyRows) else rows[low:high]
        factors = self._market.action_factors
        here = np.flatnonzero((factors.row >= low) & (factors.row < high))
        if not here.size:
            return values, self._product
        steps: Floats = np.ones((high - low + 1, self._market.n_assets))
        steps[0] = self._product
        np.multiply.at(steps, (factors.row[here] - low + 1, factors.asset[here]), self._changes[here])
        np.cumprod(steps, axis=0, out=steps)
        self._product = steps[-1].copy()
        return values, steps[1:]

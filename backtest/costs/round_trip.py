"""A worked example of costs: what buying at a price and selling again at the same price takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from backtest.costs.model import BPS, NOTHING_KNOWN, Charge, Conditions, Costs
from backtest.market.market import Market
from backtest.types import Bools


class RoundTrip(NamedTuple):
    """`quantity` units bought at `price` and sold again at it, with what each side costs."""

    quantity: float
    price: float
    buy: Charge
    sell: Charge

    @property
    def value(self) -> float:
        """Money traded, per side."""
        return self.quantity * self.price

    @property
    def both(self) -> Charge:
        """What the two sides cost together."""
        return Charge(*(bought + sold for bought, sold in zip(self.buy, self.sell, strict=True)))

    def bps(self, money: float) -> float:
        """Return `money` in basis points of the value traded per side."""
        return money / self.value * BPS


def round_trip(costs: Costs, quantity: float, price: float, when: Conditions = NOTHING_KNOWN) -> RoundTrip:
    """Work out what `quantity` > 0 units cost, in and out, by the very formula that the simulator charges."""
    return RoundTrip(quantity, price, costs.fill_cost(quantity, price, when), costs.fill_cost(-quantity, price, when))


def units_for(value: float, price: float, lot: float) -> float:
    """Return the quantity that `value` money buys, down to whole lots; `lot` 0 is any quantity."""
    if lot == 0.0:
        return value / price
    return float(np.floor(value / price / lot * (1.0 + 1e-12) + 1e-9)) * lot  # as kernels.orders.whole_lots rounds


def last_bar(market: Market, column: int) -> int | None:
    """Return the last row in which a symbol has a bar; None when there is none."""
    for low, real in _backwards(market):
        rows = np.flatnonzero(real[:, column])
        if rows.size:
            return low + int(rows[-1])
    return None


def typical_column(market: Market) -> int:
    """Return the column of the symbol whose price is in the middle of those on the last row that has any.

    Of two in the middle the lower one. What a cost per unit comes to depends on the price.
    """
    low, real = next(part for part in _backwards(market) if part[1].any())
    row = int(np.flatnonzero(real.any(axis=1))[-1])
    columns = np.flatnonzero(real[row])
    by_price = columns[np.argsort(market.close[low + row][columns], kind="stable")]
    return int(by_price[(by_price.size - 1) // 2])


def _backwards(market: Market) -> Iterator[tuple[int, Bools]]:
    """Yield parts of who has a bar when, the last one first, with the row at which each begins."""
    step = market.n_rows if market.stream is None else market.stream.most_rows
    for high in range(market.n_rows, 0, -step):
        low = max(0, high - step)
        yield low, ~np.isnan(market.close[low:high])

"""Saying which cost nobody knows where something trades."""

from __future__ import annotations

import numpy as np

from backtest.errors import DataError
from backtest.kernels.book import Fees
from backtest.market.market import Market


def unknown_cost(market: Market, fees: Fees, row: int, asset: int) -> DataError:
    """Return the error of a trade of a symbol in a row for which its spread, volatility or volume is not known."""
    missing = {
        "its half spread is not known before it (costs.half_spread)": fees.half_spread,
        "fewer than half of the bars before it have a return and a volume (costs.impact_coefficient)": fees.push,
    }
    said = [what for what, table in missing.items() if np.isnan(table[row if len(table) > 1 else 0, asset])]
    because = said[0] if said else "its cost is more than a number can hold"
    return DataError(f"market {market.name!r}: {market.symbols[asset]} is traded on {market.day(row)}, and {because}")

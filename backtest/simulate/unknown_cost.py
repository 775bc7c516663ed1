"""Saying which cost nobody knows where something trades."""

from __future__ import annotations

import numpy as np

from backtest.errors import DataError
from backtest.kernels.book import Fees
from backtest.market.market import Market
from backtest.types import Fault, Floats


def unknown_cost(market: Market, fees: Fees, row: int, asset: int) -> DataError:
    """Return the error of a trade of a symbol in a row for which its spread, volatility or volume is not known."""
    because = "its cost is more than a number can hold"
    if _is_missing(fees.half_spread, row, asset):
        because = "its half spread is not known before it (costs.half_spread)"
    elif _is_missing(fees.push, row, asset):
        because = (
            "it has not half of the returns and volumes before it that impact is counted from "
            "(costs.impact_volatility_bars, impact_volume_bars)"
        )
    return DataError(f"market {market.name!r}: {market.symbols[asset]} is traded on {market.day(row)}, and {because}")


RATES_OF = {
    Fault.BORROW: "short on {day}, and its fee is not known before it (financing.borrow_fee)",
    Fault.FUNDING: "held on {day}, and its funding is not known before it (financing.funding)",
}
"""What is said of a position that is held in a row for which its rate is not known."""


def unknown_rate(market: Market, fault: Fault, row: int, asset: int) -> DataError:
    """Return the error of holding what pays or costs by a rate that is not known."""
    said = RATES_OF[fault].format(day=market.day(row))
    return DataError(f"market {market.name!r}: {market.symbols[asset]} is {said}")


def _is_missing(table: Floats, row: int, asset: int) -> bool:
    return bool(np.isnan(table[row if len(table) > 1 else 0, asset]))

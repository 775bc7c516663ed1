"""What trading and holding cost: what a person writes, and the cost of one fill in plain Python."""

from backtest.costs.account import CASH, Account
from backtest.costs.financing import FINANCING, FREE, FUNDING_TO_WRITE, TO_WRITE, Financing, RateSeries
from backtest.costs.holding import Held, held_in_cash, held_on_credit, held_perpetual, held_short
from backtest.costs.model import COSTS, Charge, Conditions, Costs, SpreadSeries, Tier
from backtest.costs.presets import PRESETS
from backtest.costs.round_trip import RoundTrip, round_trip

__all__ = [
    "CASH",
    "COSTS",
    "FINANCING",
    "FREE",
    "FUNDING_TO_WRITE",
    "PRESETS",
    "TO_WRITE",
    "Account",
    "Charge",
    "Conditions",
    "Costs",
    "Financing",
    "Held",
    "RateSeries",
    "RoundTrip",
    "SpreadSeries",
    "Tier",
    "held_in_cash",
    "held_on_credit",
    "held_perpetual",
    "held_short",
    "round_trip",
]

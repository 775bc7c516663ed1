"""What trading costs: the parameters a person writes, and the cost of one fill in plain Python."""

from backtest.costs.model import COSTS, Charge, Costs
from backtest.costs.presets import PRESETS
from backtest.costs.round_trip import RoundTrip, round_trip

__all__ = ["COSTS", "PRESETS", "Charge", "Costs", "RoundTrip", "round_trip"]

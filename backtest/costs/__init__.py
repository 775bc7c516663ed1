"""What trading costs: the parameters a person writes, and the cost of one fill in plain Python."""

from backtest.costs.model import COSTS, Charge, Costs

__all__ = ["COSTS", "Charge", "Costs"]

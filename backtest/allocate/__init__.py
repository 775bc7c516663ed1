"""Weights from history: one file a method under `methods`, beside a small base.

To add one: a file with a subclass of `Method`, and its line in `table.METHODS`. The name in YAML is the file's name.
"""

from backtest.allocate.answer import answer, wants_returns
from backtest.allocate.base import Forecast, History, Method, Views, Weights
from backtest.allocate.choice import AllocationChoice, MethodChoice
from backtest.allocate.constraints.model import Constraints
from backtest.allocate.standalone import allocate
from backtest.allocate.table import METHODS
from backtest.allocate.verify import verified

__all__ = [
    "METHODS",
    "AllocationChoice",
    "Constraints",
    "Forecast",
    "History",
    "Method",
    "MethodChoice",
    "Views",
    "Weights",
    "allocate",
    "answer",
    "verified",
    "wants_returns",
]

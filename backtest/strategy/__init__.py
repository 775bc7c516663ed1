"""User code: the base it inherits from, the window it looks through, and how it is found."""

from backtest.strategy.base import Strategy
from backtest.strategy.context import Context, Panel
from backtest.strategy.loader import list_strategies, load_strategy, mount

__all__ = ["Context", "Panel", "Strategy", "list_strategies", "load_strategy", "mount"]

"""Several runs that belong together: run or found, put side by side, and told apart as far as chance allows."""

from backtest.study.pipeline import compare
from backtest.study.study import Study

__all__ = ["Study", "compare"]

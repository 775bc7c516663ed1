"""When to rebalance, one file per kind of trigger and what composes them; and when money comes and goes.

To add one: a file with a subclass of `Trigger` whose first field has the file's name, its line in `TRIGGERS`, and a
place in `AnyTrigger` (`rule.py`). YAML, the JSON Schema and `backtest list triggers` follow.
"""

from backtest.schedule.base import Trigger
from backtest.schedule.calendar import Calendar
from backtest.schedule.compile import START, Watch, compile_watch
from backtest.schedule.drift import Drift
from backtest.schedule.event import OnEvent
from backtest.schedule.flows import Flow, flows_by_row
from backtest.schedule.flows_file import read_flows
from backtest.schedule.rule import NEVER, TRIGGERS, AnyTrigger, Rebalance

__all__ = [
    "NEVER",
    "START",
    "TRIGGERS",
    "AnyTrigger",
    "Calendar",
    "Drift",
    "Flow",
    "OnEvent",
    "Rebalance",
    "Trigger",
    "Watch",
    "compile_watch",
    "flows_by_row",
    "read_flows",
]

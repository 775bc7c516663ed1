"""An event-driven portfolio backtester: one YAML file in, a report you can trust out.

Names are imported when they are first used, so that `import backtest` costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backtest import metrics
    from backtest.allocate import allocate
    from backtest.errors import BacktestError
    from backtest.market.build import make_market
    from backtest.market.join import join_markets
    from backtest.market.market import Market
    from backtest.market.stream.files import stream_market
    from backtest.run import Run, run
    from backtest.simulate.api import simulate
    from backtest.simulate.result import Result
    from backtest.strategy.base import Strategy
    from backtest.strategy.context import Context
    from backtest.strategy.event import Event
    from backtest.study import Study, compare

_HOMES = {
    "BacktestError": "backtest.errors",
    "Context": "backtest.strategy.context",
    "Event": "backtest.strategy.event",
    "Market": "backtest.market.market",
    "Result": "backtest.simulate.result",
    "Run": "backtest.run",
    "Strategy": "backtest.strategy.base",
    "Study": "backtest.study",
    "allocate": "backtest.allocate",
    "compare": "backtest.study",
    "join_markets": "backtest.market.join",
    "make_market": "backtest.market.build",
    "metrics": "backtest.metrics",
    "run": "backtest.run",
    "simulate": "backtest.simulate.api",
    "stream_market": "backtest.market.stream.files",
}

__all__ = [
    "BacktestError",
    "Context",
    "Event",
    "Market",
    "Result",
    "Run",
    "Strategy",
    "Study",
    "allocate",
    "compare",
    "join_markets",
    "make_market",
    "metrics",
    "run",
    "simulate",
    "stream_market",
]


class _Package(ModuleType):
    """Three functions share their name with the module they live in: importing that module must not hide them."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in ("allocate", "run", "simulate") and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'backtest' has no attribute {name!r}")
    module = import_module(_HOMES[name])
    value = module if name == "metrics" else getattr(module, name)
    setattr(sys.modules[__name__], name, value)
    return value

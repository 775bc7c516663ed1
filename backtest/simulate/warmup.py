"""Calling every kernel once, so that its machine code is in the cache."""

from __future__ import annotations

import numpy as np

from backtest.market.build import make_market
from backtest.simulate.api import simulate


def warm_up() -> None:
    """Simulate two tiny markets: one without corporate actions, one with, and in another order in memory."""
    close = np.array([[10.0, 20.0], [11.0, 21.0], [12.0, 22.0]])
    targets = (np.array([0]), np.array([[0.5, 0.5]]))
    simulate(make_market(close=close, open=close), targets)
    columns = np.asfortranarray(close)
    simulate(make_market(close=columns, open=columns, price_kind="raw", actions=[(1, "0", "split", 2.0)]), targets)

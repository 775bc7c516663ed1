"""Calling every kernel of a run once, so that its machine code is in the cache."""

from __future__ import annotations

import numpy as np

from backtest.allocate import allocate
from backtest.allocate.moments.gate import SMALL
from backtest.kernels.lots import Lots, Parts, Splits, Trades, match_lots
from backtest.market.build import make_market
from backtest.simulate.api import simulate
from backtest.stats.inference import histories
from backtest.types import LotMethod


def warm_up() -> None:
    """Simulate two tiny markets, ask the allocation methods that are compiled, and what else could have happened."""
    _simulate()
    _allocate()
    _follow_lots()
    histories(np.array([0.01, -0.02, 0.01]), 252.0, 2.0, draws=2)


def _simulate() -> None:
    """One market without corporate actions, one with, and in another order in memory."""
    close = np.array([[10.0, 20.0], [11.0, 21.0], [12.0, 22.0]])
    targets = (np.array([0]), np.array([[0.5, 0.5]]))
    simulate(make_market(close=close, open=close), targets)
    columns = np.asfortranarray(close)
    simulate(make_market(close=columns, open=columns, price_kind="raw", actions=[(1, "0", "split", 2.0)]), targets)


def _follow_lots() -> None:
    """One position of one trade."""
    numbers, edges, one = np.zeros(1, np.int64), np.array([0, 1]), np.ones(1)
    two = np.zeros(2, np.int64), np.zeros(2, np.int64), np.ones(2), np.ones(2)
    splits = Splits(np.zeros(2, np.int64), numbers[:0], one[:0], one[:0])
    match_lots(Trades(edges, numbers, one, one), splits, Lots(numbers, one, one), Parts(*two), int(LotMethod.FIFO))


def _allocate() -> None:
    """Quadratic and fractional programs, risk budgets without and with a bound that binds, bisection, many assets."""
    covariance = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, 0.02], [0.0, 0.02, 0.16]])
    capped = {"max_weight": 0.4}
    turning = {"max_weight": 0.4, "turnover": 0.2}
    allocate("min_variance", covariance=covariance, constraints=capped)
    allocate("min_variance", covariance=covariance, constraints=turning, current=[0.3, 0.3, 0.4])
    allocate("max_sharpe", covariance=covariance, mean=[0.05, 0.06, 0.07], constraints=capped)
    allocate("risk_parity", covariance=covariance)
    allocate("risk_parity", covariance=covariance, constraints=capped)
    allocate("hrp", covariance=covariance)
    allocate("min_variance", covariance=np.diag(np.linspace(0.01, 0.02, SMALL + 1)))

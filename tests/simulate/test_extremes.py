"""Numbers at the edge of what a float holds end in a result or an error, never in a crash."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.errors import ConfigError, InputError
from backtest.simulate.api import simulate

TARGETS = ([0, 2], [[0.5, 0.5], [0.1, 0.9]])


@pytest.mark.parametrize("price", [1e-300, 1e-30, 1e30, 1e300])
def test_prices_of_any_size(price: float) -> None:
    close = np.full((4, 2), price)
    with np.errstate(all="ignore"):
        result = simulate(
            {"close": close}, TARGETS, execution={"fill": "next_close"}, costs={"commission_minimum": 1.0}
        )
    assert len(result.equity) == 4


@pytest.mark.parametrize("capital", [0.0, -1.0, float("inf"), float("nan"), 1.7e308])
def test_a_capital_that_nobody_has(capital: float) -> None:
    with pytest.raises(InputError, match="capital: received"):
        simulate({"close": np.ones((4, 2))}, TARGETS, execution={"fill": "next_close"}, capital=capital)


def test_costs_that_eat_the_whole_trade() -> None:
    with pytest.raises(ConfigError, match="together 10000 bps a side"):
        simulate({"close": np.ones((4, 2))}, TARGETS, costs={"commission_bps": 9000, "slippage_bps": 1000})

"""Market caps: the same weights and the same error wherever they are used."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backtest
from backtest.errors import AllocationError

COVARIANCE = np.diag([0.04, 0.05, 0.06])
USERS: list[tuple[str, dict[str, Any]]] = [
    ("market_cap", {}),
    ("benchmark_relative", {"benchmark": "market_cap"}),
    ("black_litterman", {}),
    ("mean_variance", {"risk_aversion": 2.5, "mean": "equilibrium"}),
]


@pytest.mark.parametrize(("method", "given"), USERS)
@pytest.mark.parametrize("none", [-1.0, 0.0, np.nan])
def test_a_cap_that_is_not_above_0_is_none(method: str, given: dict[str, Any], none: float) -> None:
    found = backtest.allocate(method, covariance=COVARIANCE, caps=[none, 2.0, 3.0], **given)
    np.testing.assert_allclose(found.weights, [0.0, 0.4, 0.6], atol=1e-9)
    assert any("market cap" in text and "0" in text for text in found.warnings)


@pytest.mark.parametrize(("method", "given"), USERS)
@pytest.mark.parametrize("caps", [None, [np.nan, -1.0, 0.0]])
def test_without_caps_a_fallback_takes_over(method: str, given: dict[str, Any], caps: Any) -> None:
    with pytest.raises(AllocationError, match="market cap"):
        backtest.allocate(method, covariance=COVARIANCE, caps=caps, **given)
    found = backtest.allocate(method, covariance=COVARIANCE, caps=caps, fallback=["equal_weight"], **given)
    np.testing.assert_allclose(found.weights, 1 / 3)


def test_a_static_market_is_said_to_look_ahead() -> None:
    found = backtest.allocate("black_litterman", covariance=COVARIANCE, market={"0": 1.0, "1": 1.0, "2": 2.0})
    assert any("look ahead" in text for text in found.warnings)

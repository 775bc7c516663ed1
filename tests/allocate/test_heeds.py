"""What of a forecast a method looks at, as configured, and what is said of the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backtest

COVARIANCE = np.diag([0.04, 0.05, 0.06])
UNHEARD = "this method does not look at it: "


@pytest.mark.parametrize(
    ("method", "given", "parts"),
    [
        ("equal_weight", {}, "mean, covariance"),
        ("fixed", {"weights": {"0": 0.5}}, "mean, covariance"),
        ("market_cap", {"caps": [1.0, 2.0, 3.0]}, "mean, covariance"),
        ("min_variance", {}, "mean"),
        ("nco", {}, "mean"),
        ("benchmark_relative", {}, "mean"),
        ("mixed", {"of": ["equal_weight", "min_variance"]}, "mean"),
    ],
)
def test_what_is_not_looked_at_is_said_once_and_changes_nothing(method: str, given: dict[str, Any], parts: str) -> None:
    mean = [np.nan, 0.1, 0.2]
    found = backtest.allocate(method, covariance=COVARIANCE, mean=mean, **given)
    said = [text for text in found.warnings if UNHEARD in text]
    assert said[0].endswith(UNHEARD + parts)
    assert sum(text.startswith("given") for text in said) == 1
    np.testing.assert_array_equal(found.weights, backtest.allocate(method, covariance=COVARIANCE, **given).weights)


def test_what_the_configured_method_looks_at_is_heard() -> None:
    for method, given in (("nco", {"outer": "max_sharpe"}), ("benchmark_relative", {"risk_aversion": 2.0})):
        found = backtest.allocate(method, covariance=COVARIANCE, mean=[0.05, 0.1, 0.2], **given)
        assert not any(UNHEARD in text for text in found.warnings)


def test_a_covariance_for_a_rule_on_risk_is_looked_at() -> None:
    rules = {"max_volatility": 0.9}
    found = backtest.allocate("equal_weight", covariance=COVARIANCE, constraints=rules)
    assert not any(UNHEARD in text for text in found.warnings)

"""What an answer inside a region costs: one estimate of the covariance, and no linear program where none is needed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backtest
from backtest.allocate.methods.min_variance import MinVariance
from backtest.allocate.solve import start

RETURNS = np.random.default_rng(3).normal(0.0004, 0.01, (300, 6))
GROUPS = {"sector": ["Oil", "Oil", "Oil", "Tech", "Tech", "Tech"]}


@pytest.mark.parametrize(
    "rules",
    [
        {"max_volatility": 0.3},
        {"beta": {"min": 0.5}},
        {"max_weight": 0.5},
        {"max_positions": 3},
        {"max_positions": 3, "min_position": 0.2, "max_volatility": 0.3},
    ],
)
def test_a_covariance_is_estimated_once(monkeypatch: pytest.MonkeyPatch, rules: dict[str, Any]) -> None:
    estimated = []
    own = MinVariance._estimated

    def counted(self: MinVariance, *given: Any) -> Any:
        estimated.append(self)
        return own(self, *given)

    monkeypatch.setattr(MinVariance, "_estimated", counted)
    backtest.allocate("min_variance", returns=RETURNS, constraints=rules, periods_per_year=252.0)
    assert len(estimated) == 1


@pytest.mark.parametrize(
    "rules",
    [
        {"groups": {"sector": {"Oil": {"max": 0.4}, "Tech": {"min": 0.3}}}},
        {"turnover": 0.05},
        {"turnover": 0.3, "max_weight": 0.3},
    ],
)
def test_weights_at_hand_are_the_start_and_change_no_bit(
    monkeypatch: pytest.MonkeyPatch, rules: dict[str, Any]
) -> None:
    """The active-set method ends at the same weights from the corner that a linear program gives."""
    known = {"returns": RETURNS, "groups": GROUPS, "current": np.full(6, 1 / 6)}
    monkeypatch.setattr(start, "candidates", lambda _: iter(()))
    from_corner = backtest.allocate("min_variance", constraints=rules, **known).weights
    monkeypatch.undo()
    monkeypatch.setattr(start, "minimise_linear", pytest.fail)
    np.testing.assert_array_equal(backtest.allocate("min_variance", constraints=rules, **known).weights, from_corner)


def test_an_answer_that_is_moved_to_nothing_says_so() -> None:
    """A long-only answer has no neighbour but cash where what is held must add up to nothing."""
    rules = {"long_only": False, "gross": 1.0, "net": 0.0}
    found = backtest.allocate("equal_weight", returns=RETURNS, constraints=rules)
    assert not found.weights.any()
    assert found.warnings == (
        "the nearest weights that the constraints allow are none at all: everything stays in cash",
    )

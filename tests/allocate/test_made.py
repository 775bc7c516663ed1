"""Parameters that are wrong, called from Python: where, what, what was received, what is allowed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backtest
from backtest.errors import InputError

RETURNS = np.random.default_rng(4).normal(0.0005, 0.01, (300, 3))
ESTIMATED = {"estimator": "ewma", "halflife": 5}


@pytest.mark.parametrize(
    ("method", "given", "said"),
    [
        (
            "hrp",
            {"covariance": ESTIMATED},
            "hrp.covariance.ewma: unknown parameter 'halflife'; known: demean, estimator, half_life; "
            "did you mean 'half_life'?",
        ),
        (
            "max_sharpe",
            {"mean": ESTIMATED},
            "max_sharpe.mean.ewma: unknown parameter 'halflife'; known: estimator, half_life; "
            "did you mean 'half_life'?",
        ),
        (
            "fixed",
            {},
            "fixed.weights: missing: Weight of each symbol, as a fraction of equity; symbols not named get 0.",
        ),
        ("fixed", {"weights": [0.5, 0.5]}, "fixed.weights: not a mapping; received a list of 2"),
        ("fixed", {"weights": {}}, "fixed.weights: too few; received a dict of 0"),
        ("mixed", {"of": "hrp"}, "mixed.of: not a list; received 'hrp'"),
        ("mixed", {"of": [{"method": "hrp", "wieght": 2}]}, "mixed.of.0: unknown parameter 'wieght'"),
        ("hrp", {"order": "best"}, "hrp.order: unknown choice; received 'best'; allowed: 'tree' or 'optimal'"),
        ("hrp", {"lookback": 1.5}, "hrp.lookback: not a whole number; received 1.5"),
        ("hrp", {"lookback": 1}, "hrp.lookback: out of range; received 1; allowed: >= 2"),
        ("kelly", {"fraction": np.nan}, "kelly.fraction: not finite; received nan"),
        (
            "black_litterman",
            {"market": "equal"},
            "black_litterman.market: unknown choice and not a mapping; received 'equal'; "
            "allowed: 'caps' or 'equal_weight'",
        ),
        (
            "hrp",
            {"constraints": {"max_weight": "20%"}},
            "constraints.max_weight: not a number and not a mapping; received '20%'",
        ),
        (
            "hrp",
            {"constraints": {"max_weight": {"0": None}}},
            "constraints.max_weight.0: not a number; received None",
        ),
        ("hrp", {"costs": {"commission_bps": -1}}, "costs.commission_bps: out of range; received -1; allowed: >= 0"),
        (
            "risk_budgeting",
            {"budgets": {"0": -1}},
            "risk_budgeting: a budget is at least 0; received 0: -1",
        ),
    ],
)
def test_the_words(method: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        backtest.allocate(method, returns=RETURNS, **given)
    assert str(caught.value) == said


def test_each_problem_has_a_line() -> None:
    with pytest.raises(InputError) as caught:
        backtest.allocate("kelly", returns=RETURNS, fraction=2.0, lookback="x", foo=1)
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "kelly.lookback",
        "kelly.fraction",
        "kelly",
    ]

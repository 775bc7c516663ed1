"""Uncertainty and luck: how sure a number is, and what the best of many trials is worth. See docs/inference.md."""

from backtest.metrics.inference.families import (
    adjusted_p_values,
    compare_sharpes,
    confidence_set,
    pairwise_sharpes,
    reality_check,
    step_down,
    superior_ability,
)
from backtest.metrics.inference.selection import (
    Trials,
    deflated_sharpe,
    expected_luck,
    min_backtest_length,
    overfitting,
    trials_of,
)
from backtest.metrics.inference.uncertainty import (
    Estimate,
    aggregated_sharpe,
    intervals,
    min_track_record_length,
    probabilistic_sharpe,
    sharpe_error,
)

__all__ = [
    "Estimate",
    "Trials",
    "adjusted_p_values",
    "aggregated_sharpe",
    "compare_sharpes",
    "confidence_set",
    "deflated_sharpe",
    "expected_luck",
    "intervals",
    "min_backtest_length",
    "min_track_record_length",
    "overfitting",
    "pairwise_sharpes",
    "probabilistic_sharpe",
    "reality_check",
    "sharpe_error",
    "step_down",
    "superior_ability",
    "trials_of",
]

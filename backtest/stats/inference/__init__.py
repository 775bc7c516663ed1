"""Uncertainty and luck: how sure a number is, and what the best of many trials is worth. Pure functions of arrays."""

from backtest.stats.inference.confidence_set import ConfidenceSet, Statistic, confidence_set
from backtest.stats.inference.deflated import (
    Effective,
    deflated_sharpe,
    effective_number_of_trials,
    effective_trials,
    expected_maximum,
    luck,
    min_backtest_length,
)
from backtest.stats.inference.difference import SharpeDifference, sharpe_difference
from backtest.stats.inference.discovery import Control, adjusted
from backtest.stats.inference.hac import Window, autocovariances, long_run_variance, newey_west_lags
from backtest.stats.inference.histories import RESAMPLED, histories
from backtest.stats.inference.influence import ESTIMATED, SPREAD, Blocks, StandardErrors, influences, standard_errors
from backtest.stats.inference.interval import Interval
from backtest.stats.inference.intervals import STUDENTISED, Headline, headline
from backtest.stats.inference.overfitting import Overfitting, overfitting
from backtest.stats.inference.sharpe import (
    ErrorOf,
    aggregation_factor,
    exceedance,
    min_track_record_length,
    probabilistic_sharpe,
    shape,
    sharpe_error,
    sharpe_influence,
)
from backtest.stats.inference.superior import (
    Family,
    Studentise,
    Superiority,
    reality_check,
    step_down,
    superior_ability,
)

__all__ = [
    "ESTIMATED",
    "RESAMPLED",
    "SPREAD",
    "STUDENTISED",
    "Blocks",
    "ConfidenceSet",
    "Control",
    "Effective",
    "ErrorOf",
    "Family",
    "Headline",
    "Interval",
    "Overfitting",
    "SharpeDifference",
    "StandardErrors",
    "Statistic",
    "Studentise",
    "Superiority",
    "Window",
    "adjusted",
    "aggregation_factor",
    "autocovariances",
    "confidence_set",
    "deflated_sharpe",
    "effective_number_of_trials",
    "effective_trials",
    "exceedance",
    "expected_maximum",
    "headline",
    "histories",
    "influences",
    "long_run_variance",
    "luck",
    "min_backtest_length",
    "min_track_record_length",
    "newey_west_lags",
    "overfitting",
    "probabilistic_sharpe",
    "reality_check",
    "shape",
    "sharpe_difference",
    "sharpe_error",
    "sharpe_influence",
    "standard_errors",
    "step_down",
    "superior_ability",
]

"""What the best of many trials is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backtest import stats
from backtest.errors import InputError
from backtest.metrics.inference.checks import choice, table
from backtest.metrics.series import Returns, Times, track_of
from backtest.stats import inference
from backtest.stats.inference import Effective, Overfitting

MOST_PLAUSIBLE = 1.0
"""A variance of Sharpe ratios *per bar* above this is an annual one: trials that differ by a whole unit each bar."""


@dataclass(frozen=True)
class Trials:
    """How many configurations were tried, and how far apart their Sharpe ratios lie.

    `variance_per_bar` is the sample variance of the Sharpe ratios per bar, never of annual ones. `effective` is the
    number of independent trials they are worth.
    """

    count: int
    variance_per_bar: float
    effective: float


def trials_of(returns: pd.DataFrame, method: Effective = "average_correlation") -> Trials:
    """Count the columns of a table of returns as trials; those without a Sharpe ratio count, but have no variance."""
    choice("method", method, Effective)
    values = table(returns, 1)
    ratios = np.array([stats.sharpe(column, 1.0) for column in values.T])
    seen = ratios[~np.isnan(ratios)]
    variance = float(seen.var(ddof=1)) if seen.size > 1 else 0.0
    return Trials(values.shape[1], variance, inference.effective_trials(values, method))


def deflated_sharpe(
    returns: Returns,
    trials: float,
    variance_per_bar: float,
    *,
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    times: Times = None,
) -> float:
    """Return the probability that the true Sharpe ratio is above what luck gives the best of `trials`.

    `variance_per_bar` is the variance of the trials' Sharpe ratios per bar, which falls with their correlation by
    itself: give the number of all trials with it, not the effective one. Above 0.95 it is hardly luck. Bailey and López
    de Prado (2014). Unit: fraction; NaN where the ratio is not defined.
    """
    _check(trials, variance_per_bar)
    track = track_of(returns, risk_free, periods_per_year, times)
    excess = track.seen - track.cash_rate
    ratio = stats.sharpe(excess, 1.0)
    return inference.deflated_sharpe(ratio, excess.size, trials, variance_per_bar, *inference.shape(excess))


def expected_luck(trials: float, variance_per_bar: float, periods_per_year: float) -> float:
    """Return the annual Sharpe ratio that the best of `trials` worthless ones is expected to show. Unit: ratio."""
    _check(trials, variance_per_bar)
    return float(inference.luck(trials, variance_per_bar) * np.sqrt(periods_per_year))


def min_backtest_length(trials: float, sharpe: float = 1.0) -> float:
    """Return the years of data below which the best of `trials` worthless ones is expected to show an annual `sharpe`.

    With 45 trials and five years it is 1. Bailey, Borwein, López de Prado and Zhu (2014). Unit: years.
    """
    _check(trials, 0.0)
    if not sharpe > 0.0:
        raise InputError(f"sharpe: expected an annual ratio above 0; received {sharpe}")
    return inference.min_backtest_length(trials, sharpe)


def overfitting(returns: pd.DataFrame, blocks: int = 16) -> Overfitting:
    """Return the probability of backtest overfitting of a table of returns, one column a trial, by CSCV.

    How often the trial with the best Sharpe ratio in one half of the blocks is below the median in the other. All
    trials must be in the table, not only the good ones. Bailey, Borwein, López de Prado and Zhu (2017).
    """
    values = table(returns)
    if blocks % 2 or not 2 <= blocks <= 20:
        raise InputError(f"blocks: expected an even number from 2 to 20; received {blocks}")
    if len(values) < 2 * blocks:
        raise InputError(f"blocks: {blocks} blocks need at least {2 * blocks} rows; received {len(values)}")
    return inference.overfitting(values, blocks)


def _check(trials: float, variance_per_bar: float) -> None:
    if not trials >= 1.0:
        raise InputError(f"trials: expected at least 1; received {trials}")
    if not 0.0 <= variance_per_bar <= MOST_PLAUSIBLE:
        raise InputError(
            f"variance_per_bar: expected the variance of Sharpe ratios per bar, 0 to {MOST_PLAUSIBLE:g}; received "
            f"{variance_per_bar} (divide an annual one by the bars in a year)"
        )

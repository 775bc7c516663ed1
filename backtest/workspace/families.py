"""Which trials count together, and how far their Sharpe ratios lie apart.

A family is counted from one run's side: every trial on the same data set whose dates overlap with those of the run.
The same data set is the same content, or a store of the same name (a store that was brought up to date is still the
one that was searched). Dates that only follow one another do not overlap: a span that nothing was tried on before is
new. Symbols do not divide: whoever tries each symbol of a store in turn has searched the store.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from backtest.metrics.inference.selection import Trials
from backtest.metrics.luck import Moments, deflated
from backtest.workspace.apart import apart
from backtest.workspace.trials import Trial

MOST_ANNUAL = 20.0
"""A Sharpe ratio a year beyond this, either way, has next to no risk in it, such as cash that earns interest. Among
strategies it would be all of the variance, and nothing would look better than luck."""

LIKE_BARS = 1.5
"""Bars are of one length when their numbers in a year differ by no more than this factor."""


def family(trials: Sequence[Trial], own: Trial) -> list[Trial]:
    """Return the other trials that count against `own`, those that took a risk, each configuration once.

    A configuration that was evaluated again on a newer version of the store counts as it came out last.
    """
    others = {(each.config, each.strategy): each for each in trials if _is_related(each, own)}
    others.pop((own.config, own.strategy), None)
    return risky(list(others.values()))


def is_risky(trial: Trial) -> bool:
    """Say whether a trial has a Sharpe ratio, and one that a strategy may have."""
    if trial.sharpe is None:
        return False
    return abs(trial.sharpe) * math.sqrt(trial.bars_per_year or 1.0) <= MOST_ANNUAL


def variance(trials: Sequence[Trial]) -> float:
    """Return the variance of the Sharpe ratios per bar of those that took a risk, over n − 1; 0 without two."""
    ratios = np.array([each.sharpe for each in risky(trials)], dtype=np.float64)
    return float(ratios.var(ddof=1)) if ratios.size > 1 else 0.0


def without_few(trials: Sequence[Trial], own: Trial) -> tuple[list[Trial], Trials]:
    """Return the trials of a family that make up most of its spread, `apart`, and how it counts for `own` without them.

    The effective number is left at the number.
    """
    whole = risky([*family(trials, own), own])
    far = apart(whole)
    rest = [each for each in whole if each not in far]
    number = len(rest) + (own in far)
    return far, Trials(number, variance(rest), float(number))


def risky(trials: Sequence[Trial]) -> list[Trial]:
    """Return those that have a Sharpe ratio that a strategy may have."""
    return [each for each in trials if is_risky(each)]


def standings(trials: Sequence[Trial]) -> list[tuple[Trial, Trials]]:
    """Return every trial with its family as it is now; the effective number is left at the number.

    Trials of one store, span and bar share a family, which is counted once.
    """
    found: dict[tuple[object, ...], Trials] = {}
    for each in trials:
        place = place_of(each)
        if place not in found:
            others = family(trials, each)
            found[place] = Trials(len(others) + 1, variance([*others, each]), len(others) + 1.0)
    return [(each, found[place_of(each)]) for each in trials]


def deflated_of(trial: Trial, trials: Trials) -> float:
    """Return the deflated Sharpe ratio of a line of the register."""
    if trial.sharpe is None or trial.skewness is None or trial.kurtosis is None:
        return math.nan
    found = Moments(trial.sharpe, trial.observations, trial.skewness, trial.kurtosis)
    return deflated(found, trials.count, trials.variance_per_bar)


def place_of(trial: Trial) -> tuple[object, ...]:
    """Return what a family depends on; a trial that took no risk is beside those that did."""
    return trial.data, trial.store, trial.start, trial.end, trial.bars_per_year, is_risky(trial)


def _is_related(other: Trial, own: Trial) -> bool:
    if other.data != own.data and other.store != own.store:
        return False
    return max(other.start, own.start) < min(other.end, own.end) and _are_like_bars(other, own)


def _are_like_bars(one: Trial, other: Trial) -> bool:
    """Compare how many bars a year has; what could not be counted is like any other."""
    if one.bars_per_year is None or other.bars_per_year is None:
        return True
    ratio = one.bars_per_year / other.bars_per_year
    return 1.0 / LIKE_BARS <= ratio <= LIKE_BARS

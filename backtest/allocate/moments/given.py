"""Moments that a caller gives: refused when they cannot be any, and for whom they are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backtest.allocate.base import Forecast
from backtest.allocate.moments.symmetry import look_at
from backtest.allocate.moments.window import MOVES
from backtest.errors import InputError
from backtest.types import Bools, Floats, Strings

ASYMMETRY = 1e-8
"""Relative to the largest variance: two entries of a pair that differ by more are no rounding."""


def heeded(forecast: Forecast, heeds: frozenset[str]) -> tuple[Forecast, tuple[str, ...]]:
    """Return the parts of a forecast that a method looks at, and a warning of those that are there and it does not."""
    given = [name for name in ("mean", "covariance", "views") if getattr(forecast, name) is not None]
    unheard = [name for name in given if name not in heeds]
    if not unheard:
        return forecast, ()
    word = f"given, but this method does not look at it: {', '.join(unheard)}"
    return replace(forecast, **dict.fromkeys(unheard)), (word,)


def known_for(forecast: Forecast, symbols: Strings) -> Bools:
    """Say for which symbols `(N,)` the mean and the covariance that were given, if any, have numbers and variance.

    NaN in a symbol's mean or variance says that nothing is known of it; any other oddity is an error.
    """
    n = len(symbols)
    known = np.ones(n, np.bool_)
    if forecast.mean is not None:
        _refuse_shape("mean", forecast.mean, (n,))
        known &= np.isfinite(forecast.mean)
    if forecast.covariance is not None:
        _refuse_shape("covariance", forecast.covariance, (n, n))
        known &= _varies(forecast.covariance, symbols)
    return known


def _refuse_shape(name: str, values: Floats, expected: tuple[int, ...]) -> None:
    if values.shape != expected:
        raise InputError(f"{name}: received shape {values.shape}; expected {expected}, one entry a symbol")


def _varies(covariance: Floats, symbols: Strings) -> Bools:
    """Say which symbols have a variance above 0; refuse what is wrong among those that have one."""
    variances = np.where(np.isfinite(covariance.diagonal()), covariance.diagonal(), 0.0)
    if (variances < 0.0).any():
        worst = int(variances.argmin())
        raise InputError(f"covariance: negative variance: {symbols[worst]} has {variances[worst]:g}")
    varies: Bools = variances > MOVES**2
    columns = np.flatnonzero(varies)
    inside = covariance if len(columns) == len(varies) else covariance[np.ix_(columns, columns)]
    look = look_at(inside)
    if look.bad >= 0:
        raise InputError(f"covariance: not a number for {_pair(symbols[columns], look.bad)}")
    if look.apart > ASYMMETRY * variances.max():
        uneven = np.abs(inside - inside.T) > ASYMMETRY * variances.max()
        raise InputError(
            f"covariance: not symmetric: two different entries for {_pair(symbols[columns], int(uneven.argmax()))}"
        )
    return varies


def _pair(symbols: Strings, place: int) -> str:
    return f"{symbols[place // len(symbols)]} and {symbols[place % len(symbols)]}"

"""A covariance that a caller gives: by name or by order, symmetric, no variance below 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from backtest.allocate.given_vectors import refuse_others
from backtest.allocate.moments.symmetry import look_at
from backtest.allocate.real import finite
from backtest.errors import InputError
from backtest.types import Floats

UNEVEN = 1e-10
"""Relative to the largest entry: two entries of a pair that differ by more are no rounding."""


def square(given: pd.DataFrame | Floats, names: Sequence[str]) -> Floats:
    """Return a covariance `(N, N)` in the order of `names`, an array of its own.

    A symbol without a variance (NaN, or not named) is as one that never moves: methods leave it out.
    """
    values, n = _in_order(given, names), len(names)
    if values.shape != (n, n):
        raise InputError(f"covariance: expected shape {(n, n)}; received {values.shape}")
    look = look_at(values)
    if look.bad >= 0:
        values = _known(values)
        look = look_at(values)
    if look.apart > UNEVEN * look.largest:
        row, column = divmod(look.place, n)
        raise InputError(
            f"covariance: not symmetric: row {row}, column {column} is {values[row, column]:g}, "
            f"row {column}, column {row} is {values[column, row]:g}"
        )
    if n and values.diagonal().min() < 0.0:
        raise InputError(f"covariance: the variance of {names[int(values.diagonal().argmin())]} is below 0")
    symmetric: Floats = (values + values.T) / 2.0 if look.apart > 0.0 else values.copy()
    return symmetric


def _in_order(given: pd.DataFrame | Floats, names: Sequence[str]) -> Floats:
    if isinstance(given, pd.DataFrame):
        labels = [str(name) for name in given.columns]
        if [str(name) for name in given.index] != labels:
            raise InputError("covariance: the names of its rows are not those of its columns")
        refuse_others("covariance", labels, names)
        if len(set(labels)) < len(labels):
            raise InputError("covariance: a name is there more than once")
        if labels != list(names):
            given = (
                given.set_axis(labels, axis=0).set_axis(labels, axis=1).reindex(index=list(names), columns=list(names))
            )
    return finite("covariance", given)


def _known(values: Floats) -> Floats:
    """Return 0 for what is not known of symbols without a variance; refuse what is missing of the others."""
    known = ~np.isnan(values.diagonal())
    missing, both = np.isnan(values), known & known[:, np.newaxis]
    if (missing & both).any():
        row, column = np.argwhere(missing & both)[0]
        raise InputError(f"covariance: row {row}, column {column}: received nan, and both have a variance")
    return np.where(missing, 0.0, values)

"""What a strategy believes, as it hands it to `ctx.allocate`, turned into numbers for the symbols of a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from backtest.allocate import Forecast, Views
from backtest.allocate.given import MATRIX
from backtest.allocate.given_covariance import square
from backtest.allocate.given_vectors import vector
from backtest.allocate.given_views import views_of
from backtest.allocate.real import table
from backtest.errors import InputError
from backtest.strategy.base import not_there
from backtest.types import Floats, Ints

NOTHING = Forecast()


def forecast_of(
    mean: Any,
    covariance: Any,
    views: Any,
    confidences: Any,
    asked: Sequence[str],
    index: Mapping[str, int],
    chosen: Ints,
) -> tuple[Forecast, tuple[str, ...]]:
    """Return beliefs about the columns `chosen`, annual, and what to warn of.

    Arrays are in the order of the symbols `asked` about; a mapping, Series or frame says its symbols itself. A symbol
    that nothing is said of has no mean (NaN) or no variance (0), and gets no weight. Views on symbols that cannot be
    traded now are dropped.
    """
    if mean is None and covariance is None and views is None and confidences is None:
        return NOTHING, ()
    found, dropped = _views(views, confidences, asked, index, chosen)
    forecast = Forecast(
        None if mean is None else _mean(mean, asked, index)[chosen],
        None if covariance is None else _covariance(covariance, asked, index)[np.ix_(chosen, chosen)],
        found,
    )
    return forecast, dropped


def stamp(forecast: Forecast) -> bytes:
    """Return bytes that differ when the beliefs do."""
    views = forecast.views
    parts = [forecast.mean, forecast.covariance]
    if views is not None:
        parts += [views.holdings, views.returns, views.confidences, views.uncertainty]
    return b"|".join(b"-" if part is None else np.ascontiguousarray(part).tobytes() for part in parts)


def _mean(given: Any, asked: Sequence[str], index: Mapping[str, int]) -> Floats:
    if isinstance(given, pd.Series | Mapping):
        _refuse_strangers("mean", given.keys(), index)
    values = vector("mean", given, asked, others=np.nan, may_miss=True)
    found = np.full(len(index), np.nan)
    found[_columns(asked, index)] = values
    return found


def _covariance(given: Any, asked: Sequence[str], index: Mapping[str, int]) -> Floats:
    given, names = table("covariance", given, MATRIX), list(asked)
    if isinstance(given, pd.DataFrame):
        _refuse_strangers("covariance", given.columns, index)
        names = list(index)  # a frame may speak of any symbol of the market
    found = np.zeros((len(index), len(index)))
    columns = _columns(names, index)
    found[np.ix_(columns, columns)] = square(given, names)
    return found


def _views(
    views: Any, confidences: Any, asked: Sequence[str], index: Mapping[str, int], chosen: Ints
) -> tuple[Views | None, tuple[str, ...]]:
    """Return the views on portfolios of the chosen symbols alone, and how many others there were."""
    named = isinstance(views, list | tuple) and all(isinstance(view, Mapping) for view in views)
    names = list(index) if named else list(asked)  # views by name may speak of any symbol of the market
    made = views_of(views, confidences, names)
    if made is None:
        return None, ()
    holdings = np.zeros((len(made.returns), len(index)))
    holdings[:, _columns(names, index)] = made.holdings
    part = Views(holdings, made.returns, made.confidences, made.uncertainty).of(chosen)
    lost = len(made.returns) - (0 if part is None else len(part.returns))
    warnings = (f"views dropped, because they are on symbols that are not allocated: {lost} of {len(made.returns)}",)
    return part, warnings if lost else ()


def _columns(names: Sequence[str], index: Mapping[str, int]) -> Ints:
    if len(set(names)) < len(names):
        twice = next(name for name in names if list(names).count(name) > 1)
        raise InputError(
            f"allocate: {twice!r} is asked for more than once, so that nobody can say whose number is whose"
        )
    return np.array([index[name] for name in names], np.int64)


def _refuse_strangers(what: str, names: Any, index: Mapping[str, int]) -> None:
    for name in names:
        if str(name) not in index:
            raise InputError(f"{what}: {not_there(str(name), index)}")

"""The history of some of the symbols, for methods that must not see the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backtest.allocate.base import Forecast, History, Views
from backtest.types import Floats, Ints


def narrowed(history: History, columns: Ints) -> History:
    """Return the history of some of the symbols; what is held of the others will be sold."""
    current, outside = history.current, history.outside
    if current is not None:
        outside += float(np.abs(np.delete(current, columns)).sum())
    forecast = history.forecast
    covariance = None if forecast.covariance is None else forecast.covariance[np.ix_(columns, columns)]
    return replace(
        history,
        symbols=history.symbols[columns],
        returns=np.ascontiguousarray(history.returns[:, columns]),
        current=_part(current, columns),
        outside=outside,
        prices=_part(history.prices, columns),
        caps=_part(history.caps, columns),
        groups={key: labels[columns] for key, labels in history.groups.items()},
        forecast=Forecast(_part(forecast.mean, columns), covariance, _views(forecast.views, columns)),
        first_row=None,
    )


def _views(views: Views | None, columns: Ints) -> Views | None:
    """Return the views on these symbols alone; one on any other symbol means nothing without it."""
    if views is None:
        return None
    about = ~np.delete(views.holdings, columns, axis=1).any(axis=1)
    if not about.any():
        return None
    uncertainty = None if views.uncertainty is None else views.uncertainty[np.ix_(about, about)]
    sure = None if views.confidences is None else views.confidences[about]
    return Views(views.holdings[np.ix_(about, columns)], views.returns[about], sure, uncertainty)


def _part(values: Floats | None, columns: Ints) -> Floats | None:
    return None if values is None else values[columns]

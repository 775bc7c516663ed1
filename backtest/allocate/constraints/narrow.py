"""The history of some of the symbols, for methods that must not see the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backtest.allocate.base import Forecast, History, part_of
from backtest.types import Ints


def narrowed(history: History, columns: Ints) -> History:
    """Return the history of some of the symbols; what is held of the others will be sold."""
    current, outside = history.current, history.outside
    if current is not None:
        outside += float(np.abs(np.delete(current, columns)).sum())
    forecast = history.forecast
    views = None if forecast.views is None else forecast.views.of(columns)
    covariance = None if forecast.covariance is None else forecast.covariance[np.ix_(columns, columns)]
    return replace(
        history,
        symbols=history.symbols[columns],
        returns=np.ascontiguousarray(history.returns[:, columns]),
        current=part_of(current, columns),
        outside=outside,
        prices=part_of(history.prices, columns),
        caps=part_of(history.caps, columns),
        groups={key: labels[columns] for key, labels in history.groups.items()},
        forecast=Forecast(part_of(forecast.mean, columns), covariance, views),
        first_row=None,
    )

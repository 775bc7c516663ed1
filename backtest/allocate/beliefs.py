"""Views as written, and as numbers: portfolios, what they will return, and how uncertain that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from backtest.allocate.base import Views
from backtest.allocate.posterior import doubt, doubt_of_confidence
from backtest.errors import InputError
from backtest.parameters import Parameters
from backtest.types import Floats

if TYPE_CHECKING:
    from backtest.allocate.sample import Sample


class View(Parameters):
    """A portfolio and what it will return: {holdings: {A: 1, B: -1}, return: 0.05, confidence: 0.6}."""

    model_config = ConfigDict(populate_by_name=True)

    holdings: dict[str, float] = Field(min_length=1)
    """Weights of the portfolio: {A: 1} is A itself, {A: 1, B: -1} is A against B."""

    returns: float = Field(alias="return")
    """What it will return a year, as a fraction; 0.05 with {A: 1, B: -1}: A will do 5 % better than B."""

    confidence: float | None = Field(default=None, ge=0.0, le=1.0)
    """How sure: 0 is not heard, 1 is met exactly, 0.5 is as uncertain as the prior."""

    deviation: float | None = Field(default=None, gt=0.0)
    """In place of a confidence: standard deviation a year of the view's error, as a fraction."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(self.holdings.values()):
            raise ValueError("a view on a portfolio of nothing; at least one holding is not 0")
        if self.confidence is not None and self.deviation is not None:
            raise ValueError("give a confidence or a deviation, not both")
        return self

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        plain: dict[str, Any] = handler(self)
        return {"return" if key == "returns" else key: value for key, value in plain.items()}


@dataclass(frozen=True)
class Beliefs:
    """`V` views in numbers: returns are above cash, `uncertainty` is the covariance of their errors."""

    holdings: Floats  # (V, K)
    returns: Floats  # (V,)
    uncertainty: Floats  # (V, V)


def beliefs(sample: Sample, written: Sequence[View], covariance: Floats, tau: float) -> tuple[Beliefs, tuple[str, ...]]:
    """Return the views of the configuration, then those of the strategy, in one; and what to warn of.

    A view on a symbol that has no data now is dropped, and so is one of confidence 0. A return is the portfolio's own:
    what cash would earn on the sum of its holdings is taken off.
    """
    own, warnings = _in_numbers(written, sample)
    parts = [_uncertain(views, covariance, tau) for views in (own, sample.views) if views is not None]
    holdings = np.concatenate([np.empty((0, len(covariance))), *(views.holdings for views, _ in parts)])
    returns = np.concatenate([np.empty(0), *(views.returns for views, _ in parts)])
    uncertainty = np.zeros((len(returns), len(returns)))
    start = 0
    for views, block in parts:
        stop = start + len(views.returns)
        uncertainty[start:stop, start:stop] = block
        start = stop
    cash = sample.cash if len(returns) else 0.0
    return Beliefs(holdings, returns - cash * holdings.sum(axis=1), uncertainty), warnings


def _in_numbers(written: Sequence[View], sample: Sample) -> tuple[Views | None, tuple[str, ...]]:
    """Return the written views on portfolios of the sample's symbols; a confidence of NaN is none given."""
    place = {str(symbol): k for k, symbol in enumerate(sample.symbols)}
    heard = [view for view in written if all(name in place for name, held in view.holdings.items() if held)]
    absent = sorted({name for view in written for name, held in view.holdings.items() if held and name not in place})
    warnings = (f"views dropped, because they are on symbols without data: {', '.join(absent)}",) if absent else ()
    if not heard:
        return None, warnings
    holdings = np.zeros((len(heard), len(place)))
    for row, view in zip(holdings, heard, strict=True):
        for name, held in view.holdings.items():
            if held:
                row[place[name]] = held
    sure = np.array([np.nan if view.confidence is None else view.confidence for view in heard])
    errors = np.array([np.nan if view.deviation is None else view.deviation**2 for view in heard])
    return Views(holdings, np.array([view.returns for view in heard]), sure, np.diag(errors)), warnings


def _uncertain(views: Views, covariance: Floats, tau: float) -> tuple[Views, Floats]:
    """Return the views that are heard at all, and the covariance of their errors `(V, V)`.

    A view with neither a confidence nor an uncertainty is as uncertain as the prior says its portfolio is.
    """
    count = len(views.returns)
    sure = np.full(count, np.nan) if views.confidences is None else views.confidences
    heard = np.flatnonzero(sure != 0.0)
    holdings, sure = views.holdings[heard], sure[heard]
    prior = doubt(covariance, tau, holdings)
    block = np.diag(prior * np.where(np.isnan(sure), 1.0, doubt_of_confidence(np.where(np.isnan(sure), 0.5, sure))))
    if views.uncertainty is not None:
        if views.uncertainty.shape != (count, count):
            raise InputError(
                f"views: expected uncertainty of shape {(count, count)}; received {views.uncertainty.shape}"
            )
        given = views.uncertainty[np.ix_(heard, heard)]
        own = np.isnan(sure) & ~np.isnan(given.diagonal())
        block[np.ix_(own, own)] = given[np.ix_(own, own)]
    return Views(holdings, views.returns[heard]), block

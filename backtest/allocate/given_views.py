"""Views as a caller of `allocate` gives them, by name or as arrays, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backtest.allocate.base import Views
from backtest.allocate.given import numbers, refuse_others, vector
from backtest.errors import InputError
from backtest.types import Floats

KEYS = ("holdings", "return", "confidence", "deviation")


def views_of(views: Any, confidences: Any, names: Sequence[str]) -> Views | None:
    """Return views in the order of the symbols.

    `views` is a `Views`; a pair of holdings `(V, N)` and returns `(V,)`; or a list of {holdings: {NAME: weight},
    return} with a confidence or a deviation each, or with neither in any. `confidences` `(V,)` stand beside views that
    do not say themselves how uncertain they are.
    """
    if views is None:
        if confidences is not None:
            raise InputError("confidences: there are no views to be confident of")
        return None
    if isinstance(views, Views):
        made = views
    elif isinstance(views, Sequence) and all(isinstance(view, Mapping) for view in views):
        made = _by_name(views, names)
    else:
        holdings, returns = _pair(views)
        made = Views(np.atleast_2d(numbers(np.atleast_2d(np.asarray(holdings)), "views")), np.atleast_1d(returns))
    if confidences is not None:
        if made.confidences is not None or made.uncertainty is not None:
            raise InputError("confidences: the views say themselves how uncertain they are; give one of the two")
        made = Views(made.holdings, made.returns, np.array(confidences, np.float64))
    return _checked(made, len(names))


def _by_name(views: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Views:
    holdings = np.zeros((len(views), len(names)))
    for k, view in enumerate(views):
        if set(view) - set(KEYS) or not {"holdings", "return"} <= set(view):
            raise InputError(
                f"views: view {k}: received {', '.join(map(str, view))}; "
                "expected holdings, return[, confidence or deviation]"
            )
        refuse_others(f"views: view {k}", list(view["holdings"]), names, all_needed=False)
        holdings[k] = vector(f"views: view {k}", view["holdings"], names, others=0.0)
    returns = np.array([view["return"] for view in views], np.float64)
    return Views(holdings, returns, *_doubts(views))


def _doubts(views: Sequence[Mapping[str, Any]]) -> tuple[Floats | None, Floats | None]:
    """Return confidences `(V,)` and the covariance of the errors `(V, V)`; NaN where a view gives the other of them."""
    sure = np.array([_number(view, "confidence") for view in views])
    wide = np.array([_number(view, "deviation") for view in views])
    both = ~np.isnan(sure) & ~np.isnan(wide)
    neither = np.isnan(sure) & np.isnan(wide)
    if both.any():
        raise InputError(f"views: view {int(both.argmax())}: give a confidence or a deviation, not both")
    if neither.any() and not neither.all():
        raise InputError(f"views: view {int(neither.argmax())} has no confidence and no deviation, and others have")
    if (wide <= 0.0).any():
        raise InputError(f"views: view {int((wide <= 0.0).argmax())}: a deviation is above 0")
    errors = None if np.isnan(wide).all() else np.diag(wide**2)
    return None if np.isnan(sure).all() else sure, errors


def _number(view: Mapping[str, Any], key: str) -> float:
    return float("nan") if view.get(key) is None else float(view[key])


def _pair(views: Any) -> tuple[Any, Floats]:
    try:
        holdings, returns = views
        return holdings, np.asarray(returns, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            "views: expected a list of {holdings, return}, or a pair of holdings (V, N) and returns (V,)"
        ) from error


def _checked(views: Views, n: int) -> Views:
    v = len(views.returns)
    if views.holdings.shape != (v, n):
        raise InputError(f"views: expected holdings of shape {(v, n)}; received {views.holdings.shape}")
    if not (np.isfinite(views.holdings).all() and np.isfinite(views.returns).all()):
        raise InputError("views: received a number that is not finite")
    sure, errors = views.confidences, views.uncertainty
    given = np.ones(v, np.bool_) if sure is None or errors is None else ~np.isnan(sure)
    if sure is not None and (sure.shape != (v,) or not ((sure[given] >= 0.0) & (sure[given] <= 1.0)).all()):
        raise InputError(f"confidences: expected {v} numbers from 0 to 1; received {sure.tolist()}")
    if errors is not None:
        _refuse_no_covariance(errors, v)
        if sure is not None and (given == ~np.isnan(errors.diagonal())).any():
            raise InputError("views: confidences and uncertainty are both given; a view has one of the two")
    return views


def _refuse_no_covariance(errors: Floats, v: int) -> None:
    """Refuse what is not the covariance of errors; NaN on the diagonal, with zeros beside it, is a view without one."""
    if errors.shape != (v, v):
        raise InputError(f"views: expected uncertainty of shape {(v, v)}; received {errors.shape}")
    own = np.flatnonzero(~np.isnan(errors.diagonal()))
    part = errors[np.ix_(own, own)]
    if not len(own) or not np.isfinite(part).all():
        raise InputError("views: uncertainty: received a number that is not finite")
    size = float(np.abs(part).max())
    if np.abs(part - part.T).max() > 1e-10 * size:
        raise InputError("views: uncertainty is not symmetric")
    least = float(np.linalg.eigvalsh(part)[0])
    if least < -1e-10 * size:
        raise InputError(f"views: uncertainty is not a covariance: its smallest eigenvalue is {least:g}, below 0")

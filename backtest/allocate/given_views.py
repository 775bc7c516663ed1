"""Views as a caller of `allocate` gives them, by name or as arrays, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from backtest.allocate.base import Views
from backtest.allocate.given_vectors import refuse_others, vector
from backtest.allocate.real import number, real, shown, table
from backtest.errors import InputError
from backtest.types import Floats

KEYS = ("holdings", "return", "confidence", "deviation")
ALLOWED = "a list of {holdings, return}, or a pair of holdings (V, N) and returns (V,)"
HOLDINGS = "{NAME: weight}, at least one of them not 0"


def views_of(views: Any, confidences: Any, names: Sequence[str]) -> Views | None:
    """Return views in the order of the symbols; None where there are none.

    `views` is a `Views`; a pair of holdings `(V, N)` and returns `(V,)`; or a list of {holdings: {NAME: weight},
    return} with a confidence or a deviation each, or with neither in any. `confidences` `(V,)` stand beside views that
    do not say themselves how uncertain they are.
    """
    if views is None:
        if confidences is not None:
            raise InputError("confidences: there are no views to be confident of")
        return None
    if isinstance(views, Views):
        made = _plain(views)
    elif isinstance(views, list | tuple) and all(isinstance(view, Mapping) for view in views):
        made = _by_name(views, names)
    else:
        made = _pair(views, names)
    if confidences is not None:
        if made.confidences is not None or made.uncertainty is not None:
            raise InputError("confidences: the views say themselves how uncertain they are; give one of the two")
        made = Views(made.holdings, made.returns, _confidences(confidences))
    found = _checked(made, len(names))
    return found if len(found.returns) else None


def _confidences(given: Any) -> Floats:
    return np.array(real("confidences", given, "one number from 0 to 1 a view, in the order of the views"))


def _plain(views: Views) -> Views:
    """Return the same with arrays of numbers."""
    sure, errors = views.confidences, views.uncertainty
    return Views(
        real("views: holdings", views.holdings),
        real("views: returns", views.returns),
        None if sure is None else _confidences(sure),
        None if errors is None else real("views: uncertainty", errors),
    )


def _by_name(views: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Views:
    holdings, returns = np.zeros((len(views), len(names))), np.zeros(len(views))
    for k, view in enumerate(views):
        what, held = f"views: view {k}", view.get("holdings")
        if set(view) - set(KEYS) or not {"holdings", "return"} <= set(view):
            raise InputError(
                f"{what}: received {', '.join(map(str, view))}; expected holdings, return[, confidence or deviation]"
            )
        if not isinstance(held, Mapping | pd.Series):
            raise InputError(f"{what}: holdings: received {shown(held)}; allowed: {HOLDINGS}")
        refuse_others(what, held.keys(), names)
        holdings[k] = vector(what, held, names, others=0.0)
        returns[k] = number(f"{what}: return", view["return"], "a number a year, 0.05 is 5 %")
    return Views(holdings, returns, *_doubts(views))


def _doubts(views: Sequence[Mapping[str, Any]]) -> tuple[Floats | None, Floats | None]:
    """Return confidences `(V,)` and the covariance of the errors `(V, V)`; NaN where a view gives the other of them."""
    sure = np.array([_doubt(k, view, "confidence", "a number from 0 to 1") for k, view in enumerate(views)])
    wide = np.array([_doubt(k, view, "deviation", "a number > 0") for k, view in enumerate(views)])
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


def _doubt(k: int, view: Mapping[str, Any], key: str, allowed: str) -> float:
    given = view.get(key)
    return float("nan") if given is None else number(f"views: view {k}: {key}", given, allowed)


def _pair(views: Any, names: Sequence[str]) -> Views:
    if not isinstance(views, list | tuple) or len(views) != 2:
        raise InputError(f"views: received {shown(views)}; expected {ALLOWED}")
    holdings, returns = views
    held = table("views: holdings", holdings if isinstance(holdings, pd.DataFrame) else _row(holdings), ALLOWED)
    if isinstance(held, pd.DataFrame):
        refuse_others("views: holdings", held.columns, names)
        held = held.set_axis(held.columns.map(str), axis=1).reindex(columns=list(names), fill_value=0.0).to_numpy()
    return Views(held, np.atleast_1d(real("views: returns", returns, "one number a view, a year")))


def _row(holdings: Any) -> Floats:
    """Return holdings `(V, N)`; those of one view may be given as `(N,)`."""
    return np.atleast_2d(real("views: holdings", holdings, ALLOWED))


def _checked(views: Views, n: int) -> Views:
    if views.returns.ndim != 1:
        raise InputError(f"views: expected returns of shape (V,), one a view; received {views.returns.shape}")
    v = len(views.returns)
    if views.holdings.shape != (v, n):
        raise InputError(f"views: expected holdings of shape {(v, n)}; received {views.holdings.shape}")
    if not (np.isfinite(views.holdings).all() and np.isfinite(views.returns).all()):
        raise InputError("views: received a number that is not finite")
    empty = ~(views.holdings != 0.0).any(axis=1)
    if empty.any():
        raise InputError(f"views: view {int(empty.argmax())}: a view on a portfolio of nothing; allowed: {HOLDINGS}")
    sure, errors = views.confidences, views.uncertainty
    if sure is not None and sure.shape != (v,):
        raise InputError(f"confidences: expected {v} numbers from 0 to 1, one a view; received shape {sure.shape}")
    given = np.ones(v, np.bool_) if sure is None or errors is None else ~np.isnan(sure)
    if sure is not None and not ((sure[given] >= 0.0) & (sure[given] <= 1.0)).all():
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

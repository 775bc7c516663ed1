"""Weights from history: one file a method, beside a small base.

To add one: a file with a subclass of `Method`, and its line in `METHODS`. The name in YAML is the file's name.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.equal_weight import EqualWeight
from backtest.allocate.fixed import Fixed
from backtest.allocate.inverse_volatility import InverseVolatility
from backtest.allocate.verify import verified
from backtest.errors import InputError, nearest, unknown
from backtest.types import Floats

METHODS: dict[str, type[Method]] = {
    "equal_weight": EqualWeight,
    "fixed": Fixed,
    "inverse_volatility": InverseVolatility,
}


def allocate(method: str, *, returns: pd.DataFrame | Floats, **parameters: Any) -> Weights:
    """Weigh the columns of `returns` `(n, N)`, simple returns per bar, oldest first, with the method of that name.

    NaN is a missing return. A method looks at the last rows only, as many as its lookback; `parameters` are those that
    a configuration writes beside the method.

    >>> allocate("equal_weight", returns=np.zeros((3, 4))).weights
    array([0.25, 0.25, 0.25, 0.25])
    """
    if method not in METHODS:
        raise InputError(unknown("allocation method", method, METHODS))
    chosen = _made(method, parameters)
    values = _numbers(returns)
    columns = returns.columns if isinstance(returns, pd.DataFrame) else range(values.shape[1])
    names = [str(name) for name in columns]
    if len(values) < chosen.wants_returns:
        raise InputError(f"{method} looks at {chosen.wants_returns} returns; received {len(values)}")
    if isinstance(chosen, Fixed):
        _refuse_strangers(chosen, names)
    history = History(np.array(names, np.str_), values[len(values) - chosen.wants_returns :])
    return verified(method, chosen.weigh(history), len(names))


def _made(method: str, parameters: dict[str, Any]) -> Method:
    """Give a method its parameters, or say everything that is wrong with them."""
    kind = METHODS[method]
    try:
        return kind(**parameters)
    except ValidationError as error:
        said = []
        for detail in error.errors():
            name = str(detail["loc"][0]) if detail["loc"] else ""
            if detail["type"] == "extra_forbidden":
                said.append(f"{method}: {unknown('parameter', name, kind.model_fields)}")
            else:
                where = ".".join(map(str, (method, *detail["loc"])))
                received = "" if detail["type"] == "missing" or not name else f"; received {detail['input']!r}"
                said.append(f"{where}: {detail['msg'].removeprefix('Value error, ')}{received}")
        raise InputError("\n".join(said)) from error


def _numbers(returns: pd.DataFrame | Floats) -> Floats:
    """Return the values `(n, N)`, finite or NaN."""
    try:
        values = np.asarray(returns, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"returns: not numbers: {error}") from error
    if values.ndim != 2:
        raise InputError(f"returns: expected two dimensions (bars, assets); received shape {values.shape}")
    if np.isinf(values).any():
        row, column = np.argwhere(np.isinf(values))[0]
        raise InputError(
            f"returns: row {row}, column {column}: received {values[row, column]}; allowed: finite, or NaN"
        )
    return values


def _refuse_strangers(method: Fixed, names: list[str]) -> None:
    """A fixed weight on a column that is not there would stay cash without a word."""
    for symbol in method.weights:
        if symbol not in names:
            close = nearest(symbol, names)
            raise InputError(
                f"fixed.weights: {symbol!r} is not a column of returns"
                + (f"; did you mean {close!r}?" if close else "")
            )


__all__ = ["METHODS", "History", "Method", "Weights", "allocate", "verified"]

"""Weights from history: one file a method, beside a small base.

To add one: a file with a subclass of `Method`, and its line in `METHODS`. The name in YAML is the file's name.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.equal_weight import EqualWeight
from backtest.allocate.fixed import Fixed
from backtest.allocate.inverse_volatility import InverseVolatility
from backtest.allocate.verify import verified
from backtest.errors import InputError, unknown
from backtest.types import Floats

METHODS: dict[str, type[Method]] = {
    "equal_weight": EqualWeight,
    "fixed": Fixed,
    "inverse_volatility": InverseVolatility,
}


def allocate(method: str, *, returns: pd.DataFrame | Floats, **parameters: Any) -> Weights:
    """Weigh the columns of `returns` `(n, N)`, simple returns per bar, oldest first, with the method of that name.

    >>> allocate("equal_weight", returns=np.zeros((3, 4))).weights
    array([0.25, 0.25, 0.25, 0.25])
    """
    if method not in METHODS:
        raise InputError(unknown("allocation method", method, METHODS))
    if isinstance(returns, pd.DataFrame):
        names, values = [str(name) for name in returns.columns], returns.to_numpy(np.float64)
    else:
        values = np.asarray(returns, np.float64)
        if values.ndim != 2:
            raise InputError(f"returns: expected two dimensions (bars, assets); received shape {values.shape}")
        names = [str(i) for i in range(values.shape[1])]
    chosen = METHODS[method](**parameters)
    if len(values) < chosen.wants_returns:
        raise InputError(f"{method} looks at {chosen.wants_returns} returns; received {len(values)}")
    history = History(np.array(names), values[len(values) - chosen.wants_returns :])
    return verified(method, chosen.weigh(history), len(names))


__all__ = ["METHODS", "History", "Method", "Weights", "allocate", "verified"]

"""Histories and regions that the tests of constraints share."""

from __future__ import annotations

from typing import Any

import numpy as np

from backtest.allocate import Constraints, History
from backtest.allocate.constraints.region import Region


def history(n: int, rows: int = 0, **known: Any) -> History:
    """`n` symbols A, B, …, with `rows` random returns and whatever else is known."""
    returns = np.random.default_rng(n).normal(0.0004, 0.01, (rows, n)) * np.linspace(0.5, 2.0, n)
    return History(np.array([chr(ord("A") + k) for k in range(n)]), returns, **known)


def sectors(*labels: str) -> dict[str, Any]:
    return {"groups": {"sector": np.array(labels)}}


def region(n: int, rules: dict[str, Any] | None = None, **known: Any) -> Region:
    return Constraints.model_validate(rules or {}).resolve(history(n, **known))

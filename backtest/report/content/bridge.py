"""The way from the return before costs to the return that was left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.report.numbers import RunNumbers
from backtest.types import Floats

LABELS = {"gross": "Before costs", "net": "Net of costs"}


@dataclass(frozen=True)
class Bridge:
    """Steps from gross to net: the first is gross, the last net, what is between adds up to their difference."""

    names: list[str]
    values: Floats  # a year where the record has one, else over the whole record
    profit: Floats  # money
    annual: bool


def bridge(run: RunNumbers) -> Bridge | None:
    """Return the steps that changed anything; None where the run left no bridge, or no number on it."""
    table = run.bridge
    if table is None or table.empty:
        return None
    annual = bool(np.isfinite(table["annual"]).all())
    values = table["annual" if annual else "linked"].to_numpy(np.float64)
    if not np.isfinite(values).all():
        return None
    profit = table["profit"].to_numpy(np.float64)
    kept = [k for k, step in enumerate(table["step"]) if step in LABELS or values[k] != 0.0 or profit[k] != 0.0]
    names = [LABELS.get(str(step), str(step).replace("_", " ").capitalize()) for step in table["step"]]
    return Bridge([names[k] for k in kept], values[kept], profit[kept], annual)

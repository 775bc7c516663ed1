"""Where the risk of what was held at the end comes from, beside how much was held of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.report.numbers import RunNumbers
from backtest.report.words import plural
from backtest.types import Floats

MOST_ASSETS = 20


@dataclass(frozen=True)
class Risk:
    """Weights and shares of risk, the largest share first; what has no room of its own is one last entry."""

    names: list[str]
    weights: Floats
    shares: Floats  # of the portfolio's deviation; those of all assets add up to 1
    others: bool  # whether the last entry stands for several

    @property
    def named(self) -> int:
        """Number of entries that are one asset each. A bar of all others would dwarf theirs."""
        return len(self.names) - self.others


def risk(run: RunNumbers, most: int = MOST_ASSETS) -> Risk | None:
    """Return both for the assets held at the end; None where the run left none, or there is no risk."""
    table = run.assets
    if table is None or "share" not in table:
        return None
    held = table[np.isfinite(table["share"].astype(np.float64)) & (table["weight"] != 0.0)]
    if held.empty:
        return None
    held = held.sort_values("share", ascending=False, kind="stable")
    names = [str(name) for name in held["symbol"]]
    weights, shares = held["weight"].to_numpy(np.float64), held["share"].to_numpy(np.float64)
    if len(names) <= most:
        return Risk(names, weights, shares, False)
    rest = len(names) - most + 1
    return Risk(
        [*names[: most - 1], plural(rest, "other")],
        np.append(weights[: most - 1], weights[most - 1 :].sum()),
        np.append(shares[: most - 1], shares[most - 1 :].sum()),
        True,
    )

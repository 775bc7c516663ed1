"""How much of what the market traded a run would have traded itself."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from backtest.simulate.result import Result

MUCH = 0.1
"""Part of a bar's volume above which nobody trades at its price."""


class Taken(TypedDict):
    """`largest`: of a bar's volume, by all trades of a symbol in it. `beyond`: trades larger than all of it.

    `much`: share of the money traded that was in trades above a tenth of the volume.
    """

    largest: float
    beyond: int
    much: float


def taken_of_volume(result: Result) -> Taken | None:
    """Measure trades against the volume of their bars; None where nobody knows it in the units that are traded."""
    market, fills = result.market, result.fills
    if market.volume is None or market.price_kind != "raw" or not len(fills):
        return None
    cell = fills["row"].astype(np.int64) * market.n_assets + fills["asset"]
    cells, place = np.unique(cell, return_inverse=True)
    units = np.bincount(place, np.abs(fills["quantity"]))
    money = np.bincount(place, np.abs(fills["quantity"]) * fills["price"])
    volume = market.volume[cells // market.n_assets, cells % market.n_assets]
    known = volume > 0.0  # a bar without a volume says nothing of it
    if not known.any():
        return None
    part = units[known] / volume[known]
    much = float(money[known][part > MUCH].sum() / money.sum())
    return {"largest": float(part.max()), "beyond": int((part > 1.0).sum()), "much": much}

"""Positions rebuilt from fills and corporate actions, in the order in which the book had them."""

from __future__ import annotations

from typing import Any

import numpy as np

from backtest.types import ActionKind, Floats, Ints, Records

MOVING = (ActionKind.SPLIT, ActionKind.SPIN_OFF, ActionKind.RENAME)


def replay(fills: Records, actions: Records, first: int, n_rows: int, n_assets: int) -> Floats:
    """Return the quantities at each close, `(n_rows, n_assets)`, the first of them that of row `first`.

    Fills are added one by one, as the book did, actions at the start of their rows. Any other order of additions would
    round otherwise, and a closed position would keep 1e-13 of a unit.
    """
    kept = actions[np.isin(actions["kind"], MOVING) & (actions["row"] >= first) & (actions["row"] < first + n_rows)]
    positions = _Positions(fills, first, n_rows, n_assets)
    row, before = -1, dict[int, float]()  # of the row: what assets had before they received something
    for action in kept:
        asset, other = action["asset"].item(), action["other"].item()
        if asset not in positions.touched:
            continue
        if action["row"] != row:
            row, before = int(action["row"]), {}
        for column in (asset, other)[: 1 + (other >= 0)]:
            positions.advance(column, row - first)
        move(action, positions.now, before)
    for asset in positions.touched:
        positions.advance(asset, n_rows)
    return positions.held


def move(action: Any, held: list[float] | Floats, before: dict[int, float]) -> None:
    """Let an action of `MOVING` reach what is held; `before` holds what assets had before this row gave them any."""
    asset, other, kind, value = (action[name].item() for name in ("asset", "other", "kind", "value"))
    if kind == ActionKind.SPLIT:
        held[asset] *= value
    elif kind == ActionKind.RENAME:
        held[other], held[asset] = held[asset], 0.0
    else:
        units = before.get(asset, float(held[asset])) * value
        before.setdefault(other, float(held[other]))
        held[other] += units


class _Positions:
    """What is held of each asset now, and at the closes that are over."""

    def __init__(self, fills: Records, first: int, n_rows: int, n_assets: int) -> None:
        order = np.argsort(fills["asset"], kind="stable")
        self._rows: Ints = fills["row"][order].astype(np.int64) - first
        self._quantities: Floats = fills["quantity"][order]
        self._edges = np.searchsorted(fills["asset"][order], np.arange(n_assets + 1))
        self._start = [0] * n_assets
        self.touched = set(np.unique(fills["asset"]).tolist())
        self.now = [0.0] * n_assets
        self.held = np.zeros((n_rows, n_assets))

    def advance(self, asset: int, stop: int) -> None:
        """Write the closes before row `stop` of an asset."""
        start, part = self._start[asset], slice(self._edges[asset], self._edges[asset + 1])
        rows, quantities = self._rows[part], self._quantities[part]
        low, high = np.searchsorted(rows, (start, stop))
        steps = np.cumsum(np.concatenate(([self.now[asset]], quantities[low:high])))
        at = np.searchsorted(rows[low:high], np.arange(start, stop), side="right")
        self.held[start:stop, asset] = steps[at]
        self.now[asset], self._start[asset] = float(steps[-1]), stop
        self.touched.add(asset)

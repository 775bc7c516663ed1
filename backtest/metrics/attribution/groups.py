"""Which group each asset belongs to, by a property of the market."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from backtest.errors import InputError, unknown
from backtest.metrics.ledger import Outcome
from backtest.types import Floats, Ints

UNGROUPED = "unclassified"
"""The group of assets that have none."""


class Groups(NamedTuple):
    """The names of the groups in order, and the group of each asset, `(N,)`."""

    names: tuple[str, ...]
    of: Ints

    def label(self, asset: int) -> str | None:
        """Name the group of an asset, None where it has none."""
        name = self.names[int(self.of[asset])]
        return None if name == UNGROUPED else name

    def sum(self, values: Floats) -> Floats:
        """Add up columns `(…, N)` by group, `(…, G)`."""
        flat = values.reshape(-1, values.shape[-1])
        member = self.of[:, None] == np.arange(len(self.names))
        # One group after the other and not a matrix product: BLAS sums depend on the number of threads.
        sums = [flat[:, member[:, group]].sum(axis=1) for group in range(len(self.names))]
        return np.stack(sums, axis=1).reshape(*values.shape[:-1], len(self.names))


def groups_by(result: Outcome, name: str) -> Groups:
    """Group the assets by a column of the market's properties; one error says which columns there are."""
    properties = result.market.properties
    if properties is None or name not in properties.columns:
        known = () if properties is None else map(str, properties.columns)
        raise InputError(f"by: {unknown('property of the market', name, known)}")
    return _grouped(properties[name].reindex([str(symbol) for symbol in result.market.symbols]))


def sectors(result: Outcome) -> Groups | None:
    """Group the assets by sector; None when the market does not know any."""
    properties = result.market.properties
    if properties is None or "sector" not in properties.columns:
        return None
    known = properties["sector"].reindex([str(symbol) for symbol in result.market.symbols])
    return None if known.isna().all() else _grouped(known)


def _grouped(values: pd.Series) -> Groups:
    labels = np.array(
        [UNGROUPED if missing else str(value) for value, missing in zip(values, values.isna(), strict=True)]
    )
    names, of = np.unique(labels, return_inverse=True)
    return Groups(tuple(map(str, names)), of.astype(np.int64))

"""Correlations of the held assets as a tinted table."""

from __future__ import annotations

import numpy as np

from backtest.report.content.alike import Alike, alike
from backtest.report.numbers import RunNumbers
from backtest.report.tables.grid import Cell, Grid, tinted
from backtest.report.words import ratio

MOST_LARGE = 24
"""Beyond, letters are smaller."""


def correlation_matrix(run: RunNumbers) -> Grid | None:
    """Return a row and a column an asset, alike ones side by side; None where fewer than two were held."""
    found = alike(run)
    if found is None:
        return None
    note = "Of the returns of bars over the whole record, alike assets side by side. "
    note += f"Mean of the pairs {ratio(found.mean)}."
    if found.left_out:
        note += f" {found.left_out:,} smaller holdings are left out."
    return Grid(
        key="correlation",
        title="Correlation of the held assets",
        note=note,
        corner="Asset",
        columns=[(name, "") for name in found.names],
        rows=[(name, "", _cells(found, k)) for k, name in enumerate(found.names)],
        description=_words(found),
        kind="alike" if len(found.names) <= MOST_LARGE else "alike tight",
        sorts=False,
    )


def _cells(found: Alike, row: int) -> list[Cell]:
    values = enumerate(found.matrix[row].tolist())
    return [Cell("") if k == row else tinted(ratio(value), value, 1.0) for k, value in values]


def _words(found: Alike) -> str:
    pairs = found.matrix.copy()
    pairs[np.tril_indices(len(pairs))] = np.nan
    said = f"Table of the correlations of {len(found.names)} assets; mean of the pairs {ratio(found.mean)}"
    if not np.isfinite(pairs).any():
        return f"{said}."
    named = []
    for word, place in (("most alike", np.nanargmax(pairs)), ("least alike", np.nanargmin(pairs))):
        row, column = divmod(int(place), len(pairs))
        named.append(f"{word} {found.names[row]} and {found.names[column]} ({ratio(float(pairs[row, column]))})")
    return f"{said}; {', '.join(named)}."

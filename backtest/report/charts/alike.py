"""Correlations of the held assets as a tinted table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.report.charts.parts import Cell
from backtest.report.content.alike import Alike, alike
from backtest.report.numbers import RunNumbers
from backtest.report.words import ratio


@dataclass(frozen=True)
class Matrix:
    """Rows and columns of the same names; the cell of a name with itself is empty."""

    names: list[str]
    rows: list[tuple[str, list[Cell]]]
    note: str
    description: str


def correlation_matrix(run: RunNumbers) -> Matrix | None:
    """Return the cells; None where fewer than two assets were held."""
    found = alike(run)
    if found is None:
        return None
    rows = [(name, _cells(found, k)) for k, name in enumerate(found.names)]
    note = "Of the returns of bars over the whole record, alike assets side by side. "
    note += f"Mean of the pairs {ratio(found.mean)}."
    if found.left_out:
        note += f" {found.left_out:,} smaller holdings are left out."
    return Matrix(found.names, rows, note, _words(found))


def _cells(found: Alike, row: int) -> list[Cell]:
    return [
        Cell("", 0.0) if k == row else Cell(ratio(value), 0.0 if value != value else round(value, 2))
        for k, value in enumerate(found.matrix[row].tolist())
    ]


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

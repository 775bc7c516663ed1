"""Tables of the record in parts: does the order hold from year to year, and from later beginnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from backtest.report.comparison.facts import leading_places
from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.comparison.tables import kind_of
from backtest.report.tables.grid import Cell, Grid, tinted
from backtest.report.words import NOTHING, ratio


def periods(study: StudyNumbers) -> Grid:
    """Return the Sharpe ratio of each run in each part of the record; the first of each part is emphasised."""
    parts = study.facts["periods"]
    note = "Sharpe ratio in each part of the record; the highest of each column in bold."
    if parts:
        note += f" {_error_of_a_part(study)}"
    shown = [(part_name(part), part["sharpe"]) for part in parts]
    return _by_part(study, "periods", "Stability over time", note, shown)


def part_name(part: Mapping[str, Any]) -> str:
    """Name a part of the record: a calendar year by itself, any other by its dates."""
    return str(part["name"]) if str(part["name"]).isdigit() else f"{part['first']} to {part['last']}"


def _error_of_a_part(study: StudyNumbers) -> str:
    """Say how far off the Sharpe ratio of such a part is: 1 / √years, of one of usual length."""
    parts, year = study.facts["periods"], study.facts["span"]["periods_per_year"]
    if all(str(part["name"]).isdigit() for part in parts) or not year:
        return "One year says little: the error of a Sharpe ratio of one year is about 1."
    years = float(np.median([part["rows"] for part in parts])) / year
    return (
        f"A part of {ratio(years)} years says little: the error of a Sharpe ratio over it is about "
        f"{ratio(years**-0.5, 1)}."
    )


def starts(study: StudyNumbers) -> Grid:
    """Return the Sharpe ratio of each run from later beginnings to the end."""
    parts = study.facts["starts"]
    note = "Sharpe ratio from each of these days to the end of the record, of the same runs; the highest in bold."
    note += " They overlap: all have the last years in common."
    return _by_part(study, "starts", "Had you begun later", note, [(part["name"], part["sharpe"]) for part in parts])


def _by_part(
    study: StudyNumbers, key: str, title: str, note: str, parts: Sequence[tuple[str, Sequence[float | None]]]
) -> Grid:
    first = [leading_places(row) for _, row in parts]
    sizes = [abs(x) for _, row in parts for x in row if x is not None]
    full = max(sizes, default=1.0) or 1.0
    rows = [
        (
            study.names[k],
            study.ink(k),
            [_part(row[k], k in top, full) for (_, row), top in zip(parts, first, strict=True)],
        )
        for k in study.ranked
    ]
    return Grid(key, title, note, "Run", [(name, "") for name, _ in parts], rows, kind=kind_of(len(parts), 12))


def _part(value: float | None, first: bool, full: float) -> Cell:
    if value is None:
        return Cell(NOTHING)
    return replace(tinted(ratio(value), value, full), strong=first)

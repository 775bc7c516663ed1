"""Small CSV files that a person writes by hand, each line of which is checked: universes, flows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from backtest.errors import DataError

MOST_TOLD = 10
"""Lines of a file that an error names."""


def read_lines(file: Path, columns: tuple[str, ...], what: str, line: str) -> pd.DataFrame:
    """Read the columns of a CSV file as text without the spaces around it; line *k* of the file is row *k* − 2.

    DataError when it cannot be; `what` says what such a file is, `line` what stands in a line of it.
    """
    try:
        table = pd.read_csv(file, dtype=str, skipinitialspace=True, keep_default_na=False)
    except FileNotFoundError:
        raise DataError(f"{file}: no such file; {what} with {', '.join(columns)}") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{file}: cannot be read as CSV: {error}") from error
    table.columns = table.columns.str.strip().str.lower()
    if not set(columns) <= set(table.columns):
        raise DataError(f"{file}: received the columns {', '.join(table.columns)}; allowed: {', '.join(columns)}")
    if not len(table):
        raise DataError(f"{file}: no line below the header; at least one {line}")
    return pd.DataFrame({name: table[name].str.strip() for name in columns})


def refuse(file: Path, wrong: Mapping[int, str]) -> None:
    """Raise when lines are wrong: what each says, of many the first ones."""
    lines = [f"{file}:{line}: {wrong[line]}" for line in sorted(wrong)]
    more = [f"and {len(lines) - MOST_TOLD:,} more lines"] if len(lines) > MOST_TOLD else []
    if lines:
        raise DataError("\n".join([*lines[:MOST_TOLD], *more]))

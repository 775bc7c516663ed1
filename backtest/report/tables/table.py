"""What a table of the page is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    """Texts in rows. Columns whose place is in `words` read left to right, all others are numbers.

    `muted` holds the rows to show quietly, `dates` the columns that must not break. `note` says what is left out.
    `keys` holds what columns are sorted by whose texts do not say it; `sorts` is False where the order has a meaning.
    """

    key: str
    title: str
    columns: list[str]
    rows: list[list[str]]
    words: frozenset[int] = frozenset({0})
    note: str = ""
    total: list[str] | None = None  # a last row that sorting leaves in its place
    dates: frozenset[int] = field(default_factory=frozenset)
    muted: frozenset[int] = field(default_factory=frozenset)
    keys: Mapping[int, Sequence[float]] = field(default_factory=dict)
    sorts: bool = True


def left_out(shown: int, total: int, where: str) -> str:
    """Say that only a part is shown, and where the rest is."""
    return "" if shown >= total else f"Shown: {shown:,} of {total:,}. All are in {where}."

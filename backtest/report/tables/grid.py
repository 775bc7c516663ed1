"""What a tinted table of the page is."""

from __future__ import annotations

from dataclasses import dataclass, field

Line = tuple[str, str, list["Cell"]]
"""Name of a row, the class of its colour (empty for none), and its cells."""


@dataclass(frozen=True)
class Cell:
    """One cell: its text, how strongly it is tinted (−1 … 1, 0 for not at all), and whether it is emphasised.

    `hint` is what pointing at it says; `kind` is a class of the style sheet.
    """

    text: str
    tint: float = 0.0
    strong: bool = False
    hint: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Grid:
    """A table whose cells are tinted. Rows and columns have names; those that are runs have their colour too.

    `sorts` is False where the order has a meaning: rows and columns that belong together.
    """

    key: str
    title: str
    note: str
    corner: str
    columns: list[tuple[str, str]]
    rows: list[Line]
    foot: list[Line] = field(default_factory=list)  # last rows, which sorting leaves in their place
    description: str = ""  # for those who cannot see it; the title where empty
    kind: str = ""  # a class of the style sheet
    sorts: bool = True


def tinted(text: str, value: float, full: float) -> Cell:
    """Return a cell tinted by the share that `value` has of what gets the full tint; NaN and 0 are not tinted."""
    if value != value or value == 0.0:
        return Cell(text)
    return Cell(text, round(max(-1.0, min(1.0, value / full)), 2))

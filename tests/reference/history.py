"""A finished run, told again: what happened to positions, one step after the other."""

from __future__ import annotations

from collections.abc import Iterator

from .bars import Action, Bars
from .book import Fill, Outcome, Spun

Step = Action | Spun | Fill


def lived_rows(out: Outcome) -> range:
    """Return the rows that the account lived through; a frozen book sees nothing any more."""
    bars: Bars = out.market
    rows = len(bars.close)
    ends = [event.row for event in out.events if event.kind == "bankrupt"]
    return range(rows - len(out.equity), ends[0] + 1 if ends else rows)


def steps(out: Outcome, row: int) -> Iterator[Step]:
    """Yield what changed positions in a row: renames and splits, spin-offs, then fills."""
    bars: Bars = out.market
    for action in bars.actions.get(row, []):
        if action.kind in ("rename", "split"):
            yield action
    yield from (spun for spun in out.spun if spun.row == row)
    yield from (fill for fill in out.fills if fill.row == row)

"""Where the run comes from: its manifest, flat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backtest.report.numbers import RunNumbers
from backtest.report.tables.table import Table

SHOWN_ELSEWHERE = ("assumptions", "warnings")


def manifest(run: RunNumbers) -> Table:
    """Return the manifest as pairs of dotted key and value."""
    rows = [[key, text] for key, text in _flat("", run.manifest) if key not in SHOWN_ELSEWHERE]
    return Table("manifest", "Manifest", ["Key", "Value"], rows, frozenset({0, 1}))


def _flat(prefix: str, tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _flat(f"{name}.", value)
        else:
            yield name, "none" if value is None else str(value)

"""Whether two run folders hold the same numbers, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from backtest.config import load
from backtest.errors import DataError
from backtest.workspace.artefacts import NUMERIC
from backtest.workspace.manifest import PACKAGES, config_hash, versions
from backtest.workspace.reading import json_of, manifest_of, table_of

OWN = PACKAGES[0]

MADE_FROM = {
    "strategy_hash": "strategy changed",
    "data": "data changed",
    "seed": "seed changed",
    "versions": "versions changed",
    "processor": "another processor",
}
"""What numbers are made from, by its key in the manifest, the likeliest reason of a difference first."""

DESCRIBED = ("source", "invented")
"""What is only said of data, and changes no number."""


def kept_tables(folder: Path) -> list[str]:
    """Return the tables that this version keeps of such a run: of one over a stream, maybe fewer."""
    without = (manifest_of(folder).get("data") or {}).get("left_out", ())
    return [name for name in NUMERIC if name not in without]


def refuse_other_tables(folder: Path) -> None:
    """Raise when a run has not every table that this version keeps, and nothing can be compared bit for bit."""
    made = manifest_of(folder)
    missing = [f"{name}.parquet" for name in kept_tables(folder) if not (folder / f"{name}.parquet").is_file()]
    if missing:
        version, day = made.get("versions", {}).get(OWN, "of no known version"), str(made.get("created"))[:10]
        raise DataError(
            f"{folder}: written by {OWN} {version} on {day} without {', '.join(missing)}: {OWN} {versions()[OWN]} "
            "cannot check it bit for bit; `backtest report` draws it all the same"
        )


def differences(first: Path, second: Path) -> list[str]:
    """Say where the numbers of two runs differ; an empty list when no bit does."""
    found = []
    for name in kept_tables(first):
        one, other = (table_of(folder / f"{name}.parquet").combine_chunks() for folder in (first, second))
        if one.schema.names != other.schema.names or one.num_rows != other.num_rows:
            found.append(
                f"{name}.parquet: {one.num_rows} × {one.num_columns} against {other.num_rows} × {other.num_columns}"
            )
            continue
        # As bytes: equal numbers of another sign or another NaN are not the same bits.
        found += [
            f"{name}.parquet: column {column!r}"
            for column in one.schema.names
            if _bytes(one, column) != _bytes(other, column)
        ]
    if json_of(first / "metrics.json") != json_of(second / "metrics.json"):
        found.append("metrics.json")
    return found


def causes(first: Path, second: Path) -> list[str]:
    """Say what the two runs were made from that is not the same, the likeliest reason first."""
    one, other = (_made_from(folder) for folder in (first, second))
    return [
        f"{said}: {_apart(one.get(key), other.get(key))}"
        for key, said in MADE_FROM.items()
        if one.get(key) != other.get(key)
    ]


def _made_from(folder: Path) -> dict[str, Any]:
    found = {key: value for key, value in manifest_of(folder).items() if key in MADE_FROM}
    data = found.get("data") or {}
    return {**found, "data": {key: value for key, value in data.items() if key not in DESCRIBED}}


def _apart(one: object, other: object) -> str:
    """Say how two values differ; of two mappings, only where."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return f"{one} against {other}"
    keys = [key for key in {**one, **other} if one.get(key) != other.get(key)]
    return ", ".join(f"{key} {one.get(key)} against {other.get(key)}" for key in keys)


def is_edited(folder: Path, root: Path) -> bool:
    """Whether a run folder's config.yaml is no longer the configuration that its numbers were made from."""
    return config_hash(load(folder / "config.yaml", root)) != manifest_of(folder).get("config_hash")


def _bytes(table: pa.Table, column: str) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.select([column]).schema) as writer:
        writer.write_table(table.select([column]))
    return bytes(sink.getvalue())

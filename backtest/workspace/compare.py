"""Whether two run folders hold the same numbers, bit for bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from backtest.config import load
from backtest.errors import DataError
from backtest.workspace.artefacts import NUMERIC
from backtest.workspace.manifest import config_hash

MADE_FROM = {
    "strategy_hash": "strategy changed",
    "data": "data changed",
    "seed": "seed changed",
    "versions": "versions changed",
    "processor": "another processor",
}
"""What numbers are made from, by its key in the manifest, the likeliest reason of a difference first."""


def differences(first: Path, second: Path) -> list[str]:
    """Say where the numbers of two runs differ; an empty list when no bit does."""
    found = []
    for name in NUMERIC:
        one, other = _table(first / f"{name}.parquet"), _table(second / f"{name}.parquet")
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
    if _json(first / "metrics.json") != _json(second / "metrics.json"):
        found.append("metrics.json")
    return found


def causes(first: Path, second: Path) -> list[str]:
    """Say what the two runs were made from that is not the same, the likeliest reason first."""
    one, other = (_json(folder / "manifest.json") for folder in (first, second))
    return [
        f"{said}: {_apart(one.get(key), other.get(key))}"
        for key, said in MADE_FROM.items()
        if one.get(key) != other.get(key)
    ]


def _apart(one: object, other: object) -> str:
    """Say how two values differ; of two mappings, only where."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return f"{one} against {other}"
    keys = [key for key in {**one, **other} if one.get(key) != other.get(key)]
    return ", ".join(f"{key} {one.get(key)} against {other.get(key)}" for key in keys)


def is_edited(folder: Path, root: Path) -> bool:
    """Whether a run folder's config.yaml is no longer the configuration that its numbers were made from."""
    return config_hash(load(folder / "config.yaml", root)) != _json(folder / "manifest.json").get("config_hash")


def _json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read as an artefact of a run: {error}") from error
    return content


def _table(path: Path) -> pa.Table:
    try:
        return pq.read_table(path).combine_chunks()
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: cannot be read as an artefact of a run: {error}") from error


def _bytes(table: pa.Table, column: str) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.select([column]).schema) as writer:
        writer.write_table(table.select([column]))
    return bytes(sink.getvalue())

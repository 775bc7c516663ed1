"""Reading what a run folder holds: what is missing or damaged is one error that names the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from backtest.errors import DataError
from backtest.report.numbers import SCHEMA


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Let a block read `path`; whatever is wrong with it is a DataError."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; every run keeps one") from None
    except KeyError as error:
        raise DataError(f"{path}: cannot be read as an artefact of a run: {error} is missing") from error
    except (pa.ArrowException, OSError, ValueError, TypeError) as error:
        raise DataError(f"{path}: cannot be read as an artefact of a run: {error}") from error


def json_of(path: Path) -> dict[str, Any]:
    """Read a JSON file that holds one mapping."""
    with reading(path):
        content = json.loads(path.read_text("utf-8"))
        if not isinstance(content, dict):
            raise TypeError(f"expected a mapping, received a {type(content).__name__}")
    return content


def manifest_of(folder: Path) -> dict[str, Any]:
    """Read what a run was made from; DataError when a version wrote it that this one does not know."""
    path = folder / "manifest.json"
    found = json_of(path)
    schema = found.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise DataError(f"{path}: written by another version (schema {schema}); this one reads {SCHEMA}")
    return found


def table_of(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Read a table whole, or some of its columns."""
    with reading(path):
        return pq.read_table(path, columns=columns)

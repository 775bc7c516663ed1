"""The manifest of a store: what it holds, in one small JSON file."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from pydantic import Field, ValidationError

from backtest.errors import DataError, unknown
from backtest.market.market import PriceKind
from backtest.parameters import Parameters

SCHEMA = 1
FILE = "manifest.json"
INVENTED = "invented: "
"""How the source of a store begins whose prices nobody ever paid."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Manifest(Parameters):
    """What a store holds and how to check that its files are the ones that were written."""

    schema_version: int = Field(alias="schema")
    name: str
    price_kind: PriceKind
    currency: str
    calendar: str
    timezone: str
    fields: tuple[str, ...]
    """Fields of a bar, each one a file in bars/."""
    decimals: dict[str, int]
    """Fields kept as whole numbers of 10**-decimals; the others are kept as floats."""
    rows: int
    symbols: int
    first: str
    """First session, ISO date."""
    last: str
    """Last session, ISO date."""
    sessions_after: tuple[date, ...]
    """Sessions of the calendar known beyond the last row."""
    series: tuple[str, ...]
    content_hash: str
    """Digest of the data alone: the same data have the same hash, however they were written."""
    checksums: dict[str, int]
    """CRC-32 of every file of the store."""
    source: str | None
    licence: str | None
    duplicates: dict[str, int]
    """Bars left out at import because an earlier or later one had the same stamp, by symbol."""
    dropped: dict[str, int]
    """Bars left out at import because a price was missing, not finite or not positive, by symbol."""

    @property
    def is_invented(self) -> bool:
        """Whether nobody ever paid these prices."""
        return (self.source or "").startswith(INVENTED)


def names(data_dir: Path) -> list[str]:
    """Return the names of the stores under `data_dir`, sorted."""
    if not data_dir.is_dir():
        return []
    return sorted(path.parent.name for path in data_dir.glob(f"*/{FILE}") if not path.parent.name.startswith("."))


def store_path(data_dir: Path, name: str) -> Path:
    """Return the directory of a store that exists."""
    if name not in names(data_dir):
        raise DataError(f"{unknown('store', name, names(data_dir))} (looked in {data_dir})")
    return data_dir / name


def check_name(name: str) -> None:
    """Refuse names that are no plain directory name."""
    if not _NAME.fullmatch(name):
        raise DataError(
            f"store name {name!r} cannot be used; allowed: letters, digits, '-', '_' and '.', not starting with a sign"
        )


def manifest(path: Path) -> Manifest:
    """Read and check the manifest of the store at `path`."""
    file = path / FILE
    try:
        found = Manifest.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise DataError(f"{file}: not the manifest of a store: {_first(error)}; import the data again") from None
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror}") from None
    if found.schema_version != SCHEMA:
        raise DataError(f"{file}: schema {found.schema_version}; this version reads schema {SCHEMA}")
    if "close" not in found.fields:
        raise DataError(f"{file}: no field 'close'; it has: {', '.join(found.fields) or 'none'}; import the data again")
    return found


def write_manifest(path: Path, content: Manifest) -> None:
    """Write the manifest into the store at `path`."""
    (path / FILE).write_text(content.model_dump_json(by_alias=True, indent=1) + "\n", encoding="utf-8")


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"$.{place}: {first['msg']}" if place else str(first["msg"])

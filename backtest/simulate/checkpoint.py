"""What a simulation has done so far, on disk, so that a process that is killed can be gone on from.

A folder holds one `head`, with the book and all else that the future depends on, and `parts`: what was written between
one save and the next. A save adds one part, and replaces the head; each of the two appears whole or not at all, so that
whenever the process ends there is the last head with all of its parts, or none.
"""

from __future__ import annotations

import copyreg
import io
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

from backtest.errors import ArtefactError, WorkspaceError
from backtest.kernels.book import Book
from backtest.simulate.book import copy_book
from backtest.simulate.engine import Engine
from backtest.strategy.state import State

HEAD = "head"
DIGEST_BYTES = 16
JOURNAL = ("answers", "notes", "snapshots")
"""What of a journal is added to, and never changed."""


class Journal(Protocol):
    """What a driver writes down: a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    answers: dict[int, Any]
    notes: dict[int, Any]
    snapshots: list[Any]
    surprise: Any
    tags: dict[int, str]


@dataclass
class _Counts:
    """How much of what a simulation wrote is in the parts."""

    rows: int = 0
    records: dict[str, int] = field(default_factory=dict)
    journal: dict[str, int] = field(default_factory=dict)


class Checkpoint:
    """The folder of one simulation. It is saved whenever a multiple of `every` bars has been played, and at the end."""

    def __init__(self, folder: Path, every: int, meta: Mapping[str, Any] | None = None) -> None:
        """Keep `meta` in every head: what the run is made from."""
        self.folder, self.every = folder, every
        self._meta = dict(meta or {})
        self._digests: list[bytes] = []
        self._counts = _Counts()

    def stop_after(self, row: int, n_rows: int) -> int:
        """Return the row before which the next save is due, or the end of the data."""
        return min(n_rows, (row // self.every + 1) * self.every)

    def save(self, engine: Engine, state: State, journal: Journal, n_wakes: int) -> None:
        """Put away what happened since the last save. The book stands between two rows."""
        row = engine.row
        if row == self._counts.rows and self._digests:
            return
        counts = _Counts(row, engine.n_written(), {name: len(getattr(journal, name)) for name in JOURNAL})
        part = _pickled(
            {
                "rows": engine.said.between(_played(engine, self._counts.rows), _played(engine, row)),
                "records": engine.written_after(self._counts.records),
                "journal": {
                    name: _after(getattr(journal, name), self._counts.journal.get(name, 0)) for name in JOURNAL
                },
            }
        )
        digests = [*self._digests, _digest(part)]
        head = {
            "meta": self._meta,
            "every": self.every,
            "row": row,
            "parts": digests,
            "book": tuple(copy_book(engine.book)),
            "state": state.snapshot(),
            "rest": {name: getattr(journal, name) for name in _rest(journal)},
            "tags": dict(journal.tags),
            "n_wakes": n_wakes,
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write_whole(self.folder / _name(len(self._digests)), part)
            content = _pickled(head)
            _write_whole(self.folder / HEAD, _digest(content) + content)
        except OSError as error:
            raise ArtefactError(
                f"{self.folder}: the checkpoint cannot be written: {error.strerror or error}"
            ) from error
        self._digests, self._counts = digests, counts

    def restore(self, engine: Engine, state: State, journal: Journal) -> int:
        """Go on from the last save, if there is one; return how often the strategy had been asked by then."""
        if not (self.folder / HEAD).is_file():
            return 0
        head = read_head(self.folder)
        parts = [self._part(number, digest) for number, digest in enumerate(head["parts"])]
        engine.restore(
            Book(*head["book"]), [part["rows"] for part in parts], [part["records"] for part in parts], int(head["row"])
        )
        state.restore(head["state"])
        for part in parts:
            journal.answers.update(part["journal"]["answers"])
            journal.notes.update(part["journal"]["notes"])
            journal.snapshots.extend(part["journal"]["snapshots"])
        for name, value in head["rest"].items():
            setattr(journal, name, value)
        same = [kept for kept in journal.snapshots if journal.surprise is not None and kept.row == journal.surprise.row]
        journal.surprise = same[0] if same else journal.surprise  # one decision, not two that are alike
        journal.tags.update(head["tags"])
        self._digests = list(head["parts"])
        self._counts = _Counts(
            int(head["row"]), engine.n_written(), {name: len(getattr(journal, name)) for name in JOURNAL}
        )
        return int(head["n_wakes"])

    def _part(self, number: int, digest: bytes) -> dict[str, Any]:
        file = self.folder / _name(number)
        try:
            content = file.read_bytes()
        except OSError as error:
            raise _damaged(file, error.strerror or str(error)) from None
        if _digest(content) != digest:
            raise _damaged(file, "it is not what was written")
        part: dict[str, Any] = pickle.loads(content)
        return part


def read_head(folder: Path) -> dict[str, Any]:
    """Return the last head of a simulation, with its `meta`, `row` and `every`."""
    file = folder / HEAD
    try:
        content = file.read_bytes()
    except OSError as error:
        raise _damaged(file, error.strerror or str(error)) from None
    if _digest(content[DIGEST_BYTES:]) != content[:DIGEST_BYTES]:
        raise _damaged(file, "it is not what was written")
    head: dict[str, Any] = pickle.loads(content[DIGEST_BYTES:])
    return head


def _pickled(content: Any) -> bytes:
    """Return bytes that `pickle` reads. Events have read-only mappings, which it does not know of itself."""
    out = io.BytesIO()
    pickler = pickle.Pickler(out, protocol=5)
    pickler.dispatch_table = {**copyreg.dispatch_table, MappingProxyType: _as_mapping}
    pickler.dump(content)
    return out.getvalue()


def _as_mapping(view: MappingProxyType[Any, Any]) -> tuple[Any, ...]:
    return _read_only, (dict(view),)


def _read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)


def _rest(journal: Journal) -> list[str]:
    """What of a journal is neither added to nor a table of tags, which others hold too."""
    return [each.name for each in fields(journal) if each.name not in (*JOURNAL, "tags")]


def _played(engine: Engine, row: int) -> int:
    """How many simulated rows lie before a row of the market."""
    return max(0, row - engine.first)


def _after(written: Any, n: int) -> Any:
    """Return what was added behind the first `n` entries of a list or a mapping."""
    return dict(islice(written.items(), n, None)) if isinstance(written, dict) else written[n:]


def _name(number: int) -> str:
    return f"part-{number:06}"


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=DIGEST_BYTES).digest()


def _write_whole(file: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, whenever the process, or the machine, comes to an end."""
    new = file.with_name(f"{file.name}.new")
    with new.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    os.replace(new, file)
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """Let a renaming reach the disk; Windows knows no such thing, and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damaged(file: Path, said: str) -> WorkspaceError:
    return WorkspaceError(f"{file}: the checkpoint is damaged: {said}; delete {file.parent} and begin anew")

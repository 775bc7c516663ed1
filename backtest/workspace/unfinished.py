"""Runs that may be killed: where what they have done so far is kept, and whether it can be gone on from."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from backtest.config import Config
from backtest.errors import InputError, WorkspaceError
from backtest.kernels._jit import digest as kernels_digest
from backtest.market.market import Market
from backtest.simulate.checkpoint import HEAD, Checkpoint, read_head
from backtest.strategy import Strategy
from backtest.types import BOOK_VERSION
from backtest.workspace.append import locked
from backtest.workspace.manifest import config_hash, processor, strategy_hash, versions

ROOT = Path(__file__).parents[1]
PREFIX = ".unfinished-"
FIRST = "portfolio"
"""The simulation that a run begins with; that of its benchmark comes after it."""

LOCK = "lock"
WITHOUT = "run without --resume"
SAID = {
    "data": "the data changed",
    "strategy": "the strategy changed",
    "seed": "the seed changed",
    "code": "the code of this package changed",
    "kernels": "the compiled loop changed",
    "book": "the format of books changed",
    "versions": "versions of packages changed",
    "processor": "this is another processor",
}
"""What a run is made from besides its configuration, and what to say where it is not the same any more."""


class Unfinished:
    """The checkpoints of one run, in a hidden folder beside the runs that are finished, or in that of a comparison."""

    def __init__(self, folder: Path, config: Config, every: int | None, resume: bool, anew: str = WITHOUT) -> None:
        """`anew` says how a run is begun anew that cannot be gone on with."""
        self.folder = folder
        self._config, self._every, self._resume, self._anew = config, every, resume, anew
        self._meta: dict[str, Any] = {}

    @property
    def is_begun(self) -> bool:
        """Whether there is something to go on with."""
        return (self.folder / FIRST / HEAD).is_file()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes from the folder while the block runs; remove it when all went well."""
        with alone(self.folder):
            try:
                yield
            except BaseException:
                if not self.is_begun:
                    shutil.rmtree(self.folder, ignore_errors=True)
                raise
        shutil.rmtree(self.folder, ignore_errors=True)

    def begin(self, market: Market, strategy: Strategy) -> None:
        """Compare what the run is made from with what it was made from; WorkspaceError when it may not go on, or begin.

        What is there and can be gone on with is not thrown away by a run that was not told to resume. What cannot is.
        """
        self._meta = made_from(self._config, market, strategy)
        if not self.is_begun:
            return
        head = read_head(self.folder / FIRST)
        changed = [said for key, said in SAID.items() if head["meta"].get(key) != self._meta[key]]
        at = f"bar {head['row']:,} of {market.n_rows:,}"
        if self._resume and changed:
            raise WorkspaceError(
                f"{self.folder}: saved at {at}, and cannot be gone on with: {'; '.join(changed)}; "
                f"{self._anew} to begin anew"
            )
        if not self._resume and not changed:
            raise WorkspaceError(
                f"{self.folder}: this run was begun before, and saved at {at}: --resume goes on with it; delete the "
                "folder to begin anew"
            )
        if self._resume:
            self._every = self._every or int(head["every"])
        else:
            for each in self.folder.glob("*/"):
                shutil.rmtree(each, ignore_errors=True)

    def leg(self, name: str) -> Checkpoint:
        """Return the checkpoint of one simulation of the run."""
        assert self._every is not None
        return Checkpoint(self.folder / name, self._every, self._meta)


@contextmanager
def alone(folder: Path, patience_seconds: float = 0.0) -> Iterator[None]:
    """Make a folder, and keep other processes from it while the block runs; WorkspaceError when one is at it."""
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / LOCK, patience_seconds) as held:
        if not held:
            raise WorkspaceError(f"{folder}: another process is at this run; wait for it, or end it")
        yield


def unfinished(reports: Path, config: Config, every: int | None, resume: bool) -> Unfinished | None:
    """Return where a run keeps its checkpoints, None where it keeps none.

    WorkspaceError when there is nothing to go on with.
    """
    refuse_no_bars(every)
    if every is None and not resume:
        return None
    found = Unfinished(reports / f"{PREFIX}{config.name}-{config_hash(config)[:8]}", config, every, resume)
    if resume and not found.is_begun:
        raise WorkspaceError(_nothing(reports, config))
    return found


def refuse_no_bars(every: int | None) -> None:
    """Raise InputError when checkpoints are asked for after less than a bar."""
    if every is not None and every < 1:
        raise InputError(f"checkpoint_every: received {every}; allowed: a number of bars, at least 1")


def made_from(config: Config, market: Market, strategy: Strategy) -> dict[str, Any]:
    """Return everything that the rest of a run depends on, beside the book and the state."""
    return {
        "config": config.model_dump(mode="json"),
        "data": market.content_hash,
        "strategy": strategy_hash(strategy),
        "seed": config.seed,
        "code": _code(),
        "kernels": kernels_digest(ROOT / "kernels"),
        "book": BOOK_VERSION,
        "versions": versions(),
        "processor": processor(),
    }


@cache
def _code() -> str:
    """Name the state of every source of this package."""
    state = hashlib.blake2b(digest_size=16)
    for source in sorted(ROOT.rglob("*.py")):
        state.update(source.relative_to(ROOT).as_posix().encode())
        state.update(source.read_bytes())
    return state.hexdigest()


def _nothing(reports: Path, config: Config) -> str:
    """Say that there is nothing to resume, and what of another configuration of that name there is."""
    said = f"{reports}: no unfinished run of {config.name!r} with this configuration; --checkpoint-every N keeps one"
    own = config.model_dump(mode="json")
    for folder in sorted(reports.glob(f"{PREFIX}{config.name}-*")):
        if (folder / FIRST / HEAD).is_file():
            other = read_head(folder / FIRST)["meta"].get("config", {})
            apart = [path for path, value in _flat(other).items() if _flat(own).get(path) != value]
            return f"{said}. {folder.name} was begun with another {', '.join(apart[:5]) or 'configuration'}"
    return said


def _flat(tree: Any, path: str = "$") -> dict[str, Any]:
    """Return the leaves of nested mappings by their paths."""
    if not isinstance(tree, dict) or not tree:
        return {path: tree}
    return {key: value for name, each in tree.items() for key, value in _flat(each, f"{path}.{name}").items()}

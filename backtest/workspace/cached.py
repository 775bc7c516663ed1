"""Runs that were made before from the same content, which need not be made again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from backtest.config import Config, dump
from backtest.config.node import plain
from backtest.config.source import read_bytes
from backtest.errors import ConfigError, DataError
from backtest.workspace.artefacts import NUMERIC
from backtest.workspace.folder import PARTIAL, RUNS
from backtest.workspace.manifest import processor, versions
from backtest.workspace.reading import manifest_of
from backtest.workspace.root import Workspace

FREE = ("name", "report")
"""Sections of a configuration that change no number of its run."""


class Cached:
    """The whole runs in the reports of a workspace, looked up by what they were made from."""

    def __init__(self, place: Workspace) -> None:
        self._place = place
        self._made_with = {"versions": versions(), "processor": processor()}
        self._by_key: dict[str, list[Path]] | None = None

    def find(self, config: Config, key: str) -> Path | None:
        """Return the folder of a run of the trial `key` whose configuration differs in `FREE` at most, the latest.

        It was made by the same versions on the same kind of processor. Where the package itself lies in the workspace,
        which only its developers have, nothing is found: a version does not say what they changed.
        """
        if Path(__file__).is_relative_to(self._place.root):
            return None
        wanted = _essence(dump(config))
        candidates = reversed(self._index().get(key, []))
        return next((folder for folder in candidates if _essence(_text(folder)) == wanted), None)

    def _index(self) -> dict[str, list[Path]]:
        if self._by_key is None:
            self._by_key = {}
            read = [(_manifest(folder), folder) for folder in run_folders(self._place.reports)]
            known = [(manifest, folder) for manifest, folder in read if manifest is not None]
            for manifest, folder in sorted(known, key=lambda pair: str(pair[0].get("created"))):
                if all(manifest.get(k) == v for k, v in self._made_with.items()):
                    self._by_key.setdefault(key_of(manifest), []).append(folder)
        return self._by_key


def run_folders(reports: Path) -> Iterator[Path]:
    """Yield the whole run folders of a workspace, those inside studies included."""
    for folder in reports.glob("*"):
        if not folder.name.startswith(PARTIAL):
            for candidate in (folder, *folder.glob(f"{RUNS}/*")):
                if is_whole(candidate):
                    yield candidate


def is_whole(folder: Path) -> bool:
    """Whether a folder has every artefact of a run."""
    wanted = ("config.yaml", "manifest.json", "metrics.json", *(f"{name}.parquet" for name in NUMERIC))
    return all((folder / name).is_file() for name in wanted)


def key_of(manifest: Mapping[str, Any]) -> str:
    """Return the key of the trial that a run was; of a run from before trials were counted it is empty."""
    return str((manifest.get("trial") or {}).get("key", ""))


def _manifest(folder: Path) -> dict[str, Any] | None:
    try:
        return manifest_of(folder)
    except DataError:
        return None


@cache
def _essence(text: str) -> str:
    """Return a resolved configuration without what changes no number; empty when it is none."""
    try:
        tree = plain(read_bytes(text.encode(), None).tree)
    except ConfigError:
        return ""
    rest = {key: value for key, value in tree.items() if key not in FREE} if isinstance(tree, dict) else {}
    return json.dumps(rest, sort_keys=True)


def _text(folder: Path) -> str:
    try:
        return (folder / "config.yaml").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""

"""A directory that appears whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_directory(target: Path) -> Iterator[Path]:
    """Give a path to write a directory at; rename it to `target` when all went well, else leave no trace of it.

    What `target` was before is replaced, and put back when anything fails, an interrupt included.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    new, old = workshop / "new", workshop / "old"
    try:
        yield new
        if target.exists():
            target.rename(old)
        new.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        shutil.rmtree(workshop, ignore_errors=True)

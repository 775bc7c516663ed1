"""The one place that decides how kernels are compiled and where they are cached.

Numba's own cache looks at the file of the decorated function alone: edit a helper or a constant in *another* file and
the old machine code comes back. So the cache directory is named after a digest of every kernel source, the records in
`types` and the versions of numba and numpy; tests/kernels/test_cache.py holds that an edited helper changes it.

The directory is set only while one of our functions is decorated, so that other users of numba in the process keep
their own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

KEEP_DAYS = 30  # caches of other versions that nobody touched for this long are removed


def digest(folder: Path) -> str:
    """Name the state of everything that machine code depends on."""
    state = hashlib.blake2b(f"{numba.__version__} {np.__version__}".encode(), digest_size=8)
    for source in [*sorted(folder.glob("*.py")), folder.parent / "types.py"]:
        state.update(source.name.encode())
        state.update(source.read_bytes())
    return state.hexdigest()


def _homes() -> list[Path]:
    """Places for the cache, best first."""
    user = os.environ.get("XDG_CACHE_HOME") or (Path.home() / ".cache")
    return [
        Path(user) / "barwake",
        Path(tempfile.gettempdir()) / f"barwake-{os.getuid() if hasattr(os, 'getuid') else 0}",
    ]


def _cache_directory() -> Path | None:
    """Make and return the cache directory; None when no place can be written (then each process compiles anew)."""
    name = f"kernels-{digest(Path(__file__).parent)}"
    for home in _homes():
        directory = home / name
        try:
            directory.mkdir(parents=True, exist_ok=True)
            (directory / ".used").touch()
        except OSError:
            continue
        _remove_old(home, keep=name)
        return directory
    return None


def _remove_old(home: Path, keep: str) -> None:
    oldest = time.time() - KEEP_DAYS * 86_400
    for other in home.glob("kernels-*"):
        used = other / ".used"
        if other.name != keep and (not used.exists() or used.stat().st_mtime < oldest):
            shutil.rmtree(other, ignore_errors=True)


CACHE_DIRECTORY = _cache_directory()


def kernel(function: F) -> F:
    """Compile on first call, cached on disk, without the GIL, with IEEE arithmetic kept in order."""
    settings: Any = numba.config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(CACHE_DIRECTORY or "")
    try:
        compiled: Any = numba.njit(cache=CACHE_DIRECTORY is not None, nogil=True, error_model="numpy")(function)
    finally:
        settings.CACHE_DIR = before
    return cast(F, compiled)

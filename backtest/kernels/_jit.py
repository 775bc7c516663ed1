"""The one place that decides how kernels are compiled and where they are cached.

Numba's own cache looks at the file of the decorated function alone: edit a helper or a constant in *another* file and
the old machine code comes back. So the cache directory is named after a digest of every kernel source, the records in
`types` and the versions of numba and numpy; tests/kernels/test_jit.py holds that an edited helper changes it.

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

from backtest.kernels._parts import EntryCompiler, LoopCompiler, PartCompiler

YES: Any = np.bool_(True)
NO: Any = np.bool_(False)
"""Flags to call a part with: numba compiles it once more for each combination of literal numbers and truth values."""

F = TypeVar("F", bound=Callable[..., Any])

SETTINGS: Any = numba.config  # made when it is imported, so that no type checker knows what is in it
ROOM = 32 * 2**20  # bytes that must be free: numba does not survive a full disk
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
            if shutil.disk_usage(directory).free < ROOM:
                continue
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
    """Compile an entry on its first call: cached on disk, without the GIL, with IEEE arithmetic kept in order."""
    return _compile(function, cache=CACHE_DIRECTORY is not None, pipeline_class=EntryCompiler)


def loop(function: F) -> F:
    """Compile an entry that makes no array, and whose parts belong to it alone.

    What it is called with belongs to its caller, so that nothing counts references: counting them was 38 % of the
    samples in a profile of a book that decides on every bar, and a third of the time to compile it.
    """
    return _compile(function, cache=CACHE_DIRECTORY is not None, pipeline_class=LoopCompiler, _nrt=False)


def part(function: F) -> F:
    """Compile what only kernels call, and what neither makes arrays nor returns any."""
    return _compile(function, **PART, _nrt=False)


def allocating(function: F) -> F:
    """Compile a part that makes arrays for itself; no `loop` may call it."""
    return _compile(function, **PART)


PART: dict[str, Any] = {"no_cpython_wrapper": True, "pipeline_class": PartCompiler}


def _compile(function: F, **options: Any) -> F:
    njit: Any = numba.njit
    before = SETTINGS.CACHE_DIR
    SETTINGS.CACHE_DIR = str(CACHE_DIRECTORY or "")
    try:
        compiled: Any = njit(nogil=True, error_model="numpy", no_cfunc_wrapper=True, **options)(function)
    finally:
        SETTINGS.CACHE_DIR = before
    return cast(F, compiled)

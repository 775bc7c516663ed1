"""How much memory there is, and what of it a market may take."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from backtest.errors import DataError
from backtest.market.manifest import manifest, store_path
from backtest.market.stream.source import Stream
from backtest.market.universe import Universe

SHARE = 0.5
"""Part of the memory that prices may fill; a run needs some for its results, and others run beside it."""

GB = 1e9
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where a container says what it may use."""


def memory_bytes() -> int | None:
    """Return the memory of the machine, or of the container; None where the system does not tell."""
    try:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    for file in LIMITS:
        try:
            found = min(found, int(file.read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return found


def said_too_large(data_dir: Path, name: str, symbols: Literal["all"] | Sequence[str] | Universe) -> str | None:
    """Say that the prices of a store would fill more than their part of the memory; None where they do not."""
    about, there = manifest(store_path(data_dir, name)), memory_bytes()
    named = symbols.symbols if isinstance(symbols, Universe) else symbols
    n_assets = about.symbols if isinstance(named, str) else len(named)
    wanted = about.rows * n_assets * len(about.fields) * 8
    if there is None or wanted <= SHARE * there:
        return None
    return (
        f"the prices of {name!r} take {wanted / GB:.3g} GB, more than half of the memory of {there / GB:.3g} GB: they "
        "are streamed, and covariances of what was held are left out where they are too many"
    )


def refuse_too_large(stream: Stream) -> None:
    """Raise when not even the window of a stream fits."""
    there = memory_bytes()
    if there is not None and stream.memory_bytes > SHARE * there:
        raise DataError(
            f"a window of {stream.most_rows} rows (the largest row group) and {stream.look_back} before them takes "
            f"{stream.memory_bytes / GB:.3g} GB, more than half of the memory of {there / GB:.3g} GB; write the files "
            "with smaller row groups (20,000 rows), or ask for a shorter lookback"
        )

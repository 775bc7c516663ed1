"""Parts have no wrapper that Python could call; a test calls them through an entry of its own."""

from __future__ import annotations

from typing import Any

import numba


def through(part: Any, n: int) -> Any:
    """Return a compiled function of `n` arguments that does nothing but call `part`."""
    calls = {
        1: lambda a: part(a),
        2: lambda a, b: part(a, b),
        3: lambda a, b, c: part(a, b, c),
        5: lambda a, b, c, d, e: part(a, b, c, d, e),
    }
    return numba.njit(calls[n])

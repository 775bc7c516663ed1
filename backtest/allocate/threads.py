"""One thread for linear algebra: how many there are changes the order of sums, and so the last bits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold the linear algebra of numpy and scipy to one thread.

    scipy brings a library of its own, which a limit set before scipy's first import does not hold: it is imported here.
    """
    with _libraries().limit(limits=1):
        yield


@cache
def _libraries() -> ThreadpoolController:
    """Find the libraries. That takes 1.9 ms, a limit 9 µs, so they are kept."""
    import scipy.linalg  # noqa: F401  # 0.2 s, which a run that only divides by volatilities should not wait for

    return ThreadpoolController()

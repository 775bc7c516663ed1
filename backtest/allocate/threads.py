"""One thread for linear algebra: how many there are changes the order of sums, and so the last bits."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import local

from threadpoolctl import ThreadpoolController

SCIPY = "scipy.linalg"


class _Held(local):
    """Whether this thread holds every library to one thread already."""

    all = False


_held = _Held()


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold the linear algebra of numpy and scipy to one thread.

    scipy brings a library of its own, which a limit set before scipy's first import does not hold: it is imported here.
    """
    if not _held.all:
        import scipy.linalg  # noqa: F401  # 0.2 s, which a run that only divides by volatilities should not wait for
    with one_thread_of_loaded():
        yield


@contextmanager
def one_thread_of_loaded() -> Iterator[None]:
    """Hold the linear algebra that is loaded by now to one thread; nothing is imported for it."""
    if _held.all:
        yield
        return
    known = SCIPY in sys.modules
    with _libraries(known).limit(limits=1):
        _held.all = known
        try:
            yield
        finally:
            _held.all = False


@cache
def _libraries(with_scipy: bool) -> ThreadpoolController:  # noqa: ARG001  # a later import brings a library more
    """Find the libraries. That takes 1.9 ms, a limit 9 µs, so they are kept."""
    return ThreadpoolController()

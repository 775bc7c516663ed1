"""How often the garbage collector looks through everything there is.

By default after every 700 new objects, now and then through all. Modules, and what numba makes and keeps, are millions
of objects of which none is garbage: to look through them again and again was an eighth of compiling the loop and a
tenth of `backtest run configs/quickstart.yaml`. In numbers nothing changes, and in memory hardly anything.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

RARELY = (200_000, 50, 1_000)


def collect_seldom() -> None:
    """Do so in a process that is ours alone, until it ends."""
    gc.set_threshold(*RARELY)


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Do so for a while in a process that may be somebody else's."""
    before = gc.get_threshold()
    collect_seldom()
    try:
        yield
    finally:
        gc.set_threshold(*before)

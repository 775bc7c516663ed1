"""What decisions on one market have worked out, for those that are taken there later."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Protocol, Self, TypeVar

from backtest.allocate.moments.gram import Grams

MOST_BYTES = 64 * 2**20
"""What is kept for other runs on the same market: the windows and covariances of 1,400 decisions on 20 assets, of 20
on 500."""


class Copied(Protocol):
    """Numbers that can be handed out again and again, each time as the receiver's own."""

    @property
    def nbytes(self) -> int:
        """What they take."""

    def copy(self) -> Self:
        """Return them in arrays of their own."""


Made = TypeVar("Made", bound=Copied)


class Memory:
    """What the caller of methods keeps between decisions on one market; it changes no bit of any answer.

    Sums of blocks serve later decisions of one run. Windows and covariances serve other methods that are asked on the
    same rows of the same market: nothing else makes them equal, so that a market has a memory of its own, which ends
    with it. Once `most_bytes` are full nothing is added: runs ask for rows in their order, so that what had to make
    room would be gone before the next one asks.
    """

    def __init__(self, most_bytes: int = 0) -> None:
        self.grams = Grams()
        self._room = most_bytes
        self._kept: dict[Hashable, Any] = {}

    def recall(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what was made for `key` before, or make it."""
        known: Made | None = self._kept.get(key)
        if known is not None:
            return known.copy()
        made = make()
        if made.nbytes <= self._room:
            self._room -= made.nbytes
            self._kept[key] = made.copy()
        return made

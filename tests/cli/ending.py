"""Ending a process in the middle of its saves, as far as a test can from inside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backtest.simulate import checkpoint


class Ended(BaseException):
    """Nobody catches it."""


@contextmanager
def ended_after(monkeypatch: pytest.MonkeyPatch, writes: int) -> Iterator[None]:
    """End what the block does after so many files of checkpoints."""
    real, left = checkpoint._write_whole, [writes]

    def dies(file: Path, content: bytes) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Ended
        real(file, content)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "_write_whole", dies)
        with pytest.raises(Ended):
            yield

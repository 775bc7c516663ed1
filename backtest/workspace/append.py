"""A file of lines that several processes add to at once: no line is lost, and none is mixed with another."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

PATIENCE_SECONDS = 10.0
PAUSE_SECONDS = 0.005
BINARY = getattr(os, "O_BINARY", 0)  # else Windows would write line ends of its own


@contextmanager
def locked(file: Path, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[bool]:
    """Hold the lock that `file` stands for while the block runs; yield whether it was had.

    A process that dies gives its lock back. Where there is none to be had (a stopped process holds it, a network drive
    knows no locks) the block runs all the same: `append_line` loses nothing without, only a line may come twice.
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        held = _wait(handle, patience_seconds)
        try:
            yield held
        finally:
            if held:
                _give_back(handle)
    finally:
        os.close(handle)


def append_line(file: Path, line: bytes) -> None:
    """Put one line at the end of `file` by a single write, on a line of its own even behind one that was cut short.

    Files opened for appending are written at their end whoever else writes, so that two lines at once follow each
    other. Raises OSError when the line could not be written whole.
    """
    handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | BINARY, 0o644)
    try:
        size = os.lseek(handle, 0, os.SEEK_END)
        content = line + b"\n" if _ends_a_line(handle, size) else b"\n" + line + b"\n"
        written = os.write(handle, content)
        if written != len(content):
            raise OSError(f"{written} of {len(content)} bytes written")
    finally:
        os.close(handle)


def _ends_a_line(handle: int, size: int) -> bool:
    if size == 0:
        return True
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1) == b"\n"


def _wait(handle: int, patience_seconds: float) -> bool:
    end = time.monotonic() + patience_seconds
    while True:
        try:
            _take(handle)
        except (BlockingIOError, PermissionError):  # another process has it
            if time.monotonic() >= end:
                return False
            time.sleep(PAUSE_SECONDS)
        except OSError:  # no locks here at all
            return False
        else:
            return True


if sys.platform == "win32":

    def _take(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _give_back(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give_back(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)

"""Calling a command in this process, with its exit code and what it printed."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from made import Place

from backtest.cli import main


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    error: str

    @property
    def lines(self) -> list[str]:
        """Lines of the answer."""
        return self.out.splitlines()


Call = Callable[..., Said]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: Place) -> Iterator[Call]:
    """`call("run", file)` in the workspace `place`; a traceback would be an exception here."""
    monkeypatch.chdir(place.root)
    handler = signal.getsignal(signal.SIGTERM)

    def command(*arguments: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["backtest", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as done:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Said(int(done.value.code or 0), printed.out, printed.err)

    yield command
    signal.signal(signal.SIGTERM, handler)

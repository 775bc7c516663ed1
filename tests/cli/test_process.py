"""What only a process shows: exit codes, no traceback, an interrupt, a closed pipe, a quiet answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import pytest
from made import Place

pytestmark = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="a process ends the same way with nothing compiled")

BACKTEST = [sys.executable, "-c", "from backtest.cli import main; main()"]
SLOW = """
    from pathlib import Path
    from time import sleep
    from backtest import Strategy

    class Slow(Strategy):
        def decide(self, ctx):
            Path("started").touch()
            sleep(0.02)
            return {"AAA": 0.5}
"""


def started(place: Place, *arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*BACKTEST, *map(str, arguments)],
        cwd=place.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_exit_codes_without_a_traceback(place: Place) -> None:
    place.strategy("mine", "from backtest import Strategy\nclass M(Strategy):\n    def decide(self, ctx): 1 / 0\n")
    good = started(place, "run", place.yaml())
    failed = started(place, "run", place.yaml("failed", strategy="mine"))
    out, error = good.communicate()
    assert (good.returncode, error) == (0, "")
    assert Path(out.splitlines()[-1]).is_dir()
    assert "\r" not in out  # no progress bar in a pipe
    out, error = failed.communicate()
    assert (failed.returncode, out) == (1, "")
    assert "ZeroDivisionError" in error
    assert "Traceback" not in error
    wrong = started(place, "run", "configs/none.yaml")
    _, error = wrong.communicate()
    assert wrong.returncode == 2
    assert error.startswith("error: configs/none.yaml")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_during_a_long_run(place: Place, number: signal.Signals) -> None:
    place.strategy("slow", SLOW)

    def heed() -> None:
        """Whoever is started in the background of a shell is deaf to Ctrl-C, and hands that on."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    process = started(place, "run", place.yaml(strategy="slow", rebalance={"calendar": "day"}), preexec_fn=heed)
    while process.poll() is None and not (place.root / "started").exists():
        pass
    process.send_signal(number)
    out, error = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert error == "interrupted; nothing was kept\n"
    assert place.runs() == []


@pytest.mark.parametrize("command", [("schema",), ("data", "list")])  # more than a pipe holds, and less
def test_a_reader_that_goes_away_gets_no_traceback(place: Place, command: tuple[str, ...]) -> None:
    with started(place, *command) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        error = process.stderr.read()
    assert (process.returncode, error) == (1, "")


def test_a_bar_is_drawn_on_a_terminal_only(place: Place) -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*BACKTEST, "run", str(place.yaml())], cwd=place.root, stdout=subprocess.PIPE, stderr=theirs, text=True
    )
    out, _ = process.communicate()
    os.close(theirs)
    assert process.returncode == 0
    assert Path(out.splitlines()[-1]).is_dir()
    assert os.read(ours, 100_000)
    os.close(ours)

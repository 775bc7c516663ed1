"""How long does a person wait: whole commands, from the shell's point of view."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.timing import Row, Section, Times, digits, interleaved, must, once

ROUNDS = 7
FIRST_ROUNDS = 3
AGAIN, FIRST = 3.0, 15.0  # seconds
FIGURES = 4
TEXT = f"""Wall time of whole processes in a workspace that `backtest init` made. *First* starts with empty caches, as
after an install: nothing compiled by numba, no list of fonts. *Again* has what the first left behind. Both write the
run folder with the HTML report and {FIGURES} pictures. Compiling alone is `backtest warmup` with an empty cache."""


def measure() -> Section:
    """Time the commands that people begin with."""
    with tempfile.TemporaryDirectory() as folder:
        place, caches = Path(folder) / "mine", Path(folder) / "caches"
        call([command(), "init", str(place)], Path(folder), caches)
        call([command(), "data", "sample"], place, caches)
        first = Times(tuple(once(lambda k=k: run(place, caches / f"first{k}")) for k in range(FIRST_ROUNDS)))
        compiling = Times(tuple(once(lambda k=k: warm_up(place, caches / f"cold{k}")) for k in range(FIRST_ROUNDS)))
        actions: dict[str, Callable[[], object]] = {
            "python": lambda: call([sys.executable, "-c", "pass"], place, caches),
            "import": lambda: call([sys.executable, "-c", "import backtest"], place, caches),
            "simulate": lambda: call([sys.executable, "-c", "from backtest import simulate"], place, caches),
            "help": lambda: call([command(), "--help"], place, caches),
            "again": lambda: run(place, caches / "first0"),
        }
        times = interleaved(actions, ROUNDS)
    again = f"≤ {digits(AGAIN)} s"
    rows = [
        Row("an empty Python, for comparison", times["python"]),
        Row("`import backtest`", times["import"]),
        Row("`from backtest import simulate`", times["simulate"]),
        Row("`backtest --help`", times["help"]),
        Row("`backtest run configs/quickstart.yaml`, again", times["again"], promise=again,
            kept=times["again"].median <= AGAIN, brief="`backtest run configs/quickstart.yaml`, report included"),
        Row("`backtest run configs/quickstart.yaml`, first after install", first, promise=f"≤ {digits(FIRST)} s",
            kept=first.median <= FIRST, brief="the same, first after install"),
        Row("`backtest warmup`, compiling every kernel", compiling),
    ]  # fmt: skip
    return Section("Starting", TEXT, (), rows)


def command() -> str:
    """The installed command of this Python."""
    return str(Path(sys.executable).with_name("backtest"))


def run(place: Path, caches: Path) -> None:
    """Run the quickstart, and see that the whole run folder is there."""
    said = call([command(), "run", "configs/quickstart.yaml"], place, caches)
    folder = place / said.splitlines()[-1]
    must((folder / "report.html").is_file(), f"{folder}: no report")
    must(len(list((folder / "figures").glob("*.png"))) == FIGURES, f"{folder}: not {FIGURES} pictures")


def warm_up(place: Path, caches: Path) -> None:
    """Compile everything, and see that it was kept."""
    call([command(), "warmup"], place, caches)
    must(any(caches.rglob("*.nbc")), f"{caches}: nothing compiled was kept")


def call(arguments: list[str], place: Path, caches: Path) -> str:
    """Run a process with its own caches, byte code among them as is usual, and return what it said."""
    own = {"XDG_CACHE_HOME": str(caches), "MPLCONFIGDIR": str(caches / "matplotlib")}
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    caches.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(arguments, cwd=place, env=usual | own, capture_output=True, text=True, check=False)
    must(done.returncode == 0, f"{' '.join(arguments)}: {done.stderr or done.stdout}")
    return done.stdout

"""How long does a comparison take: six allocation methods on twenty stocks, each month for ten years."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import backtest
from backtest.report.comparison import FIGURES
from benchmarks.start import call, command
from benchmarks.timing import Row, Section, Times, digits, must, once

ROUNDS, FIRST_ROUNDS = 5, 2
ALL, SIMULATED = 6.0, 0.5  # seconds
CONFIG = "configs/which_allocation.yaml"
RUNS, PICTURES = 6, len(FIGURES)
TEXT = f"""`backtest compare {CONFIG}`: six methods on `us20`, monthly, 2013 to 2022. Wall time of whole processes in a
workspace that `backtest init` made, with the page, {PICTURES} pictures, the run folders and their pages. *Anew* has
warm caches of numba and runs every variant; *found* takes the runs that are there. *Simulations* are the loop and the
decisions of all six, with their probes and benchmarks, in a process that has loaded its kernels."""


def measure() -> Section:
    """Time the command, and the simulations in it."""
    with tempfile.TemporaryDirectory() as folder:
        place, caches = Path(folder) / "mine", Path(folder) / "caches"
        call([command(), "init", str(place)], Path(folder), caches)
        call([command(), "data", "sample"], place, caches)
        compare(place, caches, "--fresh")
        anew = Times(tuple(once(lambda: compare(place, caches, "--fresh")) for _ in range(ROUNDS)))
        found = Times(tuple(once(lambda: compare(place, caches)) for _ in range(ROUNDS)))
        simulated = Times(tuple(simulations(place) for _ in range(ROUNDS + 1))[1:])
    rows = [
        Row(f"`backtest compare {CONFIG}`, anew", anew, promise=f"≤ {digits(ALL)} s", kept=anew.median <= ALL,
            brief="`backtest compare`, six methods over ten years, report included"),
        Row("the simulations in it", simulated, promise=f"≤ {digits(SIMULATED)} s",
            kept=simulated.median <= SIMULATED),
        Row("the same, runs found", found),
    ]  # fmt: skip
    return Section("Comparing", TEXT, (), rows)


def compare(place: Path, caches: Path, *options: str) -> None:
    """Compare in a process of its own, and see that everything is there."""
    said = call([command(), "compare", CONFIG, *options], place, caches)
    folder = place / said.splitlines()[-1]
    must((folder / "comparison.html").is_file(), f"{folder}: no page")
    must(len(list((folder / "figures").glob("*.png"))) == PICTURES, f"{folder}: not {PICTURES} pictures")
    must(len(list((folder / "runs").glob("*/report.html"))) == RUNS, f"{folder}: not {RUNS} runs")


def simulations(place: Path) -> float:
    """Compare in this process, and return the seconds that the simulations took."""
    study = backtest.compare(place / CONFIG, fresh=True, jobs=1, overrides=["report.html=false", "report.png=false"])
    must(len(study.names) == RUNS, f"{study.folder}: not {RUNS} runs")
    return sum(_simulated(folder) for folder in study.runs.values())


def _simulated(folder: Path) -> float:
    return float(json.loads((folder / "manifest.json").read_text("utf-8"))["timings"]["simulate"])

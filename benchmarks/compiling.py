"""How long does a first start compile the loop, and how long does every later one load it."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import backtest
from backtest.market.build import make_market
from backtest.simulate.engine import Engine
from benchmarks.start import call
from benchmarks.timing import Row, Section, Times, digits, must

ROOT = Path(__file__).parents[1]
ROUNDS = 3
COLD = {"lean": 5.0, "full": 25.0}  # seconds
LOADED = 0.6
WORDS = {"lean": "the lean form (plans of market orders)", "full": "the full form (orders, exits, margin, actions)"}
TEXT = f"""The first call of the loop in a process of its own: with an empty cache, where numba compiles it, and with a
full one, from which it is loaded. One signature each. {ROUNDS} processes."""


def measure() -> Section:
    """Compile and load both forms of the loop."""
    cold: dict[str, list[float]] = {name: [] for name in COLD}
    loaded: dict[str, list[float]] = {name: [] for name in COLD}
    for _ in range(ROUNDS):
        for name in COLD:
            with tempfile.TemporaryDirectory() as folder:
                cold[name].append(first_call(name, Path(folder)))
                loaded[name].append(first_call(name, Path(folder)))
    rows = [_row(f"compiling {WORDS[name]}", cold[name], limit) for name, limit in COLD.items()]
    rows += [_row(f"loading {WORDS[name]}", loaded[name], LOADED) for name in COLD]
    return Section("Compiling the loop", TEXT, (), rows)


def _row(what: str, seconds: list[float], limit: float) -> Row:
    times = Times(tuple(seconds))
    return Row(what, times, promise=f"≤ {digits(limit)} s", kept=times.median <= limit)


def first_call(name: str, caches: Path) -> float:
    """Return the seconds that the first call of the loop took in a process of its own."""
    script = f"from benchmarks.compiling import print_first; print_first({name!r})"
    return float(call([sys.executable, "-c", script], ROOT, caches))


def print_first(name: str) -> None:
    """Simulate once and print the seconds that the engine spent in the loop."""
    advance, taken = Engine.advance, 0.0

    def timed(self: Engine, stop: int) -> object:
        nonlocal taken
        start = time.perf_counter()
        status = advance(self, stop)
        taken += time.perf_counter() - start
        return status

    Engine.advance = timed  # type: ignore[assignment]
    close = 100.0 + np.cumsum(np.random.default_rng(3).normal(0.0, 0.5, (60, 4)), axis=0)
    market = make_market(open=close, high=close * 1.01, low=close * 0.99, close=close)
    result = backtest.simulate(market, np.full((60, 4), 0.2), exits={"stop": 0.1} if name == "full" else None)
    must(len(result.fills) > 0, "nothing was traded")
    print(taken)

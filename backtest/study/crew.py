"""Who simulates: this process, and others beside it when there is enough to do."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from time import perf_counter
from types import TracebackType
from typing import Any, Protocol, Self

from backtest.beside import Beside, Gone
from backtest.config import Variant
from backtest.errors import BacktestError, RunError
from backtest.run import Shared
from backtest.simulate.callbacks import Callback, CallbackError
from backtest.study.bench import Bench, Told
from backtest.study.saving import Saving
from backtest.workspace import Workspace
from backtest.workspace.counting import Counted

WORTH_SECONDS = 4.0
"""Other processes are started when what is left would take this one longer; one needs about a second to get ready."""

COLD_SECONDS = 20.0
"""What compiling everything may take, once after an install."""

Heard = Callable[[float], None]


class Hand(Protocol):
    """Whoever can simulate a variant and leave its folder afterwards."""

    def simulate(self, variant: Variant) -> Told:
        """Simulate, and keep what came out."""

    def leave(self, variant: Variant, counted: Counted, folder: Path) -> tuple[str, ...]:
        """Write what was kept; return warnings."""


class Crew:
    """Variants shared out between this process and others; results do not depend on who did what.

    `jobs` is the number of processes; None is as many as there are processors, when that is faster. Use as a context:
    at its end the other processes are gone. `draw` sees to the pages of what this process simulated.
    """

    def __init__(
        self,
        place: Workspace,
        shared: Shared,
        jobs: int | None,
        draw: Callable[[Path], object],
        saving: Saving | None = None,
        on: Mapping[str, Callback] | None = None,
    ) -> None:
        self._place, self._jobs, self._saving = place, jobs, saving
        self._bench = Bench(place, draw, shared, saving, on)
        self._hands: list[Hand] = [self._bench]
        self._owner: dict[str, Hand] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for hand in self._hands:
            if isinstance(hand, Helper):
                hand.end()

    @property
    def callback_errors(self) -> list[CallbackError]:
        """What callbacks raised, which hear of what this process simulates."""
        return self._bench.callback_errors

    def simulate(self, variants: Sequence[Variant], heard: Heard) -> dict[str, Told]:
        """Return what came of each variant, by slug; `heard` is told the share that is done."""
        waiting, told = deque(variants), dict[str, Told]()
        if self._jobs is not None:
            self._hire(min(self._jobs, len(variants)) - 1)
        seconds: list[float] = []
        while waiting and len(self._hands) == 1:
            variant, clock = waiting.popleft(), perf_counter()
            told[variant.slug] = self._simulate(self._hands[0], variant)
            seconds.append(perf_counter() - clock)
            heard(len(told) / len(variants))
            if self._jobs is None and len(waiting) > 1 and _left(seconds, len(waiting)) > WORTH_SECONDS:
                self._hire(min(processors(), len(waiting)) - 1)

        def work(hand: Hand) -> None:
            while waiting:
                try:
                    variant = waiting.popleft()
                except IndexError:  # another hand was faster
                    return
                told[variant.slug] = self._simulate(hand, variant)
                heard(len(told) / len(variants))

        self._all(work)
        return told

    def leave(self, counted: Mapping[str, tuple[Variant, Counted, Path]]) -> dict[str, tuple[str, ...]]:
        """Write the folder of each variant, by slug, by whoever simulated it; return warnings."""
        said: dict[str, tuple[str, ...]] = {}

        def work(hand: Hand) -> None:
            for slug, order in counted.items():
                if self._owner[slug] is hand:
                    said[slug] = hand.leave(*order)

        self._all(work)
        return said

    def _simulate(self, hand: Hand, variant: Variant) -> Told:
        self._owner[variant.slug] = hand
        return hand.simulate(variant)

    def _hire(self, number: int) -> None:
        self._hands += [Helper(self._place, self._saving) for _ in range(number)]

    def _all(self, work: Callable[[Hand], None]) -> None:
        """Let every hand work at once; what goes wrong with one of them is raised here."""
        failed: list[BaseException] = []

        def guarded(hand: Hand) -> None:
            try:
                work(hand)
            except BaseException as error:  # raised again in the thread that asked
                failed.append(error)

        threads = [Thread(target=guarded, args=(hand,), daemon=True) for hand in self._hands[1:]]
        for thread in threads:
            thread.start()
        work(self._hands[0])
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]


class Helper:
    """Another process, which works like a `Bench`."""

    def __init__(self, place: Workspace, saving: Saving | None) -> None:
        self._process = Beside("backtest.study.worker")
        self._process.say((place, saving))

    def simulate(self, variant: Variant) -> Told:
        """Have it simulate, and keep what came out."""
        told: Told = self._ask((variant, None), variant)
        return told

    def leave(self, variant: Variant, counted: Counted, folder: Path) -> tuple[str, ...]:
        """Have it write what it kept."""
        answer: tuple[str, ...] | BacktestError = self._ask((variant, (counted, folder)), variant)
        if isinstance(answer, BacktestError):
            raise answer
        return answer

    def end(self) -> None:
        """Stop it, whatever it does."""
        self._process.end()

    def _ask(self, order: object, variant: Variant) -> Any:
        try:
            return self._process.ask(order)
        except Gone as gone:
            raise RunError(
                f"variant {variant.label!r}: the process that ran it ended with code {gone.code}; `--jobs 1` runs "
                "everything in one process"
            ) from gone


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _left(seconds: Sequence[float], waiting: int) -> float:
    """Return about how long the others will take; the first one also loads, or compiles, what all of them need."""
    known = seconds[1:] or [max(seconds[0] - COLD_SECONDS, 0.0)]
    return math.fsum(known) / len(known) * waiting

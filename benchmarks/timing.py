"""Timing things side by side, and saying what came out."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Action = Callable[[], object]
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


@dataclass(frozen=True)
class Times:
    """Seconds of each round. Round *k* of one is a pair with round *k* of the others that were timed with it."""

    seconds: tuple[float, ...]

    def per(self, count: float) -> Times:
        """The time of one of `count` equal parts."""
        return Times(tuple(each / count for each in self.seconds))

    def minus(self, other: Times) -> Times:
        """What it took beyond `other`, pair by pair."""
        return Times(tuple(mine - its for mine, its in zip(self.seconds, other.seconds, strict=True)))

    def over(self, other: Times) -> float:
        """How many times as long as `other` it took: the median over pairs."""
        return median(mine / its for mine, its in zip(self.seconds, other.seconds, strict=True))

    @property
    def median(self) -> float:
        """The median round."""
        return median(self.seconds)


@dataclass(frozen=True)
class Row:
    """One line of a table: what was timed, how long it took, and its ratios to what it is compared with."""

    what: str
    times: Times | None = None
    said: str = ""  # where there are no times
    range: str = ""  # likewise
    ratios: tuple[str, ...] = ()
    promise: str = ""  # in words
    kept: bool = True
    brief: str = ""  # how the README words the row; it leaves out those without
    compared: str = ""  # and its ratio

    @property
    def cells(self) -> tuple[str, ...]:
        """The text of each column."""
        if self.times is None:
            return (self.what, self.said, self.range, *self.ratios, self.promise)
        return (self.what, shown(self.times.median), spread(self.times), *self.ratios, self.promise)


@dataclass(frozen=True)
class Section:
    """One question with its answer. `columns` are those between the times and the promise."""

    title: str
    text: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    heads: tuple[str, str] = ("median", "min – max")


class WrongResult(Exception):
    """What was timed did not do its work."""


def must(holds: object, what: str) -> None:
    """Refuse to time something that is wrong."""
    if not holds:
        raise WrongResult(what)


def interleaved(actions: Mapping[str, Action], rounds: int, calls: Mapping[str, int] | None = None) -> dict[str, Times]:
    """Time each action once a round, after one round that counts for nothing.

    One after the other within a round, so that whatever else the machine does falls on all of them; the order turns
    round by round. An action that is called several times in a row in each round (`calls`, 1 by default) is timed per
    call: what it measures then is mostly itself, and not what the one before left of the caches.
    """
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    names = list(actions)
    gc.collect()
    gc.disable()
    try:
        for k in range(rounds + 1):
            for name in names[k % len(names) :] + names[: k % len(names)]:
                count = (calls or {}).get(name, 1)
                taken = sum(once(actions[name]) for _ in range(count)) / count
                if k > 0:
                    seconds[name].append(taken)
    finally:
        gc.enable()
    return {name: Times(tuple(values)) for name, values in seconds.items()}


def once(action: Action) -> float:
    """Seconds of one call; giving back what it made is not part of it."""
    start = time.perf_counter()
    made = action()
    taken = time.perf_counter() - start
    del made
    return taken


def shown(seconds: float) -> str:
    """Three digits in the largest unit that does not begin with a zero."""
    factor, unit = next((pair for pair in UNITS if abs(seconds) >= pair[0]), UNITS[-1])
    return f"{digits(seconds / factor)} {unit}"


def spread(times: Times) -> str:
    """The fastest and the slowest round."""
    return f"{shown(min(times.seconds))} – {shown(max(times.seconds))}"


def digits(value: float) -> str:
    """Three significant digits, never in powers of ten."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def times_as_long(ratio: float) -> str:
    """A ratio in words of a table."""
    return f"{digits(ratio)} ×"

"""What can go wrong, as one tree.

::

    BacktestError
    ├── InputError            what was given cannot be used            (exit code 2)
    │   ├── ConfigError       a configuration file; carries every problem found
    │   ├── DataError         a store, a file of prices, a price
    │   └── WorkspaceError    a directory, a strategy file, a name that is not there
    └── RunError              the input was good, the run was not      (exit code 1)
        ├── StrategyError     user code raised, or answered with something that is not weights
        ├── AllocationError   a method could not turn this history into weights
        │   └── InfeasibleError   no weights obey all constraints at once
        ├── LookAheadError    a decision changed when the future did
        └── ArtefactError     results could not be written

Every message says what was wrong, where, what was received, what is allowed and the nearest valid name.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


class BacktestError(Exception):
    """Base of everything this package raises on purpose."""

    exit_code = 1


class InputError(BacktestError):
    """What was given cannot be used."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one place of a configuration.

    `path` is the JSON path (``$.rebalance.any[1].drift``); `line` counts from 1 and is None when the value came
    from no file (an override, a dict), or when it is the file itself that cannot be read.
    """

    path: str
    message: str
    received: str | None = None
    allowed: str | None = None
    nearest: str | None = None
    file: Path | None = None
    line: int | None = None

    def __str__(self) -> str:
        where = [] if self.file is None else [str(self.file) if self.line is None else f"{self.file}:{self.line}"]
        if self.path != "$" or not where:  # of a whole file its name says enough
            where.append(self.path)
        received = "" if self.received is None else f"; received {self.received}"
        allowed = "" if self.allowed is None else f"; allowed: {self.allowed}"
        nearest = "" if self.nearest is None else f"; did you mean {self.nearest!r}?"
        return f"{': '.join(where)}: {self.message}{received}{allowed}{nearest}"


class ConfigError(InputError):
    """A configuration is not valid; `problems` lists everything that is wrong with it, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[ConfigError], tuple[tuple[Problem, ...]]]:
        """Travel to another process whole."""
        return type(self), (self.problems,)


class DataError(InputError):
    """A store, a file or a price cannot be used."""


class WorkspaceError(InputError):
    """A directory, a strategy file or a name is not where it should be."""


class RunError(BacktestError):
    """The input was good, the run was not."""


class StrategyError(RunError):
    """A strategy raised, or answered with something that is not an answer."""


class AllocationError(RunError):
    """An allocation method could not turn this history into weights."""


class InfeasibleError(AllocationError):
    """No weights obey all constraints at once; names the rules that clash and the smallest relaxation that works."""


class LookAheadError(RunError):
    """A decision changed when only the future did."""


class ArtefactError(RunError):
    """Results could not be written."""


def nearest(name: object, allowed: Iterable[str]) -> str | None:
    """Return the allowed name most like `name`, or None when nothing is close."""
    found = difflib.get_close_matches(str(name), list(allowed), n=1, cutoff=0.6)
    return found[0] if found else None


def unknown(what: str, name: object, allowed: Iterable[str]) -> str:
    """Say that `name` is not a `what`, what is, and which one was probably meant."""
    names = sorted(allowed)
    close = nearest(name, names)
    listed = ", ".join(names) if names else "none exist yet"
    return f"unknown {what} {name!r}; known: {listed}" + (f"; did you mean {close!r}?" if close else "")

"""Everything that the page of a comparison says, read from the folder of the study and from nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest import stats
from backtest.errors import BacktestError, DataError, WorkspaceError
from backtest.report.colours import PALETTE
from backtest.report.numbers import RunNumbers, read_run
from backtest.types import Floats, Ints

SCHEMA = 2
NUMBERS, SERIES = "comparison.json", "comparison.parquet"
TIME, BENCHMARK = "time", "benchmark"
"""Columns of the series beside those that are named by the runs."""


ORDER: tuple[int, ...] = (0, 1, 2, 3, 5, 6, 10, 9, 7, 8, 4, *range(11, len(PALETTE)))
"""Places in the palette, in the order in which runs take them."""


@dataclass(frozen=True)
class StudyNumbers:
    """One comparison as its folder tells it. `growth` `(R, N)` is the value of 1 at `times`, UTC nanoseconds."""

    folder: Path
    facts: Mapping[str, Any]
    times: Ints
    growth: Floats
    benchmark: Floats | None

    @property
    def name(self) -> str:
        """Name of the study."""
        return str(self.facts["name"])

    @property
    def variants(self) -> Sequence[Mapping[str, Any]]:
        """What is told of each run, in the order in which they were given."""
        found: Sequence[Mapping[str, Any]] = self.facts["variants"]
        return found

    @cached_property
    def names(self) -> list[str]:
        """What the runs are called."""
        return [str(each["name"]) for each in self.variants]

    @cached_property
    def ranked(self) -> list[int]:
        """Places of the runs, the highest Sharpe ratio first."""
        return [self.names.index(name) for name in self.facts["ranking"]]

    @cached_property
    def runs(self) -> list[RunNumbers | BacktestError]:
        """The single runs, in the order of `variants`; what is wrong with one that cannot be read in its place."""
        return [_read_run(self.folder / str(each["run"])) for each in self.variants]

    @cached_property
    def drawdown(self) -> Floats:
        """Loss against the highest value so far, `(R, N)`."""
        return np.column_stack([stats.underwater(np.concatenate(([1.0], path)))[1:] for path in self.growth.T])

    @cached_property
    def benchmark_drawdown(self) -> Floats | None:
        """That of the benchmark, None without one."""
        return None if self.benchmark is None else stats.underwater(np.concatenate(([1.0], self.benchmark)))[1:]

    def value(self, k: int, key: str) -> float | None:
        """Return a metric of run `k`, None when it is undefined."""
        found: float | None = self.variants[k]["metrics"].get(key)
        return found

    def ink(self, k: int) -> str:
        """Return the class that colours run `k`, the same in every chart."""
        return f"k{_place(k)}"

    def colour(self, k: int) -> str:
        """Return the colour of run `k` on white."""
        return PALETTE[_place(k)]


def _place(k: int) -> int:
    """Return the place of run `k` in the palette, whose two blues are kept apart."""
    return ORDER[k % len(ORDER)]


def _read_run(folder: Path) -> RunNumbers | BacktestError:
    try:
        return read_run(folder)
    except BacktestError as error:
        return error


def read_study(folder: Path) -> StudyNumbers:
    """Read the numbers of a study; one error names the file that is missing or cannot be read."""
    missing = [name for name in (NUMBERS, SERIES) if not (folder / name).is_file()]
    if missing:
        raise WorkspaceError(f"{folder}: not the folder of a comparison; missing {', '.join(missing)}")
    path = folder / NUMBERS
    try:
        facts = json.loads(path.read_text("utf-8"))
        if facts["schema"] != SCHEMA:
            raise DataError(f"{path}: written by another version (schema {facts['schema']}); this one reads {SCHEMA}")
        names = [str(each["name"]) for each in facts["variants"]]
        path = folder / SERIES
        table = pq.read_table(path)
        return StudyNumbers(
            folder=folder,
            facts=facts,
            times=np.asarray(table.column(TIME).cast(pa.int64()).to_numpy()),
            growth=np.column_stack([table.column(name).to_numpy() for name in names]),
            benchmark=table.column(BENCHMARK).to_numpy() if BENCHMARK in table.column_names else None,
        )
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: cannot be read as an artefact of a comparison: {error}") from error

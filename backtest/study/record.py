"""One run as its folder tells it: what a comparison needs of it, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest.config.node import plain
from backtest.config.source import read_file
from backtest.metrics.ledger import FINANCING
from backtest.types import Floats, Ints
from backtest.workspace.reading import manifest_of, reading


@dataclass(frozen=True)
class Record:
    """The series `(R,)` of a run at the ends of its bars `times`, UTC nanoseconds, and what it was made from."""

    label: str
    slug: str
    capital: float
    times: Ints
    equity: Floats
    turnover: Floats
    cost: Floats  # of trading
    financing: Floats  # what holding cost, less what it earned
    benchmark: Floats | None
    decided: int | None  # when the first decision was taken
    manifest: Mapping[str, Any]
    config: Mapping[str, Any]

    @cached_property
    def before(self) -> Floats:
        """Equity at the mark before each bar, the capital before the first."""
        return np.concatenate(([self.capital], self.equity[:-1]))

    @cached_property
    def gross(self) -> Floats:
        """Growth of 1 had neither trading nor holding cost anything: Π (1 + r + cost / E₋₁)."""
        return self._without(self.cost + self.financing)

    @cached_property
    def free_trading(self) -> Floats:
        """Growth of 1 had trading cost nothing, and holding what it did."""
        return self._without(self.cost)

    def drag(self, cost: Floats) -> Floats:
        """Return a cost of each bar / equity at the mark before."""
        return np.divide(cost, self.before, out=np.zeros_like(cost), where=self.before > 0.0)

    def _without(self, cost: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            factors = np.where(self.before > 0.0, (self.equity + cost) / self.before, 1.0)
        return np.asarray(np.cumprod(factors))


def read_record(folder: Path, label: str, slug: str) -> Record:
    """Read a run folder; one error names what cannot be read."""
    manifest = manifest_of(folder)
    with reading(folder / "manifest.json"):
        capital = float(manifest["capital"])
    with reading(folder / "equity.parquet"):
        table = pq.read_table(folder / "equity.parquet")
        benchmark = _floats(table, "benchmark") if "benchmark" in table.column_names else None
        times = stamps_of(table)
        equity, turnover, cost = (_floats(table, name) for name in ("equity", "turnover", "cost"))
        held = [_floats(table, name) for name in FINANCING if name in table.column_names]
    config = plain(read_file(folder / "config.yaml").tree)
    decided = _first_decision(folder / "rebalances.parquet")
    financing = -sum(held, np.zeros_like(cost))
    return Record(label, slug, capital, times, equity, turnover, cost, financing, benchmark, decided, manifest, config)


def stamps_of(table: pa.Table) -> Ints:
    """Return the column `time` of an artefact as UTC nanoseconds."""
    return np.asarray(table.column("time").cast(pa.timestamp("ns", "UTC")).cast(pa.int64()).to_numpy())


def _first_decision(path: Path) -> int | None:
    with reading(path):
        asked = pq.read_table(path, columns=["kind", "time"])
        kinds = np.array(asked.column("kind").to_pylist(), dtype=object)
        taken = np.flatnonzero(kinds != "quiet")
        return int(stamps_of(asked)[taken[0]]) if taken.size else None


def _floats(table: pa.Table, name: str) -> Floats:
    return np.asarray(table.column(name).to_numpy(), dtype=np.float64)

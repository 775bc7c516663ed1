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
from backtest.metrics.ledger import FINANCING, base_by_row, gain, growth_of, has_flows
from backtest.types import Floats, Ints
from backtest.workspace.reading import manifest_of, reading


@dataclass(frozen=True)
class Record:
    """The series `(R,)` of a run at the ends of its bars `times`, UTC nanoseconds, and what it was made from."""

    label: str
    slug: str
    capital: float
    times: Ints
    grown: Floats  # what the capital came to, which without flows is the equity
    turnover: Floats
    cost: Floats  # of trading, as if of the capital alone
    financing: Floats  # what holding cost, less what it earned, likewise
    benchmark: Floats | None  # what the capital came to there
    decided: int | None  # when the first decision was taken
    manifest: Mapping[str, Any]
    config: Mapping[str, Any]
    money: Mapping[str, float] | None = None  # final equity, contributed, withdrawn, gain; where money moved

    @cached_property
    def before(self) -> Floats:
        """What it had come to before each bar, the capital before the first."""
        return np.concatenate(([self.capital], self.grown[:-1]))

    @cached_property
    def gross(self) -> Floats:
        """Growth of 1 had neither trading nor holding cost anything: Π (1 + r + cost / E₋₁)."""
        return self._without(self.cost + self.financing)

    @cached_property
    def free_trading(self) -> Floats:
        """Growth of 1 had trading cost nothing, and holding what it did."""
        return self._without(self.cost)

    def drag(self, cost: Floats) -> Floats:
        """Return a cost of each bar / what there was before it."""
        return np.divide(cost, self.before, out=np.zeros_like(cost), where=self.before > 0.0)

    def _without(self, cost: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            factors = np.where(self.before > 0.0, (self.grown + cost) / self.before, 1.0)
        return np.asarray(np.cumprod(factors))


def read_record(folder: Path, label: str, slug: str) -> Record:
    """Read a run folder; one error names what cannot be read."""
    manifest = manifest_of(folder)
    with reading(folder / "manifest.json"):
        capital = float(manifest["capital"])
    with reading(folder / "equity.parquet"):
        table = pq.read_table(folder / "equity.parquet")
        times, turnover = stamps_of(table), _floats(table, "turnover")
        own, other = _worth(table, capital, "equity", "return"), None
        if "benchmark" in table.column_names:
            other = growth_of(_worth(table, capital, "benchmark", "benchmark_return"))[1:]
        cost = _floats(table, "cost")
        held = [_floats(table, name) for name in FINANCING if name in table.column_names]
        grown = growth_of(own)
        scale = np.divide(grown[:-1], base_by_row(own), out=np.ones_like(cost), where=base_by_row(own) > 0.0)
    config = plain(read_file(folder / "config.yaml").tree)
    decided = _first_decision(folder / "rebalances.parquet")
    paid = scale * cost, 0.0 - scale * sum(held, np.zeros_like(cost))
    return Record(
        label, slug, capital, times, grown[1:], turnover, *paid, other, decided, manifest, config, _money(own)
    )


@dataclass(frozen=True)
class Worth:
    """What the money of an account came to, from a run folder."""

    capital: float
    equity: Floats
    flow: Floats
    returns: Floats


def _worth(table: pa.Table, capital: float, equity: str, returns: str) -> Worth:
    """Read one account of a run; folders of earlier versions know no flows."""
    worth = _floats(table, equity)
    flow = _floats(table, "flow") if "flow" in table.column_names else np.zeros_like(worth)
    return Worth(capital, worth, flow, _floats(table, returns))


def _money(own: Worth) -> dict[str, float] | None:
    if not has_flows(own):
        return None
    moved = {"contributed": own.flow[own.flow > 0.0], "withdrawn": 0.0 - own.flow[own.flow < 0.0]}
    sums = {name: float(amounts.sum()) for name, amounts in moved.items()}
    return {"final_equity": float(own.equity[-1]), **sums, "gain": gain(own)}


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

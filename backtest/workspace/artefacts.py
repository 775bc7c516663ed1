"""Writing the numbers of a run into its folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from backtest.allocate.threads import one_thread_of_loaded
from backtest.config import Config, dump
from backtest.metrics import RunMetrics, assets_table, attribution, gross_to_net, held_correlations, lots, trades
from backtest.metrics.ledger import has_covariances
from backtest.simulate.portfolio import Simulated
from backtest.simulate.result import Result
from backtest.types import Ints
from backtest.workspace.events import events_table
from backtest.workspace.tables import STAMP, equity_table, fills_table, rebalances_table, wide_table

MOST_CELLS = 50_000_000
"""Weights of every bar are kept up to this many; beyond it, those of sessions, then those of rebalances."""

NUMERIC = (
    *("equity", "weights", "positions", "rebalances", "fills", "events"),
    *("attribution", "bridge", "trades", "lots", "assets", "correlation"),
)
"""The tables of a run, which `rerun --check` compares bit for bit."""

OF_COVARIANCES = ("assets", "correlation")
"""Those that need every bar of what was held; a run over a stream has none of them where that is too much."""


def write_artefacts(
    folder: Path, config: Config, simulated: Simulated, metrics: RunMetrics, manifest: Mapping[str, Any]
) -> None:
    """Write everything but the report."""
    result = simulated.result
    rows = kept_rows(result, config.artefacts.weights)
    tables = {
        "equity": equity_table(result, simulated.benchmark),
        "weights": wide_table(result, result.weights(), rows),
        "positions": wide_table(result, result.positions(), rows),
        "rebalances": rebalances_table(result, simulated.driven.notes),
        "fills": fills_table(result),
        "events": events_table(result),
        **measured_tables(result, config.strategy.name, config.accounting.lots),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    (folder / "config.yaml").write_text(dump(config), encoding="utf-8")
    _write_json(folder / "metrics.json", metrics.to_dict())
    _write_json(folder / "manifest.json", manifest)


def measured_tables(result: Result, strategy: str, method: str) -> dict[str, pa.Table]:
    """Return the tables that `backtest.metrics` makes of a result: who earned it, what it cost, what was held.

    `method` says which lot a trade closes first.
    """
    made: dict[str, Callable[[], pd.DataFrame]] = {
        "attribution": lambda: attribution(result, (strategy,)),
        "bridge": lambda: gross_to_net(result).reset_index(),
        "trades": lambda: trades(result),
        "lots": lambda: lots(result, method),
        "assets": lambda: assets_table(result),
        "correlation": lambda: held_correlations(result).rename_axis("symbol").reset_index(),
    }
    without = () if has_covariances(result) else OF_COVARIANCES
    with one_thread_of_loaded():  # covariances: the same bits whatever else runs
        frames = {name: make() for name, make in made.items() if name not in without}
    return {name: _typed(pa.Table.from_pandas(frame, preserve_index=False)) for name, frame in frames.items()}


def _typed(table: pa.Table) -> pa.Table:
    """Give columns the types that they have in every run, however few rows there are: text, and times in UTC."""
    types = {
        field.name: STAMP if pa.types.is_timestamp(field.type) else pa.string()
        for field in table.schema
        if pa.types.is_timestamp(field.type) or pa.types.is_large_string(field.type) or pa.types.is_null(field.type)
    }
    fields = [pa.field(field.name, types.get(field.name, field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))


def kept_rows(result: Result, detail: str) -> Ints:
    """Rows of the simulation whose weights and positions are kept."""
    cells = result.n_rows * result.market.n_assets
    sessions = np.flatnonzero(result.market.session_end[result.first :])
    if detail == "bars" or (detail == "auto" and cells <= MOST_CELLS):
        return np.arange(result.n_rows)
    if detail == "sessions" or (detail == "auto" and len(sessions) * result.market.n_assets <= MOST_CELLS):
        return sessions
    done = result.decisions["done_row"].astype(np.int64)
    return np.unique(done[done >= 0]) - result.first


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")

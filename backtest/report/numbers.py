"""Layer one: everything a report says, read from the artefacts of a run folder and from nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from backtest import stats
from backtest.errors import DataError, WorkspaceError
from backtest.metrics.ledger import FINANCING
from backtest.report.scales import is_intraday
from backtest.types import Floats, Ints

T = TypeVar("T")

TABLES = ("equity", "weights", "rebalances", "fills", "events", "attribution")
MORE_TABLES = ("trades", "assets", "correlation", "bridge")
"""Tables that folders of earlier versions do not have."""
TEXTS = ("metrics.json", "manifest.json", "config.yaml")
SCHEMA = 1
"""Of the manifest."""
HEADLINES = (
    *("start", "end", "total_return", "annual_return", "volatility", "sharpe", "max_drawdown", "turnover"),
    *("fills", "rebalances", "total_cost", "cost_drag"),
)
"""Metrics that every run keeps, undefined or not: without one of them a page would be silent where it must speak."""

SAID_OF_EACH = ("key", "label", "value", "unit", "convention")

# What allocators aimed for, weight by weight, is long and shown nowhere.
REBALANCE_COLUMNS = (
    *("kind", "time", "until", "sessions", "done", "triggers", "source", "status", "drift", "drift_symbol"),
    *("orders", "fills", "scale", "turnover", "cost"),
)
OPTIONAL_COLUMNS = ("method", "warnings")
"""Columns of `rebalances` that folders of earlier versions do not have."""

FILL_COLUMNS = ("symbol", "value", "commission", "spread", "slippage", "impact", "cost", "reason")
EVENT_COLUMNS = ("time", "kind", "symbol", "value", "text")


@dataclass(frozen=True)
class RunNumbers:
    """One run as its artefacts tell it. Times are UTC nanoseconds, rows as in the file they come from."""

    name: str
    capital: float
    times: Ints  # (R,)
    equity: Floats
    cash: Floats
    returns: Floats  # (R,) time-weighted, NaN after a ruin
    flow: Floats  # (R,) money paid in, negative: taken out; 0 throughout in folders of earlier versions
    drawdown: Floats
    turnover: Floats
    cost: Floats
    gross: Floats | None  # (R,) exposures over equity; None, these three, in folders of earlier versions
    net: Floats | None
    carry: Floats | None  # (R, 5) what holding earned or cost, by `metrics.ledger.FINANCING`
    benchmark: Floats | None  # (R,) equity of the benchmark from the same capital, with the same flows
    benchmark_returns: Floats | None
    symbols: tuple[str, ...]
    weight_times: Ints  # (W,)
    weights: Floats  # (W, N), 0 where nothing is held, and after a ruin
    rebalances: pd.DataFrame
    fills: pd.DataFrame
    events: pd.DataFrame
    attribution: pd.DataFrame
    trades: pd.DataFrame | None  # None, these four, where the folder does not have them
    assets: pd.DataFrame | None
    correlation: pd.DataFrame | None
    bridge: pd.DataFrame | None
    metrics: Mapping[str, Mapping[str, Any]]
    benchmark_metrics: Mapping[str, Mapping[str, Any]]
    periods_source: str
    risk_free: float  # a year
    manifest: Mapping[str, Any]
    config: Mapping[str, Any]
    config_text: str

    @property
    def currency(self) -> str:
        """What money is counted in; empty where the folder does not say."""
        return str(self.manifest.get("currency") or "")

    def value(self, key: str) -> Any:
        """Return the value of a metric, None when it is undefined or unknown."""
        return self.metrics[key]["value"] if key in self.metrics else None

    @cached_property
    def memo(self) -> dict[str, Any]:
        """What `content` has worked out already, for charts and tables that show the same."""
        return {}

    @cached_property
    def path(self) -> Floats:
        """What the capital has become, itself in front, had no money moved after it: `(R + 1,)`."""
        return self._growth(self.equity, self.returns)

    @cached_property
    def benchmark_path(self) -> Floats | None:
        """The same of the benchmark; None without one."""
        if self.benchmark is None or self.benchmark_returns is None:
            return None
        return self._growth(self.benchmark, self.benchmark_returns)

    def _growth(self, equity: Floats, returns: Floats) -> Floats:
        if not self.has_flows:
            return stats.path_from_equity(equity, self.capital)
        return np.asarray(self.capital * stats.path_from_returns(returns))

    @property
    def has_flows(self) -> bool:
        """Whether money came from outside, or went there."""
        return bool(self.flow.any())

    @cached_property
    def paid_in(self) -> Floats:
        """What was paid in by the end of each bar, the capital included, less what was taken out: `(R,)`."""
        return np.asarray(self.capital + np.cumsum(self.flow))

    @property
    def put_in(self) -> str:
        """What contributions are a part of, in words."""
        return "all money paid in" if self.has_flows else "the initial capital"

    @cached_property
    def benchmark_drawdown(self) -> Floats | None:
        """How far the benchmark lay below its highest value so far, the capital included; None without one."""
        path = self.benchmark_path
        return None if path is None else stats.underwater(path)[1:]

    @cached_property
    def intraday(self) -> bool:
        """Whether bars are named with their minute."""
        return is_intraday(self.times)

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """The rows of `rebalances` at which something was decided."""
        return self.rebalances[self.rebalances["kind"] == "decision"]

    @cached_property
    def allocation(self) -> Mapping[str, Any]:
        """What the manifest counts of the allocator's answers; empty when it was never asked."""
        found: Mapping[str, Any] = self.manifest.get("allocation", {})
        return found if found.get("answers") else {}

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """The sector of each asset that has one; empty where the run knows none."""
        if self.assets is None or "group" not in self.assets:
            return {}
        pairs = zip(self.assets["symbol"], self.assets["group"], strict=True)
        return {str(symbol): str(group) for symbol, group in pairs if isinstance(group, str) and group}

    @cached_property
    def alive(self) -> int:
        """Number of bars up to the one at which the account was ruined, all of them where it never was."""
        gone = self.equity <= 0.0
        return int(np.argmax(gone)) + 1 if gone.any() else self.equity.size

    @cached_property
    def traded_times(self) -> Ints:
        """The bars in which a basket with orders finished."""
        done = self.decisions.loc[self.decisions["orders"] > 0, "done"].dropna()
        return np.asarray(done.to_numpy("datetime64[ns]").astype(np.int64))


def read_run(folder: Path) -> RunNumbers:
    """Read the artefacts of `folder`; one error names the file that is missing or cannot be read."""
    _check_folder(folder)
    tables = {name: _read(folder / f"{name}.parquet", _reader(name)) for name in TABLES}
    more = {name: folder / f"{name}.parquet" for name in MORE_TABLES}
    tables |= {name: _read(path, pq.read_table) for name, path in more.items() if path.is_file()}
    metrics, manifest, config_text = (_read(folder / name, _text) for name in TEXTS)
    measured = _read(folder / "metrics.json", lambda _: _Measured.of(json.loads(metrics)))
    about = _read(folder / "manifest.json", lambda path: _manifest(path, manifest))
    config = _read(
        folder / "config.yaml", lambda _: yaml.load(config_text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    )
    return _read(folder, lambda _: _assemble(tables, measured, about, config, config_text))


@dataclass(frozen=True)
class _Measured:
    """What ``metrics.json`` holds."""

    metrics: Mapping[str, Mapping[str, Any]]
    benchmark: Mapping[str, Mapping[str, Any]]
    periods_source: str
    risk_free: float

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> _Measured:
        metrics = _by_key(found["metrics"])
        if missing := [key for key in HEADLINES if key not in metrics]:
            raise ValueError(f"without the metrics {', '.join(missing)}, which every run keeps")
        return cls(
            metrics=metrics,
            benchmark=_by_key(found["benchmark"] or ()),
            periods_source=str(found["periods_source"]),
            risk_free=float(found["risk_free"]),
        )


def _by_key(metrics: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    for metric in metrics:
        if missing := [name for name in SAID_OF_EACH if name not in metric]:
            raise ValueError(f"the metric {metric.get('key', '?')!r} has no {', '.join(missing)}")
    return {str(metric["key"]): metric for metric in metrics}


def _manifest(path: Path, text: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(text)
    if found.get("schema", SCHEMA) != SCHEMA:
        raise DataError(f"{path}: written by another version (schema {found['schema']}); this one reads {SCHEMA}")
    return found


def _check_folder(folder: Path) -> None:
    wanted = [*(f"{name}.parquet" for name in TABLES), *TEXTS]
    missing = [name for name in wanted if not (folder / name).is_file()]
    if missing:
        raise WorkspaceError(
            f"{folder}: not a whole run folder; missing {', '.join(missing)}; expected {', '.join(wanted)}"
        )


def _read(path: Path, how: Callable[[Path], T]) -> T:
    try:
        return how(path)
    except KeyError as error:
        raise DataError(f"{path}: cannot be read as an artefact of a run: {error} is missing") from error
    except (pa.ArrowException, OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise DataError(f"{path}: cannot be read as an artefact of a run: {why}") from error


def _reader(name: str) -> Callable[[Path], pa.Table]:
    if name == "rebalances":
        return _rebalances
    columns = {"fills": list(FILL_COLUMNS), "events": list(EVENT_COLUMNS)}.get(name)
    return lambda path: pq.read_table(path, columns=columns)


def _rebalances(path: Path) -> pa.Table:
    there = pq.read_schema(path).names
    return pq.read_table(path, columns=[*REBALANCE_COLUMNS, *(name for name in OPTIONAL_COLUMNS if name in there)])


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _assemble(
    tables: Mapping[str, pa.Table],
    measured: _Measured,
    manifest: Mapping[str, Any],
    config: Mapping[str, Any],
    config_text: str,
) -> RunNumbers:
    equity, weights = tables["equity"], tables["weights"]
    symbols = tuple(name for name in weights.column_names if name != "time")
    columns = [np.nan_to_num(_floats(weights, name), nan=0.0) for name in symbols]
    held = np.column_stack(columns) if columns else np.empty((weights.num_rows, 0))
    worth, times, weight_times = _floats(equity, "equity"), _stamps(equity), _stamps(weights)
    if (worth <= 0.0).any():
        # Shares of nothing mean nothing.
        held[weight_times >= times[np.argmax(worth <= 0.0)]] = 0.0
    return RunNumbers(
        name=str(manifest["name"]),
        capital=float(manifest["capital"]),
        times=times,
        equity=worth,
        cash=_floats(equity, "cash"),
        returns=_floats(equity, "return"),
        flow=_floats(equity, "flow") if "flow" in equity.column_names else np.zeros(worth.size),
        drawdown=_floats(equity, "drawdown"),
        turnover=_floats(equity, "turnover"),
        cost=_floats(equity, "cost"),
        gross=_floats(equity, "gross_exposure") if "gross_exposure" in equity.column_names else None,
        net=_floats(equity, "net_exposure") if "net_exposure" in equity.column_names else None,
        carry=_carry(equity),
        benchmark=_floats(equity, "benchmark") if "benchmark" in equity.column_names else None,
        benchmark_returns=_floats(equity, "benchmark_return") if "benchmark" in equity.column_names else None,
        symbols=symbols,
        weight_times=weight_times,
        weights=held,
        rebalances=_frame(tables["rebalances"]),
        fills=_frame(tables["fills"]),
        events=_frame(tables["events"]),
        attribution=_frame(tables["attribution"]),
        **{name: _frame(tables[name]) if name in tables else None for name in MORE_TABLES},
        metrics=measured.metrics,
        benchmark_metrics=measured.benchmark,
        periods_source=measured.periods_source,
        risk_free=measured.risk_free,
        manifest=manifest,
        config=config,
        config_text=config_text,
    )


def _carry(equity: pa.Table) -> Floats | None:
    """Return what holding earned and cost, a column a kind; None where the folder does not say."""
    if not set(FINANCING) <= set(equity.column_names):
        return None
    return np.column_stack([_floats(equity, kind) for kind in FINANCING])


def _frame(table: pa.Table) -> pd.DataFrame:
    """Return a table with empty text where text is missing, which pandas would show as a number that is none."""
    frame: pd.DataFrame = table.to_pandas()
    texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
    return frame.assign(**{name: frame[name].fillna("") for name in texts})


def _floats(table: pa.Table, name: str) -> Floats:
    return np.asarray(table.column(name).to_numpy(), dtype=np.float64)


def _stamps(table: pa.Table) -> Ints:
    return np.asarray(table.column("time").cast(pa.timestamp("ns", "UTC")).cast(pa.int64()).to_numpy())

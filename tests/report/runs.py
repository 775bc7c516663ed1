"""Fake run folders: a small simulation in numpy writes the artefacts that a run leaves, and nothing else.

The numbers hang together (fills make the cash, contributions add up), so that a page made from them can be read and
judged, and a test can compare page and artefact.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from backtest import metrics, stats
from backtest.metrics import run_metrics
from backtest.metrics.ledger import FINANCING
from backtest.report.numbers import RunNumbers
from backtest.types import DECISION, EVENT, FILL

SECTORS = ("Technology", "Health care", "Energy", "Utilities", "Financials")
NAMES = (
    *("AAPL", "AMD", "BAC", "BBY", "CVX", "GE", "HD", "JNJ", "JPM", "KO"),
    *("LLY", "MRK", "MSFT", "PEP", "PFE", "PG", "RRC", "UNH", "WMT", "XOM"),
)


@dataclass
class Story:
    """What happened. Change a field to make another folder."""

    symbols: list[str] = field(default_factory=lambda: list(NAMES))
    rows: int = 2520
    start: str = "2013-01-02"
    freq: str = "B"
    capital: float = 1_000_000.0
    every: int = 21  # rows between rebalances, 0 for none ever
    invested: float = 0.98
    bps: tuple[float, float, float] = (5.0, 2.0, 1.0)
    drift: float = 0.00055
    spread: float = 0.012
    crash: tuple[int, int] | None = (1790, 24)
    ruin: int | None = None
    benchmark: bool = True
    sectors: bool = True
    name: str = "hrp-monthly"
    fill: str = "next_close"
    probe: str = "sampled"
    warnings: list[str] = field(default_factory=list)
    events: list[tuple[str, int, str | None, float, str]] = field(default_factory=list)
    status: str = "ok"
    universe: Any = "all"
    seed: int = 7


@dataclass
class Market:
    symbols: np.ndarray
    actions: np.ndarray
    properties: pd.DataFrame | None = None
    high: np.ndarray | None = None
    low: np.ndarray | None = None
    prices_given: np.ndarray = field(default_factory=lambda: np.empty(0))
    stream: None = None

    @property
    def n_assets(self) -> int:
        return int(self.symbols.size)


class Played:
    """A story carried out, in the shape of a result."""

    def __init__(self, story: Story) -> None:
        self.story, self.capital, self.first = story, story.capital, 0
        n, rows = len(story.symbols), story.rows
        rng = np.random.default_rng(story.seed)
        self.times = pd.date_range(f"{story.start} 21:00", periods=rows, freq=story.freq, tz="UTC").as_unit("ns")
        from backtest.types import ACTION

        self.market = Market(np.array(story.symbols), np.empty(0, ACTION))
        if story.sectors:
            sectors = [SECTORS[place % len(SECTORS)] for place in range(n)]
            self.market.properties = pd.DataFrame({"sector": sectors}, index=story.symbols)
        common = rng.standard_t(4, rows) * 0.006
        if story.crash is not None and rows > sum(story.crash):
            common[story.crash[0] : sum(story.crash)] -= 0.014
        own = rng.standard_t(4, (rows, n)) * story.spread / 1.4
        steady = rng.normal(story.drift, 0.0003, n)
        self.price = 50.0 * np.cumprod(1.0 + steady + common[:, None] * rng.uniform(0.6, 1.4, n) + own, axis=0)
        self.market_return = common * 0.9 + story.drift * 0.8
        self._play(rng)

    def _play(self, rng: np.random.Generator) -> None:
        story = self.story
        n, rows = len(story.symbols), story.rows
        cash, quantity = story.capital, np.zeros(n)
        self.equity, self.cash = np.empty(rows), np.empty(rows)
        held = np.zeros((rows, n))
        fills, decisions, self.log, aim = [], [], [], None
        taste = rng.normal(0.0, 0.6, n)
        for t in range(rows):
            if aim is not None:
                before = cash + quantity @ self.price[t]
                trade = (aim * before - quantity * self.price[t]) / self.price[t]
                trade[np.abs(trade * self.price[t]) < 1e-9 * before] = 0.0
                cost = np.outer(np.abs(trade * self.price[t]), np.array(story.bps) / 1e4)
                for i in np.flatnonzero(trade):
                    fill = np.zeros((), FILL)
                    fill["row"], fill["asset"], fill["quantity"], fill["price"] = t, i, trade[i], self.price[t, i]
                    fill["commission"], fill["spread"], fill["slippage"] = cost[i]
                    fill["decision_row"], fill["order_id"] = t - 1, len(fills)
                    fills.append(fill)
                cash -= trade @ self.price[t] + cost.sum()
                quantity = quantity + trade
                self.log[-1].update(
                    done=t,
                    orders=int(np.count_nonzero(trade)),
                    turnover=float(np.abs(trade * self.price[t]).sum() / (2 * self.equity[t - 1])),
                    cost=float(cost.sum()),
                )
                decisions[-1]["done_row"], decisions[-1]["n_orders"] = t, np.count_nonzero(trade)
                aim = None
            self.equity[t] = cash + quantity @ self.price[t]
            if story.ruin is not None and t >= story.ruin:
                self.equity[t] = self.equity[story.ruin] if t > story.ruin else -0.02 * story.capital
            self.cash[t], held[t] = cash, quantity
            if story.every and t % story.every == 0 and (story.ruin is None or t < story.ruin):
                taste = taste + rng.normal(0.0, 0.12, n)
                raw = np.exp(taste) / np.exp(taste).sum()
                aim = story.invested * raw
                decision = np.zeros((), DECISION)
                decision["row"], decision["done_row"] = t, -1
                decisions.append(decision)
                self.log.append({"row": t, "done": None, "targets": aim, "orders": 0, "turnover": 0.0, "cost": 0.0})
        self.held = held
        self.carry, self.flow = np.zeros((rows, len(FINANCING))), np.zeros(rows)
        self.returns = stats.returns_from_equity(self.equity, self.capital)
        self.fills = np.array(fills, FILL)
        self.decisions = np.array(decisions, DECISION)
        kinds = [(row, -1, 0, 5, -1, 0.0, 0, 0) for row in [story.ruin] if row is not None]
        self.events = np.array(kinds, EVENT)

    def positions(self) -> np.ndarray:
        return self.held

    def marks(self) -> np.ndarray:
        return self.price

    def weights(self) -> np.ndarray:
        return self.held * self.price / np.where(self.equity > 0, self.equity, np.nan)[:, None]


def write_run(folder: Path, story: Story) -> Path:
    """Write every artefact of `story` into `folder` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    played = Played(story)
    benchmark = played.market_return if story.benchmark else None
    _write_equity(folder, played, benchmark)
    _write_wide(folder / "weights.parquet", played, played.weights())
    _write_wide(folder / "positions.parquet", played, played.positions())
    _write_rebalances(folder, played)
    _write_fills(folder, played)
    _write_events(folder, played)
    _write_attribution(folder, played)
    _write_more(folder, played)
    _write_texts(folder, played, benchmark)
    return folder


def _write_equity(folder: Path, played: Played, benchmark: np.ndarray | None) -> None:
    path = stats.path_from_equity(played.equity, played.capital)
    turnover, cost = np.zeros(played.equity.size), np.zeros(played.equity.size)
    for row in played.log:
        if row["done"] is not None:
            turnover[row["done"]], cost[row["done"]] = row["turnover"], row["cost"]
    columns: dict[str, Any] = {
        "time": _stamps(played.times),
        "equity": played.equity,
        "cash": played.cash,
        "invested": played.equity - played.cash,
        "flow": played.flow,
        "return": played.returns,
        "drawdown": stats.underwater(path)[1:],
        "turnover": turnover,
        "cost": cost,
    }
    if benchmark is not None:
        columns["benchmark"] = played.capital * np.cumprod(1.0 + benchmark)
        columns["benchmark_return"] = benchmark
    pq.write_table(pa.table(columns), folder / "equity.parquet")


def _write_wide(path: Path, played: Played, values: np.ndarray) -> None:
    names = ["time", *played.story.symbols]
    arrays = [_stamps(played.times), *(pa.array(np.ascontiguousarray(values[:, i])) for i in range(values.shape[1]))]
    pq.write_table(pa.Table.from_arrays(arrays, names=names), path)


def _write_rebalances(folder: Path, played: Played) -> None:
    rows, previous = [], -1
    times = played.times
    for place, entry in enumerate(played.log):
        t, done = entry["row"], entry["done"]
        if t - previous > 1:
            rows.append(_quiet(times, previous + 1, t - 1, played))
        targets = list(zip(played.story.symbols, entry["targets"].tolist(), strict=True))
        rows.append(
            {
                **_quiet(times, t, t, played),
                "kind": "decision",
                "done": None if done is None else times[done],
                "triggers": ["start" if place == 0 else "month"],
                "source": "answer",
                "targets": targets,
                "status": played.story.status,
                "drift": None if place == 0 else 0.012 + 0.001 * (place % 9),
                "drift_symbol": "" if place == 0 else played.story.symbols[place % len(played.story.symbols)],
                "orders": entry["orders"],
                "fills": entry["orders"],
                "equity_after": float(played.equity[t]) - entry["cost"],
                "scale": 1.0,
                "net_before": 0.0 if place == 0 else played.story.invested,
                "net_after": played.story.invested,
                "turnover": entry["turnover"],
                "cost": entry["cost"],
            }
        )
        previous = t
    if previous < played.equity.size - 1:
        rows.append(_quiet(times, previous + 1, played.equity.size - 1, played))
    schema = pa.schema(
        [
            *(("kind", pa.string()), ("time", pa.timestamp("ns", "UTC")), ("until", pa.timestamp("ns", "UTC"))),
            *(("sessions", pa.int64()), ("done", pa.timestamp("ns", "UTC")), ("triggers", pa.list_(pa.string()))),
            *(("source", pa.string()), ("targets", pa.map_(pa.string(), pa.float64())), ("status", pa.string())),
            *(("drift", pa.float64()), ("drift_symbol", pa.string()), ("orders", pa.int64()), ("fills", pa.int64())),
            *((name, pa.float64()) for name in ("equity", "equity_after", "scale", "net_before", "net_after")),
            *(("turnover", pa.float64()), ("cost", pa.float64())),
        ]
    )
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / "rebalances.parquet")


def _quiet(times: pd.DatetimeIndex, start: int, end: int, played: Played) -> dict[str, Any]:
    return {
        "kind": "quiet",
        "time": times[start],
        "until": times[end],
        "sessions": end - start + 1,
        "done": None,
        "triggers": [],
        "source": "",
        "status": "",
        "drift": 0.021,
        "drift_symbol": played.story.symbols[0] if start else None,
    }


def _write_fills(folder: Path, played: Played) -> None:
    fills = played.fills
    costs = {kind: np.ascontiguousarray(fills[kind]) for kind in ("commission", "spread", "slippage", "impact")}
    total = sum(costs.values(), np.zeros(fills.size))
    quantity, price = fills["quantity"], fills["price"]
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = price + np.where(quantity != 0, (total - costs["commission"]) / quantity, 0.0)
    decided = played.times.asi8[np.maximum(fills["decision_row"], 0)]
    table = {
        "time": pa.array(played.times.asi8[fills["row"]]).cast(pa.timestamp("ns", "UTC")),
        "symbol": pa.array([played.story.symbols[i] for i in fills["asset"]], pa.string()),
        "owner": pa.array(np.zeros(fills.size, np.int16)),
        "order_id": pa.array(np.ascontiguousarray(fills["order_id"])),
        "parent_id": pa.array(np.full(fills.size, -1)),
        "side": pa.array(np.where(quantity > 0, "buy", "sell").tolist(), pa.string()),
        "quantity": quantity,
        "price": price,
        "effective_price": effective,
        "value": quantity * price,
        **costs,
        "cost": total,
        "decision_time": pa.array(decided).cast(pa.timestamp("ns", "UTC")),
        "decision_price": price,
        "arrival_price": price,
        "reason": pa.array(["target"] * fills.size, pa.string()),
    }
    pq.write_table(pa.table(table), folder / "fills.parquet")


def _write_events(folder: Path, played: Played) -> None:
    story = played.story
    rows = list(story.events)
    if story.ruin is not None:
        rows.append(("bankrupt", story.ruin, None, float(played.equity[story.ruin]), "equity at or below zero"))
    rows.sort(key=lambda event: event[1])
    table = {
        "time": pa.array([played.times[event[1]] for event in rows], pa.timestamp("ns", "UTC")),
        "kind": pa.array([event[0] for event in rows], pa.string()),
        "symbol": pa.array([event[2] for event in rows], pa.string()),
        "owner": pa.array([0] * len(rows), pa.int16()),
        "order_id": pa.array([-1] * len(rows), pa.int64()),
        "value": pa.array([event[3] for event in rows], pa.float64()),
        "text": pa.array([event[4] for event in rows], pa.string()),
    }
    pq.write_table(pa.table(table), folder / "events.parquet")


def _write_attribution(folder: Path, played: Played) -> None:
    story, fills = played.story, played.fills
    n = len(story.symbols)
    end = story.rows - 1 if story.ruin is None else story.ruin
    spent = np.bincount(fills["asset"], weights=fills["quantity"] * fills["price"], minlength=n)
    profit = played.held[end] * played.price[end] - spent
    cost = -np.array([fills[kind].sum() for kind in ("commission", "spread", "slippage", "impact")])
    total = float(played.equity[-1]) - played.capital
    profit[0] += total - profit.sum() - cost.sum()  # only a ruined story, whose end is made up, needs this
    rows = [("asset", name, value) for name, value in zip(story.symbols, profit, strict=True)]
    if story.sectors:
        for place, sector in enumerate(SECTORS[: max(1, min(n, 5))]):
            rows.append(("group", sector, float(profit[place :: len(SECTORS)].sum())))
    rows += [
        ("cost", kind, value) for kind, value in zip(("commission", "spread", "slippage", "impact"), cost, strict=True)
    ]
    rows.append(("total", "total", total))
    frame = pd.DataFrame(rows, columns=["level", "name", "profit"])
    frame["contribution"] = frame["profit"] / played.capital
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), folder / "attribution.parquet")


def _write_more(folder: Path, played: Played) -> None:
    """The tables that folders of earlier versions do not have."""
    _write_frame(folder / "trades.parquet", metrics.trades(played))
    _write_frame(folder / "bridge.parquet", metrics.gross_to_net(played).reset_index())
    _write_frame(folder / "assets.parquet", metrics.assets_table(played))
    matrix = metrics.held_correlations(played).rename_axis("symbol").reset_index()
    _write_frame(folder / "correlation.parquet", matrix)


def _write_frame(path: Path, frame: pd.DataFrame) -> None:
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)


def _write_texts(folder: Path, played: Played, benchmark: np.ndarray | None) -> None:
    story = played.story
    measured = run_metrics(played, benchmark)  # type: ignore[arg-type]
    (folder / "metrics.json").write_text(json.dumps(measured.to_dict(), allow_nan=False))
    manifest = {
        "schema": 1,
        "name": story.name,
        "created": "2026-11-20T14:02:11Z",
        "capital": story.capital,
        "versions": {"barwake": "0.1.0", "python": "3.11.7", "numpy": "2.4.6", "numba": "0.68.1"},
        "source_revision": "3f2c1ab",
        "data": {
            "name": "us20",
            "hash": "9f31c07d5e",
            "price_kind": "total_return",
            "calendar": "XNYS",
            "first": str(played.times[0].date()),
            "last": str(played.times[-1].date()),
            "rows": story.rows,
            "symbols": len(story.symbols),
        },
        "config_hash": "c0ffee12",
        "strategy_hash": "ab12cd34",
        "seed": 0,
        "probe": {"mode": story.probe, "checked": 16, "seconds": 0.041, "prepare_seconds": 0.0},
        "timings": {"load": 0.12, "simulate": 0.31, "metrics": 0.02, "report": 0.2},
        "warnings": story.warnings,
        "trial": None,
        "processor": "x86_64",
        "assumptions": [
            "Orders decided at a close are filled at the close of the next bar.",
            "Costs are charged on each side; weights are reached net of their own cost.",
            "Dividends are inside the adjusted prices and are reinvested without cost.",
        ],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    config = {
        "name": story.name,
        "market": {"source": "us20", "symbols": story.universe, "start": story.start},
        "capital": story.capital,
        "strategy": {"name": "allocate", "params": {}},
        "allocation": {"method": "hrp", "lookback": 252},
        "rebalance": {"any": [{"calendar": "month", "on": "first"}, {"drift": 0.05}]},
        "execution": {"fill": story.fill},
        "costs": {"commission_bps": story.bps[0], "half_spread_bps": story.bps[1], "slippage_bps": story.bps[2]},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True))


def _stamps(times: pd.DatetimeIndex) -> pa.Array:
    return pa.array(times.asi8).cast(pa.timestamp("ns", "UTC"))


PICTURED = Story(symbols=["AAA", "BBB", "CCC", "DDD", "EEE"], rows=800, start="2019-01-02", every=42, crash=(300, 20))
"""What the small reference pictures of `pictures/` show."""

STORIES: dict[str, Story] = {
    "plain": Story(),
    "one_asset": Story(symbols=["BTC"], benchmark=False, sectors=False, every=250, rows=900, drift=0.001),
    "one_bar": Story(rows=1, crash=None),
    "no_trades": Story(every=0, rows=300, crash=None),
    "all_cash": Story(invested=0.0, rows=300, crash=None, benchmark=False),
    "bankrupt": Story(rows=700, crash=None, ruin=480, symbols=["AAA", "BBB", "CCC"]),
    "hostile": Story(
        symbols=[
            "<script>alert(1)</script>",
            "\"'><img src=x onerror=alert(2)>",
            "A&B;--",
            "</script>",
            "{{7*7}}",
            "日本株",
        ],
        rows=400,
        crash=None,
        name="<b>bold</b> & </title><script>alert(3)</script>",
        warnings=["</script><script>alert(4)</script>"],
        events=[("halted", 50, "</script>", 3.0, "<img src=x onerror=alert(5)>")],
        universe={"file": "</pre><script>alert(6)</script>.csv"},
    ),
    "many": Story(symbols=[f"S{i:03d}" for i in range(500)], rows=760, every=63, spread=0.02),
    "hourly": Story(
        symbols=["BTC", "ETH", "SOL"], rows=6000, freq="h", every=24, crash=None, drift=0.00002, spread=0.004
    ),
}


def worth(run: RunNumbers, equity: np.ndarray, flow: np.ndarray | None = None) -> RunNumbers:
    """The run with another equity, and the returns that it makes; `flow` comes before everything else of its row."""
    moved = np.zeros(equity.size) if flow is None else flow
    base = np.concatenate(([run.capital], equity[:-1])) + moved
    returns = equity / base - 1.0
    path = run.capital * np.cumprod(1.0 + returns)
    drawdown = path / np.maximum.accumulate(np.maximum(path, run.capital)) - 1.0
    return replace(run, equity=equity, returns=returns, flow=moved, drawdown=drawdown)

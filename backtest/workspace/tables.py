"""A result as the tables of a run folder."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from backtest import stats
from backtest.metrics import cost_by_row, turnover_by_row
from backtest.metrics.ledger import COSTS, FINANCING, growth_of, parts_of
from backtest.simulate.drive import Notes
from backtest.simulate.result import Result
from backtest.types import FillReason, Floats, Ints, Moment, Source
from backtest.workspace.said import NOTHING_SAID, said_of

STAMP = pa.timestamp("ns", "UTC")


def stamps(result: Result, rows: Ints) -> pa.Array:
    """Decision times of market rows; null for −1."""
    ends = result.market.end.max(axis=1)
    return pa.array(ends[rows], pa.int64(), mask=np.asarray(rows) < 0).cast(STAMP)


def symbols(result: Result, assets: Ints) -> pa.Array:
    """Names of columns; null for −1."""
    return pa.array(result.market.symbols[assets].tolist(), pa.string(), mask=np.asarray(assets) < 0)


def equity_table(result: Result, benchmark: Result | None) -> pa.Table:
    """One row a bar: money, returns, what was traded and what it cost, how much was held and what holding earned."""
    gross, net = _exposures(result)
    columns: dict[str, Any] = {
        "time": stamps(result, np.arange(result.first, result.market.n_rows)),
        "equity": result.equity,
        "cash": result.cash,
        "invested": result.equity - result.cash,
        "flow": result.flow,
        "return": result.returns,
        "drawdown": stats.underwater(growth_of(result))[1:],
        "turnover": turnover_by_row(result),
        "cost": cost_by_row(result),
        "gross_exposure": gross,
        "net_exposure": net,
        **dict(zip(FINANCING, np.ascontiguousarray(result.carry.T), strict=True)),
    }
    if benchmark is not None:
        columns["benchmark"] = benchmark.equity
        columns["benchmark_return"] = benchmark.returns
    return pa.table(columns)


def _exposures(result: Result) -> tuple[Floats, Floats]:
    """Return Σ|w| and Σw of each row; 0 behind a ruin."""
    gross, net, weights = np.empty(result.n_rows), np.empty(result.n_rows), result.weights()
    for rows in parts_of(result):
        part = np.nan_to_num(weights[rows], nan=0.0)
        gross[rows], net[rows] = np.abs(part).sum(axis=1), part.sum(axis=1)
    return gross, net


def wide_table(result: Result, values: Floats, rows: Ints) -> pa.Table:
    """Time and one column a symbol, for the chosen rows (counted from the first simulated one)."""
    times = stamps(result, rows + result.first)
    columns = np.ascontiguousarray(values[rows].T)
    return pa.Table.from_arrays(
        [times, *(pa.array(column) for column in columns)], ["time", *result.market.symbols.tolist()]
    )


def fills_table(result: Result) -> pa.Table:
    """Each trade with its costs split out, at the start of its bar when it filled at the open, else at its end."""
    fills = result.fills
    value = fills["quantity"] * fills["price"]
    cost = sum((fills[kind] for kind in COSTS), np.zeros(len(fills)))
    effective = fills["price"] + np.divide(
        cost, fills["quantity"], out=np.zeros(len(fills)), where=fills["quantity"] != 0.0
    )
    return pa.table(
        {
            "time": _fill_times(result),
            "symbol": symbols(result, fills["asset"]),
            "owner": fills["owner"].astype(np.int64),
            "order_id": fills["order_id"].astype(np.int64),
            "parent_id": fills["parent_id"].astype(np.int64),
            "side": pa.array(np.where(fills["quantity"] > 0.0, "buy", "sell").tolist(), pa.string()),
            "quantity": fills["quantity"].copy(),
            "price": fills["price"].copy(),
            "effective_price": effective,
            "value": value,
            **{kind: fills[kind].copy() for kind in COSTS},
            "cost": cost,
            "decision_time": stamps(result, fills["decision_row"]),
            "decision_price": fills["decision_price"].copy(),
            "arrival_price": fills["arrival_price"].copy(),
            "reason": pa.array([FillReason(each).name.lower() for each in fills["reason"].tolist()], pa.string()),
            "tag": pa.array([result.tags.get(number) for number in fills["order_id"].tolist()], pa.string()),
            "moment": pa.array([Moment(each).name.lower() for each in fills["moment"].tolist()], pa.string()),
        }
    )


def _fill_times(result: Result) -> pa.Array:
    """When trades happened, by the clock of what was traded; inside a bar nobody knows more than when it ended."""
    fills, market = result.fills, result.market
    clock = market.group[fills["asset"]] if market.n_clocks > 1 else 0
    starts, ends = market.start[fills["row"], clock], market.end[fills["row"], clock]
    ends = np.where(starts <= ends, ends, market.end[fills["row"]].max(axis=1))  # paid out while its market is closed
    return pa.array(np.where(fills["moment"] == Moment.OPEN, starts, ends), pa.int64()).cast(STAMP)


def rebalances_table(result: Result, notes: Notes) -> pa.Table:
    """One row a decision, and one for each run of sessions between them with how close drift came to a trigger.

    A row of kind `held` is a wake at which the allocator was asked, and everything was left alone.
    """
    decided = set(result.decisions["row"].tolist())
    held = {row: said for row, said in notes.items() if row not in decided}
    lines = [*_decisions(result, notes), *_held(result, held), *_quiet(result, held)]
    lines.sort(key=lambda line: (line["row"], line["kind"] == "quiet"))
    columns: dict[str, list[Any]] = {name: [line.get(name) for line in lines] for name in REBALANCE_TYPES}
    table = {name: pa.array(columns[name], kind) for name, kind in REBALANCE_TYPES.items()}
    rows = {name: np.array([line[name] for line in lines], np.int64) for name in ("row", "until_row", "done_row")}
    return pa.table(
        {
            "kind": table.pop("kind"),
            "time": stamps(result, rows["row"]),
            "until": stamps(result, rows["until_row"]),
            "done": stamps(result, rows["done_row"]),
            **table,
        }
    )


REBALANCE_TYPES = {
    "kind": pa.string(),
    "sessions": pa.int64(),
    "triggers": pa.list_(pa.string()),
    "source": pa.string(),
    "targets": pa.map_(pa.string(), pa.float64()),
    "method": pa.string(),
    "status": pa.string(),
    "warnings": pa.list_(pa.string()),
    "gave_up": pa.list_(pa.string()),
    "objective": pa.float64(),
    "residuals": pa.map_(pa.string(), pa.float64()),
    "condition": pa.map_(pa.string(), pa.float64()),
    "iterations": pa.int64(),
    "drift": pa.float64(),
    "drift_symbol": pa.string(),
    "orders": pa.int64(),
    "fills": pa.int64(),
    "equity": pa.float64(),
    "equity_after": pa.float64(),
    "scale": pa.float64(),
    "net_before": pa.float64(),
    "net_after": pa.float64(),
    "turnover": pa.float64(),
    "cost": pa.float64(),
}


def _decisions(result: Result, notes: Notes) -> list[dict[str, Any]]:
    """Lines of the decisions."""
    names = result.market.symbols.tolist()
    fills = result.fills[result.fills["reason"] == FillReason.TARGET]
    by_decision = fills["decision_row"].astype(np.int64)
    size = result.market.n_rows
    traded = np.bincount(by_decision, np.abs(fills["quantity"] * fills["price"]), size)
    cost = np.bincount(by_decision, sum((fills[kind] for kind in COSTS), np.zeros(len(fills))), size)
    lines = []
    for decision, targets in zip(result.decisions, result.targets, strict=True):
        row, equity = int(decision["row"]), float(decision["equity"])
        lines.append(
            {
                "kind": "decision",
                "row": row,
                "until_row": row,
                "done_row": int(decision["done_row"]),
                "sessions": 1,
                "triggers": _fired(result, int(decision["reasons"])),
                "source": Source(decision["source"]).name.lower(),
                "targets": [(names[i], float(targets[i])) for i in np.flatnonzero(targets)],
                **(said_of(notes.get(row, ())) if decision["source"] == Source.ANSWER else NOTHING_SAID),
                "drift": _or_none(decision["drift"]),
                "drift_symbol": names[decision["drift_asset"]] if decision["drift_asset"] >= 0 else None,
                "orders": int(decision["n_orders"]),
                "fills": int(decision["n_fills"]),
                "equity": equity,
                "equity_after": _or_none(decision["equity_after"]),
                "scale": _or_none(decision["scale"]),
                "net_before": _or_none(decision["net_before"]),
                "net_after": _or_none(decision["net_after"]),
                "turnover": traded[row] / (2.0 * equity) if equity > 0.0 else 0.0,
                "cost": cost[row],
            }
        )
    return lines


def _held(result: Result, notes: Notes) -> list[dict[str, Any]]:
    """Lines of the wakes at which the allocator spoke, and nothing was decided."""
    return [
        {
            "kind": "held",
            "row": row,
            "until_row": row,
            "done_row": -1,
            "sessions": 1,
            "triggers": _fired(result, int(result.reasons[row - result.first])),
            "source": Source.ANSWER.name.lower(),
            **said_of(said),
            "drift": _or_none(result.drift[row - result.first]),
        }
        for row, said in notes.items()
    ]


def _quiet(result: Result, held: Notes) -> list[dict[str, Any]]:
    """Lines of the runs of sessions without a decision: how many, and the closest approach of drift."""
    decided = np.zeros(result.n_rows, np.bool_)
    decided[result.decisions["row"].astype(np.int64) - result.first] = True
    decided[np.array(list(held), np.int64) - result.first] = True
    ends = result.market.session_end[result.first :]
    edges = np.flatnonzero(np.diff(np.concatenate(([True], decided, [True])).astype(np.int8)))
    lines = []
    for start, stop in edges.reshape(-1, 2).tolist():
        drift = result.drift[start:stop]
        known = not np.isnan(drift).all()
        closest = start + int(np.nanargmax(drift)) if known else start
        asset = int(result.drift_asset[closest])
        lines.append(
            {
                "kind": "quiet",
                "row": start + result.first,
                "until_row": stop - 1 + result.first,
                "done_row": -1,
                "sessions": int(ends[start:stop].sum()),
                "triggers": _fired(result, int(np.bitwise_or.reduce(result.reasons[start:stop]))),
                "source": "",
                **NOTHING_SAID,
                "drift": float(result.drift[closest]) if known else None,
                "drift_symbol": str(result.market.symbols[asset]) if asset >= 0 else None,
            }
        )
    return lines


def _fired(result: Result, bits: int) -> list[str]:
    return [label for k, label in enumerate(result.labels) if bits >> k & 1]


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)

"""Tables of where the money came from and where it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from backtest.report.content.bridge import bridge
from backtest.report.numbers import RunNumbers
from backtest.report.tables.table import Table, left_out
from backtest.report.words import NOTHING, count, money, percent, ratio

MOST_ASSETS = 1_000
COSTS = ("commission", "spread", "slippage", "impact")


def contributions(run: RunNumbers) -> list[Table]:
    """Return the attribution by asset, by group when there are groups, and by cost with the total."""
    tables = [_part(run, "asset", "By asset, before costs"), _part(run, "group", "By sector, before costs")]
    levels = run.attribution["level"]
    costs, total = run.attribution[levels.isin(("cost", "financing"))], run.attribution[levels == "total"]
    title = "Costs, financing and the total" if (levels == "financing").any() else "Costs and the total"
    paid = _table(run, "cost", title, costs.assign(name=costs["name"].str.replace("_", " ").str.capitalize()))
    (whole,) = _cells(total.assign(name="Total"))
    return [*(table for table in tables if table.rows), replace(paid, total=whole)]


def _part(run: RunNumbers, level: str, title: str) -> Table:
    rows = run.attribution[run.attribution["level"] == level].sort_values("profit", ascending=False, kind="stable")
    if len(rows) <= MOST_ASSETS:
        return _table(run, level, title, rows)
    kept = rows["profit"].abs().nlargest(MOST_ASSETS).index
    return _table(
        run, level, title, rows[rows.index.isin(kept)], left_out(MOST_ASSETS, len(rows), "attribution.parquet")
    )


def _table(run: RunNumbers, level: str, title: str, rows: pd.DataFrame, note: str = "") -> Table:
    columns = ["Name", "Profit", f"Of {run.put_in.removeprefix('the ')}"]
    return Table(f"contributions-{level}", title, columns, _cells(rows), note=note)


def _cells(rows: pd.DataFrame) -> list[list[str]]:
    return [
        [str(name), money(profit, sign=True), percent(part, 2, sign=True)]
        for name, profit, part in zip(rows["name"], rows["profit"], rows["contribution"], strict=True)
    ]


def gross_to_net(run: RunNumbers) -> Table:
    """Return the steps from the return before costs to what was left; empty where the run left none."""
    found = bridge(run)
    columns = ["Step", "Return a year" if found is None or found.annual else "Return", "Money"]
    rows = [] if found is None else [
        [name, percent(value, 2, sign=True), money(profit, sign=True)]
        for name, value, profit in zip(found.names, found.values.tolist(), found.profit.tolist(), strict=True)
    ]  # fmt: skip
    return Table("bridge", "From gross to net", columns, rows, sorts=False)


def costs(run: RunNumbers) -> Table:
    """Return what was traded in each asset and what that cost, the dearest first."""
    fills = run.fills[run.fills["reason"] != "delisting"].assign(value=lambda rows: rows["value"].abs(), number=1)
    by_asset = fills.groupby("symbol")[["number", "value", *COSTS, "cost"]].sum()
    by_asset = by_asset.sort_values("cost", ascending=False, kind="stable")
    shown = by_asset.head(MOST_ASSETS)
    rows = [_paid(str(name), sums) for name, sums in zip(shown.index, shown.to_dict("records"), strict=True)]
    total = _paid("All", by_asset.sum().to_dict()) if rows else None
    columns = ["Asset", "Fills", "Traded", *(kind.capitalize() for kind in COSTS), "Cost", "bps of traded"]
    note = left_out(len(shown), len(by_asset), "fills.parquet")
    return Table("costs", "Costs by asset", columns, rows, note=note, total=total)


def _paid(name: str, sums: Mapping[Any, float]) -> list[str]:
    bps = ratio(sums["cost"] / sums["value"] * 1e4, 1) if sums["value"] > 0.0 else NOTHING
    amounts = [money(sums[column]) for column in ("value", *COSTS, "cost")]
    return [name, count(sums["number"]), *amounts, bps]

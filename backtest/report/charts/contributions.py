"""Who contributed what."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backtest.report.charts.waterfall import Waterfall, waterfall
from backtest.report.colours import asset_colours
from backtest.report.numbers import RunNumbers
from backtest.report.words import plural

MOST_BARS = 16
INKS = {"others": "others", "cost": "loss", "earned": "gain", "total": "strategy"}


def contributions(run: RunNumbers) -> Waterfall:
    """Return the contribution of each asset (beyond 16: the largest by size, the rest as one), cost and financing."""
    parts = largest_parts(run)
    names, kinds = parts["name"].tolist(), parts["kind"].tolist()
    places = asset_colours([name for name, kind in zip(names, kinds, strict=True) if kind == "asset"], run.symbols)
    told = [
        (name, "cost" if kind == "earned" else kind, f"k{places[name]}" if kind == "asset" else INKS[kind])
        for name, kind in zip(names, kinds, strict=True)
    ]
    values, profit = (parts[column].to_numpy(np.float64) for column in ("contribution", "profit"))
    earned = "what was earned" if run.has_flows else "the total return"
    return waterfall(told, values, profit, f"contributions to {earned}")


def largest_parts(run: RunNumbers, most: int = MOST_BARS) -> pd.DataFrame:
    """Return name, kind, profit and contribution of what a chart shows, in its order; the parts add up to the total."""
    table = run.attribution
    assets = table[(table["level"] == "asset") & (table["profit"] != 0.0)]
    order = assets["profit"].abs().sort_values(ascending=False, kind="stable").index
    named, rest = (order, order[:0]) if len(order) <= most else (order[: most - 1], order[most - 1 :])
    shown = assets.loc[named].sort_values("profit", ascending=False, kind="stable").assign(kind="asset")
    parts = [shown]
    if len(rest):
        totals = assets.loc[rest, ["profit", "contribution"]].sum()
        parts.append(pd.DataFrame([{"name": f"{plural(len(rest), 'other')}", **totals, "kind": "others"}]))
    paid = table[table["level"].isin(("cost", "financing")) & (table["profit"] != 0.0)]
    names = paid["name"].str.replace("_", " ").str.capitalize()
    parts.append(paid.assign(kind=np.where(paid["profit"] > 0.0, "earned", "cost"), name=names))
    parts.append(table[table["level"] == "total"].assign(kind="total", name="Total, net"))
    return pd.concat([part for part in parts if not part.empty], ignore_index=True)

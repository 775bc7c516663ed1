"""Charts without a time axis: who contributed what, and the months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backtest import stats
from backtest.report.colours import asset_colours
from backtest.report.numbers import RunNumbers
from backtest.report.words import NOTHING, money, percent, plural, ratio
from backtest.types import Floats

MOST_BARS = 16
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Bar:
    """One bar: from `left` over `width`, in percent of the room; `kind` is asset, others, cost or total."""

    name: str
    kind: str
    ink: str
    left: float
    width: float
    points: str
    profit: str


@dataclass(frozen=True)
class Contributions:
    """Bars that add up: assets before costs, costs, and their sum. Each begins where the one before it ended."""

    bars: list[Bar]
    zero: float  # where zero lies, in percent
    description: str


def contributions(run: RunNumbers) -> Contributions:
    """Return the contribution of each asset (beyond 16: the largest by size, the rest as one) and of each cost."""
    parts = largest_parts(run)
    values = parts["contribution"].to_numpy(np.float64)
    ends = stretches(values)
    low, high = min(ends.min(initial=0.0), 0.0), max(ends.max(initial=0.0), 0.0)
    room = (high - low) or 1.0
    colours = asset_colours(list(parts.loc[parts["kind"] == "asset", "name"]), run.symbols)
    bars = [
        Bar(
            name=name,
            kind=kind,
            ink=f"k{colours[name]}" if kind == "asset" else {"others": "others", "cost": "loss"}.get(kind, "strategy"),
            left=round((min(begin, end) - low) / room * 100.0, 3),
            width=round(abs(end - begin) / room * 100.0, 3),
            points=percent(value, 2, sign=True),
            profit=money(profit, sign=True),
        )
        for (name, kind, value, profit), (begin, end) in zip(
            parts[["name", "kind", "contribution", "profit"]].itertuples(index=False), ends.tolist(), strict=True
        )
    ]
    spoken = ", ".join(f"{bar.name} {bar.points}" for bar in bars)
    return Contributions(
        bars, round(-low / room * 100.0, 3), f"Bar chart of contributions to the total return: {spoken}."
    )


def stretches(values: Floats) -> Floats:
    """Return begin and end of each bar of a waterfall, `(B, 2)`: each starts where the one before ended, the last at 0.

    The last value is the sum of all others.
    """
    ends = np.cumsum(values)
    begins = np.concatenate(([0.0], ends[:-1]))[: values.size]
    if values.size:
        begins[-1], ends[-1] = 0.0, values[-1]
    return np.column_stack((begins, ends))


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
    costs = table[(table["level"] == "cost") & (table["profit"] != 0.0)]
    parts.append(costs.assign(kind="cost", name=costs["name"].str.capitalize()))
    parts.append(table[table["level"] == "total"].assign(kind="total", name="Total, net"))
    return pd.concat([part for part in parts if not part.empty], ignore_index=True)


@dataclass(frozen=True)
class Cell:
    """One month or year: what is written, and how strongly it is tinted (-1 … 1, 0 for none)."""

    text: str
    tint: float


@dataclass(frozen=True)
class Months:
    """The returns of calendar months with a column for the years."""

    rows: list[tuple[str, list[Cell], Cell]]
    description: str


def months(run: RunNumbers) -> Months:
    """Return the heatmap's cells; the tint is full at the 95th percentile of the sizes, so one crash hides nothing."""
    table = stats.calendar_returns(run.path, run.times)
    rows = [
        (str(year), _cells(table.monthly[i], full_tint(table.monthly)), _cells(table.yearly[i : i + 1], 3.0)[0])
        for i, year in enumerate(table.years)
    ]
    seen = table.monthly[~np.isnan(table.monthly)]
    words = "no months" if not seen.size else _extremes(table)
    up = int(np.count_nonzero(seen > 0.0))
    return Months(
        rows, f"Table of monthly returns, tinted by size. {up} of {plural(seen.size, 'month')} gained; {words}."
    )


def full_tint(monthly: Floats) -> float:
    """Return the size of return that gets the full tint."""
    sizes = np.abs(monthly[~np.isnan(monthly)])
    return float(np.quantile(sizes, 0.95)) if sizes.size and sizes.max() > 0.0 else 1.0


def _cells(values: Floats, full: float) -> list[Cell]:
    return [
        Cell(
            "" if value != value else ratio(value * 100.0, 1), 0.0 if value != value else round(_clip(value / full), 2)
        )
        for value in values.tolist()
    ]


def _clip(value: float) -> float:
    return max(-1.0, min(1.0, value))


def _extremes(table: stats.CalendarReturns) -> str:
    named = []
    for word, place in (("best", np.nanargmax(table.monthly)), ("worst", np.nanargmin(table.monthly))):
        row, month = divmod(int(place), 12)
        value = percent(float(table.monthly[row, month]), sign=True)
        named.append(f"{word} {MONTHS[month]} {table.years[row]} {value or NOTHING}")
    return ", ".join(named)

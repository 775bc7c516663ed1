"""Charts without an axis of time: the ranking with its intervals, and what costs took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.report.comparison.facts import Facts, metric_of
from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.comparison.paid import only_costs
from backtest.report.scales import fit
from backtest.report.words import NOTHING, percent, ratio


@dataclass(frozen=True)
class Whisker:
    """One row: a point and its interval, in percent of the room; None where there is none."""

    name: str
    ink: str
    point: float | None
    low: float | None
    high: float | None
    value: str
    interval: str
    inside: bool


@dataclass(frozen=True)
class Ranking:
    """Rows in their order, the axis below them, where zero lies, and the words for those who cannot see it."""

    rows: list[Whisker]
    ticks: list[tuple[float, str]]
    zero: float
    description: str


@dataclass(frozen=True)
class Reach:
    """Where a part of a bar begins, and how wide it is."""

    left: float
    width: float


@dataclass(frozen=True)
class Paid:
    """One row in percent of the room: what is left of the annual return, and pale what trading and financing took."""

    name: str
    ink: str
    zero: float
    kept: Reach
    traded: Reach
    financed: Reach
    told: str


def name_width(study: StudyNumbers) -> float:
    """Return how wide the longest name is in a chart of bars, in units of the page's letters; names may wrap."""
    return min(13.0, max(5.0, 0.5 * max(map(len, study.names))))


def ranking(study: StudyNumbers) -> Ranking:
    """Return the Sharpe ratios with their intervals, the highest first."""
    found = [(study.value(k, "sharpe"), *_bounds(study, k)) for k in study.ranked]
    scale = fit(np.array([0.0, *(x for row in found for x in row if x is not None)]), count=6)
    inside = study.names if only_costs(study.facts) else study.facts["confidence_set"]["inside"]
    rows = []
    for k, (value, low, high) in zip(study.ranked, found, strict=True):
        point, left, right = (None if x is None else round(scale.share(x) * 100.0, 2) for x in (value, low, high))
        interval = NOTHING if low is None else f"{ratio(low)} to {ratio(high)}"
        name = study.names[k]
        rows.append(Whisker(name, study.ink(k), point, left, right, ratio(value), interval, name in inside))
    level = percent(study.facts["span"]["level"], 0)
    told = "; ".join(f"{row.name} {row.value}, {row.interval}" for row in rows)
    return Ranking(
        rows=rows,
        ticks=[(round(scale.share(tick) * 100.0, 2), f"{tick:g}".replace("-", "−")) for tick in scale.ticks],
        zero=round(scale.share(0.0) * 100.0, 2),
        description=f"Sharpe ratios with {level} intervals: {told}.",
    )


def paid(study: StudyNumbers) -> list[Paid]:
    """Return gross and net annual returns as bars."""
    keys = ("annual_return", "free_trading_annual_return", "gross_annual_return")
    found = {k: [study.value(k, key) for key in keys] for k in study.ranked}
    known = {k: [x for x in values if x is not None] for k, values in found.items() if None not in values}
    scale = fit(np.array([x for values in known.values() for x in values]), zero=True)
    zero = scale.share(0.0) * 100.0
    rows = []
    for k, values in known.items():
        net, between, gross = (scale.share(x) * 100.0 for x in values)
        kept = _reach(zero, net) if net >= zero else _reach(min(max(between, gross), zero), zero)
        parts = kept, _reach(net, between), _reach(between, gross)
        rows.append(Paid(study.names[k], study.ink(k), round(zero, 2), *parts, _sum(study.facts, study.names[k])))
    return rows


def told_width(rows: list[Paid]) -> int:
    """Return the letters of the longest sum, so that all bars have the same room."""
    return max((len(row.told) for row in rows), default=0)


def _reach(left: float, right: float) -> Reach:
    """Return from where to where; nothing where it was earned, not taken."""
    return Reach(round(left, 2), round(max(right - left, 0.0), 2))


def _sum(facts: Facts, name: str) -> str:
    """Write gross and net; what lies between stands in the table of costs."""
    gross, net = (percent(metric_of(facts, name, key), 2) for key in ("gross_annual_return", "annual_return"))
    return f"{gross} → {net}"


def _bounds(study: StudyNumbers, k: int) -> tuple[float | None, float | None]:
    found = study.variants[k]["intervals"].get("sharpe", {})
    return found.get("low"), found.get("high")

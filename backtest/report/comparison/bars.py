"""Charts without an axis of time: the ranking with its intervals, and what costs took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.report.comparison.facts import lost_of
from backtest.report.comparison.numbers import StudyNumbers
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
class Paid:
    """One row: the annual return net, and what costs took off it, in percent of the room."""

    name: str
    ink: str
    zero: float
    left: float
    net: float
    lost: float
    told: str


def name_width(study: StudyNumbers) -> float:
    """Return how wide the longest name is in a chart of bars, in units of the page's letters; names may wrap."""
    return min(13.0, max(5.0, 0.5 * max(map(len, study.names))))


def ranking(study: StudyNumbers) -> Ranking:
    """Return the Sharpe ratios with their intervals, the highest first."""
    found = [(study.value(k, "sharpe"), *_bounds(study, k)) for k in study.ranked]
    scale = fit(np.array([0.0, *(x for row in found for x in row if x is not None)]), count=6)
    inside = study.facts["confidence_set"]["inside"]
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
    found = [(k, study.value(k, "annual_return"), study.value(k, "gross_annual_return")) for k in study.ranked]
    known = [(k, net, gross) for k, net, gross in found if net is not None and gross is not None]
    scale = fit(np.array([x for _, net, gross in known for x in (net, gross)]), zero=True)
    zero = scale.share(0.0) * 100.0
    rows = []
    for k, net, gross in known:
        at, top = scale.share(net) * 100.0, scale.share(gross) * 100.0
        took = percent(lost_of(study.facts, study.names[k]), 2)
        told = f"{percent(gross, 2)} − {took} = {percent(net, 2)}"
        left, width, lost = (round(each, 2) for each in (min(zero, at), abs(at - zero), max(top - at, 0.0)))
        rows.append(Paid(study.names[k], study.ink(k), round(zero, 2), left, width, lost, told))
    return rows


def _bounds(study: StudyNumbers, k: int) -> tuple[float | None, float | None]:
    found = study.variants[k]["intervals"].get("sharpe", {})
    return found.get("low"), found.get("high")

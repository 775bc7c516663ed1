"""Runs side by side: the bars that all of them have, from when all of them had begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from backtest import stats
from backtest.errors import InputError
from backtest.metrics.track import bar_stamps, span_years
from backtest.stats import Periods
from backtest.study.record import Record
from backtest.types import Floats, Ints

FEWEST_ROWS = 20
"""Common bars below which nothing is compared."""

MOST_ROWS = 20_000
"""Common bars beyond which days are compared: a thousand resamples of them would take gigabytes."""

SHARED = 0.5
"""Share of the bars of the shortest run that must be common, or else days are compared."""

WORTH_A_WARNING = 0.9
"""Part of the longest run that must be compared, or else it is told which run is short."""

NS_PER_DAY = 86_400 * 10**9


@dataclass(frozen=True)
class SideBySide:
    """N runs on `times` `(R,)`, the ends of common bars or days, UTC nanoseconds.

    `growth` `(R, N)` is the value of 1 put in at the beginning; `rows[k]` are the bars of run k itself. Growth is
    counted from the capital, or, when the comparison is `cut`, from the first row, whose returns are then 0.
    """

    records: tuple[Record, ...]
    times: Ints
    rows: tuple[Ints, ...]
    by: Literal["bar", "day"]
    cut: bool

    @property
    def names(self) -> list[str]:
        """What the runs are called."""
        return [record.label for record in self.records]

    @cached_property
    def base(self) -> Floats:
        """What each run's growth is counted from, `(N,)`."""
        return np.array([r.grown[own[0]] if self.cut else r.capital for r, own in self._pairs])

    @cached_property
    def grown(self) -> Floats:
        """What each capital came to at the common times, `(R, N)`; without flows that is the equity."""
        return np.column_stack([record.grown[own] for record, own in self._pairs])

    @cached_property
    def growth(self) -> Floats:
        """Value of 1, net of every cost."""
        return np.asarray(self.grown / self.base)

    @cached_property
    def gross(self) -> Floats:
        """Value of 1 had no cost been paid, `(R, N)`."""
        return self._grown([record.gross[own] for record, own in self._pairs])

    @cached_property
    def free_trading(self) -> Floats:
        """Value of 1 had trading cost nothing, and holding what it did, `(R, N)`."""
        return self._grown([record.free_trading[own] for record, own in self._pairs])

    def _grown(self, paths: Sequence[Floats]) -> Floats:
        found = np.column_stack(paths)
        return np.asarray(found / found[0] if self.cut else found)

    @cached_property
    def returns(self) -> Floats:
        """Simple returns `(R, N)`, NaN after a ruin."""
        columns = zip(self.grown.T, self.base, strict=True)
        return np.column_stack([stats.returns_from_equity(grown, float(base)) for grown, base in columns])

    @cached_property
    def benchmark(self) -> Floats | None:
        """Growth of the benchmark, None unless all runs have the same."""
        found = [self.benchmark_of(k) for k in range(len(self.records))]
        known = [each for each in found if each is not None]
        same = len(known) == len(found) and all(np.allclose(each, known[0], rtol=1e-9, atol=0.0) for each in known)
        return known[0] if same else None

    def benchmark_of(self, k: int) -> Floats | None:
        """Growth of the benchmark of run `k`, None without one."""
        record, own = self.records[k], self.rows[k]
        if record.benchmark is None:
            return None
        return np.asarray(record.benchmark[own] / (record.benchmark[own[0]] if self.cut else record.capital))

    @cached_property
    def years(self) -> float:
        """From the end of the first bar, when the capital is put to work, to the end of the last."""
        return span_years(self.times)

    @cached_property
    def periods(self) -> Periods:
        """Bars in a year, as counted."""
        return stats.periods_per_year(self.times)

    def day(self, row: int) -> str:
        """Name the end of a row."""
        return bar_stamps(self.times)(row)

    def paid(self, k: int) -> tuple[float, float, float]:
        """Return turnover, cost and financing a year of run `k` between the first and the last common time."""
        record, own = self.records[k], self.rows[k]
        inside = slice(int(own[0]) + self.cut, int(own[-1]) + 1)
        years = self.years if self.years > 0.0 else np.nan
        series = record.turnover, record.drag(record.cost), record.drag(record.financing)
        turnover, cost, financing = (float(each[inside].sum()) / years for each in series)
        return turnover, cost, financing

    @property
    def _pairs(self) -> list[tuple[Record, Ints]]:
        return list(zip(self.records, self.rows, strict=True))


def side_by_side(records: Sequence[Record]) -> SideBySide:
    """Find the common bars of runs, days where bars do not meet or are very many; InputError when there are too few.

    The comparison begins when the last of them had taken its first decision: until then it was still waiting for
    history, and cash is nobody's method.
    """
    currencies = {record.label: str(record.manifest.get("currency", "")) for record in records}
    if len(set(currencies.values())) > 1:
        told = ", ".join(f"{label}: {currency}" for label, currency in currencies.items())
        raise InputError(f"compare: the runs are in different currencies ({told}), and there is no conversion")
    clocks = [record.times for record in records]
    common = _common(clocks)
    by: Literal["bar", "day"] = "bar"
    apart = common.size < SHARED * min(clock.size for clock in clocks)
    days = [_days(clock) for clock in clocks] if apart or common.size > MOST_ROWS else []
    if apart or (days and _common(days).size >= FEWEST_ROWS):
        clocks, by, common = days, "day", _common(days)
    begun = np.array([record.decided for record in records if record.decided is not None], np.int64)
    late = begun.size > 0 and bool(begun.max() > begun.min())
    if late:
        common = common[common >= (_days(begun) if by == "day" else begun).max()]
    if common.size < FEWEST_ROWS:
        told = "; ".join(f"{r.label}: {_span(r)}" for r in records)
        raise InputError(f"compare: only {common.size} common bars; at least {FEWEST_ROWS} are needed ({told})")
    rows = tuple(_last_at(clock, common) for clock in clocks)
    cut = late or by == "day" or any(int(own[0]) for own in rows)
    return SideBySide(tuple(records), records[0].times[rows[0]], rows, by, cut)


def _common(clocks: Sequence[Ints]) -> Ints:
    common = np.unique(clocks[0])
    for clock in clocks[1:]:
        common = np.intersect1d(common, clock)
    return common


def _days(times: Ints) -> Ints:
    """Return the UTC day of each bar; one that ends at midnight belongs to the day before."""
    return (times - 1) // NS_PER_DAY


def _last_at(clock: Ints, common: Ints) -> Ints:
    """Return the last row of each common time."""
    return np.searchsorted(clock, common, side="right") - 1


def _span(record: Record) -> str:
    first, last = (bar_stamps(record.times)(row) for row in (0, -1))
    return f"{first} to {last}"


def cut_short(side: SideBySide) -> list[str]:
    """Return a warning that names the runs for which much of the others is left out; none where little is."""
    longest = max(int(record.times[-1] - record.times[0]) for record in side.records)
    if side.times[-1] - side.times[0] >= WORTH_A_WARNING * longest:
        return []
    begun = [max(int(r.times[0]), r.decided or 0) for r in side.records]
    ends = [int(record.times[-1]) for record in side.records]
    late = [name for name, time in zip(side.names, begun, strict=True) if time == max(begun) > min(begun)]
    early = [name for name, time in zip(side.names, ends, strict=True) if time == min(ends) < max(ends)]
    why = [f"{', '.join(names)} {what}" for names, what in ((late, "began last"), (early, "ended first")) if names]
    told = f": {'; '.join(why)}" if why else ""
    return [f"compared is only what all runs cover, {side.day(0)} to {side.day(-1)}{told}"]

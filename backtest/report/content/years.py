"""The returns of calendar years, beside the benchmark's."""

from __future__ import annotations

from dataclasses import dataclass

from backtest import stats
from backtest.report.numbers import RunNumbers
from backtest.types import Floats, Ints


@dataclass(frozen=True)
class Years:
    """Compound returns of the years that the record touches; the first and the last may be incomplete."""

    years: Ints  # (Y,)
    own: Floats  # (Y,), NaN after a ruin
    benchmark: Floats | None


def years(run: RunNumbers) -> Years:
    """Return both, year by year."""
    own = stats.calendar_returns(run.path, run.times)
    if run.benchmark_path is None:
        return Years(own.years, own.yearly, None)
    other = stats.calendar_returns(run.benchmark_path, run.times)
    return Years(own.years, own.yearly, other.yearly)

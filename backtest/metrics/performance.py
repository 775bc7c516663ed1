"""What a return series earned, and what it put its owner through: the metrics of `summary`, in their order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from backtest.metrics.measure import Measure, measured
from backtest.metrics.measures import earned, fall, loss, ratio, record, relation
from backtest.metrics.metric import Definition, Metric
from backtest.metrics.track import Track


@dataclass(frozen=True)
class Entry:
    """One line of the summary: a measure, and the options, key and label under which it stands there."""

    measure: Measure
    key: str = ""
    label: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def definition(self) -> Definition:
        """The definition of the measure; its key and label may be overruled by the entry's."""
        return self.measure.definition

    def of(self, *tracks: Track) -> Metric:
        """Return the metric of a track, or of one against another."""
        return measured(self.measure, *tracks, key=self.key, label=self.label, **self.options)


def _tails(measure: Measure, key: str, label: str) -> tuple[Entry, ...]:
    return (
        Entry(measure, f"{key}_95", f"{label}, 95 %", {"method": "historical"}),
        Entry(measure, f"{key}_95_gaussian", f"{label}, 95 %, Gaussian", {"method": "gaussian"}),
        Entry(measure, f"{key}_95_cornish_fisher", f"{label}, 95 %, Cornish–Fisher", {"method": "cornish_fisher"}),
    )


SOLO: dict[str, tuple[Entry, ...]] = {
    "Record": tuple(map(Entry, (record.start, record.end, record.bars, record.years, record.periods_per_year))),
    "Return and risk": (
        *map(Entry, (earned.total_return, earned.annual_return, loss.volatility)),
        *map(Entry, (ratio.sharpe, ratio.sortino, ratio.calmar, ratio.omega, ratio.gain_to_pain)),
        *map(Entry, (ratio.upside_potential, ratio.tail_ratio, ratio.martin, ratio.pain_ratio)),
        *map(Entry, (ratio.burke, ratio.sterling, earned.stability)),
    ),
    "Losses": (
        Entry(loss.downside_deviation),
        *_tails(loss.value_at_risk, "var", "Value at risk"),
        *_tails(loss.expected_shortfall, "es", "Expected shortfall"),
        *map(Entry, (loss.skewness, loss.kurtosis)),
    ),
    "Drawdown": (
        *map(Entry, (fall.max_drawdown, fall.max_drawdown_peak, fall.max_drawdown_valley)),
        *map(Entry, (fall.max_drawdown_recovery, fall.longest_drawdown, fall.time_underwater)),
        *map(Entry, (fall.current_drawdown, fall.average_drawdown, fall.conditional_drawdown)),
        *map(Entry, (fall.ulcer_index, fall.pain_index)),
    ),
    "Best and worst": (
        *map(Entry, (earned.best_bar, earned.worst_bar, earned.positive_bars)),
        *map(Entry, (earned.best_month, earned.worst_month, earned.positive_months)),
        *map(Entry, (earned.best_year, earned.worst_year)),
    ),
}
"""Metrics that need nothing but the series itself, by what they speak of."""

RELATIVE: dict[str, tuple[Entry, ...]] = {
    "Against the benchmark": (
        *map(Entry, (relation.active_return, relation.tracking_error, relation.information_ratio)),
        *map(Entry, (relation.beta, relation.correlation, relation.alpha, relation.treynor)),
        *map(Entry, (relation.up_capture, relation.down_capture, relation.batting_average)),
    )
}
"""Metrics of one series against another on the same bars."""


def performance(track: Track) -> list[Metric]:
    """Return the metrics that need nothing but the series itself."""
    return [entry.of(track) for entries in SOLO.values() for entry in entries]


def relative(track: Track, benchmark: Track) -> list[Metric]:
    """Return the metrics of one series against another on the same bars."""
    return [entry.of(track, benchmark) for entries in RELATIVE.values() for entry in entries]

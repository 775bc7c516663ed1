"""Labelled numbers: of a return series, and of a run."""

from backtest.metrics.attribution import attribution
from backtest.metrics.ledger import Outcome, cost_by_row, drag_by_row, turnover_by_row
from backtest.metrics.metric import Metric
from backtest.metrics.run import RunMetrics, run_metrics
from backtest.metrics.summary import summary

__all__ = [
    "Metric",
    "Outcome",
    "RunMetrics",
    "attribution",
    "cost_by_row",
    "drag_by_row",
    "run_metrics",
    "summary",
    "turnover_by_row",
]

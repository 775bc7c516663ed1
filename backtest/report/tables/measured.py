"""Tables of the metrics, by what they speak of, with the convention of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.report import words
from backtest.report.numbers import RunNumbers
from backtest.report.tables.table import Table

GROUPS: dict[str, tuple[str, ...]] = {
    "Return and risk": (
        *("final_equity", "total_return", "annual_return", "volatility", "sharpe", "sortino", "calmar"),
        *("best_bar", "worst_bar", "positive_bars"),
    ),
    "Drawdown": (
        *("max_drawdown", "max_drawdown_peak", "max_drawdown_valley", "max_drawdown_recovery"),
        *("longest_drawdown", "time_underwater"),
    ),
    "Against the benchmark": ("active_return", "tracking_error", "information_ratio", "beta", "correlation"),
    "Holdings": (
        *("hhi", "effective_number", "diversification_ratio"),
        *("average_positions", "time_invested", "average_cash"),
    ),
    "Trading and costs": (
        *("turnover", "decisions", "rebalances", "fills", "trades_closed", "trades_open"),
        *("total_cost", "cost_commission", "cost_spread", "cost_slippage", "cost_impact"),
        *("cost_of_capital", "cost_drag", "cost_per_traded"),
    ),
    "Record": ("start", "end", "bars", "years", "periods_per_year"),
}
OTHER = "Other"


def metric_tables(run: RunNumbers) -> list[Table]:
    """Return one table a group, in the order of the metrics; a metric of no group comes under Other."""
    group_of = {key: group for group, keys in GROUPS.items() for key in keys}
    tables = []
    for group in [*GROUPS, OTHER]:
        found = [metric for key, metric in run.metrics.items() if group_of.get(key, OTHER) == group]
        if found:
            tables.append(_table(group, found, run))
    return tables


def _table(group: str, found: list[Mapping[str, Any]], run: RunNumbers) -> Table:
    key = "metrics-" + group.lower().replace(" ", "-")
    beside = any(metric["key"] in run.benchmark_metrics for metric in found)
    columns = ["Metric", "Strategy", *(["Benchmark"] if beside else []), "How it is counted"]
    rows = []
    for metric in found:
        cells = [str(metric["label"]), words.metric(metric)]
        if beside:
            cells.append(words.metric(run.benchmark_metrics.get(metric["key"])))
        rows.append([*cells, str(metric["convention"])])
    return Table(key, group, columns, rows, words=frozenset({0, len(columns) - 1}))

"""Tables of the metrics, by what they speak of, with the convention of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.metrics.catalogue import group_keys
from backtest.report import words
from backtest.report.content.account import financing, on_margin
from backtest.report.numbers import RunNumbers
from backtest.report.tables.table import Table

OTHER = "Other"
FINANCING, FLOWS = "Financing", "Flows"
"""Groups that say nothing of a cash account whose cash earns nothing, and where nothing came or went."""


def metric_tables(run: RunNumbers) -> list[Table]:
    """Return one table a group, in the order of the metrics; a metric of no group comes under Other.

    The first table says how sure the headline numbers are.
    """
    groups = group_keys()
    group_of = {key: group for group, keys in groups.items() for key in keys}
    sure = _intervals(run)
    tables = [sure] if sure.rows else []
    silent = {FINANCING: not on_margin(run) and not financing(run), FLOWS: not run.has_flows}
    for group in [*groups, OTHER]:
        found = [metric for key, metric in run.metrics.items() if group_of.get(key, OTHER) == group]
        if found and not silent.get(group):
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
    return Table(key, group, columns, rows, words=frozenset({0, len(columns) - 1}), sorts=False)


def _intervals(run: RunNumbers) -> Table:
    found = [metric for metric in run.metrics.values() if words.interval(metric)]
    rows = [[str(metric["label"]), words.metric(metric), words.interval(metric)] for metric in found]
    title, columns = "How sure the headline numbers are", ["Metric", "Strategy", "Interval"]
    return Table("intervals", title, columns, rows, note=_certainties(found), sorts=False)


def _certainties(found: list[Mapping[str, Any]]) -> str:
    """Say how the intervals were found, each way once."""
    ways: dict[str, list[str]] = {}
    for metric in found:
        ways.setdefault(words.certainty(metric), []).append(str(metric["label"]))
    if len(ways) == 1:
        return f"{next(iter(ways))}."
    return " ".join(f"{words.listed(labels, len(labels))}: {way}." for way, labels in ways.items())

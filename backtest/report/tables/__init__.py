"""Tables of the page, as plain text in rows."""

from backtest.report.tables.decided import log
from backtest.report.tables.held import assets, trades
from backtest.report.tables.made import manifest
from backtest.report.tables.measured import metric_tables
from backtest.report.tables.money import contributions, costs, gross_to_net
from backtest.report.tables.record import drawdowns, events, years
from backtest.report.tables.spread import returns_of_bars, rolled
from backtest.report.tables.table import Table

__all__ = [
    "Table",
    "assets",
    "contributions",
    "costs",
    "drawdowns",
    "events",
    "gross_to_net",
    "log",
    "manifest",
    "metric_tables",
    "returns_of_bars",
    "rolled",
    "trades",
    "years",
]

"""Tables of the page, as plain text in rows."""

from backtest.report.tables.decided import log
from backtest.report.tables.made import manifest
from backtest.report.tables.measured import metric_tables
from backtest.report.tables.money import contributions, costs
from backtest.report.tables.record import drawdowns, events, years
from backtest.report.tables.table import Table

__all__ = ["Table", "contributions", "costs", "drawdowns", "events", "log", "manifest", "metric_tables", "years"]

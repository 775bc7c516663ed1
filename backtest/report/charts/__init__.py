"""Charts of the page: what to draw, worked out here; how it looks is the template's and the style sheet's business."""

from backtest.report.charts.growth import drawdown_plot, drawn_rows, equity_plot
from backtest.report.charts.parts import MONTHS, contributions, months
from backtest.report.charts.plot import Plot
from backtest.report.charts.trading import cost_plot, turnover_plot
from backtest.report.charts.weights import weights_plot

__all__ = [
    "MONTHS",
    "Plot",
    "contributions",
    "cost_plot",
    "drawdown_plot",
    "drawn_rows",
    "equity_plot",
    "months",
    "turnover_plot",
    "weights_plot",
]

"""Charts of the page: what to draw, worked out here; how it looks is the template's and the style sheet's business."""

from backtest.report.charts.alike import correlation_matrix
from backtest.report.charts.bridge import bridge_bars
from backtest.report.charts.contributions import contributions
from backtest.report.charts.distribution import distribution_panel
from backtest.report.charts.drift import drift_plot
from backtest.report.charts.exposure import exposure_plot, financing_plot
from backtest.report.charts.growth import drawdown_plot, drawn_rows, equity_plot, growth_plot
from backtest.report.charts.months import months
from backtest.report.charts.panel import Panel
from backtest.report.charts.plot import Plot
from backtest.report.charts.risk import risk_pairs
from backtest.report.charts.rolling import rolling_plots
from backtest.report.charts.trading import cost_plot, turnover_plot
from backtest.report.charts.trips import trade_panels
from backtest.report.charts.weights import weights_plot
from backtest.report.charts.yearly import yearly_panel

__all__ = [
    "Panel",
    "Plot",
    "bridge_bars",
    "contributions",
    "correlation_matrix",
    "cost_plot",
    "distribution_panel",
    "drawdown_plot",
    "drawn_rows",
    "drift_plot",
    "equity_plot",
    "exposure_plot",
    "financing_plot",
    "growth_plot",
    "months",
    "risk_pairs",
    "rolling_plots",
    "trade_panels",
    "turnover_plot",
    "weights_plot",
    "yearly_panel",
]

"""Pure functions of arrays: numbers in, numbers out, no labels. One idea a file."""

from backtest.stats.calendar import CalendarReturns, calendar_returns
from backtest.stats.concentration import effective_number, hhi, normalised_hhi
from backtest.stats.diversification import diversification_ratio, realised_covariance
from backtest.stats.drawdown import Drawdown, drawdowns, max_drawdown, underwater
from backtest.stats.periods import Periods, frequency, periods_per_year
from backtest.stats.ratios import calmar, deviation, downside_deviation, per_period, sharpe, sortino, volatility
from backtest.stats.relative import beta, correlation, information_ratio, tracking_error
from backtest.stats.returns import (
    cagr,
    path_from_equity,
    path_from_returns,
    returns_from_equity,
    total_return,
    years_between,
)

__all__ = [
    "CalendarReturns",
    "Drawdown",
    "Periods",
    "beta",
    "cagr",
    "calendar_returns",
    "calmar",
    "correlation",
    "deviation",
    "diversification_ratio",
    "downside_deviation",
    "drawdowns",
    "effective_number",
    "frequency",
    "hhi",
    "information_ratio",
    "max_drawdown",
    "normalised_hhi",
    "path_from_equity",
    "path_from_returns",
    "per_period",
    "periods_per_year",
    "realised_covariance",
    "returns_from_equity",
    "sharpe",
    "sortino",
    "total_return",
    "tracking_error",
    "underwater",
    "volatility",
    "years_between",
]

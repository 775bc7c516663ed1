"""Pure functions of arrays: numbers in, numbers out, no labels. One idea a file."""

from backtest.stats.bets import effective_bets, torsion
from backtest.stats.brinson import Effects, brinson
from backtest.stats.calendar import CalendarReturns, calendar_returns
from backtest.stats.capture import batting_average, capture
from backtest.stats.concentration import effective_number, hhi, normalised_hhi
from backtest.stats.correlate import (
    cluster_order,
    correlation_matrix,
    mean_correlation,
    rolling_mean_correlation,
    stressed_rows,
)
from backtest.stats.coverage import LikelihoodRatio, christoffersen, conditional_coverage, kupiec
from backtest.stats.diversification import diversification_ratio, realised_covariance
from backtest.stats.drawdown import Drawdown, drawdowns, max_drawdown, underwater
from backtest.stats.flows import modified_dietz, time_weighted, xirr
from backtest.stats.linking import compound, link, linking_factors
from backtest.stats.moments import kurtosis, skewness
from backtest.stats.pain import (
    burke,
    conditional_drawdown,
    fall_depths,
    mean_yearly_depth,
    pain_index,
    sterling,
    ulcer_index,
)
from backtest.stats.partial import downside_potential, gain_to_pain, omega, upside_potential, upside_potential_ratio
from backtest.stats.periods import Periods, frequency, periods_per_year
from backtest.stats.ratios import calmar, deviation, downside_deviation, per_period, sharpe, sortino, volatility
from backtest.stats.regression import Regression, regress, stability
from backtest.stats.relative import alpha, beta, correlation, information_ratio, tracking_error, treynor
from backtest.stats.returns import (
    cagr,
    path_from_equity,
    path_from_returns,
    returns_from_equity,
    total_return,
    years_between,
)
from backtest.stats.risk import active_share, marginal_risk, marginal_var, portfolio_deviation, risk_contributions
from backtest.stats.rolling import (
    rolling_beta,
    rolling_correlation,
    rolling_quantile,
    rolling_return,
    rolling_sharpe,
    rolling_volatility,
)
from backtest.stats.tails import expected_shortfall, tail_ratio, value_at_risk
from backtest.stats.trades import expectancy, longest_streak, payoff_ratio, profit_factor, win_rate

__all__ = [
    "CalendarReturns",
    "Drawdown",
    "Effects",
    "LikelihoodRatio",
    "Periods",
    "Regression",
    "active_share",
    "alpha",
    "batting_average",
    "beta",
    "brinson",
    "burke",
    "cagr",
    "calendar_returns",
    "calmar",
    "capture",
    "christoffersen",
    "cluster_order",
    "compound",
    "conditional_coverage",
    "conditional_drawdown",
    "correlation",
    "correlation_matrix",
    "deviation",
    "diversification_ratio",
    "downside_deviation",
    "downside_potential",
    "drawdowns",
    "effective_bets",
    "effective_number",
    "expectancy",
    "expected_shortfall",
    "fall_depths",
    "frequency",
    "gain_to_pain",
    "hhi",
    "information_ratio",
    "kupiec",
    "kurtosis",
    "link",
    "linking_factors",
    "longest_streak",
    "marginal_risk",
    "marginal_var",
    "max_drawdown",
    "mean_correlation",
    "mean_yearly_depth",
    "modified_dietz",
    "normalised_hhi",
    "omega",
    "pain_index",
    "path_from_equity",
    "path_from_returns",
    "payoff_ratio",
    "per_period",
    "periods_per_year",
    "portfolio_deviation",
    "profit_factor",
    "realised_covariance",
    "regress",
    "returns_from_equity",
    "risk_contributions",
    "rolling_beta",
    "rolling_correlation",
    "rolling_mean_correlation",
    "rolling_quantile",
    "rolling_return",
    "rolling_sharpe",
    "rolling_volatility",
    "sharpe",
    "skewness",
    "sortino",
    "stability",
    "sterling",
    "stressed_rows",
    "tail_ratio",
    "time_weighted",
    "torsion",
    "total_return",
    "tracking_error",
    "treynor",
    "ulcer_index",
    "underwater",
    "upside_potential",
    "upside_potential_ratio",
    "value_at_risk",
    "volatility",
    "win_rate",
    "xirr",
    "years_between",
]

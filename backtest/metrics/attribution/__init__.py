"""Attribution that adds up: money, contributions, effects against a benchmark, factors, lots, and the way to net."""

from backtest.metrics.attribution.active import ActiveReturn, brinson
from backtest.metrics.attribution.bridge import gross_to_net
from backtest.metrics.attribution.contributions import Contributions, contributions
from backtest.metrics.attribution.factor import active_split, factor_attribution
from backtest.metrics.attribution.lots import lots, realised_profit
from backtest.metrics.attribution.money import attribution, profit_by
from backtest.metrics.attribution.segments import Segments, segments, segments_of

__all__ = [
    "ActiveReturn",
    "Contributions",
    "Segments",
    "active_split",
    "attribution",
    "brinson",
    "contributions",
    "factor_attribution",
    "gross_to_net",
    "lots",
    "profit_by",
    "realised_profit",
    "segments",
    "segments_of",
]

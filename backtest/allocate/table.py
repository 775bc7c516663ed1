"""Every method by its name in YAML, which is the name of its file."""

from __future__ import annotations

from backtest.allocate.base import Method
from backtest.allocate.methods.benchmark_relative import BenchmarkRelative
from backtest.allocate.methods.black_litterman import BlackLitterman
from backtest.allocate.methods.equal_weight import EqualWeight
from backtest.allocate.methods.fixed import Fixed
from backtest.allocate.methods.herc import Herc
from backtest.allocate.methods.hrp import Hrp
from backtest.allocate.methods.inverse_variance import InverseVariance
from backtest.allocate.methods.inverse_volatility import InverseVolatility
from backtest.allocate.methods.kelly import Kelly
from backtest.allocate.methods.market_cap import MarketCap
from backtest.allocate.methods.max_diversification import MaxDiversification
from backtest.allocate.methods.max_sharpe import MaxSharpe
from backtest.allocate.methods.mean_variance import MeanVariance
from backtest.allocate.methods.min_cdar import MinCdar
from backtest.allocate.methods.min_cvar import MinCvar
from backtest.allocate.methods.min_variance import MinVariance
from backtest.allocate.methods.mixed import Mixed
from backtest.allocate.methods.momentum_tilt import MomentumTilt
from backtest.allocate.methods.nco import Nco
from backtest.allocate.methods.performance_based import PerformanceBased
from backtest.allocate.methods.risk_budgeting import RiskBudgeting
from backtest.allocate.methods.risk_parity import RiskParity
from backtest.allocate.methods.skfolio import Skfolio

METHODS: dict[str, type[Method]] = {
    "benchmark_relative": BenchmarkRelative,
    "black_litterman": BlackLitterman,
    "equal_weight": EqualWeight,
    "fixed": Fixed,
    "herc": Herc,
    "hrp": Hrp,
    "inverse_variance": InverseVariance,
    "inverse_volatility": InverseVolatility,
    "kelly": Kelly,
    "market_cap": MarketCap,
    "max_diversification": MaxDiversification,
    "max_sharpe": MaxSharpe,
    "mean_variance": MeanVariance,
    "min_cdar": MinCdar,
    "min_cvar": MinCvar,
    "min_variance": MinVariance,
    "mixed": Mixed,
    "momentum_tilt": MomentumTilt,
    "nco": Nco,
    "performance_based": PerformanceBased,
    "risk_budgeting": RiskBudgeting,
    "risk_parity": RiskParity,
    "skfolio": Skfolio,
}

"""The benchmark that all runs share, measured as they are."""

from __future__ import annotations

import numpy as np

from backtest import stats
from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.content.plan import benchmark_words
from backtest.report.numbers import RunNumbers

Measured = dict[str, float]


def benchmark_metrics(study: StudyNumbers) -> Measured | None:
    """Return the headline numbers by the keys of a run's metrics; None without a benchmark, or on too few bars."""
    years, per_year = study.facts["span"]["years"], study.facts["span"]["periods_per_year"]
    if study.benchmark is None or study.benchmark_drawdown is None or not years or not per_year:
        return None
    path = np.concatenate(([1.0], study.benchmark))
    returns = stats.returns_from_equity(study.benchmark, 1.0)
    cash = stats.per_period(float(study.facts["risk_free"]), per_year)
    annual, deepest = stats.cagr(path, years), float(study.benchmark_drawdown.min())
    return {
        "annual_return": annual,
        "volatility": stats.volatility(returns, per_year),
        "sharpe": stats.sharpe(returns, per_year, cash),
        "sortino": stats.sortino(returns, per_year, cash),
        "max_drawdown": deepest,
        "calmar": stats.calmar(annual, deepest),
        "final": float(study.benchmark[-1]),
    }


def shared_benchmark_words(study: StudyNumbers) -> str:
    """Say what the shared benchmark is; empty where there is none, or no run can be read."""
    known = [benchmark_words(run.config) for run in study.runs if isinstance(run, RunNumbers)]
    return known[0] if known and study.benchmark is not None else ""

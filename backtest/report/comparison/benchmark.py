"""The benchmark that all runs share, measured as they are."""

from __future__ import annotations

import numpy as np

from backtest import stats
from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.content.plan import benchmark_words
from backtest.report.numbers import RunNumbers
from backtest.types import Floats

Measured = dict[str, float]


def benchmark_metrics(study: StudyNumbers) -> Measured | None:
    """Return the headline numbers of the shared benchmark; None without one, or on too few bars."""
    if study.benchmark is None:
        return None
    span = study.facts["span"]
    return measured_benchmark(study.benchmark, span["years"], span["periods_per_year"], float(study.facts["risk_free"]))


def measured_benchmark(
    growth: Floats, years: float | None, per_year: float | None, risk_free: float
) -> Measured | None:
    """Return numbers by the keys of a run's metrics, of the growth of 1; None on too few bars."""
    if not years or not per_year:
        return None
    path = np.concatenate(([1.0], growth))
    returns = stats.returns_from_equity(growth, 1.0)
    cash = stats.per_period(risk_free, per_year)
    annual, deepest = stats.cagr(path, years), float(stats.underwater(path).min())
    return {
        "annual_return": annual,
        "volatility": stats.volatility(returns, per_year),
        "sharpe": stats.sharpe(returns, per_year, cash),
        "sortino": stats.sortino(returns, per_year, cash),
        "max_drawdown": deepest,
        "calmar": stats.calmar(annual, deepest),
        "final": float(growth[-1]),
    }


def shared_benchmark_words(study: StudyNumbers) -> str:
    """Say what the shared benchmark is; empty where there is none, or no run can be read."""
    known = [benchmark_words(run.config) for run in study.runs if isinstance(run, RunNumbers)]
    return known[0] if known and study.benchmark is not None else ""

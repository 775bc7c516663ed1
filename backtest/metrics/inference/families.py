"""Comparing strategies with each other and with a benchmark, told how many there are. Tables have one column each."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from backtest.errors import InputError
from backtest.metrics.inference.checks import choice, complete, resampling, share, table
from backtest.metrics.series import Returns, Times, benchmark_of, track_of
from backtest.stats import inference
from backtest.stats.bootstrap import DRAWS
from backtest.stats.inference import Control, SharpeDifference, Statistic, Studentise, Superiority
from backtest.types import Floats


def compare_sharpes(
    first: Returns,
    second: Returns,
    *,
    level: float = 0.95,
    draws: int = DRAWS,
    block: int | None = None,
    seed: int = 0,
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    times: Times = None,
) -> SharpeDifference:
    """Test that two series have the same Sharpe ratio: Ledoit and Wolf (2008), studentised circular block bootstrap.

    Difference, error and interval are per bar. Series are matched by time as a benchmark is in `summary`.
    """
    share("level", level)
    resampling(draws, block)
    track = track_of(first, risk_free, periods_per_year, times)
    other = benchmark_of(track, first, second, times)
    cash = track.cash_rate
    return inference.sharpe_difference(track.returns - cash, other.returns - cash, level, draws, block, seed)


def pairwise_sharpes(
    returns: pd.DataFrame,
    control: Control = "by",
    *,
    risk_free_per_bar: float = 0.0,
    draws: int = DRAWS,
    block: int | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Test each pair of columns for equal Sharpe ratios, and adjust the p-values for the number of pairs.

    One row a pair: first, second, difference and error per bar, p_value, adjusted, bars. `control`: see
    `adjusted_p_values`; pairs depend on each other in ways that only `by`, `holm` and `bonferroni` allow for.
    """
    choice("control", control, Control)
    resampling(draws, block)
    values = table(returns) - risk_free_per_bar
    rows = []
    for i, j in combinations(range(values.shape[1]), 2):
        found = inference.sharpe_difference(values[:, i], values[:, j], 0.95, draws, block, seed)
        rows.append((returns.columns[i], returns.columns[j], found.difference, found.error, found.p_value, found.n))
    frame = pd.DataFrame(rows, columns=["first", "second", "difference", "error", "p_value", "bars"])
    frame.insert(5, "adjusted", inference.adjusted(frame["p_value"].to_numpy(np.float64), control))
    return frame


def adjusted_p_values(p_values: pd.Series, control: Control = "by") -> pd.Series:
    """Return p-values adjusted for their number; reject those at or below the share of errors you accept.

    `bh`, `by`: the share of false ones among the rejected (Benjamini and Hochberg, 1995; Benjamini and Yekutieli,
    2001). `holm`, `bonferroni`: the probability of any false one. NaN is no test.
    """
    choice("control", control, Control)
    values = np.array(p_values, dtype=np.float64)
    if ((values < 0.0) | (values > 1.0)).any():
        raise InputError("p_values: expected numbers from 0 to 1")
    index = p_values.index if isinstance(p_values, pd.Series) else None
    return pd.Series(inference.adjusted(values, control), index=index, name="adjusted")


def reality_check(
    returns: pd.DataFrame,
    benchmark: Returns,
    *,
    draws: int = DRAWS,
    block: float | None = None,
    seed: int = 0,
) -> Superiority:
    """Test that no column has a higher mean return than the benchmark: White (2000). Not studentised.

    `benchmark` has one return a row of the table, or is a number. `best` is the place of the best column.
    """
    resampling(draws, block)
    return inference.reality_check(_excess(returns, benchmark), draws, block, seed)


def superior_ability(
    returns: pd.DataFrame,
    benchmark: Returns,
    *,
    draws: int = DRAWS,
    block: float | None = None,
    seed: int = 0,
    studentise: Studentise = "each",
) -> Superiority:
    """Test the same studentised, so that clearly bad strategies do not blunt it: Hansen's SPA (2005).

    `p_value` is the consistent one, `lower` and `upper` are its bounds. `studentise`: by the error of `each` resample,
    or `once` as Hansen has it, which claims too much in short records.
    """
    choice("studentise", studentise, Studentise)
    resampling(draws, block)
    return inference.superior_ability(_excess(returns, benchmark), draws, block, seed, studentise)


def step_down(
    returns: pd.DataFrame,
    benchmark: Returns,
    *,
    draws: int = DRAWS,
    block: float | None = None,
    seed: int = 0,
    studentise: Studentise = "each",
) -> pd.DataFrame:
    """Say which columns have a higher mean return than the benchmark: Romano and Wolf's StepM (2005).

    One row a column: statistic, and p_value (at or below α: better, and all such claims hold together with 1 − α).
    """
    choice("studentise", studentise, Studentise)
    resampling(draws, block)
    found = inference.step_down(_excess(returns, benchmark), draws, block, seed, studentise)
    return pd.DataFrame({"statistic": found.statistic, "p_value": found.p_value}, index=returns.columns)


def confidence_set(
    returns: pd.DataFrame,
    alpha: float = 0.1,
    statistic: Statistic = "max",
    *,
    draws: int = DRAWS,
    block: float | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Say which columns may have the highest mean return: Hansen, Lunde and Nason's model confidence set (2011).

    One row a column: p_value, and whether it is `inside` the set, which holds the best with probability 1 − α.
    """
    share("alpha", alpha)
    choice("statistic", statistic, Statistic)
    resampling(draws, block)
    found = inference.confidence_set(complete(table(returns)), statistic, draws, block, seed)
    return pd.DataFrame({"p_value": found.p_value, "inside": found.p_value > alpha}, index=returns.columns)


def _excess(returns: pd.DataFrame, benchmark: Returns) -> Floats:
    values = table(returns, 1)
    if isinstance(benchmark, pd.Series):
        benchmark = benchmark.reindex(returns.index)
    other = np.array(benchmark, dtype=np.float64)
    if other.ndim and other.shape != (len(values),):
        raise InputError(f"benchmark: expected one return a row, {len(values)}; received shape {other.shape}")
    return complete(values - (other[:, None] if other.ndim else other))

"""Metrics over a moving window, and value at risk put to the test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from backtest import stats
from backtest.errors import InputError, unknown
from backtest.metrics.series import Returns, Times, benchmark_of, labels_of, track_of
from backtest.stats.tails import Tail
from backtest.types import Floats

TAILS: tuple[Tail, ...] = ("historical", "gaussian", "cornish_fisher")


def rolling(
    returns: Returns,
    window: int,
    benchmark: Returns | None = None,
    *,
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    times: Times = None,
) -> pd.DataFrame:
    """Return metrics of the `window` bars that end at each bar, NaN until the first window is full.

    Columns: return (compound over the window, not annualised), volatility and sharpe (annualised as in `summary`), and
    with a benchmark beta and correlation. The periods in a year are those of the whole record.
    """
    check_window(window)
    track = track_of(returns, risk_free, periods_per_year, times)
    per_year = track.periods.per_year
    columns = {
        "return": stats.rolling_return(track.returns, window),
        "volatility": stats.rolling_volatility(track.returns, window, per_year),
        "sharpe": stats.rolling_sharpe(track.returns, window, per_year, track.cash_rate),
    }
    if benchmark is not None:
        other = benchmark_of(track, returns, benchmark, times).returns
        columns["beta"] = stats.rolling_beta(track.returns, other, window)
        columns["correlation"] = stats.rolling_correlation(track.returns, other, window)
    return pd.DataFrame(columns, index=labels_of(returns, times))


def var_tests(
    returns: Returns,
    level: float = 0.95,
    window: int = 250,
    methods: Sequence[Tail] = TAILS,
    *,
    times: Times = None,
) -> pd.DataFrame:
    """Test value at risk out of sample: each bar against the value at risk of the `window` bars before it.

    One row a method. Columns: bars, breaches, expected (breaches when the level holds), rate, kupiec and kupiec_p (is
    the number right), christoffersen and christoffersen_p (do they come alone), joint and joint_p (both). A p-value
    below 0.05 rejects the value at risk. Kupiec (1995), Christoffersen (1998). A NaN return is no observation.
    """
    check_window(window)
    if not 0.0 < level < 1.0:
        raise InputError(f"var_tests: level: expected a number between 0 and 1; received {level}")
    for method in methods:
        if method not in TAILS:
            raise InputError(f"var_tests: {unknown('method', method, TAILS)}")
    seen = track_of(returns, times=times).seen
    if seen.size <= window:
        raise InputError(f"window: expected fewer than the {seen.size} observations; received {window}")
    rows = {method: _tested(seen, level, window, method) for method in methods}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def _tested(seen: Floats, level: float, window: int, method: Tail) -> dict[str, float]:
    forecast = _forecasts(seen, level, window, method)
    breached = seen[window:] < forecast
    share, breaches = 1.0 - level, int(np.count_nonzero(breached))
    number = stats.kupiec(breaches, breached.size, share)
    alone = stats.christoffersen(breached)
    both = stats.conditional_coverage(breached, share)
    return {
        "bars": breached.size,
        "breaches": breaches,
        "expected": share * breached.size,
        "rate": breaches / breached.size,
        "kupiec": number.statistic,
        "kupiec_p": number.p_value,
        "christoffersen": alone.statistic,
        "christoffersen_p": alone.p_value,
        "joint": both.statistic,
        "joint_p": both.p_value,
    }


def _forecasts(seen: Floats, level: float, window: int, method: Tail) -> Floats:
    """Return the value at risk of the window before each bar from `window` on."""
    if method == "historical":
        return stats.rolling_quantile(seen[:-1], window, 1.0 - level)[window - 1 :]
    windows = np.lib.stride_tricks.sliding_window_view(seen[:-1], window)
    return np.array([stats.value_at_risk(each, level, method) for each in windows])


def check_window(window: int) -> None:
    """Refuse a window that is too short to have a deviation, or no number of bars."""
    if not isinstance(window, int | np.integer) or window < 2:
        raise InputError(f"window: expected at least 2 bars; received {window!r}")

"""What explains a return series: factors by regression, and exposure to a benchmark against everything else."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backtest import stats
from backtest.metrics.attribution.periods import check_linking
from backtest.metrics.factors import factor_table
from backtest.metrics.match import matched
from backtest.metrics.series import Returns, Times, benchmark_of, index_of, track_of
from backtest.metrics.track import Track
from backtest.stats.linking import Linking
from backtest.types import Floats


def factor_attribution(
    returns: Returns,
    factors: pd.DataFrame | pd.Series,
    *,
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    linking: Linking = "carino",
    times: Times = None,
) -> pd.DataFrame:
    """Take a return apart by factors: r = f + α + Σ βₖ Fₖ + ε, ordinary least squares with constant exposures.

    One row each for "cash" (the risk-free rate), "alpha" (the intercept), every factor, "residual" (what is left, and
    the bars in which a factor is missing) and "total". Columns: exposure (β; NaN for the others), annual (mean per bar
    × bars a year, arithmetic), linked (contributions of bars, linked over time; they add up to the compound return).
    Factors are taken as they are (excess returns, or long–short), one row a bar. NaN where the regression has no
    answer. Sharpe (1992), "Asset Allocation: Management Style and Performance Measurement". Unit: fraction.
    """
    check_linking(linking)
    track = track_of(returns, risk_free, periods_per_year, times)
    factors = factor_table(factors)
    x = matched("factors", factors, track.returns.size, index_of(returns, times))
    fit = stats.regress(track.returns - track.cash_rate, x)
    seen = ~np.isnan(track.returns)
    explained = seen & ~np.isnan(x).any(axis=1)
    cash = np.where(seen, track.cash_rate, 0.0)
    alpha = np.where(explained, fit.alpha, 0.0)
    parts = np.column_stack((cash, alpha, np.where(explained[:, None], np.nan_to_num(x), 0.0) * fit.betas))
    residual = track.returns - parts.sum(axis=1)
    names = ["cash", "alpha", *map(str, factors.columns), "residual"]
    table = _table(track, np.column_stack((parts, residual)), names, (track.returns, None), linking)
    table.insert(0, "exposure", [np.nan, np.nan, *fit.betas, np.nan, np.nan])
    return table.rename_axis("factor")


def active_split(
    returns: Returns,
    benchmark: Returns,
    *,
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    linking: Linking = "carino",
    times: Times = None,
) -> pd.DataFrame:
    """Split an active return into exposure to the benchmark, alpha and the rest: r − b = (β − 1)(b − f) + α + ε.

    Rows: "exposure" (more or less of the benchmark than all of it), "alpha" (Jensen's intercept), "residual" (neither;
    zero on average) and "total". Columns: annual (mean per bar × bars a year, arithmetic), linked (linked over time;
    they add up to the difference of the compound returns over the common bars). Jensen (1968), "The Performance of
    Mutual Funds in the Period 1945–1964". Unit: fraction.
    """
    check_linking(linking)
    track = track_of(returns, risk_free, periods_per_year, times)
    other = benchmark_of(track, returns, benchmark, times).returns
    common = ~np.isnan(track.returns + other)
    mine, theirs = np.where(common, track.returns, np.nan), np.where(common, other, np.nan)
    fit = stats.regress(mine - track.cash_rate, (theirs - track.cash_rate)[:, None])
    exposure = (fit.betas[0] - 1.0) * (theirs - track.cash_rate)
    residual = mine - theirs - exposure - fit.alpha
    parts = np.column_stack((exposure, np.where(common, fit.alpha, np.nan), residual))
    names = ["exposure", "alpha", "residual"]
    return _table(track, parts, names, (mine, theirs), linking).rename_axis("part")


def _table(
    track: Track, parts: Floats, names: list[str], sides: tuple[Floats, Floats | None], linking: Linking
) -> pd.DataFrame:
    """Return what parts `(R, K)` of the return of each bar come to, with their total; NaN without a regression."""
    mine, theirs = sides
    whole = stats.compound(mine) - (0.0 if theirs is None else stats.compound(theirs))
    active = mine if theirs is None else mine - theirs
    known = not np.isnan(parts[~np.isnan(active)]).any()
    linked = stats.link(parts, stats.linking_factors(mine, theirs, linking)) if known else np.full(len(names), np.nan)
    together = np.column_stack((parts, active))[~np.isnan(active)]
    annual = together.mean(axis=0) * track.periods.per_year if len(together) else np.full(len(names) + 1, np.nan)
    index = pd.Index([*names, "total"])
    return pd.DataFrame({"annual": annual, "linked": [*linked, whole]}, index=index)

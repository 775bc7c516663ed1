"""Metrics against ffn, which starts from prices: a start of one is put in front of ours, a bar before the first.

Differences, each by name: its years are days / 365.25 from the first *price* to the last, so the price in front is put
one average gap before the first return, where ours begins the record; its periods a year are guessed from the spacing
unless given (252 here); its drawdowns end at the last bar when open.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import metrics

from .peers import peer
from .series import SERIES

ffn = peer("ffn")
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # a peer's own warnings are its own

PARITY = 1e-9


@pytest.fixture(scope="module", params=["real", "daily"])
def known(request: pytest.FixtureRequest) -> tuple[pd.Series, pd.Series]:
    returns, _ = SERIES[request.param][0]()
    before = returns.index[0] - (returns.index[-1] - returns.index[0]) / (returns.size - 1)
    path = np.concatenate(([1.0], np.cumprod(1.0 + returns.to_numpy())))
    return returns, pd.Series(path, returns.index.insert(0, before), name="fund")


def close(ours: float, theirs: float, rel: float = PARITY) -> None:
    assert ours == pytest.approx(theirs, rel=rel, abs=1e-12)


def test_growth_and_drawdown(known: Any) -> None:
    returns, prices = known
    close(metrics.total_return(returns), ffn.calc_total_return(prices))
    close(metrics.annual_return(returns), ffn.calc_cagr(prices))
    close(metrics.max_drawdown(returns), ffn.calc_max_drawdown(prices))
    close(metrics.calmar(returns), ffn.calc_calmar_ratio(prices))
    np.testing.assert_allclose(metrics.underwater(returns), prices.to_drawdown_series()[1:], atol=1e-12)


def test_ratios(known: Any) -> None:
    returns, _ = known
    close(metrics.sharpe(returns, periods_per_year=252), ffn.calc_sharpe(returns, nperiods=252))
    close(
        metrics.sharpe(returns, periods_per_year=252, risk_free=0.02),
        ffn.calc_sharpe(returns, rf=0.02, nperiods=252),
    )
    close(metrics.sortino(returns, periods_per_year=252), ffn.calc_sortino_ratio(returns, nperiods=252))
    close(metrics.value_at_risk(returns), returns.quantile(0.05))


def test_the_list_of_drawdowns(known: Any) -> None:
    """It names the first losing bar as the start, as `start="first_loss"` does."""
    returns, prices = known
    theirs = ffn.drawdown_details(prices.to_drawdown_series()).sort_values("drawdown", kind="stable")
    ours = metrics.drawdown_table(returns, start="first_loss")
    np.testing.assert_allclose(ours["depth"], theirs["drawdown"].astype(float), rtol=PARITY)
    assert ours["start"].tolist()[:5] == theirs["Start"].tolist()[:5]
    recovered = [end for end, still in zip(theirs["End"], ours["open"], strict=True) if not still]
    assert ours["recovery"].dropna().tolist() == recovered


def test_statistics_of_the_whole(known: Any) -> None:
    returns, prices = known
    theirs = ffn.PerformanceStats(prices).stats
    close(metrics.skewness(returns), theirs["daily_skew"], rel=1e-6)
    close(metrics.kurtosis(returns), theirs["daily_kurt"], rel=1e-6)
    close(metrics.best_bar(returns), theirs["best_day"], rel=1e-6)
    close(metrics.average_drawdown(returns), theirs["avg_drawdown"], rel=1e-6)
    close(metrics.worst_year(returns[returns.index.year > returns.index[0].year]), theirs["worst_year"], rel=1e-6)

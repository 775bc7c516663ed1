"""Functions of weights, trades and comovement to the letter: names, ties, gaps, and every message."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import metrics
from backtest.errors import InputError
from backtest.metrics.match import matched

from .results import Ledger

DAYS = pd.bdate_range("2020-01-01", periods=40, name="day")
RETURNS = pd.DataFrame(np.random.default_rng(6).normal(0.0, 0.01, (40, 3)), DAYS, ["oil", "gas", "gold"])
CLOSED = pd.DataFrame({"profit": [3.0, -1.0, 2.0], "closed": DAYS[[2, 1, 0]], "open": [False, False, False]})


def test_matrices_of_windows_are_named_by_row_and_asset() -> None:
    found = metrics.rolling_correlation_matrices(RETURNS, 30, every=5)
    assert found.index.names == ["day", "asset"]


def test_weights_of_a_frame_go_by_its_columns() -> None:
    weights = pd.DataFrame([[0.5, 0.2, 0.3]] * 2, columns=["oil", "gas", "gold"])
    wanted = metrics.diversification_ratio([0.5, 0.2, 0.3], RETURNS)
    assert metrics.diversification_ratio(weights[["gold", "oil", "gas"]], RETURNS) == pytest.approx(wanted, rel=1e-12)
    assert metrics.diversification_ratio(weights[["gas", "oil", "gold"]].to_numpy(), RETURNS) != pytest.approx(wanted)


def test_a_gap_is_no_position() -> None:
    gap = [[0.5, np.nan], [np.nan, np.nan]]
    assert metrics.gross_exposure(gap) == 0.25
    assert metrics.net_exposure(gap) == 0.25
    assert metrics.time_invested(gap) == 0.5
    assert metrics.hhi(gap) == 1.0


def test_a_table_needs_no_more_than_profit_close_and_whether_it_is_open() -> None:
    assert metrics.expectancy(CLOSED) == pytest.approx(4.0 / 3.0)
    assert metrics.winning_streak(CLOSED) == 1
    for name in CLOSED:
        with pytest.raises(InputError):
            metrics.expectancy(CLOSED.drop(columns=str(name)))


def test_trades_that_closed_together_stay_in_their_order() -> None:
    """More of them than a sort keeps in order by chance: twenty gains, then forty losses."""
    profit = np.repeat([1.0, -1.0], [20, 40])
    table = pd.DataFrame({"profit": profit, "closed": DAYS[0], "open": False})
    assert (metrics.winning_streak(table), metrics.losing_streak(table)) == (20, 40)


def test_of_assets_held_alike_the_first_are_kept() -> None:
    """Every third of 400 weighs twice as much as the others: more than a sort keeps in order by chance."""
    close = 10.0 * np.cumprod(1.0 + np.random.default_rng(1).normal(0.0, 0.01, (12, 1)) * np.ones(400), axis=0)
    ledger = Ledger(close, capital=1e6)
    for asset in range(400):
        ledger.trade(0, asset, 2.0 if asset % 3 == 1 else 1.0, close[0, 0])
    for row in range(12):
        ledger.shut(row)
    assert set(metrics.held_correlations(ledger, most=5).index) == {"A1", "A4", "A7", "A10", "A13"}


def test_naive_stamps_are_of_utc_even_where_only_the_first_bar_is_found() -> None:
    """As UTC the stamp is the end of the first bar; by the clock of the bars it would be that of the second."""
    bars = pd.DatetimeIndex(["2020-01-01 00:00", "2020-01-01 05:00"], tz="UTC").tz_convert("America/New_York")
    found = matched("other", pd.Series([0.5], pd.DatetimeIndex(["2020-01-01 00:00"])), 2, bars)
    assert found[0] == 0.5
    assert np.isnan(found[1])


TEXTS = pd.DataFrame({"oil": ["up", "down"], "gas": ["down", "up"]})
UNKNOWN = "unknown order 'cluster'; known: clustered, given; did you mean 'clustered'?"

MESSAGES: list[tuple[Any, str]] = [
    (
        lambda: metrics.rolling_correlation_matrices(RETURNS, 5, order="cluster"),  # type: ignore[arg-type]
        f"rolling_correlation_matrices: {UNKNOWN}",
    ),
    (
        lambda: metrics.stressed_correlations(RETURNS, order="cluster"),  # type: ignore[arg-type]
        f"stressed_correlations: {UNKNOWN}",
    ),
    (
        lambda: metrics.correlations(RETURNS, "cluster"),  # type: ignore[arg-type]
        f"correlations: {UNKNOWN}",
    ),
    (
        lambda: metrics.stressed_correlations(RETURNS, pd.Series("calm", DAYS)),
        "driver: expected numbers; could not convert string to float: 'calm'",
    ),
    (
        lambda: metrics.correlations(TEXTS),
        "returns: expected numbers; could not convert string to float: 'up'",
    ),
    (
        lambda: metrics.diversification_ratio(pd.Series({"oli": 1.0}), RETURNS),
        "weights: unknown asset 'oli'; known: gas, gold, oil; did you mean 'oil'?",
    ),
    (
        lambda: metrics.hhi(np.zeros((1, 1, 2))),
        "weights: expected one an asset, or rows of them; received shape (1, 1, 2)",
    ),
    (
        lambda: metrics.win_rate(["won"]),
        "trades: expected numbers; could not convert string to float: 'won'",
    ),
    (
        lambda: metrics.win_rate(pd.DataFrame({"pnl": [1.0]})),
        "trades: expected the table that `metrics.trades` returns",
    ),
]


@pytest.mark.parametrize(("call", "message"), MESSAGES)
def test_a_message_says_what_where_received_and_allowed(call: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == message

"""Tables, windows and portfolios to the letter: labels, names, arguments that are handed on, and every message."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import metrics, stats
from backtest.errors import InputError
from backtest.metrics.windows import TAILS

from .results import Ledger

DAYS = pd.bdate_range("2019-12-27", periods=8)
VALUES = np.array([0.10, -0.10, 0.05, 0.20, -0.25, 0.10, -0.02, 0.01])
RETURNS = pd.Series(VALUES, DAYS)
OTHER = pd.Series(0.5 * VALUES + 0.001 * np.arange(8), DAYS)
FRAME = pd.DataFrame(np.random.default_rng(6).normal(0.0, 0.01, (60, 3)), columns=["oil", "gas", "bank"])
WEIGHTS = pd.Series({"oil": 0.5, "bank": 0.5})


@pytest.mark.parametrize(
    "function",
    [metrics.underwater, metrics.drawdown_table, metrics.monthly_table, metrics.yearly_table, metrics.var_tests],
)
def test_times_beside_an_array_are_the_times_of_a_series(function: Any) -> None:
    options = {"window": 3} if function is metrics.var_tests else {}
    wanted, got = function(RETURNS, **options), function(VALUES, times=DAYS, **options)
    assert wanted.equals(got)
    assert wanted.index.equals(got.index)


def test_two_arrays_with_times_are_two_series() -> None:
    yearly = metrics.yearly_table(VALUES, OTHER, times=DAYS)
    pd.testing.assert_frame_equal(yearly, metrics.yearly_table(RETURNS, OTHER), check_exact=True)
    assert yearly["benchmark"].tolist() == metrics.yearly_table(OTHER)["return"].tolist()
    assert (yearly["difference"] == yearly["return"] - yearly["benchmark"]).all()
    # The benchmark is matched to the times that were given: backwards, it is the same one.
    rolled = metrics.rolling(VALUES, 4, OTHER[::-1], times=DAYS)
    pd.testing.assert_frame_equal(rolled, metrics.rolling(RETURNS, 4, OTHER), check_exact=True)
    backwards = metrics.yearly_table(VALUES, OTHER[::-1], times=DAYS)
    pd.testing.assert_frame_equal(backwards, yearly, check_exact=True)


def test_a_series_brings_its_times_to_the_benchmark() -> None:
    pd.testing.assert_frame_equal(metrics.rolling(RETURNS, 4, OTHER[::-1]), metrics.rolling(RETURNS, 4, OTHER))
    pd.testing.assert_frame_equal(metrics.yearly_table(RETURNS, OTHER[::-1]), metrics.yearly_table(RETURNS, OTHER))


def test_tables_are_named() -> None:
    assert metrics.underwater(RETURNS).name == "underwater"
    assert metrics.monthly_table(RETURNS).index.name == "year"
    assert metrics.yearly_table(RETURNS).index.name == "year"
    assert metrics.yearly_table(RETURNS, OTHER).columns.tolist() == ["return", "benchmark", "difference"]
    assert metrics.rolling_correlations(FRAME, 5).name == "mean correlation"
    assert metrics.var_tests(RETURNS, window=3).index.name == "method"
    assert metrics.drawdown_table(RETURNS).columns.tolist() == [
        *("depth", "start", "valley", "recovery", "bars", "bars_to_valley", "bars_to_recovery", "days", "open")
    ]
    assert metrics.monthly_table(RETURNS).columns.tolist() == [
        *("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Year")
    ]
    assert metrics.risk_contributions(WEIGHTS, FRAME).columns.tolist() == [
        *("weight", "volatility", "marginal", "contribution", "share", "marginal_var", "component_var")
    ]


def test_a_rolling_table_has_its_own_year_and_is_annual_by_it() -> None:
    table = metrics.rolling(VALUES, 4, risk_free=0.03, periods_per_year=100.0)
    window = VALUES[-4:]
    excess = window - (1.03**0.01 - 1.0)
    assert table["volatility"].iloc[-1] == pytest.approx(window.std(ddof=1) * 10.0, rel=1e-12)
    assert table["sharpe"].iloc[-1] == pytest.approx(excess.mean() / window.std(ddof=1) * 10.0, rel=1e-12)
    assert metrics.rolling(VALUES, 4)["volatility"].isna().all()


def test_value_at_risk_is_tested_with_what_is_plain() -> None:
    """Two hundred bars behind the first window, one in ten expected; the statistics are those of the plain tests."""
    returns = 0.01 - np.random.default_rng(0).exponential(0.01, 220)
    window, level = 20, 0.9
    table = metrics.var_tests(returns, level, window)
    assert table.index.tolist() == list(TAILS)
    for method in TAILS:
        limits = [stats.value_at_risk(returns[k - window : k], level, method) for k in range(window, 220)]
        hit = returns[window:] < np.array(limits)
        row = table.loc[method]
        assert (row["bars"], row["breaches"]) == (200, hit.sum())
        assert (row["expected"], row["rate"]) == (pytest.approx(20.0), hit.sum() / 200)
        alone, number = stats.christoffersen(hit), stats.kupiec(int(hit.sum()), 200, 1.0 - level)
        both = stats.conditional_coverage(hit, 1.0 - level)
        assert row[["kupiec", "kupiec_p"]].tolist() == [number.statistic, number.p_value]
        assert row[["christoffersen", "christoffersen_p"]].tolist() == [alone.statistic, alone.p_value]
        assert row[["joint", "joint_p"]].tolist() == [both.statistic, both.p_value]
    assert table["breaches"].nunique() == 3


def test_a_window_one_shorter_than_the_record_tests_one_bar() -> None:
    assert metrics.var_tests(RETURNS, window=7)["bars"].tolist() == [1, 1, 1]
    assert metrics.rolling(RETURNS, 2)["return"].iloc[1] == pytest.approx(1.1 * 0.9 - 1.0)


def test_money_may_be_of_any_kind_of_number() -> None:
    """Amounts from a ledger of decimals are taken as floats."""
    dates = pd.DatetimeIndex(["2020-01-01", "2020-12-31"])  # 365 days
    amounts = pd.Series([Decimal("-100"), Decimal("110")], dates, dtype=object)
    assert metrics.money_weighted(amounts) == pytest.approx(0.1, abs=1e-12)
    account, flows = [Decimal("100"), Decimal("160"), Decimal("80")], [Decimal("100"), Decimal("50"), Decimal("0")]
    assert metrics.time_weighted(account, flows) == pytest.approx(1.1 * 0.5 - 1.0)


def test_shares_of_risk_by_hand() -> None:
    """Two assets without correlation, volatilities 1 % and 2 %, halves: σ = √(0.25 + 1) % and shares 1 to 4."""
    returns = pd.DataFrame({"low": [0.01, -0.01, 0.01, -0.01], "high": [0.02, 0.02, -0.02, -0.02]})
    table = metrics.risk_contributions(pd.Series({"low": 0.5, "high": 0.5}), returns)
    assert table["share"].tolist() == pytest.approx([0.2, 0.8])
    sigma = math.sqrt(1.25e-4 * 4.0 / 3.0)
    assert table["contribution"].tolist() == pytest.approx([0.2 * sigma, 0.8 * sigma])
    # 1.6448536 is the 95 % quantile of the normal distribution; a loss is a negative return.
    assert table["component_var"].tolist() == pytest.approx([-1.6448536 * 0.2 * sigma, -1.6448536 * 0.8 * sigma])
    assert table["marginal_var"].tolist() == pytest.approx([-1.6448536 * 0.4 * sigma, -1.6448536 * 1.6 * sigma])


def test_the_level_of_a_runs_risk_is_handed_on() -> None:
    close = 10.0 * np.cumprod(1.0 + np.random.default_rng(1).normal(0.0, 0.02, (30, 2)), axis=0)
    ledger = Ledger(close, properties=pd.DataFrame({"sector": ["Tech", "Oil"]}, index=["A0", "A1"]))
    for asset in (0, 1):
        ledger.trade(0, asset, 20.0, close[0, asset])
    for row in range(30):
        ledger.shut(row)
    for by in (None, "sector"):
        wide, narrow = metrics.run_risk(ledger, by, 0.99), metrics.run_risk(ledger, by)
        ratio = (wide["component_var"] / narrow["component_var"]).tolist()
        assert ratio == pytest.approx([2.3263478740 / 1.6448536270] * 2, rel=1e-8)


def test_bets_by_principal_components_are_others_than_by_torsion() -> None:
    mixed = FRAME.assign(gas=FRAME["gas"] + 0.8 * FRAME["oil"])
    covariance = stats.realised_covariance(mixed.to_numpy())
    w = np.array([0.5, 0.0, 0.5])
    values, vectors = np.linalg.eigh(covariance)
    p = (vectors.T @ w) ** 2 * values
    p = p / p.sum()
    by_pca = metrics.effective_bets(WEIGHTS, mixed, "pca")
    assert by_pca == pytest.approx(math.exp(-(p * np.log(p)).sum()), rel=1e-9)
    by_torsion = metrics.effective_bets(WEIGHTS, mixed)
    assert by_torsion == float(stats.effective_bets(w, covariance, "minimum_torsion"))
    assert abs(by_torsion - by_pca) > 1e-3


MESSAGES: list[tuple[Any, str]] = [
    (
        lambda: metrics.monthly_table([0.1]),
        "times: months and years need the times of the returns; give a Series with dates, or `times`",
    ),
    *(
        (lambda call=call: call(VALUES, times=DAYS[:3]), "times: expected one a return, 8; received 3")
        for call in (metrics.underwater, metrics.drawdown_table, metrics.monthly_table, metrics.var_tests)
    ),
    (
        lambda: metrics.money_weighted([1.0]),
        "times: expected the dates of the amounts; give a Series with dates, or `times`",
    ),
    (
        lambda: metrics.money_weighted([1.0], times=DAYS),
        "amounts: expected one finite number a time, 8; received shape (1,)",
    ),
    (
        lambda: metrics.money_weighted([1.0, math.nan], times=DAYS[:2]),
        "amounts: expected one finite number a time, 2; received shape (2,)",
    ),
    (lambda: metrics.time_weighted([1.0, 2.0], [1.0]), "flows: expected one a value, (2,); received (1,)"),
    (lambda: metrics.time_weighted([[1.0]], [[1.0]]), "flows: expected one a value, (1, 1); received (1, 1)"),
    (
        lambda: metrics.drawdown_table(RETURNS, start="first"),  # type: ignore[arg-type]
        "drawdown_table: unknown start 'first'; known: first_loss, peak; did you mean 'first_loss'?",
    ),
    (lambda: metrics.rolling(RETURNS, 1), "window: expected at least 2 bars; received 1"),
    (lambda: metrics.var_tests(RETURNS, window=1), "window: expected at least 2 bars; received 1"),
    (
        lambda: metrics.var_tests(RETURNS, window=8),
        "window: expected fewer than the 8 observations; received 8",
    ),
    *(
        (
            lambda level=level: metrics.var_tests(RETURNS, level, 3),
            f"var_tests: level: expected a number between 0 and 1; received {level}",
        )
        for level in (0.0, 1.0)
    ),
    (
        lambda: metrics.var_tests(RETURNS, methods=["history"]),  # type: ignore[list-item]
        "var_tests: unknown method 'history'; known: cornish_fisher, gaussian, historical; did you mean 'historical'?",
    ),
    (
        lambda: metrics.correlations(FRAME, "give"),  # type: ignore[arg-type]
        "correlations: unknown order 'give'; known: clustered, given; did you mean 'given'?",
    ),
    (lambda: metrics.correlations(FRAME[:0]), "returns: expected rows and columns; received shape (0, 3)"),
    (lambda: metrics.rolling_correlations(FRAME, 1), "window: expected at least 2 bars; received 1"),
    *(
        (
            lambda share=share: metrics.stressed_correlations(FRAME, share=share),
            f"share: expected a number between 0 and 1; received {share}",
        )
        for share in (0.0, 1.0, 1.5)
    ),
    (
        lambda: metrics.risk_contributions(pd.Series({"oli": 1.0}), FRAME),
        "weights: unknown asset 'oli'; known: bank, gas, oil; did you mean 'oil'?",
    ),
    (
        lambda: metrics.effective_bets(WEIGHTS, FRAME, "torsion"),  # type: ignore[arg-type]
        "effective_bets: unknown method 'torsion'; known: minimum_torsion, pca; did you mean 'minimum_torsion'?",
    ),
]


@pytest.mark.parametrize(("call", "message"), MESSAGES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_message_says_what_where_received_and_allowed(call: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == message

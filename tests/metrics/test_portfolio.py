from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import metrics
from backtest.errors import InputError

from .results import Ledger, random_ledger

RNG = np.random.default_rng(6)
DAYS = pd.bdate_range("2020-01-01", periods=120)
RETURNS = pd.DataFrame(
    RNG.normal(0.0, 0.01, (120, 4)) @ (np.eye(4) + 0.3), index=DAYS, columns=["oil", "gas", "bank", "shop"]
)
WEIGHTS = pd.Series({"shop": 0.1, "oil": 0.5, "bank": 0.4})
GROUPS = {"oil": "Energy", "gas": "Energy", "bank": "Finance"}


def test_correlations_given_and_clustered() -> None:
    rng = np.random.default_rng(11)
    pd.testing.assert_frame_equal(metrics.correlations(RETURNS), RETURNS.corr(), atol=1e-12)
    twins = RETURNS.assign(oil2=RETURNS["oil"] + 1e-4 * rng.normal(size=120))
    ordered = metrics.correlations(twins, "clustered")
    assert ordered.index.equals(ordered.columns)
    assert sorted(ordered.index) == sorted(twins.columns)
    places = [ordered.index.get_loc("oil"), ordered.index.get_loc("oil2")]
    assert abs(places[0] - places[1]) == 1
    assert ordered.loc["gas", "shop"] == pytest.approx(RETURNS["gas"].corr(RETURNS["shop"]))


def test_rolling_correlations() -> None:
    got = metrics.rolling_correlations(RETURNS, 30)
    assert got.index.equals(DAYS)
    assert got[:29].isna().all()
    last = RETURNS[-30:].corr().to_numpy()[np.triu_indices(4, 1)].mean()
    assert got.iloc[-1] == pytest.approx(last)


def test_stressed_against_calm() -> None:
    """In stress one shock hits all: the correlation is near one there and low on other days."""
    rng = np.random.default_rng(12)
    driver = pd.Series(rng.normal(0.0, 0.01, 120), index=DAYS)
    worst = driver <= driver.quantile(0.25)
    shock = pd.Series(np.where(worst, rng.normal(0.0, 0.2, 120), 0.0), index=DAYS)
    found = metrics.stressed_correlations(RETURNS.add(shock, axis=0), driver[::-1], share=0.25)
    assert (found.calm_rows, found.stressed_rows) == (90, 30)
    assert found.stressed.loc["oil", "shop"] > 0.95
    assert found.calm.loc["oil", "shop"] == pytest.approx(RETURNS[~worst]["oil"].corr(RETURNS[~worst]["shop"]))
    own = metrics.stressed_correlations(RETURNS)
    assert own.stressed_rows == 12


def test_risk_contributions_by_asset_and_group() -> None:
    table = metrics.risk_contributions(WEIGHTS, RETURNS, level=0.99)
    w = np.array([0.5, 0.0, 0.4, 0.1])
    sigma = np.sqrt(w @ RETURNS.cov().to_numpy() @ w)
    assert table.index.tolist() == list(RETURNS.columns)
    assert table["weight"].tolist() == w.tolist()
    assert table["contribution"].sum() == pytest.approx(sigma, abs=1e-15)
    assert table["share"].sum() == pytest.approx(1.0)
    assert table["component_var"].sum() == pytest.approx(-2.3263478740408408 * sigma)
    np.testing.assert_allclose(table["volatility"], RETURNS.std())
    np.testing.assert_allclose(table["contribution"], table["weight"] * table["marginal"])
    by_group = metrics.risk_contributions(WEIGHTS, RETURNS, GROUPS)
    assert by_group.index.tolist() == ["Energy", "Finance", "unclassified"]
    assert by_group.loc["Energy", "share"] == pytest.approx(table.loc[["oil", "gas"], "share"].sum())
    assert by_group["contribution"].sum() == pytest.approx(sigma)


def test_risk_of_the_last_weights_of_a_run() -> None:
    rng = np.random.default_rng(13)
    sectors = pd.DataFrame({"sector": ["Tech", None, "Tech"]}, index=["A0", "A1", "A2"])
    close = 10.0 * np.cumprod(1.0 + rng.normal(0.0, 0.02, (60, 3)), axis=0)
    ledger = Ledger(close, properties=sectors)
    for asset in (0, 1):
        ledger.trade(0, asset, 20.0, close[0, asset])
    for row in range(60):
        ledger.shut(row)
    table = metrics.run_risk(ledger)
    weights = pd.Series(ledger.weights()[-1][:2], index=["A0", "A1"])
    returns = pd.DataFrame(close[1:, :2] / close[:-1, :2] - 1.0, columns=["A0", "A1"])
    pd.testing.assert_frame_equal(table, metrics.risk_contributions(weights, returns))
    assert metrics.run_risk(ledger, by="sector").index.tolist() == ["Tech", "unclassified"]
    with pytest.raises(InputError, match="did you mean 'sector'"):
        metrics.run_risk(ledger, by="sectr")
    with pytest.raises(InputError, match="unknown property"):
        metrics.run_risk(random_ledger(1), by="sector")


def test_bets_and_active_share() -> None:
    assert 1.0 < metrics.effective_bets(WEIGHTS, RETURNS) < 4.0
    assert metrics.effective_bets(pd.Series({"gas": 1.0}), RETURNS, "pca") >= 1.0
    other = pd.Series({"oil": 0.5, "tea": 0.5})
    assert metrics.active_share(WEIGHTS, other) == pytest.approx((0.1 + 0.4 + 0.5) / 2)
    assert metrics.active_share(WEIGHTS, WEIGHTS[::-1]) == 0.0


def test_factor_exposures_find_what_is_there() -> None:
    rng = np.random.default_rng(14)
    factors = pd.DataFrame(rng.normal(0.0, 0.01, (120, 2)), index=DAYS, columns=["value", "size"])
    returns = 0.0002 + 1.2 * factors["value"] - 0.4 * factors["size"] + pd.Series(rng.normal(0, 1e-3, 120), DAYS)
    found = metrics.factor_exposures(returns, factors.sample(frac=1.0, random_state=1), periods_per_year=252)
    assert found.table.index.tolist() == ["alpha", "value", "size"]
    apart = (found.table["exposure"] - [0.0002 * 252, 1.2, -0.4]) / found.table["error"]
    assert apart.abs().max() < 3.0
    assert found.table["error"].tolist() == pytest.approx([252e-3 / 120**0.5, 0.1 / 120**0.5, 0.1 / 120**0.5], rel=0.3)
    np.testing.assert_allclose(found.table["t"], found.table["exposure"] / found.table["error"])
    assert found.r_squared > 0.98
    assert found.residual_volatility == pytest.approx(1e-3 * np.sqrt(252), rel=0.15)
    assert found.bars == 120
    paid = metrics.factor_exposures(returns, factors, risk_free=0.05, periods_per_year=252).table
    cash = (1.05 ** (1 / 252) - 1) * 252
    assert paid.loc["alpha", "exposure"] == pytest.approx(found.table.loc["alpha", "exposure"] - cash)


def test_factors_are_matched_by_time_or_by_place() -> None:
    factors = pd.DataFrame({"market": RETURNS["oil"]})
    late = metrics.factor_exposures(RETURNS["oil"], factors[20:])
    assert (late.bars, late.table.loc["market", "exposure"]) == (100, pytest.approx(1.0))
    aware = factors.set_axis(DAYS.tz_localize("UTC"))
    assert metrics.factor_exposures(RETURNS["oil"], aware).bars == 120
    plain = metrics.factor_exposures(RETURNS["oil"].to_numpy(), factors.reset_index(drop=True), periods_per_year=252)
    assert plain.table.loc["market", "exposure"] == pytest.approx(1.0)
    twice = factors.assign(again=2.0 * factors["market"])
    assert metrics.factor_exposures(RETURNS["oil"], twice).table.isna().all(axis=None)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: metrics.correlations(RETURNS, "clusterd"), "did you mean 'clustered'"),  # type: ignore[arg-type]
        (lambda: metrics.correlations(RETURNS[:0]), "rows and columns"),
        (lambda: metrics.correlations(RETURNS.replace(RETURNS.iloc[3, 2], np.inf)), "column 2 has an infinite value"),
        (lambda: metrics.rolling_correlations(RETURNS, 1), "at least 2"),
        (lambda: metrics.stressed_correlations(RETURNS, share=10), "between 0 and 1"),
        (lambda: metrics.risk_contributions(pd.Series({"oli": 1.0}), RETURNS), "did you mean 'oil'"),
        (lambda: metrics.effective_bets(WEIGHTS, RETURNS, "torsion"), "unknown method"),  # type: ignore[arg-type]
        (lambda: metrics.factor_exposures([0.1, 0.2], RETURNS), "one row a bar, 2; received 120"),
    ],
)
def test_one_clear_error(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()


def test_two_rows_are_a_window() -> None:
    assert metrics.rolling_correlations(RETURNS, 2).iloc[-1] == pytest.approx(
        RETURNS[-2:].corr().to_numpy()[np.triu_indices(4, 1)].mean()
    )

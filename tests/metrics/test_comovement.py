"""Correlations over time and under stress, of frames and of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import metrics
from backtest.errors import InputError

DAYS = pd.bdate_range("2020-01-01", periods=90)
RNG = np.random.default_rng(41)
COMMON = RNG.normal(0.0, 0.01, (90, 2))
RETURNS = pd.DataFrame(
    COMMON[:, [0, 1, 0, 1, 0]] + RNG.normal(0.0, 0.004, (90, 5)), index=DAYS, columns=["a", "b", "c", "d", "e"]
)
WEIGHTS = pd.Series({"a": 0.4, "b": 0.1, "c": 0.2, "d": 0.2, "e": 0.1})


def test_each_window_is_a_matrix() -> None:
    found = metrics.rolling_correlation_matrices(RETURNS, 30)
    expected = RETURNS.rolling(30).corr().dropna()
    np.testing.assert_allclose(found.to_numpy(), expected.to_numpy(), atol=1e-10)
    assert found.index.get_level_values(0).unique().equals(DAYS[29:])
    assert found.loc[DAYS[50]].index.tolist() == found.columns.tolist() == list("abcde")
    mean = metrics.rolling_correlations(RETURNS, 30)
    upper = found.loc[DAYS[-1]].to_numpy()[np.triu_indices(5, 1)]
    assert mean.iloc[-1] == pytest.approx(upper.mean())


def test_every_so_many_windows_with_the_last_among_them() -> None:
    found = metrics.rolling_correlation_matrices(RETURNS, 30, every=25)
    assert found.index.get_level_values(0).unique().tolist() == [DAYS[39], DAYS[64], DAYS[89]]
    assert metrics.rolling_correlation_matrices(RETURNS, 91).shape == (0, 5)


def test_all_windows_are_in_the_order_of_the_whole() -> None:
    order = metrics.correlations(RETURNS, "clustered").columns.tolist()
    assert {frozenset(order[:2]), frozenset(order[:3])} & {frozenset("bd"), frozenset("ace")}
    found = metrics.rolling_correlation_matrices(RETURNS, 30, order="clustered")
    assert found.columns.tolist() == order
    plain = metrics.rolling_correlation_matrices(RETURNS, 30)
    pd.testing.assert_frame_equal(found.loc[DAYS[70]], plain.loc[DAYS[70]].loc[order, order], check_names=False)


def test_calm_and_stressed_are_in_one_order() -> None:
    given, clustered = (
        metrics.stressed_correlations(RETURNS, share=0.2, order=each) for each in ("given", "clustered")
    )
    order = metrics.correlations(RETURNS, "clustered").columns.tolist()
    assert clustered.calm.columns.tolist() == clustered.stressed.columns.tolist() == order
    pd.testing.assert_frame_equal(clustered.stressed, given.stressed.loc[order, order])
    pd.testing.assert_frame_equal(clustered.calm, given.calm.loc[order, order])


def test_arrays_are_frames_with_numbers_for_names() -> None:
    plain, w = RETURNS.to_numpy(), WEIGHTS.to_numpy()
    np.testing.assert_array_equal(metrics.correlations(plain), metrics.correlations(RETURNS))
    np.testing.assert_array_equal(metrics.rolling_correlations(plain, 30), metrics.rolling_correlations(RETURNS, 30))
    table = metrics.risk_contributions(w, plain)
    np.testing.assert_array_equal(table, metrics.risk_contributions(WEIGHTS, RETURNS))
    assert metrics.effective_bets(list(w), plain) == metrics.effective_bets(WEIGHTS.to_dict(), RETURNS)
    assert metrics.active_share([0.5, 0.5, 0.0], [0.0, 0.5, 0.5]) == 0.5
    assert metrics.active_share({"a": 1.0}, pd.Series({"b": 1.0})) == 1.0
    driver = RNG.normal(size=90)
    by_array = metrics.stressed_correlations(plain, driver)
    by_label = metrics.stressed_correlations(RETURNS, pd.Series(driver, index=DAYS))
    np.testing.assert_array_equal(by_array.stressed, by_label.stressed)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: metrics.correlations(RETURNS["a"].to_numpy()), "expected one column an asset; received shape"),
        (lambda: metrics.correlations([["a"]]), "returns: expected numbers"),
        (lambda: metrics.rolling_correlation_matrices(RETURNS, 1), "at least 2 bars; received 1"),
        (lambda: metrics.rolling_correlation_matrices(RETURNS, 20.5), "at least 2 bars; received 20.5"),
        (lambda: metrics.rolling_correlation_matrices(RETURNS, 20, every=0), "every: expected a whole number from 1"),
        (lambda: metrics.rolling_correlation_matrices(RETURNS, 20, order="cluster"), "did you mean 'clustered'"),
        (
            lambda: metrics.stressed_correlations(RETURNS, np.zeros(3)),
            "driver: expected one return a bar, 90; received 3",
        ),
        (lambda: metrics.risk_contributions([0.5, 0.5], RETURNS), "weights: expected"),
    ],
)
def test_one_clear_error(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()

"""The public surface: annual ratios, labelled tables, one clear error."""

from __future__ import annotations

import inspect
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest.errors import InputError
from backtest.metrics import inference, sharpe, summary
from backtest.stats import inference as plain

DAYS = pd.bdate_range("2015-01-02", periods=600)
RNG = np.random.default_rng(5)
RETURNS = pd.Series(RNG.standard_t(5, 600) * 0.01 + 0.0008, DAYS)
BENCHMARK = pd.Series(0.5 * RETURNS.to_numpy() + RNG.normal(0.0, 0.006, 600), DAYS)
TABLE = pd.DataFrame(RNG.normal(0.0, 0.01, (600, 4)) + np.array([0.0, 0.0, 0.002, 0.0]), DAYS, list("abcd"))
PER_YEAR = 252.0


@pytest.mark.parametrize(
    "clock",
    [DAYS, pd.date_range("2010-01-08", periods=600, freq="W"), pd.date_range("2020-01-01", periods=600, freq="h")],
)
def test_values_are_those_of_the_summary(clock: pd.DatetimeIndex) -> None:
    returns, other = pd.Series(RETURNS.to_numpy(), clock), pd.Series(BENCHMARK.to_numpy(), clock)
    known = {metric.key: metric for metric in summary(returns, other, risk_free=0.02)}
    found = inference.intervals(returns, other, draws=99, risk_free=0.02)
    assert len(found) == 11
    for estimate in found:
        key = estimate.metric.key
        assert estimate.metric.value == pytest.approx(known[key].value, rel=1e-9), key
        assert (estimate.metric.label, estimate.metric.unit) == (known[key].label, known[key].unit)
        assert "95%" in estimate.metric.convention
        assert estimate.error is not None
        assert estimate.error > 0.0
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.low < estimate.high


def test_a_benchmark_changes_no_solo_interval() -> None:
    alone = inference.intervals(RETURNS, draws=99)
    assert inference.intervals(RETURNS, BENCHMARK, draws=99)[: len(alone)] == alone


@pytest.mark.parametrize("returns", [RETURNS[:1], RETURNS[:10], pd.Series(0.01, DAYS), RETURNS * np.nan])
def test_too_little_has_no_interval(returns: pd.Series) -> None:
    for estimate in inference.intervals(returns, draws=99):
        assert (estimate.error, estimate.low, estimate.high) == (None, None, None)
    assert len(inference.intervals(returns, BENCHMARK[: len(returns)], draws=99)) == 11


def test_without_a_clock_nothing_annual_has_an_interval() -> None:
    found = {each.metric.key: each for each in inference.intervals(RETURNS.to_numpy(), draws=99)}
    assert found["sharpe"].low is None
    assert found["annual_return"].low is None
    assert found["es_95"].low is not None
    assert found["max_drawdown"].low is not None


def test_annual_ratios_are_turned_into_ratios_per_bar() -> None:
    values, ratio = RETURNS.to_numpy(), sharpe(RETURNS, periods_per_year=1)
    given: dict[str, Any] = {"periods_per_year": PER_YEAR}
    skew, excess = plain.shape(values)
    assert inference.sharpe_error(RETURNS, "normal", **given) == pytest.approx(
        math.sqrt(PER_YEAR) * plain.sharpe_error(values, "normal")
    )
    assert inference.probabilistic_sharpe(RETURNS, 0.5, **given) == pytest.approx(
        plain.probabilistic_sharpe(ratio, 600, skew, excess, 0.5 / math.sqrt(PER_YEAR))
    )
    assert inference.min_track_record_length(RETURNS, 0.5, 0.9, **given) == pytest.approx(
        plain.min_track_record_length(ratio, skew, excess, 0.5 / math.sqrt(PER_YEAR), 0.9)
    )
    assert inference.deflated_sharpe(RETURNS, 20, 0.002) == pytest.approx(
        plain.deflated_sharpe(ratio, 600, 20, 0.002, skew, excess)
    )
    assert inference.aggregated_sharpe(RETURNS, 12, 0, **given) == pytest.approx(ratio * math.sqrt(12))
    assert inference.aggregated_sharpe(RETURNS) == pytest.approx(sharpe(RETURNS), rel=0.3)
    assert inference.expected_luck(100, 0.5 / 250, 250) == pytest.approx(0.1132 * math.sqrt(250), abs=0.001)


def test_a_risk_free_rate_is_taken_off() -> None:
    assert inference.probabilistic_sharpe(RETURNS, risk_free=0.05) < inference.probabilistic_sharpe(RETURNS)
    assert inference.deflated_sharpe(RETURNS, 9, 0.001, risk_free=0.05) < inference.deflated_sharpe(RETURNS, 9, 0.001)


def test_trials_of_a_table_and_the_deflated_best() -> None:
    trials = inference.trials_of(TABLE)
    ratios = [sharpe(TABLE[name], periods_per_year=1) for name in TABLE]
    assert trials.count == 4
    assert trials.variance_per_bar == pytest.approx(np.var(ratios, ddof=1))
    assert trials.effective == pytest.approx(4, abs=0.2)
    found = inference.deflated_sharpe(TABLE["c"], trials.count, trials.variance_per_bar)
    assert found < inference.probabilistic_sharpe(TABLE["c"])
    assert inference.trials_of(TABLE[["a"]]) == inference.Trials(1, 0.0, 1.0)


def test_annual_variances_are_refused() -> None:
    """A deflated Sharpe ratio fed with annual numbers is silently wrong in other libraries."""
    with pytest.raises(InputError, match=r"per bar, 0 to 1; received 1\.5 \(divide an annual one"):
        inference.deflated_sharpe(RETURNS, 10, 1.5)


def test_tables_are_labelled() -> None:
    family = inference.step_down(TABLE, 0.0, draws=199)
    assert list(family.index) == list("abcd")
    assert family["p_value"].idxmin() == "c"
    inside = inference.confidence_set(TABLE, draws=199)
    assert inside.loc["c"].tolist() == [1.0, True]
    assert inference.superior_ability(TABLE, 0.0, draws=199).best == 2
    benchmark = pd.Series(0.0, DAYS[::-1])
    assert inference.reality_check(TABLE, benchmark, draws=199) == inference.reality_check(TABLE, 0.0, draws=199)


def test_pairs_know_how_many_they_are() -> None:
    found = inference.pairwise_sharpes(TABLE, draws=199)
    assert len(found) == 6
    assert (found["adjusted"] >= found["p_value"]).all()
    one = inference.compare_sharpes(TABLE["a"], TABLE["c"], draws=199)
    row = found[(found["first"] == "a") & (found["second"] == "c")].iloc[0]
    assert (row["difference"], row["p_value"], row["bars"]) == (one.difference, one.p_value, 600)
    p = pd.Series([0.01, 0.04], ["x", "y"])
    assert inference.adjusted_p_values(p, "bonferroni").to_dict() == {"x": 0.02, "y": 0.08}


def test_series_are_matched_by_time() -> None:
    late = BENCHMARK[100:]
    found = inference.compare_sharpes(RETURNS, late, draws=99)
    assert found == inference.compare_sharpes(RETURNS[100:], late, draws=99)
    assert found.n == 500


def test_overfitting_of_a_table() -> None:
    found = inference.overfitting(TABLE, 8)
    assert found.probability < 0.1
    assert found.chosen.argmax() == 2


WRONG: dict[str, tuple[Any, str]] = {
    "level": (lambda: inference.intervals(RETURNS, level=95), "level: expected a number between 0 and 1; received 95"),
    "draws": (lambda: inference.intervals(RETURNS, draws=10), "draws: expected at least 99 resamples; received 10"),
    "block": (lambda: inference.compare_sharpes(RETURNS, BENCHMARK, block=0), "block: expected a length"),
    "error": (lambda: inference.probabilistic_sharpe(RETURNS, 0.0, "nw"), "unknown error 'nw'; known: hac"),  # type: ignore[arg-type]
    "method": (lambda: inference.sharpe_error(RETURNS, "hacc"), "did you mean 'hac'"),  # type: ignore[arg-type]
    "threshold": (lambda: inference.probabilistic_sharpe(np.ones(5), 1.0), "threshold: an annual ratio needs times"),
    "confidence": (lambda: inference.min_track_record_length(RETURNS, 0.0, 1.0), "confidence: expected a number"),
    "trials": (lambda: inference.deflated_sharpe(RETURNS, 0, 0.1), "trials: expected at least 1; received 0"),
    "sharpe": (lambda: inference.min_backtest_length(10, -1.0), "sharpe: expected an annual ratio above 0"),
    "blocks": (lambda: inference.overfitting(TABLE, 7), "blocks: expected an even number from 2 to 20; received 7"),
    "rows": (lambda: inference.overfitting(TABLE[:20], 16), "16 blocks need at least 32 rows; received 20"),
    "columns": (lambda: inference.overfitting(TABLE[["a"]]), "expected a table of at least 2 columns"),
    "infinite": (lambda: inference.confidence_set(TABLE / 0.0 + 1.0), "column 0 has an infinite value"),
    "gaps": (lambda: inference.confidence_set(TABLE * np.nan), "at least 10 rows in which every strategy"),
    "benchmark": (lambda: inference.step_down(TABLE, np.zeros(3)), "benchmark: expected one return a row, 600"),
    "p": (lambda: inference.adjusted_p_values(pd.Series([1.5])), "p_values: expected numbers from 0 to 1"),
    "control": (lambda: inference.adjusted_p_values(pd.Series([0.5]), "fdr"), "unknown control 'fdr'"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", WRONG)
def test_one_clear_error(name: str) -> None:
    call, message = WRONG[name]
    with pytest.raises(InputError) as caught:
        call()
    assert message in str(caught.value)


def test_the_list_is_sorted_and_each_says_where_it_comes_from() -> None:
    assert inference.__all__ == sorted(inference.__all__)
    for name in inference.__all__:
        assert inspect.getdoc(getattr(inference, name)), name


def test_importing_it_loads_no_compiler_and_no_scipy() -> None:
    script = "import sys, backtest.metrics; print([n for n in ('numba', 'scipy', 'arch') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"

"""Inference to the letter: defaults, arguments that are handed on, limits at which it refuses, and every message."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
import pytest

from backtest import stats
from backtest.errors import InputError
from backtest.metrics import inference
from backtest.metrics.inference.checks import choice, complete, resampling, share, table
from backtest.metrics.inference.uncertainty import per_bar
from backtest.metrics.series import track_of
from backtest.stats import inference as plain

RNG = np.random.default_rng(15)
MONTHS = pd.date_range("2010-01-31", periods=120, freq="ME")
VALUES = RNG.standard_t(5, 120) * 0.02 + 0.008
RETURNS = pd.Series(VALUES, MONTHS)
OTHER = pd.Series(0.5 * VALUES + RNG.normal(0.0, 0.01, 120), MONTHS)
TABLE = pd.DataFrame(RNG.normal(0.0, 0.01, (120, 4)) + np.array([0.0, 0.0, 0.003, 0.0]), MONTHS, list("abcd"))
CLOCK: dict[str, Any] = {"risk_free": 0.02, "periods_per_year": 12.0}
CASH = stats.per_period(0.02, 12.0)

OF_ONE: dict[str, Any] = {
    "sharpe_error": inference.sharpe_error,
    "aggregated_sharpe": inference.aggregated_sharpe,
    "probabilistic_sharpe": lambda returns, **options: inference.probabilistic_sharpe(returns, 0.3, **options),
    "min_track_record_length": lambda returns, **options: inference.min_track_record_length(returns, 0.3, **options),
    "deflated_sharpe": lambda returns, **options: inference.deflated_sharpe(returns, 5, 0.001, **options),
    "intervals": lambda returns, **options: inference.intervals(returns, draws=99, **options),
    "against": lambda returns, **options: inference.intervals(returns, OTHER[::-1], draws=99, **options),
    "compare_sharpes": lambda returns, **options: inference.compare_sharpes(returns, OTHER[::-1], draws=99, **options),
}


@pytest.mark.parametrize("name", OF_ONE)
def test_times_beside_an_array_are_the_times_of_a_series(name: str) -> None:
    call = OF_ONE[name]
    assert call(VALUES, times=MONTHS, risk_free=0.02) == call(RETURNS, risk_free=0.02)


@pytest.mark.parametrize("name", [name for name in OF_ONE if name not in ("aggregated_sharpe", "against")])
def test_cash_goes_by_the_periods_that_are_given(name: str) -> None:
    call = OF_ONE[name]
    found = call(RETURNS, **CLOCK)
    if name == "intervals":
        found = {each.metric.key: each.metric.value for each in found}
        assert found["sharpe"] == pytest.approx(stats.sharpe(VALUES - CASH, 12.0), rel=1e-12)
        annual = stats.cagr(stats.path_from_returns(VALUES), track_of(RETURNS).years)
        assert found["annual_return"] == pytest.approx(annual, rel=1e-12)
    elif name == "compare_sharpes":
        assert found == plain.sharpe_difference(VALUES - CASH, OTHER.to_numpy() - CASH, 0.95, 99, None, 0)
    else:
        ratio, excess = stats.sharpe(VALUES - CASH, 1.0), VALUES - CASH
        shape = plain.shape(excess)
        wanted = {
            "sharpe_error": lambda: plain.sharpe_error(excess, "hac") * math.sqrt(12.0),
            "probabilistic_sharpe": lambda: plain.probabilistic_sharpe(ratio, 120, *shape, 0.3 / math.sqrt(12.0)),
            "min_track_record_length": lambda: plain.min_track_record_length(ratio, *shape, 0.3 / math.sqrt(12.0)),
            "deflated_sharpe": lambda: plain.deflated_sharpe(ratio, 120, 5, 0.001, *shape),
        }[name]()
        assert found == pytest.approx(wanted, rel=1e-12)


def test_defaults_are_those_of_the_docstrings() -> None:
    assert inference.sharpe_error(RETURNS) == inference.sharpe_error(RETURNS, "hac")
    assert inference.probabilistic_sharpe(RETURNS) == inference.probabilistic_sharpe(RETURNS, 0.0, "moments")
    assert inference.min_track_record_length(RETURNS) == inference.min_track_record_length(RETURNS, 0.0, 0.95)
    assert inference.min_backtest_length(45) == inference.min_backtest_length(45, 1.0)
    assert inference.overfitting(TABLE).probability == inference.overfitting(TABLE, 16).probability
    assert inference.overfitting(TABLE).chosen.sum() == math.comb(16, 8)
    assert inference.trials_of(TABLE) == inference.trials_of(TABLE, "average_correlation")
    assert inference.adjusted_p_values(pd.Series([0.01, 0.02]))[0] == pytest.approx(0.01 * 2 * 1.5)  # by: × Σ 1/i


def test_a_backtest_of_five_years_and_45_trials_shows_a_ratio_of_one() -> None:
    """Bailey, Borwein, López de Prado and Zhu (2014): with five years no more than 45 independent trials."""
    assert inference.min_backtest_length(45) == pytest.approx(5.0, abs=0.1)
    assert inference.min_backtest_length(45, 0.5) == pytest.approx(4.0 * inference.min_backtest_length(45))
    assert inference.min_backtest_length(10, 2.0) == plain.min_backtest_length(10, 2.0)


def test_the_aggregated_ratio_takes_its_lags_as_said() -> None:
    ratio = stats.sharpe(VALUES, 1.0)
    gaps = np.append(VALUES, np.nan)
    automatic = plain.newey_west_lags(plain.autocovariances(VALUES))
    assert inference.aggregated_sharpe(gaps, 60) == pytest.approx(ratio * plain.aggregation_factor(VALUES, 60, None))
    assert inference.aggregated_sharpe(gaps, 61) == pytest.approx(
        ratio * plain.aggregation_factor(VALUES, 61, automatic)
    )
    assert inference.aggregated_sharpe(VALUES, 61, 3) == pytest.approx(ratio * plain.aggregation_factor(VALUES, 61, 3))
    assert plain.aggregation_factor(VALUES, 61, None) != plain.aggregation_factor(VALUES, 61, automatic)
    assert plain.aggregation_factor(VALUES, 60, None) != plain.aggregation_factor(VALUES, 60, automatic)


def test_the_aggregated_ratio_goes_by_the_bars_of_a_year_unless_told() -> None:
    assert math.isnan(inference.aggregated_sharpe(VALUES))
    assert inference.aggregated_sharpe(VALUES, 12) == pytest.approx(
        stats.sharpe(VALUES, 1.0) * plain.aggregation_factor(VALUES, 12, None)
    )
    assert inference.aggregated_sharpe(VALUES, periods_per_year=11.7) == inference.aggregated_sharpe(VALUES, 12)
    assert inference.aggregated_sharpe(VALUES, periods_per_year=0.1) == inference.aggregated_sharpe(VALUES, 1)
    assert math.isnan(inference.aggregated_sharpe([0.01], 100))


def test_trials_without_a_ratio_count_but_do_not_spread() -> None:
    values = TABLE.assign(flat=0.01)
    found, ratios = inference.trials_of(values), [stats.sharpe(TABLE[name].to_numpy(), 1.0) for name in TABLE]
    assert found.count == 5
    assert found.variance_per_bar == pytest.approx(np.var(ratios, ddof=1))
    two = inference.trials_of(TABLE[["a", "c"]])
    assert two.variance_per_bar == pytest.approx((ratios[0] - ratios[2]) ** 2 / 2.0)


def test_effective_trials_go_by_their_method() -> None:
    alike, methods = TABLE.assign(e=TABLE["a"] + 0.2 * TABLE["b"]), get_args(plain.Effective)
    found = {method: inference.trials_of(alike, method).effective for method in methods}
    assert found == {method: plain.effective_trials(alike.to_numpy(), method) for method in methods}
    assert len(set(found.values())) == len(methods)


def test_the_annual_luck_of_the_best() -> None:
    assert inference.expected_luck(10, 0.01, 4.0) == pytest.approx(2.0 * plain.luck(10, 0.01), rel=1e-15)
    assert inference.expected_luck(1, 0.0, 4.0) == 0.0


def test_halves_are_made_of_the_blocks_that_were_asked_for() -> None:
    two = TABLE[["a", "c"]]
    for blocks, rows in ((2, 120), (4, 8), (20, 40)):
        found = inference.overfitting(two[:rows], blocks)
        wanted = plain.overfitting(two.to_numpy()[:rows], blocks)
        assert (found.probability, found.chosen.tolist()) == (wanted.probability, wanted.chosen.tolist())
        assert found.chosen.sum() == math.comb(blocks, blocks // 2)


FAMILY: dict[str, Any] = {"draws": 150, "block": 7, "seed": 7}
LOW = 0.0025 + 0.1 * OTHER
EXCESS = np.ascontiguousarray(TABLE.to_numpy() - LOW.to_numpy()[:, None])


def test_families_hand_on_draws_blocks_and_seeds() -> None:
    given = (150, 7, 7)
    assert inference.reality_check(TABLE, LOW, **FAMILY) == plain.reality_check(EXCESS, *given)
    for studentise in ("each", "once"):
        options = {**FAMILY, "studentise": studentise}
        wanted = plain.superior_ability(EXCESS, *given, studentise)  # type: ignore[arg-type]
        assert inference.superior_ability(TABLE, LOW, **options) == wanted
        steps, found = plain.step_down(EXCESS, *given, studentise), inference.step_down(TABLE, LOW, **options)  # type: ignore[arg-type]
        assert found["statistic"].tolist() == steps.statistic.tolist()
        assert found["p_value"].tolist() == steps.p_value.tolist()
    for statistic in ("max", "range"):
        inside = plain.confidence_set(TABLE.to_numpy(), statistic, *given)  # type: ignore[arg-type]
        frame = inference.confidence_set(TABLE, 0.4, statistic, **FAMILY)  # type: ignore[arg-type]
        assert frame["p_value"].tolist() == inside.p_value.tolist()
        assert frame["inside"].tolist() == (inside.p_value > 0.4).tolist()
    assert inference.compare_sharpes(RETURNS, OTHER, level=0.8, **FAMILY) == plain.sharpe_difference(
        VALUES, OTHER.to_numpy(), 0.8, *given
    )
    assert inference.reality_check(TABLE, LOW.astype(object), **FAMILY) == inference.reality_check(TABLE, LOW, **FAMILY)


def test_what_is_handed_on_makes_a_difference() -> None:
    """So that what is not handed on is seen by the test above."""
    for function in (inference.reality_check, inference.superior_ability):
        found = [function(TABLE, LOW, **{**FAMILY, **other}).p_value for other in ({}, {"seed": 8}, {"block": 2})]
        assert len(set(found)) == 3, function.__name__
    once = inference.superior_ability(TABLE, LOW, **FAMILY, studentise="once")
    assert once.p_value != inference.superior_ability(TABLE, LOW, **FAMILY).p_value
    pairs = [inference.compare_sharpes(RETURNS, OTHER, draws=150, block=block).block for block in (None, 7)]
    assert pairs[0] != pairs[1]


def test_a_column_whose_p_value_is_alpha_is_outside() -> None:
    least = float(inference.confidence_set(TABLE, **FAMILY)["p_value"].min())
    table = inference.confidence_set(TABLE, least, **FAMILY)
    assert 0.0 < least < 1.0
    assert not table.loc[table["p_value"] == least, "inside"].any()


def test_families_have_defaults() -> None:
    """The usual number of draws, automatic blocks, seed 0: said outright, they change nothing."""
    same: dict[str, Any] = {"draws": stats.bootstrap.DRAWS, "block": None, "seed": 0}
    assert inference.reality_check(TABLE, LOW) == inference.reality_check(TABLE, LOW, **same)
    assert inference.superior_ability(TABLE, LOW) == inference.superior_ability(TABLE, LOW, studentise="each", **same)
    pd.testing.assert_frame_equal(
        inference.step_down(TABLE, 0.0), inference.step_down(TABLE, 0.0, studentise="each", **same)
    )
    pd.testing.assert_frame_equal(
        inference.confidence_set(TABLE), inference.confidence_set(TABLE, 0.1, "max", **same), check_exact=True
    )
    assert inference.compare_sharpes(RETURNS, OTHER) == inference.compare_sharpes(RETURNS, OTHER, level=0.95, **same)
    two = TABLE[["a", "b"]]
    pd.testing.assert_frame_equal(
        inference.pairwise_sharpes(two), inference.pairwise_sharpes(two, "by", risk_free_per_bar=0.0, **same)
    )
    assert inference.intervals(RETURNS) == inference.intervals(RETURNS, level=0.95, **same)


def test_pairs_are_compared_in_excess_of_cash() -> None:
    found = inference.pairwise_sharpes(TABLE, "holm", risk_free_per_bar=0.001, **FAMILY)
    assert found.columns.tolist() == ["first", "second", "difference", "error", "p_value", "adjusted", "bars"]
    assert list(zip(found["first"], found["second"], strict=True)) == [tuple(pair) for pair in _pairs("abcd")]
    for _, row in found.iterrows():
        mine, theirs = (TABLE[row[side]].to_numpy() - 0.001 for side in ("first", "second"))
        one = plain.sharpe_difference(mine, theirs, 0.95, 150, 7, 7)
        assert (row["difference"], row["error"], row["p_value"]) == (one.difference, one.error, one.p_value)
        assert row["bars"] == 120
    adjusted = plain.adjusted(found["p_value"].to_numpy(), "holm")
    assert found["adjusted"].tolist() == adjusted.tolist()


def _pairs(names: str) -> list[str]:
    return [a + b for i, a in enumerate(names) for b in names[i + 1 :]]


def test_adjusted_values_keep_their_labels_and_their_gaps() -> None:
    """Holm by hand: 0.01 × 2, then 0.04 × 1; what is no test is not counted."""
    given = pd.Series([0.04, np.nan, 0.01], ["x", "none", "y"])
    found = inference.adjusted_p_values(given, "holm")
    assert found.name == "adjusted"
    assert found.dropna().to_dict() == {"x": 0.04, "y": 0.02}
    assert math.isnan(found["none"])
    assert inference.adjusted_p_values(given.astype(object), "holm").dropna().to_dict() == {"x": 0.04, "y": 0.02}
    assert inference.adjusted_p_values([0.0, 1.0], "bonferroni").tolist() == [0.0, 1.0]  # type: ignore[arg-type]


def test_a_benchmark_may_be_a_number_an_array_or_a_series() -> None:
    low = TABLE - 0.001
    assert inference.reality_check(TABLE, 0.001, **FAMILY).p_value == pytest.approx(
        inference.reality_check(low, 0.0, **FAMILY).p_value
    )
    by_place = inference.reality_check(TABLE, OTHER.to_numpy(), **FAMILY)
    assert by_place == inference.reality_check(TABLE, OTHER[::-1], **FAMILY)
    assert inference.reality_check(TABLE[["c"]], 0.0, **FAMILY).best == 0


def test_an_estimate_is_said_in_words_and_in_annual_numbers() -> None:
    found = {each.metric.key: each for each in inference.intervals(RETURNS, OTHER, level=0.9, **FAMILY, **CLOCK)}
    detail = "150 draws, blocks of 7.0 bars on average, seed 7"
    assert found["sharpe"].metric.convention == f"90%: studentised stationary bootstrap, symmetric; {detail}"
    assert found["calmar"].metric.convention == (
        f"90%: range of stationary bootstrap resamples, no interval of a parameter; {detail}"
    )
    assert found["volatility"].metric.convention == (
        "90%: studentised bootstrap of GARCH residuals, each draw with storms of its own; 150 draws, seed 7"
    )
    line = "90%: normal, HAC errors (Newey–West or prewhitened quadratic spectral, the larger)"
    assert found["beta"].metric.convention == found["alpha"].metric.convention == line
    assert {each.level for each in found.values()} == {0.9}
    labels = {
        "annual_return": ("Annual return", "fraction"),
        "volatility": ("Volatility", "fraction"),
        "sharpe": ("Sharpe ratio", "ratio"),
        "sortino": ("Sortino ratio", "ratio"),
        "es_95": ("Expected shortfall, 95 %", "fraction"),
        "max_drawdown": ("Maximum drawdown", "fraction"),
        "calmar": ("Calmar ratio", "ratio"),
        "information_ratio": ("Information ratio", "ratio"),
        "tracking_error": ("Tracking error", "fraction"),
        "beta": ("Beta", "ratio"),
        "alpha": ("Alpha", "fraction"),
    }
    assert {key: (each.metric.label, each.metric.unit) for key, each in found.items()} == labels


def test_intervals_are_those_of_the_plain_functions() -> None:
    found = {each.metric.key: each for each in inference.intervals(RETURNS, OTHER, level=0.9, **FAMILY, **CLOCK)}
    years = track_of(RETURNS, 0.02, 12.0).years
    solo = plain.headline(VALUES, 12.0, years, CASH, 0.9, 0.05, 150, 7, 7).intervals
    keys = {"expected_shortfall": "es_95"}
    for key, wanted in solo.items():
        got = found[keys.get(key, key)]
        assert (got.metric.value, got.error, got.low, got.high) == _none(wanted), key
    active = plain.headline(VALUES - OTHER.to_numpy(), 12.0, years, 0.0, 0.9, 0.05, 150, 7, 7).intervals
    for key, name in (("information_ratio", "sharpe"), ("tracking_error", "volatility")):
        got = found[key]
        assert (got.metric.value, got.error, got.low, got.high) == _none(active[name]), key
    line = plain.line.line_intervals(VALUES - CASH, OTHER.to_numpy() - CASH, 0.9)
    for key, scale in (("beta", 1.0), ("alpha", 12.0)):
        got = found[key]
        assert (got.metric.value, got.error, got.low, got.high) == tuple(scale * each for each in line[key]), key


def _none(found: Any) -> tuple[float | None, ...]:
    return tuple(None if math.isnan(each) else each for each in found)


def test_annual_thresholds_need_a_year_and_zero_does_not() -> None:
    assert per_bar("threshold", 0.0, track_of(VALUES)) == 0.0
    assert per_bar("threshold", 0.5, track_of(VALUES, periods_per_year=0.25)) == 1.0
    assert per_bar("threshold", -6.0, track_of(VALUES, periods_per_year=4.0)) == -3.0


def test_limits_that_are_still_allowed() -> None:
    share("level", 1e-9)
    share("level", 1.0 - 1e-9)
    resampling(99, 1.0)
    resampling(99, None)
    assert complete(np.vstack((np.zeros((10, 2)), np.full((3, 2), np.nan)))).shape == (10, 2)
    assert complete(np.zeros((10, 2))).flags.c_contiguous
    assert table(pd.DataFrame({"a": [1, 2]}), 1).dtype == np.float64
    assert table(pd.DataFrame({"a": [1.0], "b": [np.nan]})).shape == (1, 2)
    assert inference.deflated_sharpe(RETURNS, 1, 1.0) == inference.deflated_sharpe(RETURNS, 1.0, 1.0)
    assert 0.0 < inference.deflated_sharpe(RETURNS, 1.5, 1.0) < 1.0


MESSAGES: list[tuple[Any, str]] = [
    *(
        (lambda value=value: share("alpha", value), f"alpha: expected a number between 0 and 1; received {value}")
        for value in (0.0, 1.0, -0.5)
    ),
    (
        lambda: choice("side", "lft", Literal["left", "right"]),
        "unknown side 'lft'; known: left, right; did you mean 'left'?",
    ),
    (lambda: resampling(98, None), "draws: expected at least 99 resamples; received 98"),
    (lambda: resampling(99, 0.5), "block: expected a length of at least 1 bar; received 0.5"),
    (lambda: resampling(99, math.nan), "block: expected a length of at least 1 bar; received nan"),
    (
        lambda: table(pd.DataFrame({"a": [1.0]})),
        "returns: expected a table of at least 2 columns; received shape (1, 1)",
    ),
    (
        lambda: table(pd.Series([1.0, 2.0]), 1),  # type: ignore[arg-type]
        "returns: expected a table of at least 1 columns; received shape (2,)",
    ),
    (
        lambda: table(pd.DataFrame({"a": [1.0, 2.0], "b": [np.inf, 1.0]})),
        "returns: column 1 has an infinite value",
    ),
    (
        lambda: complete(np.zeros((9, 2))),
        "returns: expected at least 10 rows in which every strategy has a return; found 9 of 9",
    ),
    (
        lambda: inference.trials_of(TABLE, "entrop"),  # type: ignore[arg-type]
        "unknown method 'entrop'; known: average_correlation, entropy, participation; did you mean 'entropy'?",
    ),
    (
        lambda: inference.sharpe_error(RETURNS, "normals"),  # type: ignore[arg-type]
        "unknown method 'normals'; known: hac, moments, normal; did you mean 'normal'?",
    ),
    (
        lambda: inference.probabilistic_sharpe(RETURNS, 0.0, "moment"),  # type: ignore[arg-type]
        "unknown error 'moment'; known: hac, moments, normal; did you mean 'moments'?",
    ),
    (
        lambda: inference.probabilistic_sharpe(VALUES, 1.0),
        "threshold: an annual ratio needs times or periods_per_year; neither times nor periods_per_year given",
    ),
    (
        lambda: inference.min_track_record_length(VALUES, 1.0),
        "threshold: an annual ratio needs times or periods_per_year; neither times nor periods_per_year given",
    ),
    (
        lambda: inference.min_track_record_length(RETURNS, 0.0, 0.0),
        "confidence: expected a number between 0 and 1; received 0.0",
    ),
    (lambda: inference.min_backtest_length(0.5), "trials: expected at least 1; received 0.5"),
    (
        lambda: inference.min_backtest_length(5, 0.0),
        "sharpe: expected an annual ratio above 0; received 0.0",
    ),
    (
        lambda: inference.expected_luck(5, -0.1, 252),
        "variance_per_bar: expected the variance of Sharpe ratios per bar, 0 to 1; received -0.1 (divide an annual one "
        "by the bars in a year)",
    ),
    *(
        (
            lambda blocks=blocks: inference.overfitting(TABLE, blocks),
            f"blocks: expected an even number from 2 to 20; received {blocks}",
        )
        for blocks in (0, 3, 22)
    ),
    (
        lambda: inference.overfitting(TABLE[:15], 8),
        "blocks: 8 blocks need at least 16 rows; received 15",
    ),
    (
        lambda: inference.adjusted_p_values(pd.Series([-0.1])),
        "p_values: expected numbers from 0 to 1",
    ),
    (
        lambda: inference.adjusted_p_values(pd.Series([0.1]), "holms"),  # type: ignore[arg-type]
        "unknown control 'holms'; known: bh, bonferroni, by, holm; did you mean 'holm'?",
    ),
    (
        lambda: inference.pairwise_sharpes(TABLE, "holms"),  # type: ignore[arg-type]
        "unknown control 'holms'; known: bh, bonferroni, by, holm; did you mean 'holm'?",
    ),
    *(
        (
            lambda function=function: function(TABLE, 0.0, studentise="ones"),
            "unknown studentise 'ones'; known: each, once; did you mean 'once'?",
        )
        for function in (inference.superior_ability, inference.step_down)
    ),
    (
        lambda: inference.confidence_set(TABLE, 0.1, "rang"),  # type: ignore[arg-type]
        "unknown statistic 'rang'; known: max, range; did you mean 'range'?",
    ),
    (
        lambda: inference.confidence_set(TABLE, 1.0),
        "alpha: expected a number between 0 and 1; received 1.0",
    ),
    (
        lambda: inference.step_down(TABLE, np.zeros((120, 1))),
        "benchmark: expected one return a row, 120; received shape (120, 1)",
    ),
    *(
        (call, "draws: expected at least 99 resamples; received 9")
        for call in (
            lambda: inference.intervals(RETURNS, draws=9),
            lambda: inference.compare_sharpes(RETURNS, OTHER, draws=9),
            lambda: inference.pairwise_sharpes(TABLE, draws=9),
            lambda: inference.reality_check(TABLE, 0.0, draws=9),
            lambda: inference.superior_ability(TABLE, 0.0, draws=9),
            lambda: inference.step_down(TABLE, 0.0, draws=9),
            lambda: inference.confidence_set(TABLE, draws=9),
        )
    ),
    *(
        (call, "block: expected a length of at least 1 bar; received 0")
        for call in (
            lambda: inference.intervals(RETURNS, block=0),
            lambda: inference.compare_sharpes(RETURNS, OTHER, block=0),
            lambda: inference.pairwise_sharpes(TABLE, block=0),
            lambda: inference.reality_check(TABLE, 0.0, block=0),
            lambda: inference.superior_ability(TABLE, 0.0, block=0),
            lambda: inference.step_down(TABLE, 0.0, block=0),
            lambda: inference.confidence_set(TABLE, block=0),
        )
    ),
    *(
        (call, "level: expected a number between 0 and 1; received 1.0")
        for call in (
            lambda: inference.intervals(RETURNS, level=1.0),
            lambda: inference.compare_sharpes(RETURNS, OTHER, level=1.0),
        )
    ),
]


@pytest.mark.parametrize(("call", "message"), MESSAGES)
def test_a_message_says_what_where_received_and_allowed(call: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == message

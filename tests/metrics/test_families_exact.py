"""Inference on many series to the letter: defaults, and arguments that are handed on."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
import pandas as pd
import pytest

from backtest import stats
from backtest.metrics import inference
from backtest.stats import inference as plain

from .samples import FAMILY, OTHER, RETURNS, TABLE, VALUES


def test_halves_are_made_of_the_blocks_that_were_asked_for() -> None:
    two = TABLE[["a", "c"]]
    most = 10 if numba.config.DISABLE_JIT else 20  # type: ignore[attr-defined]  # 184,756 halves take plain Python long
    for blocks, rows in ((2, 120), (4, 8), (most, 40)):
        found = inference.overfitting(two[:rows], blocks)
        wanted = plain.overfitting(two.to_numpy()[:rows], blocks)
        assert (found.probability, found.chosen.tolist()) == (wanted.probability, wanted.chosen.tolist())
        assert found.chosen.sum() == math.comb(blocks, blocks // 2)


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
    table, low, returns = TABLE[:40], LOW[:40], RETURNS[:40]
    assert inference.reality_check(table, low) == inference.reality_check(table, low, **same)
    assert inference.superior_ability(table, low) == inference.superior_ability(table, low, studentise="each", **same)
    pd.testing.assert_frame_equal(
        inference.step_down(table, 0.0), inference.step_down(table, 0.0, studentise="each", **same)
    )
    pd.testing.assert_frame_equal(
        inference.confidence_set(table), inference.confidence_set(table, 0.1, "max", **same), check_exact=True
    )
    assert inference.compare_sharpes(returns, OTHER) == inference.compare_sharpes(returns, OTHER, level=0.95, **same)
    two = table[["a", "b"]]
    pd.testing.assert_frame_equal(
        inference.pairwise_sharpes(two), inference.pairwise_sharpes(two, "by", risk_free_per_bar=0.0, **same)
    )
    assert inference.intervals(returns) == inference.intervals(returns, level=0.95, **same)


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

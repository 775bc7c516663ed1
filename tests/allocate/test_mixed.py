"""A blend is the weighted mean of its parts, however they are written."""

from __future__ import annotations

import json

import numpy as np
import pytest

from backtest.allocate import AllocationChoice, allocate
from backtest.allocate.methods.mixed import Mixed
from backtest.errors import AllocationError, InputError

RETURNS = np.random.default_rng(11).normal(0.0005, [0.01, 0.02, 0.03, 0.015], (300, 4))
CALM = {"method": "inverse_volatility", "lookback": 60}


def alone(method: str, **parameters: object) -> np.ndarray:
    return allocate(method, returns=RETURNS, **parameters).weights


def blend(*parts: object, **others: object) -> np.ndarray:
    return allocate("mixed", returns=RETURNS, of=parts, **others).weights


def test_shares_are_in_proportion() -> None:
    calm = alone("inverse_volatility", lookback=60)
    np.testing.assert_allclose(blend("equal_weight", CALM), (0.25 + calm) / 2, rtol=1e-14)
    np.testing.assert_allclose(blend("equal_weight", {**CALM, "weight": 3}), (0.25 + 3 * calm) / 4, rtol=1e-14)
    np.testing.assert_array_equal(Mixed(of=["equal_weight", {**CALM, "weight": 3}]).shares, [0.25, 0.75])


def test_one_part_is_that_part() -> None:
    np.testing.assert_array_equal(blend({**CALM, "weight": 7}), alone("inverse_volatility", lookback=60))


def test_each_part_looks_at_its_own_lookback() -> None:
    """The longest lookback says how many returns the blend wants; the shorter part does not see more for it."""
    parts = (CALM, {"method": "inverse_volatility", "lookback": 250})
    assert Mixed(of=parts).wants_returns == 250
    expected = (alone("inverse_volatility", lookback=60) + alone("inverse_volatility", lookback=250)) / 2
    np.testing.assert_allclose(blend(*parts), expected, rtol=1e-14)


def test_a_blend_of_blends() -> None:
    inner = {"method": "mixed", "of": ["equal_weight", CALM]}
    np.testing.assert_allclose(blend(inner, "equal_weight"), 0.25 * 0.75 + 0.25 * alone(**CALM), rtol=1e-14)


def test_cash_of_a_part_stays_cash() -> None:
    parts = ({"method": "fixed", "weights": {"0": 0.4}}, CALM)
    found = blend(*parts)
    assert found.sum() == pytest.approx(0.7, abs=1e-15)
    np.testing.assert_allclose(found, (np.array([0.4, 0, 0, 0]) + alone(**CALM)) / 2, rtol=1e-14)


def test_a_part_that_nothing_beats_cash_for_leaves_its_share_in_cash() -> None:
    falling = RETURNS - 0.02
    answer = allocate("mixed", returns=falling, of=["max_sharpe", CALM], periods_per_year=252)
    calm = allocate(returns=falling, **CALM).weights
    np.testing.assert_allclose(answer.weights, calm / 2, rtol=1e-14)
    assert answer.status == "max_sharpe: nothing beats cash"
    assert answer.warnings == ("max_sharpe: nothing beats cash: everything stays in cash",)
    both = allocate("mixed", returns=falling, of=["max_sharpe", "max_sharpe"], periods_per_year=252)
    assert not both.weights.any()
    tilted = allocate("momentum_tilt", returns=falling, base="max_sharpe", periods_per_year=252)
    assert not tilted.weights.any()
    assert tilted.status == "nothing beats cash"


def test_parts_with_and_without_cash_keep_their_own_ways() -> None:
    """Kelly may hold cash; minimum variance beside it stays fully invested."""
    kelly = {"method": "kelly", "fraction": 0.05}
    mixed = allocate("mixed", returns=RETURNS, of=[kelly, "min_variance"], periods_per_year=252)
    parts = [allocate(returns=RETURNS, periods_per_year=252, **part) for part in (kelly, {"method": "min_variance"})]
    np.testing.assert_allclose(mixed.weights, (parts[0].weights + parts[1].weights) / 2, rtol=1e-14)
    assert parts[0].weights.sum() < 0.999
    assert mixed.status == "ok"


def test_the_blend_obeys_constraints() -> None:
    capped = blend("equal_weight", CALM, constraints={"max_weight": 0.27})
    assert capped.max() <= 0.27 + 1e-12
    assert capped.sum() == pytest.approx(1.0, abs=1e-12)
    assert blend("equal_weight", CALM).max() > 0.27


def test_what_parts_say_is_told_with_their_names() -> None:
    gaps = RETURNS.copy()
    gaps[100:, 2] = np.nan
    answer = allocate("mixed", returns=gaps, of=["equal_weight", CALM])
    assert answer.warnings == ("inverse_volatility: without weight for lack of data: 2",)
    assert answer.left_out == ()  # the equal weights still hold it
    assert answer.weights[2] == pytest.approx(0.125)
    assert allocate("mixed", returns=gaps, of=[CALM]).left_out == ("2",)


def test_parts_of_the_same_name_are_numbered() -> None:
    gaps = RETURNS.copy()
    gaps[280:, 2] = np.nan
    answer = allocate("mixed", returns=gaps, of=[{**CALM, "min_observations": 50}, CALM])
    assert answer.warnings == tuple(f"inverse_volatility ({k}): without weight for lack of data: 2" for k in (1, 2))


def test_a_part_that_gives_up_is_named() -> None:
    with pytest.raises(AllocationError, match="inverse_volatility: nothing to hold"):
        allocate("mixed", returns=np.zeros((300, 2)), of=["equal_weight", CALM])
    saved = allocate("mixed", returns=np.zeros((300, 2)), of=["equal_weight", CALM], fallback=["equal_weight"])
    np.testing.assert_array_equal(saved.weights, [0.5, 0.5])
    assert saved.status.startswith("fell back to equal_weight")


def test_written_and_read_again() -> None:
    choice = AllocationChoice(method="mixed", of=["equal_weight", {**CALM, "weight": 3}])
    written = choice.model_dump(mode="json")
    assert written["of"][0] == {"method": "equal_weight", "weight": 1.0}
    assert written["of"][1]["weight"] == 3.0
    assert AllocationChoice.model_validate_json(json.dumps(written), strict=True) == choice


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([], "at least one method"),
        (["luck"], "unknown allocation method 'luck'"),
        ([{"weight": 1.0}], "no method"),
        ([{**CALM, "weight": 0.0}], "out of range; received 0.0; allowed: > 0"),
        ([{**CALM, "lookbak": 3}], "lookbak"),
    ],
)
def test_wrong_parts(parts: list[object], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        blend(*parts)
    assert str(caught.value).count("\n") == 0

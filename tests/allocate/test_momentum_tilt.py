"""Momentum tilt against the published multiplier worked by hand, and against its base."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.allocate import allocate
from backtest.allocate.methods.momentum_tilt import multipliers
from backtest.errors import AllocationError, InputError

ALL = np.ones(3, np.bool_)
RISING = np.array([[0.10, 0.00, -0.10], [0.10, 0.00, -0.10], [-0.5, 0.0, 0.9]])  # the last row is skipped
SHORT = {"lookback": 3, "skip": 1}


def test_the_published_score() -> None:
    """MSCI Momentum Indexes Methodology (September 2014), 2.2.2: 1 + Z above 0, (1 − Z)⁻¹ below, Z cut at ±3.

    Of (1, 0, −1) the standard scores are ±√1.5, by hand.
    """
    z = np.sqrt(1.5)
    np.testing.assert_allclose(multipliers(np.array([1.0, 0.0, -1.0]), ALL, 1.0), [1 + z, 1.0, 1 / (1 + z)], rtol=1e-14)
    one = np.zeros(30)
    one[0] = 1.0  # z = √29 > 3
    assert multipliers(one, np.ones(30, np.bool_), 1.0)[0] == 4.0


def test_weights_are_base_times_score() -> None:
    answer = allocate("momentum_tilt", returns=RISING, **SHORT)
    momentum = np.array([0.21, 0.0, -0.19])
    z = (momentum - momentum.mean()) / momentum.std()
    score = np.where(z > 0, 1 + z, 1 / (1 - z))
    np.testing.assert_allclose(answer.weights, score / score.sum(), rtol=1e-13)
    assert answer.weights[0] > 1 / 3 > answer.weights[2]


def test_skipped_returns_do_not_count() -> None:
    other = RISING.copy()
    other[-1] = [0.3, 0.2, -0.4]
    one, two = (allocate("momentum_tilt", returns=each, **SHORT).weights for each in (RISING, other))
    np.testing.assert_array_equal(one, two)
    assert (allocate("momentum_tilt", returns=RISING, lookback=3, skip=0).weights != one).any()


def test_no_strength_is_the_base() -> None:
    base = {"method": "inverse_volatility", "lookback": 3}
    tilted = allocate("momentum_tilt", returns=RISING[:, ::2], base=base, strength=0.0, **SHORT)
    plain = allocate("inverse_volatility", returns=RISING[:, ::2], lookback=3)
    np.testing.assert_allclose(tilted.weights, plain.weights, rtol=1e-15)


def test_more_strength_leans_further() -> None:
    largest = [allocate("momentum_tilt", returns=RISING, strength=s, **SHORT).weights[0] for s in (0.0, 0.5, 1.0, 4.0)]
    assert largest == sorted(largest)
    assert largest[-1] > largest[0] + 0.3


def test_cash_of_the_base_stays_cash() -> None:
    base = {"method": "fixed", "weights": {"0": 0.3, "2": 0.2}}
    answer = allocate("momentum_tilt", returns=RISING, base=base, **SHORT)
    assert answer.weights.sum() == pytest.approx(0.5, abs=1e-15)
    assert answer.weights[0] > 0.3
    assert answer.weights[1] == 0.0


def test_equal_momentum_and_one_symbol_are_the_base() -> None:
    flat = np.full((3, 4), 0.01)
    np.testing.assert_allclose(allocate("momentum_tilt", returns=flat, **SHORT).weights, np.full(4, 0.25), rtol=1e-15)
    np.testing.assert_array_equal(allocate("momentum_tilt", returns=RISING[:, :1], **SHORT).weights, [1.0])


def test_an_unknown_momentum_is_neutral_and_named() -> None:
    gaps = np.hstack([RISING, np.full((3, 1), np.nan)])
    answer = allocate("momentum_tilt", returns=gaps, **SHORT)
    assert answer.warnings == ("without a tilt for lack of data: 3",)
    assert answer.weights[1] < answer.weights[0]
    known = allocate("momentum_tilt", returns=RISING, **SHORT).weights
    np.testing.assert_allclose(answer.weights[:3] / answer.weights[:3].sum(), known, rtol=1e-13)
    assert answer.weights.sum() == pytest.approx(1.0, abs=1e-15)


def test_order_of_symbols_does_not_matter() -> None:
    returns = np.random.default_rng(3).normal(0.001, 0.02, (260, 6))
    order = np.array([3, 1, 5, 0, 2, 4])
    plain, moved = (allocate("momentum_tilt", returns=r).weights for r in (returns, returns[:, order]))
    np.testing.assert_allclose(moved, plain[order], rtol=1e-12)


def test_a_base_that_gives_up_is_named() -> None:
    with pytest.raises(AllocationError, match="inverse_volatility: nothing to hold"):
        allocate(
            "momentum_tilt", returns=np.zeros((3, 2)), base={"method": "inverse_volatility", "lookback": 3}, **SHORT
        )


@pytest.mark.parametrize("wrong", [{"lookback": 21}, {"strength": -1.0}, {"base": "luck"}, {"skip": -1}])
def test_wrong_parameters(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        allocate("momentum_tilt", returns=np.zeros((300, 2)), **wrong)

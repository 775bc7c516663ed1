from __future__ import annotations

import numpy as np
import pytest

from backtest.stats import Drawdown, drawdowns, max_drawdown, path_from_returns, underwater

from .golden import case


def test_published_drawdown_function() -> None:
    inputs, expected, tolerance = case("stats_drawdown", "mdd_steiner_equity_curve")
    np.testing.assert_allclose(-underwater(inputs["prices"]), expected["drawdowns"], atol=tolerance)
    fall = max_drawdown(inputs["prices"])
    assert fall == Drawdown(-expected["mdd"], peak=3, valley=7, recovery=13)
    depths = [round(-found.depth, 6) for found in drawdowns(inputs["prices"])]
    assert depths == [0.333333, 0.5, 0.2]


def test_published_maximum_of_returns() -> None:
    inputs, expected, tolerance = case("stats_drawdown", "bacon_mdd")
    fall = max_drawdown(path_from_returns(inputs["returns"]))
    assert fall is not None
    assert -fall.depth == pytest.approx(expected, abs=tolerance)


def test_published_maximum_with_the_start_as_a_peak() -> None:
    inputs, expected, tolerance = case("stats_drawdown", "empyrical_max_drawdown")
    for name, depth in expected.items():
        fall = max_drawdown(path_from_returns(inputs[name]))
        assert (0.0 if fall is None else fall.depth) == pytest.approx(depth, abs=tolerance)


def test_loss_in_the_first_bar_counts_and_stays_open() -> None:
    assert drawdowns(np.array([100.0, 90.0, 95.0])) == [Drawdown(pytest.approx(-0.1), 0, 1, None)]


def test_recovery_is_the_first_place_back_at_the_peak() -> None:
    path = np.array([100.0, 120.0, 90.0, 120.0, 120.0, 110.0, 130.0])
    found = drawdowns(path)
    assert [(fall.peak, fall.valley, fall.recovery) for fall in found] == [(1, 2, 3), (4, 5, 6)]
    assert max_drawdown(path) == found[0]


@pytest.mark.parametrize("path", [np.array([100.0]), np.array([1.0, 1.0, 1.0]), np.array([1.0, 2.0])])
def test_never_fell(path: np.ndarray) -> None:
    assert max_drawdown(path) is None
    assert drawdowns(path) == []


def test_loss_beyond_everything() -> None:
    fall = max_drawdown(np.array([100.0, 50.0, -10.0, -10.0]))
    assert fall == Drawdown(pytest.approx(-1.1), 0, 2, None)


def test_maximum_is_the_deepest_episode_of_random_walks() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        path = path_from_returns(rng.normal(0.0, 0.02, 200))
        deepest = min(drawdowns(path), key=lambda fall: fall.depth)
        assert max_drawdown(path) == deepest

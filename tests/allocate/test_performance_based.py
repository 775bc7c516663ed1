"""Performance-based weights against published ratios, hand sums, and what happens when nothing did well."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from backtest.allocate import allocate
from backtest.allocate.methods.performance_based import NOTHING, profit_factor, shares, sharpe, total_return, win_rate
from backtest.errors import AllocationError, InputError

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "allocate_performance.json").read_text())
GOOD, FAIR, BAD = [0.04, -0.01, 0.03, 0.02], [0.02, -0.01, 0.02, -0.01], [-0.02, 0.01, -0.02, -0.01]
RETURNS = np.array([GOOD, FAIR, BAD]).T


def weights(**parameters: object) -> np.ndarray:
    return allocate("performance_based", returns=RETURNS, lookback=4, **parameters).weights


def column(values: list[float]) -> np.ndarray:
    return np.array(values).reshape(-1, 1)


def test_the_published_sharpe_ratio() -> None:
    case = GOLDEN["sharpe_annual_12obs"]
    found = sharpe(column(case["inputs"]["returns"]), case["inputs"]["rf"])
    assert found[0] == pytest.approx(case["expected"], abs=case["tolerance"]["abs"])


@pytest.mark.parametrize("name", ["positive", "negative"])
def test_empyrical_sharpe_ratios(name: str) -> None:
    """Theirs are annual: × √252."""
    case = GOLDEN["empyrical_sharpe"]
    found = sharpe(column(case["inputs"][name])) * np.sqrt(252)
    assert found[0] == pytest.approx(case["expected"][name], rel=case["tolerance"]["rel"])


def test_empyrical_total_return() -> None:
    """Their annual return is what compounding gives, to the power of weeks a year / weeks."""
    case = GOLDEN["empyrical_annual_return"]
    grown = 1.0 + total_return(column(case["inputs"]["weekly"]))
    assert grown[0] ** (52 / 9) - 1.0 == pytest.approx(case["expected"][1], rel=case["tolerance"]["rel"])


def test_hand_sums() -> None:
    """Gains of 15,000 over losses of 5,000 are a profit factor of 3 (the textbook example); 3 of 5 won."""
    assert profit_factor(column([9_000.0, -4_000.0, 6_000.0, -1_000.0]))[0] == 3.0
    assert win_rate(column([0.1, -0.1, 0.2, 0.0, 0.1]))[0] == 0.6


def test_weights_are_shares_of_the_scores() -> None:
    np.testing.assert_allclose(weights(by="win_rate"), np.array([3, 2, 1]) / 6, rtol=1e-14)
    factors = np.array([9.0, 2.0, 0.2])
    np.testing.assert_allclose(weights(by="profit_factor"), factors / factors.sum(), rtol=1e-13)
    gained = total_return(RETURNS)[:2]
    np.testing.assert_allclose(weights(by="return"), [*(gained / gained.sum()), 0.0], rtol=1e-13)
    ratios = RETURNS.mean(axis=0)[:2] / RETURNS.std(axis=0, ddof=1)[:2]
    np.testing.assert_allclose(weights(), [*(ratios / ratios.sum()), 0.0], rtol=1e-13)


def test_a_floor_is_a_share_of_the_equal_weight() -> None:
    for by in ("sharpe", "return"):
        plain, lifted = weights(by=by), weights(by=by, floor=0.3)
        np.testing.assert_allclose(lifted, 0.3 / 3 + 0.7 * plain, rtol=1e-14)
        assert lifted.min() == pytest.approx(0.1)
    np.testing.assert_allclose(weights(floor=1.0), np.full(3, 1 / 3), rtol=1e-14)


def test_when_nothing_did_well_weights_are_equal_and_the_answer_says_so() -> None:
    answer = allocate("performance_based", returns=-np.abs(RETURNS), lookback=4)
    np.testing.assert_array_equal(answer.weights, np.full(3, 1 / 3))
    assert answer.status == NOTHING
    assert answer.warnings == (f"{NOTHING}: equal weights",)


def test_columns_without_a_loss_share_equally() -> None:
    returns = np.column_stack([np.abs(RETURNS[:, 0]), np.abs(RETURNS[:, 1]), RETURNS[:, 2]])
    answer = allocate("performance_based", returns=returns, lookback=4, by="profit_factor", floor=0.3)
    np.testing.assert_allclose(answer.weights, [0.45, 0.45, 0.1], rtol=1e-14)


def test_the_risk_free_rate_is_taken_off_per_return() -> None:
    answer = allocate("performance_based", returns=RETURNS, lookback=4, risk_free=2.52, periods_per_year=252)
    ratios = (RETURNS.mean(axis=0) - 0.01) / RETURNS.std(axis=0, ddof=1)
    np.testing.assert_allclose(answer.weights, shares(ratios), rtol=1e-12)
    assert answer.weights[0] > weights()[0]
    with pytest.raises(InputError, match="periods_per_year is needed"):
        allocate("performance_based", returns=RETURNS, lookback=4, risk_free=0.02)


def test_what_has_no_data_gets_nothing_and_is_named() -> None:
    gaps = RETURNS.copy()
    gaps[:2, 0] = np.nan
    answer = allocate("performance_based", returns=gaps, lookback=4, by="win_rate", floor=0.5)
    np.testing.assert_allclose(answer.weights, [0.0, 0.25 + 0.5 * 2 / 3, 0.25 + 0.5 / 3], rtol=1e-14)
    assert answer.left_out == ("0",)
    with pytest.raises(AllocationError, match="nothing to hold"):
        allocate("performance_based", returns=np.full((4, 2), np.nan), lookback=4)


def test_scores_need_returns() -> None:
    with pytest.raises(InputError, match="returns are needed"):
        allocate("performance_based", covariance=np.eye(3))


@pytest.mark.parametrize("wrong", [{"by": "luck"}, {"floor": 1.1}, {"floor": -0.1}])
def test_wrong_parameters(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        weights(**wrong)


@pytest.mark.parametrize(
    ("by", "score"),
    [("sharpe", sharpe), ("win_rate", win_rate), ("profit_factor", profit_factor), ("return", total_return)],
)
def test_missing_returns_are_not_counted(by: str, score: Callable[..., np.ndarray]) -> None:
    returns = np.random.default_rng(0).normal(0.002, 0.01, (40, 2))
    returns[[3, 7, 20], 0] = np.nan
    found = allocate("performance_based", returns=returns, lookback=40, by=by).weights
    seen = np.array([score(column(one[~np.isnan(one)].tolist()))[0] for one in returns.T])
    np.testing.assert_allclose(found, np.maximum(seen, 0.0) / np.maximum(seen, 0.0).sum(), rtol=1e-12)

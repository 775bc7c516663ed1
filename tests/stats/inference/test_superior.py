from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from backtest.stats.bootstrap import stationary_rows
from backtest.stats.inference import (
    confidence_set,
    long_run_variance,
    reality_check,
    step_down,
    superior_ability,
)

RNG = np.random.default_rng(6)
SCALE = np.array([0.5, 1.0, 2.0, 1.0, 3.0, 1.0])
D = RNG.standard_t(5, (150, 6)) * SCALE + np.array([0.1, 0.05, 0.1, -0.6, 0.0, 0.2])
DRAWS, BLOCK, SEED = 400, 4.0, 2


def resampled() -> np.ndarray:
    """√n × the means of each resample, `(B, K)`, made of the rows themselves."""
    return math.sqrt(150) * D[stationary_rows(150, BLOCK, DRAWS, SEED).rows].mean(axis=1)


ROOT = math.sqrt(150) * D.mean(axis=0)
OMEGA = np.sqrt([long_run_variance(column, "resampled", BLOCK) for column in D.T])


def test_whites_reality_check_by_hand() -> None:
    found = reality_check(D, DRAWS, BLOCK, SEED)
    assert found.statistic == pytest.approx(ROOT.max())
    assert found.p_value == (1 + ((resampled() - ROOT).max(axis=1) >= ROOT.max()).sum()) / (1 + DRAWS)
    assert found.best == int(ROOT.argmax())


def own_errors() -> np.ndarray:
    """√n × the error of each resampled mean, from the sums over its blocks."""
    rows, restart = stationary_rows(150, BLOCK, DRAWS, SEED)
    out = []
    for each, again in zip(rows, restart, strict=True):
        sums = np.add.reduceat(D[each] - D[each].mean(axis=0), np.flatnonzero(again), axis=0)
        out.append(np.sqrt((sums**2).sum(axis=0) / 150))
    return np.array(out)


@pytest.mark.parametrize("studentise", ["each", "once"])
def test_hansens_test_by_hand(studentise: Any) -> None:
    scale = OMEGA if studentise == "once" else own_errors()
    found = superior_ability(D, DRAWS, BLOCK, SEED, studentise)
    t = ROOT / OMEGA
    keep = t >= -math.sqrt(2 * math.log(math.log(150)))
    assert not keep.all(), "the case has a strategy that is clearly worse"
    centres = (np.where(keep, ROOT, 0.0), np.maximum(ROOT, 0.0), ROOT)
    for centre, p in zip(centres, (found.p_value, found.lower, found.upper), strict=True):
        largest = np.maximum((resampled() - centre) / scale, 0.0).max(axis=1)
        assert p == (1 + (largest >= t.max()).sum()) / (1 + DRAWS)
    assert found.lower <= found.p_value <= found.upper


@pytest.mark.parametrize("studentise", ["each", "once"])
def test_step_down_by_hand(studentise: Any) -> None:
    scale = OMEGA if studentise == "once" else own_errors()
    found = step_down(D, DRAWS, BLOCK, SEED, studentise)
    t, z = ROOT / OMEGA, (resampled() - ROOT) / scale
    order, p, before = np.argsort(-t), np.empty(6), 0.0
    for place, column in enumerate(order):
        before = max(before, (1 + (z[:, order[place:]].max(axis=1) >= t[column]).sum()) / (1 + DRAWS))
        p[column] = before
    assert found.p_value == pytest.approx(p)
    assert found.statistic == pytest.approx(t)


def test_a_clear_winner_is_found_by_all() -> None:
    returns = RNG.normal(size=(300, 5))
    returns[:, 2] += 0.5
    assert reality_check(returns, 299).p_value < 0.01
    assert superior_ability(returns, 299).best == 2
    assert superior_ability(returns, 299).p_value < 0.01
    family = step_down(returns, 299)
    assert family.p_value[2] < 0.01
    assert np.delete(family.p_value, 2).min() > 0.05
    for statistic in ("max", "range"):
        inside = confidence_set(returns, statistic, 299).p_value > 0.1  # type: ignore[arg-type]
        assert inside.tolist() == [False, False, True, False, False]


def test_bad_strategies_blunt_white_but_not_hansen() -> None:
    good = 0.2 + RNG.normal(size=(250, 1))
    alone = np.hstack([good, RNG.normal(size=(250, 1)) * 0.5])
    crowded = np.hstack([alone, RNG.normal(size=(250, 60)) * 3.0 - 1.5])
    assert reality_check(crowded, 199, 2.0).p_value > 5 * reality_check(alone, 199, 2.0).p_value
    assert superior_ability(crowded, 199, 2.0).p_value < 0.05


def test_a_column_that_does_not_move_is_no_rival() -> None:
    returns = np.hstack([RNG.normal(size=(100, 2)), np.zeros((100, 1))])
    assert step_down(returns, 200).statistic[2] == 0.0
    assert superior_ability(-np.abs(returns), 200).p_value == 1.0


def test_a_set_of_equals_holds_all_and_the_best_has_one() -> None:
    returns = RNG.normal(size=(200, 1)) + 1e-3 * RNG.normal(size=(200, 4))
    for statistic in ("max", "range"):
        found = confidence_set(returns, statistic, 300)  # type: ignore[arg-type]
        assert (found.p_value > 0.01).all()
        assert found.p_value[found.order[-1]] == 1.0
        assert sorted(found.order) == [0, 1, 2, 3]
        assert (np.diff(found.p_value[found.order]) >= 0).all()
    twins = np.hstack([returns[:, :1], returns[:, :1], returns[:, :1] - 1.0])
    found = confidence_set(twins + RNG.normal(size=(200, 1)) * 0.1, "range", 300)
    assert found.p_value[2] <= found.p_value[0]

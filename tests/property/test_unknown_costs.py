"""A trade whose spread, volatility or volume nobody knows ends the run, in the kernel as in the reference."""

from __future__ import annotations

from dataclasses import replace

import numba
import numpy as np
import pytest

from backtest.errors import DataError
from tests.property.generate import Case, random_case
from tests.property.kernel import differences, run_kernel
from tests.reference import Impact, simulate

SEEDS = range(100 if numba.config.DISABLE_JIT else 600)


def with_holes(seed: int) -> Case:
    """A case some of whose spreads and volatilities are not known."""
    case, rng = random_case(seed), np.random.default_rng(seed)
    often = rng.choice([0.001, 0.02, 0.3])
    spread = np.where(rng.random(case.close.shape) < often, np.nan, 0.001)
    sigma = np.where(rng.random(case.close.shape) < often, np.nan, 0.01)
    impact = Impact(0.1, sigma, np.full(case.close.shape, case.capital), [0.0] * len(case.symbols), 0.0)
    return replace(case, half_spread=spread, impact=impact)


@pytest.mark.parametrize("start", range(0, len(SEEDS), 100))
def test_the_kernel_stops_where_the_reference_does(start: int) -> None:
    stopped = 0
    for seed in SEEDS[start : start + 100]:
        case = with_holes(seed)
        try:
            reference = simulate(**case.arguments(), all_events=True)
        except ValueError:
            stopped += 1
            with pytest.raises(DataError, match="is traded on"):
                run_kernel(case)
        else:
            assert not differences(case, run_kernel(case), reference), seed
    assert 10 < stopped < 90

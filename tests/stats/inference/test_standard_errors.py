"""The errors that need no resample are those of the intervals."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from backtest.stats.inference import ESTIMATED, headline, standard_errors

RETURNS = np.random.default_rng(1).standard_t(5, 300) * 0.01 + 0.001


@pytest.mark.parametrize(
    "returns", [RETURNS, np.append(RETURNS, [np.nan, 0.02]), RETURNS[:40]], ids=["", "gap", "short"]
)
def test_they_are_those_of_the_intervals(returns: np.ndarray) -> None:
    whole, lengths = headline(returns, 252.0, 1.3, risk_free=0.0001, tail=0.1, draws=99)
    alone, blocks = standard_errors(returns, 252.0, 1.3, risk_free=0.0001, tail=0.1)
    assert blocks == lengths
    assert tuple(alone) == ESTIMATED
    for key, error in alone.items():
        assert error == pytest.approx(whole[key].error, rel=1e-9), key


def test_normal_returns_have_the_errors_of_the_textbook() -> None:
    """σ / √n of a mean, σ / √(2n) of a deviation, √((1 + S²/2) / n) of a Sharpe ratio, up to noise."""
    n = 5_000
    returns = np.random.default_rng(7).normal(0.0005, 0.01, n)
    found = standard_errors(returns, 1.0).errors
    assert found["volatility"] == pytest.approx(0.01 / math.sqrt(2 * n), rel=0.25)
    assert found["sharpe"] == pytest.approx(math.sqrt((1 + 0.05**2 / 2) / n), rel=0.25)
    assert found["annual_return"] == pytest.approx(0.01 / math.sqrt(n), rel=0.25)


def test_too_few_a_constant_and_a_ruin() -> None:
    for returns in (RETURNS[:19], np.full(50, 0.01)):
        assert all(math.isnan(error) for error in standard_errors(returns, 252.0).errors.values())
    ruined = standard_errors(np.append(RETURNS, -1.0), 252.0).errors
    assert math.isnan(ruined["annual_return"])
    assert ruined["sharpe"] > 0.0


def test_nothing_is_compiled() -> None:
    script = "import sys, numpy, backtest.stats.inference as i; i.standard_errors(numpy.arange(50.0) % 7, 12.0)"
    done = subprocess.run(
        [sys.executable, "-c", f"{script}; print('numba' in sys.modules)"], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "False"

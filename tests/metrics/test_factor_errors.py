"""Standard errors of factor exposures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backtest import metrics
from backtest.errors import InputError
from backtest.stats.inference import long_run_variance
from backtest.stats.inference.line import line_intervals

N = 400
DAYS = pd.bdate_range("2018-01-01", periods=N)


def made(seed: int, phi: float = 0.0, storms: bool = False) -> tuple[pd.Series, pd.DataFrame]:
    """Returns on two factors, with an error that depends on the day before or is larger where the factor is."""
    rng = np.random.default_rng(seed)
    x, e = np.zeros((N, 2)), np.zeros(N)
    for t in range(N):
        x[t] = phi * x[t - 1] + rng.normal(0.0, 0.01, 2)
        e[t] = phi * e[t - 1] + rng.normal(0.0, 0.004) * (1.0 if not storms else abs(x[t, 0]) / 0.01 + 0.2)
    frame = pd.DataFrame(x, index=DAYS, columns=["value", "size"])
    return pd.Series(x @ [1.0, -0.5] + e, index=DAYS), frame


def test_one_factor_has_the_errors_of_alpha_and_beta() -> None:
    returns, factors = made(1, phi=0.3)
    found = metrics.factor_exposures(returns, factors["value"], periods_per_year=252).table
    line = line_intervals(returns.to_numpy(), factors["value"].to_numpy())
    assert found.loc["value", "exposure"] == pytest.approx(line["beta"].value)
    assert found.loc["value", "error"] == pytest.approx(line["beta"].error)
    assert found.loc["alpha", "error"] == pytest.approx(252 * line["alpha"].error)
    assert found.loc["value", "t"] == pytest.approx(line["beta"].value / line["beta"].error)


def test_several_factors_by_the_sandwich() -> None:
    """(X′X)⁻¹ S (X′X)⁻¹ of one coefficient is the long-run variance of its own row of (X′X)⁻¹ x e."""
    returns, factors = made(2, storms=True)
    x = np.column_stack((np.ones(N), factors))
    inverse = np.linalg.inv(x.T @ x)
    e = returns.to_numpy() - x @ (inverse @ x.T @ returns.to_numpy())
    influence = N * (inverse @ x.T) * e
    errors = [
        np.sqrt(max(long_run_variance(row, "bartlett"), long_run_variance(row, "quadratic_spectral")) / (N - 3))
        for row in influence
    ]
    found = metrics.factor_exposures(returns, factors, periods_per_year=1).table
    np.testing.assert_allclose(found["error"], errors, rtol=1e-8)


@pytest.mark.parametrize(("phi", "storms"), [(0.0, False), (0.5, False), (0.0, True)])
def test_errors_are_as_large_as_exposures_stray(phi: float, storms: bool) -> None:
    """Over 150 worlds: near the spread of the estimates, where the classical ones are too small but for plain noise."""
    found = [metrics.factor_exposures(*made(seed, phi, storms), periods_per_year=1).table for seed in range(150)]
    plain = [
        metrics.factor_exposures(*made(seed, phi, storms), periods_per_year=1, errors="classical").table
        for seed in range(150)
    ]
    spread = np.std([table.loc["value", "exposure"] for table in found])
    hac, classical = (np.mean([table.loc["value", "error"] for table in each]) for each in (found, plain))
    assert hac == pytest.approx(spread, rel=0.2)
    assert (classical < 0.85 * spread) == (phi > 0.0 or storms)


def test_an_unknown_kind_is_refused_and_a_series_is_a_table_of_one() -> None:
    returns, factors = made(3)
    with pytest.raises(InputError, match="unknown errors 'HAC'"):
        metrics.factor_exposures(returns, factors, errors="HAC")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="at least one column"):
        metrics.factor_exposures(returns, factors[[]])
    with pytest.raises(InputError, match="factors: none of its times"):
        metrics.factor_exposures(returns, factors.shift(freq="4000D"))
    assert metrics.factor_exposures(returns, factors["size"]).table.index.tolist() == ["alpha", "size"]
    one = metrics.factor_attribution(returns, factors["size"], periods_per_year=252)
    pd.testing.assert_frame_equal(one, metrics.factor_attribution(returns, factors[["size"]], periods_per_year=252))
    assert np.isnan(metrics.factor_exposures(returns, factors.assign(size=0.0001)).table["error"]).all()

from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.stats.inference import autocovariances, long_run_variance, newey_west_lags

X = np.random.default_rng(3).standard_t(5, 80).cumsum() * 0.1 + np.random.default_rng(4).normal(size=80)


def covariance(x: np.ndarray, k: int) -> float:
    apart = x - x.mean()
    return float(apart[k:] @ apart[: x.size - k]) / x.size


def test_autocovariances_are_sums_of_products() -> None:
    assert autocovariances(X) == pytest.approx([covariance(X, k) for k in range(X.size)], abs=1e-12)


@pytest.mark.parametrize("lags", [0, 1, 7])
def test_bartlett_by_hand(lags: int) -> None:
    expected = covariance(X, 0) + 2 * sum((1 - k / (lags + 1)) * covariance(X, k) for k in range(1, lags + 1))
    assert long_run_variance(X, "bartlett", lags) == pytest.approx(expected, rel=1e-12)


def test_automatic_lags_by_hand() -> None:
    n, most = 80, int(4 * (80 / 100) ** (2 / 9))
    gamma = [covariance(X, k) for k in range(most + 1)]
    s0, s1 = gamma[0] + 2 * sum(gamma[1:]), 2 * sum(k * gamma[k] for k in range(1, most + 1))
    assert newey_west_lags(autocovariances(X)) == int(1.1447 * (s1 / s0) ** (2 / 3) * n ** (1 / 3))


def test_the_resampled_window_is_the_exact_variance_of_resampled_means() -> None:
    """By the law of the resamples themselves: two rows k apart stay neighbours with probability (1 − p)ᵏ, wrapping."""
    x, p = X[:12], 1 / 3.0
    apart, n = x - x.mean(), 12
    circular = [float(apart @ np.roll(apart, -k)) / n for k in range(n)]
    expected = circular[0] + 2 * sum((1 - k / n) * (1 - p) ** k * circular[k] for k in range(1, n))
    assert long_run_variance(x, "resampled", 3.0) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("window", "near"), [("bartlett", 0.25), ("quadratic_spectral", 0.1), ("resampled", 0.2)])
def test_they_find_the_long_run_variance_of_an_ar1(window: str, near: float) -> None:
    shocks = np.random.default_rng(0).normal(size=40_000)
    x = np.empty_like(shocks)
    x[0] = 0.0
    for t in range(1, x.size):
        x[t] = 0.6 * x[t - 1] + shocks[t]
    lags = 30.0 if window == "resampled" else None
    assert long_run_variance(x, window, lags) == pytest.approx(1 / 0.4**2, rel=near)  # type: ignore[arg-type]


def test_quadratic_spectral_weights_by_the_formula() -> None:
    apart = X - X.mean()
    phi = float(apart[1:] @ apart[:-1]) / float(apart[:-1] @ apart[:-1])
    e = apart[1:] - phi * apart[:-1]
    width = 3.0
    z = [6 * math.pi * k / (5 * width) for k in range(1, e.size)]
    weights = [3 / a**2 * (math.sin(a) / a - math.cos(a)) for a in z]
    total = covariance(e, 0) + 2 * sum(w * covariance(e, k) for k, w in enumerate(weights, 1))
    assert long_run_variance(X, "quadratic_spectral", width) == pytest.approx(total / (1 - phi) ** 2, rel=1e-10)


def test_degenerate_series() -> None:
    assert math.isnan(long_run_variance(np.array([1.0])))
    for window in ("bartlett", "quadratic_spectral", "resampled"):
        assert long_run_variance(np.zeros(20), window) == 0.0  # type: ignore[arg-type]

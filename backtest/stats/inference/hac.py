"""The variance of a mean whose terms depend on one another (HAC: heteroskedasticity and autocorrelation consistent)."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from backtest.types import Floats

Window = Literal["bartlett", "quadratic_spectral", "resampled"]
"""How autocovariances are weighed. `bartlett`: Newey and West. `quadratic_spectral`: Andrews, on a series freed of its
first-order autocorrelation. `resampled`: as the stationary bootstrap does, in which case `lags` is the mean block."""


def long_run_variance(values: Floats, window: Window = "bartlett", lags: float | None = None) -> float:
    """Return γ(0) + 2 Σ w(k) γ(k) of a series `(n,)` about its mean, γ over n; divided by n it is the mean's variance.

    bartlett: w = 1 − k/(L + 1), L by `newey_west_lags` unless given. Newey and West (1987, 1994).
    quadratic_spectral: the series is first freed of an AR(1) with |φ| ≤ 0.97, whose effect comes back as 1/(1 − φ)²;
    bandwidth 1.3221 (α n)^⅕ with α = 4ρ²/(1 − ρ)⁴ unless `lags` gives it. Andrews (1991), Andrews and Monahan (1992).
    resampled: w = (1 − k/n)(1 − p)ᵏ + (k/n)(1 − p)ⁿ⁻ᵏ with p = 1/lags. Politis and Romano (1994), lemma 1.
    NaN with fewer than two values.
    """
    n = values.size
    if n < 2:
        return math.nan
    if window == "quadratic_spectral":
        return _prewhitened(values - values.mean(), lags)
    gamma = autocovariances(values)
    if window == "resampled":
        return _weighed(gamma, _kept_together(n, 1.0 if lags is None else lags))
    most = newey_west_lags(gamma) if lags is None else int(lags)
    lag = np.arange(1, min(most, n - 1) + 1)
    return _weighed(gamma, 1.0 - lag / (most + 1.0))


def autocovariances(values: Floats) -> Floats:
    """Return Σ (x_t − x̄)(x_{t+k} − x̄) / n for every lag k, `(n,)`, by way of the Fourier transform."""
    n = values.size
    size = 1 << (2 * n - 1).bit_length()
    spectrum = np.fft.rfft(values - values.mean(), size)
    return np.asarray(np.fft.irfft(spectrum.real**2 + spectrum.imag**2, size)[:n] / n)


def newey_west_lags(gamma: Floats) -> int:
    """Return the automatic lag ⌊1.1447 (s₁/s₀)^⅔ n^⅓⌋ of the Bartlett window; s from ⌊4 (n/100)^(2/9)⌋ lags.

    Newey and West (1994), "Automatic Lag Selection in Covariance Matrix Estimation", without prewhitening.
    """
    n = gamma.size
    most = min(int(4.0 * (n / 100.0) ** (2.0 / 9.0)), n - 1)
    lag = np.arange(1, most + 1)
    s0 = float(gamma[0] + 2.0 * gamma[1 : most + 1].sum())
    s1 = 2.0 * float(lag @ gamma[1 : most + 1])
    if not s0 > 0.0:
        return most
    return min(int(1.1447 * np.cbrt((s1 / s0) ** 2 * n)), n - 1)


def _weighed(gamma: Floats, weights: Floats) -> float:
    return float(gamma[0] + 2.0 * weights @ gamma[1 : weights.size + 1])


def _kept_together(n: int, block: float) -> Floats:
    """Return how likely two rows k = 1 … n − 1 apart are to be neighbours still in a resample of mean block `block`."""
    stay = 1.0 - 1.0 / max(block, 1.0)
    lag = np.arange(1, n)
    return np.asarray((1.0 - lag / n) * stay**lag + lag / n * stay ** (n - lag))


def _prewhitened(apart: Floats, lags: float | None) -> float:
    phi = float(np.clip(_first_order(apart), -0.97, 0.97))
    residual = apart[1:] - phi * apart[:-1]
    gamma, n = autocovariances(residual), residual.size
    rho = float(np.clip(_first_order(residual), -0.97, 0.97))
    width = 1.3221 * (4.0 * rho**2 / (1.0 - rho) ** 4 * n) ** 0.2 if lags is None else lags
    if not width > 0.0:
        return float(gamma[0]) / (1.0 - phi) ** 2
    z = 6.0 * math.pi / 5.0 * np.arange(1, n) / width
    weights = 3.0 / z**2 * (np.sin(z) / z - np.cos(z))
    return max(_weighed(gamma, weights), 0.0) / (1.0 - phi) ** 2


def _first_order(x: Floats) -> float:
    square = float(x[:-1] @ x[:-1])
    return float(x[1:] @ x[:-1]) / square if square > 0.0 else 0.0

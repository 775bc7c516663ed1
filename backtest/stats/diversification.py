"""What holding many things together saves in risk."""

from __future__ import annotations

import numpy as np

from backtest.types import Floats


def realised_covariance(returns: Floats) -> Floats:
    """Return the sample covariance `(N, N)` per period of `returns` `(T, N)`, with gaps.

    Each pair is taken over the rows that both have, around each asset's own mean, over their number less one. NaN for a
    pair with fewer than two common rows. Without gaps this is the ordinary sample covariance; with gaps it need not be
    positive semidefinite, so it describes and must not be optimised over.
    """
    seen = ~np.isnan(returns)
    count = seen.sum(axis=0)
    mean = np.where(seen, returns, 0.0).sum(axis=0) / np.maximum(count, 1)
    centred = np.where(seen, returns - mean, 0.0)
    if seen.all():
        common: Floats = np.full((returns.shape[1], returns.shape[1]), float(returns.shape[0]))
    else:
        common = seen.T.astype(float) @ seen.astype(float)
    return np.where(common >= 2.0, centred.T @ centred / np.maximum(common - 1.0, 1.0), np.nan)


def diversification_ratio(weights: Floats, covariance: Floats) -> Floats:
    """Return Σ|w|σ / √(w'Σw) for weights `(N,)` or `(T, N)`: 1 for a single asset, more the more the risks offset.

    Choueifaty and Coignard (2008), "Toward Maximum Diversification". Cash has no risk and drops out; the scale of the
    weights does too. NaN for a row without positions, with a held asset that has no covariance, or whose variance comes
    out at or below zero (a covariance from gappy data can do that).
    """
    w = np.nan_to_num(weights, nan=0.0)
    blank = np.isnan(covariance)
    known = np.where(blank, 0.0, covariance)
    sigma = np.sqrt(np.diag(known))
    variance = np.einsum("...i,...i->...", w @ known, w)
    apart = np.abs(w) @ sigma
    valid = variance > 1e-14 * apart * apart
    if blank.any():
        held = (w != 0.0).astype(float)
        valid &= np.einsum("...i,...i->...", held @ blank.astype(float), held) == 0.0
    together = np.sqrt(np.where(valid, variance, 1.0))
    return np.asarray(np.where(valid, apart / together, np.nan))

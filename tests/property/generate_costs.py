"""Costs that change with month, row, asset and size, drawn so that they matter for a capital and its prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tests.reference import Impact

if TYPE_CHECKING:
    from tests.property.generate import Traits

Floats = NDArray[np.float64]


def random_costs(rng: np.random.Generator, traits: Traits, capital: float, closes: Floats) -> dict[str, Any]:
    """Return tiers and months, a table of half spreads, and impact, where the traits ask for them."""
    found: dict[str, Any] = {}
    if traits.tiers:
        reached = np.sort(capital * 10.0 ** rng.uniform(-1.0, 1.0, rng.integers(1, 4)))
        found["tiers"] = tuple(zip(reached.tolist(), rng.uniform(0.0, 0.01, len(reached)).tolist(), strict=True))
        found["month"] = np.cumsum(rng.random(traits.rows) < 0.2)
    if traits.spreads:
        found["half_spread"] = rng.uniform(0.0, 0.02, closes.shape) * rng.integers(0, 2, closes.shape[1])
    if traits.impact or traits.quadratic:
        found["impact"] = random_impact(rng, traits, capital, closes)
    return found


def random_impact(rng: np.random.Generator, traits: Traits, capital: float, closes: Floats) -> Impact:
    """Draw impact that takes from nearly nothing to a good part of what is traded."""
    highest = np.where(np.isfinite(closes), closes, 0.0).max(axis=0)
    price = np.where(highest > 0.0, highest, 1.0)
    most = capital / price  # units that all the money buys
    curve = 10.0 ** rng.uniform(-6.0, -0.5, (2, traits.assets)) * price / most * traits.quadratic
    if not traits.impact:
        return Impact(temporary=curve[0].tolist(), permanent=curve[1].tolist())
    return Impact(
        float(10.0 ** rng.uniform(-2.0, 0.5)),
        rng.uniform(0.0, 0.1, closes.shape),
        most * 10.0 ** rng.uniform(-2.0, 3.0, closes.shape),
        curve[0].tolist(),
        curve[1].tolist(),
    )

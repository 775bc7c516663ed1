"""Momentum tilt: any weights, leaning towards what has risen."""

from __future__ import annotations

from math import ceil
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.choice import MethodChoice
from backtest.allocate.constraints.region import Region
from backtest.allocate.parts import part
from backtest.errors import AllocationError
from backtest.types import Bools, Floats

FARTHEST = 3.0
"""Standard scores are cut at this size, as in the methodology of the MSCI Momentum Indexes."""


class MomentumTilt(Method):
    """The weights of another method times a score of momentum, then as much invested as they were.

    Momentum is the return over the `lookback` without its last `skip` bars. Across the symbols it becomes a standard
    score z (population deviation), cut at ±3 and multiplied by `strength`; the weight is multiplied by 1 + z when z > 0
    and by 1 / (1 − z) when z < 0. A symbol with less than nine tenths of the returns keeps its weight before the others
    are scaled (z = 0) and is named in the warnings. Sources: Jegadeesh and Titman (1993) for returns that skip the last
    month; "MSCI Momentum Indexes Methodology" (September 2014), section 2.2.2, for the cut and for the score as a
    multiplier. Only these two are MSCI's: its z is the standard score of the mean of two, of the returns over 6 and
    over 12 months above cash and per volatility of three years of weeks, and it holds only the highest scores.
    """

    base: MethodChoice = Field(default_factory=MethodChoice)
    """The method that is tilted: a name, or a mapping with its parameters."""

    lookback: int = Field(default=252, ge=1)
    """Number of returns between the price that momentum starts from and the decision."""

    skip: int = Field(default=21, ge=0)
    """Latest returns that momentum does not look at: in the short run prices rather turn."""

    strength: float = Field(default=1.0, ge=0.0)
    """How far to lean: what z is multiplied by once it is cut; 0 is the base."""

    @model_validator(mode="after")
    def _skips_less_than_all(self) -> Self:
        if self.skip >= self.lookback:
            raise ValueError(f"skip {self.skip} leaves nothing of the lookback {self.lookback}")
        return self

    @property
    def heeds(self) -> frozenset[str]:
        """What the base does."""
        return self.base.parameters.heeds

    @property
    def looks_at_current(self) -> bool:
        """Whether the base does."""
        return self.base.parameters.looks_at_current

    @property
    def holds_cash(self) -> bool:  # type: ignore[override]
        """Whether the base does."""
        return self.base.parameters.holds_cash

    @property
    def history_rows(self) -> int:
        """What momentum looks at, or what the base does."""
        return max(self.lookback + 1, self.base.parameters.history_rows)

    def weigh(self, history: History, region: Region) -> Weights:
        """Ask the base, then tilt."""
        base = part(self.base.method, self.base.parameters, history, region)
        momentum, known = self._momentum(history)
        tilted = base.weights * multipliers(momentum, known, self.strength)
        invested, leaning = base.weights.sum(), tilted.sum()
        if invested != 0.0 and not leaning / invested > 0.0:
            raise AllocationError("momentum_tilt: the tilt turned the sign of the net exposure; lower strength")
        weights = tilted * (invested / leaning) if invested != 0.0 else tilted
        return Weights(
            weights,
            status=base.status,
            leaves_cash=base.leaves_cash,
            condition=base.condition,
            iterations=base.iterations,
            warnings=(*base.warnings, *_without(history, known)),
            left_out=base.left_out,
        )

    def _momentum(self, history: History) -> tuple[Floats, Bools]:
        """Return momentum `(N,)` and where there is enough to know it by."""
        rows = history.returns[-self.lookback :]
        rows = rows[: len(rows) - self.skip]
        known: Bools = np.sum(~np.isnan(rows), axis=0) >= ceil(0.9 * (self.lookback - self.skip))
        return np.nanprod(1.0 + rows, axis=0) - 1.0, known


def multipliers(momentum: Floats, known: Bools, strength: float) -> Floats:
    """Return what momentum `(N,)` multiplies weights by, `(N,)`; 1 where it is not known, or the same everywhere."""
    z = np.zeros(len(momentum))
    values = momentum[known]
    if len(values) and values.std() > 1e-12:  # rounding leaves about 1e-16 where all are the same
        z[known] = np.clip((values - values.mean()) / values.std(), -FARTHEST, FARTHEST) * strength
    return np.where(z > 0.0, 1.0 + z, 1.0 / (1.0 + np.abs(z)))


def _without(history: History, known: Bools) -> tuple[str, ...]:
    names = ", ".join(str(symbol) for symbol in history.symbols[~known])
    return (f"without a tilt for lack of data: {names}",) if names else ()

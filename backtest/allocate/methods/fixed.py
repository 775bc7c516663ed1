"""Fixed weights, as written."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.constraints.region import INVESTED, NEAR, Region
from backtest.errors import InputError


class Fixed(Method):
    """The weights that were written; what they leave of 1 stays cash, and so does the share of a symbol that cannot be
    traded now. A negative weight is a short position, which constraints with `long_only: false` allow; more than 1 in
    all is on credit, which `net` allows.
    """

    computes: ClassVar[bool] = False
    holds_cash: ClassVar[bool] = True

    weights: dict[str, float] = Field(min_length=1)
    """Weight of each symbol, as a fraction of equity; symbols not named get 0."""

    @property
    def heeds(self) -> frozenset[str]:
        """Nothing."""
        return frozenset()

    def weigh(self, history: History, region: Region) -> Weights:
        """Look the weights up."""
        weights = np.array([self.weights.get(str(symbol), 0.0) for symbol in history.symbols])
        if (weights < 0.0).any() and not (region.lower < 0.0).any():
            symbol = history.symbols[int(weights.argmin())]
            raise InputError(f"fixed.weights: {symbol}: {weights.min():g} is a short position, and long_only is true")
        net, most = sum(self.weights.values()), max(INVESTED, region.net[1])
        if net > most + NEAR:
            raise InputError(f"fixed.weights: they add up to {net:g}, and constraints.net is {most:g}: raise net")
        return Weights(weights)

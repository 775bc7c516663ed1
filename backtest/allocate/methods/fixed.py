"""Fixed weights, as written."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.constraints.region import Region


class Fixed(Method):
    """The weights that were written; what they leave of 1 stays cash, and so does the share of a symbol that cannot be
    traded now.
    """

    computes: ClassVar[bool] = False
    holds_cash: ClassVar[bool] = True

    weights: dict[str, float] = Field(min_length=1)
    """Weight of each symbol, as a fraction of equity; symbols not named get 0."""

    @model_validator(mode="after")
    def _sum_is_affordable(self) -> Self:
        gross = sum(abs(weight) for weight in self.weights.values())
        if gross > 1.0 + 1e-9:
            raise ValueError(f"the weights add up to {gross:g}, which a cash account cannot hold (at most 1)")
        if any(weight < 0.0 for weight in self.weights.values()):
            raise ValueError("a negative weight is a short position, which a cash account cannot hold")
        return self

    def weigh(self, history: History, region: Region) -> Weights:  # noqa: ARG002
        """Look the weights up."""
        return Weights(np.array([self.weights.get(str(symbol), 0.0) for symbol in history.symbols]))

"""Market capitalisation: hold each company in proportion to what it is worth."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from pydantic import model_validator

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.caps import cap_weights
from backtest.allocate.constraints.region import Region
from backtest.errors import AllocationError
from backtest.types import Floats

AHEAD = "market caps are one static table: the weights of the past look ahead to the day it was made"


class MarketCap(Method):
    """Weights in proportion to market capitalisation, as known at the decision (the side series `market_cap`).

    A symbol whose cap is not known, or not above 0, gets no weight and is named. A static table in `caps` is allowed,
    and said in the warnings to look ahead. Constraints that the answer breaks move it to the nearest allowed weights.
    """

    computes: ClassVar[bool] = False

    caps: dict[str, float] | None = None
    """Market values, in any one unit, for the whole run: looks ahead. Null: those known at each decision."""

    @model_validator(mode="after")
    def _caps_are_values(self) -> Self:
        wrong = [f"{symbol}: {cap:g}" for symbol, cap in (self.caps or {}).items() if not cap > 0.0]
        if wrong or self.caps == {}:
            raise ValueError(f"a market cap is above 0; received {', '.join(wrong) or 'none'}")
        return self

    @property
    def heeds(self) -> frozenset[str]:
        """Nothing."""
        return frozenset()

    def weigh(self, history: History, region: Region) -> Weights:  # noqa: ARG002
        """Divide by the sum."""
        weights, left_out = cap_weights(self._values(history), history.symbols, "market_cap")
        missing = (f"without weight for lack of a market cap: {', '.join(left_out)}",) if left_out else ()
        ahead = (AHEAD,) if self.caps is not None else ()
        return Weights(weights, warnings=(*missing, *ahead), left_out=left_out)

    def _values(self, history: History) -> Floats:
        if self.caps is not None:
            return np.array([self.caps.get(str(symbol), np.nan) for symbol in history.symbols])
        if history.caps is None:
            raise AllocationError(
                "market_cap: no market caps are known: give a side series market_cap, known at each decision, or caps, "
                "a table from symbol to value, which looks ahead"
            )
        return history.caps

"""Drift: a weight has moved too far from what was attained."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backtest.schedule.base import Trigger


class Drift(Trigger):
    """Act when a weight is further than the band from its reference, measured on each row.

    The reference is the weights on the marks of the row in which the last basket finished. Silent before the first
    basket; assets without a real bar in the row are left out.
    """

    drift: Annotated[float, Field(gt=0.0, lt=1.0)]
    """Band: the largest distance of a weight from its reference, as a fraction of equity; 0.05 is five points."""

    then: Literal["reapply", "decide"] = "reapply"
    """What to do: send the last targets again (no wake), or ask the strategy for new ones."""

    @property
    def label(self) -> str:
        """``drift 5 %``; with ``decide`` behind it when the strategy is asked."""
        return f"drift {100.0 * self.drift:g} %" + (" decide" if self.wakes else "")

    @property
    def wakes(self) -> bool:
        """Only when told to decide."""
        return self.then == "decide"

    @property
    def band(self) -> float | None:
        """The band as written."""
        return self.drift

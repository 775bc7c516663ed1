"""What a trigger is: parameters, a name to show, and what makes it fire."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from backtest.market.market import Market
from backtest.parameters import Parameters
from backtest.types import Bools, EventKind


class Trigger(Parameters):
    """Base of triggers. A subclass is known in YAML by its first field, which has no default."""

    @property
    @abstractmethod
    def label(self) -> str:
        """Name of the trigger in artefacts and reports."""

    @property
    @abstractmethod
    def wakes(self) -> bool:
        """Whether the strategy is asked when it fires; else the last targets are sent again."""

    @property
    def band(self) -> float | None:
        """Drift beyond which it fires, as a fraction of equity; None when drift is nothing to it."""
        return None

    @property
    def begins(self) -> bool:
        """Whether it can fire before anything was decided."""
        return self.band is None

    @property
    def kinds(self) -> tuple[EventKind, ...]:
        """Events on which it fires."""
        return ()

    def rows(self, market: Market) -> Bools:
        """Return the rows `(T,)` on which it fires for reasons known ahead, whatever the book does."""
        return np.zeros(market.n_rows, np.bool_)

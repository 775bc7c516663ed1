"""What an allocation method is: parameters, and one function from history to weights."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

import numpy as np

from backtest.costs import Costs
from backtest.parameters import Parameters
from backtest.types import Floats, Ints, Strings

if TYPE_CHECKING:
    from backtest.allocate.claims import Claim
    from backtest.allocate.constraints.region import Region
    from backtest.allocate.moments.memory import Copied, Memory

Made = TypeVar("Made", bound="Copied")

DEFAULT = "default"
"""Key of a mapping by symbol, or by group, that speaks for those that are not named."""


@dataclass(frozen=True)
class Views:
    """Beliefs about `N` assets: row *k* of `holdings` `(V, N)` is a portfolio that will return `returns[k]` a year.

    `confidences` `(V,)` in [0, 1], or `uncertainty` `(V, V)`, the covariance of the errors of the views (annual); with
    neither, a view is as uncertain as the prior says its portfolio is.
    """

    holdings: Floats
    returns: Floats
    confidences: Floats | None = None
    uncertainty: Floats | None = None

    def of(self, columns: Ints) -> Views | None:
        """Return the views on portfolios of these assets alone; None where there are none.

        A view on any other asset means nothing without it.
        """
        kept = np.flatnonzero(~np.delete(self.holdings, columns, axis=1).any(axis=1))
        if not len(kept):
            return None
        uncertainty = None if self.uncertainty is None else self.uncertainty[np.ix_(kept, kept)]
        holdings = self.holdings[np.ix_(kept, columns)]
        return Views(holdings, self.returns[kept], part_of(self.confidences, kept), uncertainty)


@dataclass(frozen=True)
class Forecast:
    """What the caller knows instead of what history says: annual, of the symbols of the history, in their order."""

    mean: Floats | None = None  # (N,)
    covariance: Floats | None = None  # (N, N)
    views: Views | None = None


@dataclass(frozen=True)
class History:
    """What a method may look at: `N` symbols that can be traded now, and what is known of them at the decision.

    `returns` is `(n, N)`, simple returns per bar, oldest first, the last row ending at the decision. NaN where either
    of the two bars of a return is missing: nothing is filled in.
    """

    symbols: Strings
    returns: Floats
    current: Floats | None = None  # (N,) weights held at the decision; None is not known, zeros is all in cash
    outside: float = 0.0  # Σ|weight| held now in symbols that are not among these, and will be sold
    prices: Floats | None = None  # (N,) what a unit costs now
    caps: Floats | None = None  # (N,) market values known at the decision, NaN where none is
    groups: Mapping[str, Strings] = field(default_factory=dict)  # property, e.g. sector, → (N,) labels
    periods_per_year: float | None = None  # bars a year; None is not known
    risk_free: float = 0.0  # a year
    costs: Costs | None = None  # what the simulator charges
    half_spread_bps: Floats | None = None  # (N,) what the series of `costs.half_spread` says now
    forecast: Forecast = field(default_factory=Forecast)
    first_row: int | None = None  # absolute number of the first row of `returns`, for what is used again
    row: int | None = None  # of the market in which it is decided: what `memory` holds is told apart by it
    memory: Memory | None = None  # of earlier decisions on the same market; it changes no bit of an answer

    def recent(self, n: int) -> Self:
        """Return the history with its last `n` returns; itself where it has no more."""
        spare = len(self.returns) - n
        if spare <= 0:
            return self
        first = None if self.first_row is None else self.first_row + spare
        return replace(self, returns=self.returns[spare:], first_row=first)

    def recall(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Make something of the returns, or remember it; `key` says what, of a history with these very symbols."""
        if self.memory is None or self.row is None or self.first_row is None:
            return make()
        return self.memory.recall((key, self.row, self.symbols.tobytes()), make)


@dataclass(frozen=True)
class Weights:
    """A method's answer: weights `(N,)` in the order of `History.symbols`, and what there is to say about them."""

    weights: Floats
    status: str = "ok"
    objective: float = float("nan")  # what the method minimises (or maximises: its docstring says), annual
    residuals: Mapping[str, float] = field(default_factory=dict)  # how far from exact: kkt, duality_gap, …
    condition: Mapping[str, float] = field(default_factory=dict)  # observations, smallest_eigenvalue, condition_number
    iterations: int = 0
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()  # symbols that cannot have a weight, whatever the constraints say
    leaves_cash: bool = False  # left in cash what would be invested as a rule; its status says why
    claim: Claim | None = None  # of what it is the best, for the verifier, which takes it away
    method: str = ""  # who answered: a method's name, or `hold`
    gave_up: tuple[str, ...] = ()  # the methods that were asked before and gave up


class Method(Parameters):
    """Base of allocation methods. A subclass is a file of its own, with a line in `allocate.METHODS`."""

    optimises: ClassVar[bool] = False
    """Whether `weigh` answers inside the region itself; the answers of others are moved to its nearest point."""

    computes: ClassVar[bool] = True
    """Whether it uses linear algebra, whose last bits depend on the number of threads; scipy takes 0.2 s to import."""

    holds_cash: ClassVar[bool] = False
    """Whether a part may stay in cash when nobody asked for a net exposure; others are then fully invested."""

    @property
    def heeds(self) -> frozenset[str]:
        """Parts of a forecast that it looks at as configured; the others are kept from it, with a warning."""
        return frozenset({"covariance", "mean", "views"})

    is_linear: ClassVar[bool] = False
    """Whether it solves linear programs, which cannot obey a cap on risk."""

    @property
    def history_rows(self) -> int:
        """Bars that must exist up to and including the decision."""
        return 1

    @abstractmethod
    def weigh(self, history: History, region: Region) -> Weights:
        """Turn history into weights; `region` is what they must obey, with one entry a symbol of `history`."""

    def refuse_unready(self) -> None:
        """Raise InputError when it can answer nothing here, whatever the data: for want of a package, say."""

    @property
    def wants_returns(self) -> int:
        """Returns that `weigh` looks at."""
        return self.history_rows - 1

    @property
    def looks_at_current(self) -> bool:
        """Whether the answer depends on what is held now, and so cannot be shared between books."""
        return False


def part_of(values: Floats | None, columns: Ints) -> Floats | None:
    """Return the numbers of some assets, where there are any."""
    return None if values is None else values[columns]

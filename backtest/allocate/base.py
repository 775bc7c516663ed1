"""What an allocation method is: parameters, and one function from history to weights."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field

from backtest.parameters import Parameters
from backtest.types import Floats, Strings


@dataclass(frozen=True)
class History:
    """What a method may look at: `N` symbols that can be traded now, and their simple returns per bar.

    `returns` is `(n, N)`, oldest first, the last row ending at the decision. NaN where either of the two bars of a
    return is missing: nothing is filled in.
    """

    symbols: Strings
    returns: Floats


@dataclass(frozen=True)
class Weights:
    """A method's answer: weights `(N,)` in the order of `History.symbols`, and what there is to say about them."""

    weights: Floats
    status: str = "ok"
    warnings: tuple[str, ...] = field(default=())


class Method(Parameters):
    """Base of allocation methods. A subclass is a file of its own, with a line in `allocate.METHODS`."""

    @property
    def history_rows(self) -> int:
        """Bars that must exist up to and including the decision."""
        return 1

    @abstractmethod
    def weigh(self, history: History) -> Weights:
        """Turn history into weights."""

    @property
    def wants_returns(self) -> int:
        """Returns that `weigh` looks at."""
        return self.history_rows - 1

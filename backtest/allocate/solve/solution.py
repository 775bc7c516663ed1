"""What a solver answers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from backtest.types import Floats


@dataclass(frozen=True)
class Solution:
    """Optimal weights `(K,)`, and what there is to say about how good they are.

    `kkt` is the worst relative residual of the optimality conditions; `active` names the rules that bind: given as
    `guess` to a later, similar problem it saves time there, and never changes the answer. Not `unique` are weights that
    a ridge chose among equally good ones, to about 1e-7.
    """

    weights: Floats
    objective: float
    kkt: float
    iterations: int = 0
    active: Hashable = None
    status: str = "ok"
    unique: bool = True


@dataclass(frozen=True)
class Prices:
    """What a linear program says one unit more of each of its limits would cost: a proof that nothing is better.

    `rows` `(M,)` are those of the region, positive where the lower end holds; `gross` and `turnover` of Σ|w| and
    Σ|w − current|, at least 0; `inner` the rows that the objective brought, block by block, without a unit.
    """

    rows: Floats
    gross: float = 0.0
    turnover: float = 0.0
    inner: tuple[Floats, ...] = ()


@dataclass(frozen=True)
class Priced(Solution):
    """A solution of a linear program with its prices."""

    prices: Prices | None = None

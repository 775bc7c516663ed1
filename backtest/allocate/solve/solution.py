"""What a solver answers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from backtest.types import Floats


@dataclass(frozen=True)
class Solution:
    """Optimal weights `(K,)`, and what there is to say about how good they are.

    `kkt` is the worst relative residual of the optimality conditions; `active` names the rules that bind: given as
    `guess` to a later, similar problem it saves time there, and never changes the answer.
    """

    weights: Floats
    objective: float
    kkt: float
    iterations: int = 0
    active: Hashable = None
    status: str = "ok"

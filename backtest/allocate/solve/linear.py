"""Linear programs over a region: the smallest tail of losses or of drawdowns, and any linear cost."""

from __future__ import annotations

import numpy as np

from backtest.allocate.constraints.region import Region
from backtest.allocate.solve.program import Program
from backtest.allocate.solve.solution import Priced
from backtest.errors import AllocationError
from backtest.types import Floats


def minimise_linear(c: Floats, region: Region, *, rates: Floats | None = None, even: bool = False) -> Priced:
    """Minimise cᵀw + Σ rateᵢ|wᵢ − currentᵢ| over the region; of several answers, one at a corner.

    With `even`, the one of the least sum of squares.
    """
    _no_risk_caps(region, "a linear objective")
    size = _size(c if rates is None else np.concatenate([c, rates]))
    program = Program.of(region, None if rates is None else rates / size)
    program.cost(0, c / size)
    return program.solve(unit=size, even=even)


def minimise_cvar(scenarios: Floats, confidence: float, region: Region, *, rates: Floats | None = None) -> Priced:
    """Minimise the mean of the worst 1 − `confidence` of the losses −`scenarios` · w, `(n, K)`, all equally probable.

    Of several that are equally good, the weights of the least sum of squares. `rates` are added to the objective as
    they are. Source: Rockafellar and Uryasev (2000), equation (17):
    min ζ + Σuₜ / (n(1 − confidence)), uₜ ≥ lossₜ − ζ, uₜ ≥ 0.
    """
    _no_risk_caps(region, "min_cvar")
    size = _size(scenarios)
    program = Program.of(region, None if rates is None else rates / size)
    n = len(scenarios)
    tail = _tail(program, n, confidence)
    program.rows([(0, scenarios / size), (tail, np.ones((n, 1))), (tail + 1, np.eye(n))], 0.0, np.inf)
    return program.solve(unit=size, even=True)


def minimise_cdar(scenarios: Floats, confidence: float, region: Region, *, rates: Floats | None = None) -> Priced:
    """Minimise the mean of the worst 1 − `confidence` of the drawdowns of added-up returns `scenarios` · w, `(n, K)`.

    A drawdown is what is missing to the highest sum so far, from 0 at the start. Parameters as of `minimise_cvar`.
    Source: Chekhlov, Uryasev and Zabarankin (2005), section 4.
    """
    _no_risk_caps(region, "min_cdar")
    size = _size(scenarios)
    program = Program.of(region, None if rates is None else rates / size)
    n = len(scenarios)
    tail = _tail(program, n, confidence)
    fall = program.columns(n, 0.0, np.inf)  # how far each sum is below the highest so far
    rise = program.columns(n, 0.0, np.inf)  # what the highest so far gains
    program.rows([(tail, np.ones((n, 1))), (tail + 1, np.eye(n)), (fall, -np.eye(n))], 0.0, np.inf)
    step = np.eye(n) - np.eye(n, k=-1)
    program.rows([(fall, step), (0, scenarios / size), (rise, -np.eye(n))], 0.0, 0.0)
    return program.solve(unit=size, even=True)


def _tail(program: Program, n: int, confidence: float) -> int:
    """Add ζ and the excesses over it of n scenarios, with what they cost; return the column of ζ."""
    if not 0.0 < confidence < 1.0:
        raise AllocationError(f"the confidence is {confidence}; it must be between 0 and 1")
    tail = program.columns(1, -np.inf, np.inf)
    excess = program.columns(n, 0.0, np.inf)
    program.cost(tail, np.ones(1))
    program.cost(excess, np.full(n, 1.0 / (n * (1.0 - confidence))))
    return tail


def _size(numbers: Floats) -> float:
    """Return the scale of numbers, a power of 2, so that tolerances of the simplex mean the same for all."""
    largest = float(np.abs(numbers).mean()) if numbers.size else 0.0
    return float(2.0 ** np.round(np.log2(largest))) if largest > 0.0 else 1.0


def _no_risk_caps(region: Region, what: str) -> None:
    if region.risk_caps:
        names = ", ".join(cap.name for cap in region.risk_caps)
        raise AllocationError(f"{what} is a linear program, which cannot obey {names}: use another method or drop them")

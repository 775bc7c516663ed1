"""Why a portfolio did better or worse than a benchmark, segment by segment.

All arrays are `(…, G)`, one column a segment (a sector, or cash), one row a period; weights are those at the start of
the period. When both sides' weights have the same sum in a row, allocation + selection + interaction is the difference
of the returns Σ w r − Σ v s. A segment whose weight is zero may have an unknown return (NaN): one that the portfolio
does not hold is taken to return what the benchmark's does, one that the benchmark does not hold what the portfolio's
does, so that holding something outside the benchmark is a decision of allocation.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from backtest.types import Floats

Model = Literal["fachler", "hood_beebower"]
MODELS: tuple[Model, ...] = ("fachler", "hood_beebower")


class Effects(NamedTuple):
    """The three effects of each segment and period, `(…, G)`, as returns."""

    allocation: Floats
    selection: Floats
    interaction: Floats

    @property
    def total(self) -> Floats:
        """Everything that a segment added to the difference."""
        return np.asarray(self.allocation + self.selection + self.interaction)


def brinson(
    weights: Floats,
    returns: Floats,
    benchmark_weights: Floats,
    benchmark_returns: Floats,
    model: Model = "fachler",
) -> Effects:
    """Split the active return of each period by segment.

    With w, r the portfolio's and v, s the benchmark's weights and returns, b = Σ v s:

    - allocation: (w − v)(s − b) by Brinson and Fachler (1985), "Measuring Non-US Equity Portfolio Performance";
      (w − v) s by Brinson, Hood and Beebower (1986), "Determinants of Portfolio Performance". Their sums agree.
    - selection: v (r − s); interaction: (w − v)(r − s). Bacon's "selection" is the sum of both, w (r − s).
    """
    r, s = _filled(returns, benchmark_returns), _filled(benchmark_returns, returns)
    base = (benchmark_weights * s).sum(axis=-1, keepdims=True) if model == "fachler" else 0.0
    active, better = weights - benchmark_weights, r - s
    return Effects(active * (s - base), benchmark_weights * better, active * better)


def _filled(returns: Floats, other: Floats) -> Floats:
    """Put the other side's return where one's own is not known, and 0 where nobody's is: nobody holds it."""
    return np.nan_to_num(np.where(np.isnan(returns), other, returns), nan=0.0)

"""What lies above a target against what lies below it.

`target` is a return per period, one number or one per return. NaN returns are no observations. A ratio without anything
below the target is not defined (NaN): there is no risk of this kind in the record.
"""

from __future__ import annotations

import numpy as np

from backtest.types import Floats


def upside_potential(returns: Floats, target: float | Floats = 0.0) -> float:
    """Return Σ max(r − target, 0) / n per period, n counting *all* observations; NaN without any.

    Sortino, van der Meer and Plantinga (1999), "The Dutch Triangle".
    """
    excess = _seen(returns, target)
    return float(np.maximum(excess, 0.0).mean()) if excess.size else float("nan")


def downside_potential(returns: Floats, target: float | Floats = 0.0) -> float:
    """Return Σ max(target − r, 0) / n per period, n counting *all* observations; NaN without any."""
    excess = _seen(returns, target)
    return float(np.maximum(-excess, 0.0).mean()) if excess.size else float("nan")


def omega(returns: Floats, target: float | Floats = 0.0) -> float:
    """Return Σ max(r − target, 0) / Σ max(target − r, 0).

    Keating and Shadwick (2002), "A Universal Performance Measure". With a target of 0 this is Bernardo and Ledoit's
    gain–loss ratio (2000) and the profit factor of periods.
    """
    return _ratio(upside_potential(returns, target), downside_potential(returns, target))


def gain_to_pain(returns: Floats) -> float:
    """Return Σ r / |Σ min(r, 0)|: Schwager (2012), "Market Sense and Nonsense". It equals omega at 0, less one."""
    seen = _seen(returns, 0.0)
    return _ratio(float(seen.sum()), float(-np.minimum(seen, 0.0).sum()))


def upside_potential_ratio(returns: Floats, target: float | Floats = 0.0) -> float:
    """Return the upside potential over the downside deviation, both over *all* n observations.

    Sortino, van der Meer and Plantinga (1999). PerformanceAnalytics' default divides each by the number of observations
    on its own side instead (`method = "subset"`).
    """
    excess = _seen(returns, target)
    risk = float(np.sqrt(np.mean(np.minimum(excess, 0.0) ** 2))) if excess.size else float("nan")
    return _ratio(upside_potential(returns, target), risk)


def _seen(returns: Floats, target: float | Floats) -> Floats:
    excess = returns - target
    return excess[~np.isnan(excess)]


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0.0 else float("nan")

"""A method inside a method: what its part is shown, and what it says."""

from __future__ import annotations

from dataclasses import replace

from backtest.allocate.base import History, Method, Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.moments.given import heeded
from backtest.errors import AllocationError


def part(name: str, method: Method, history: History, region: Region) -> Weights:
    """Return the answer of a part, which sees the history that it would see alone; `name` is put before its words.

    Weights of a part that does not optimise need not be in the region: what is made of the parts is moved there.
    """
    try:
        forecast, unheard = heeded(history.forecast, method.heeds)
        shown = replace(history.recent(method.wants_returns), forecast=forecast)
        answer = method.weigh(shown, _own(method, region))
    except AllocationError as error:
        raise AllocationError(f"{name}: {error}") from error
    said = answer.warnings if answer.status == "ok" or answer.warnings else (answer.status,)
    return replace(answer, warnings=tuple(f"{name}: {text}" for text in (*unheard, *said)))


def _own(method: Method, region: Region) -> Region:
    """Return the region of a part alone: with cash or fully invested as the part is, where nobody asked for either."""
    if method.holds_cash:
        return region.with_cash()
    if region.net_given or "net" not in region.names:
        return region
    low, k = region.row_lower.copy(), region.names.index("net")
    low[k] = region.row_upper[k]
    return replace(region, row_lower=low)

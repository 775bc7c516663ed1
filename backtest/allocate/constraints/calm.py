"""Few positions under caps on risk: the choice of symbols with the least risk obeys, or none does."""

from __future__ import annotations

from backtest.allocate.constraints.branch import Search, affordable
from backtest.allocate.constraints.few import limits_of
from backtest.allocate.constraints.region import Region
from backtest.allocate.constraints.risk_clash import calmest, is_met, least_risk, refuse_caps, risk_of
from backtest.errors import AllocationError
from backtest.types import Floats


def is_calm(region: Region) -> bool:
    """Say whether weights of a region without limits on positions obey its caps on risk."""
    return is_met(region.risk_caps[-1], least_risk(region))


def calmest_few(region: Region) -> Region:
    """Return the part of a region, without limits on positions, that has the least of its last risk within the others.

    Raise InfeasibleError where that is above the cap, and AllocationError where the search ends without an answer.
    """
    search = _searched(region)
    if search.best is not None and is_met(region.risk_caps[-1], search.value):
        return search.best
    if not search.is_exact:
        raise AllocationError(f"{limits_of(region)}: no symbols were found that obey the caps on risk too")
    refuse_few(region)
    raise AllocationError(f"{limits_of(region)}: no symbols were found that obey the caps on risk too")


def refuse_few(region: Region) -> None:
    """Raise InfeasibleError, with what would help, when no choice of symbols that was found keeps the caps on risk."""
    refuse_caps(region, lambda part: _searched(part).value, limits_of(region))


def _searched(region: Region) -> Search:
    """Return the search for the least risk that the last cap is about."""
    search = Search(_solved, region, affordable(region.n_assets))
    search.run()
    return search


def _solved(region: Region) -> tuple[Floats, float] | None:
    weights = calmest(region)
    return None if weights is None else (weights, risk_of(weights, region))

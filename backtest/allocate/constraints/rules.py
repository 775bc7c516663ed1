"""A region as a list of rules that can be taken out or relaxed one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np

from backtest.allocate.constraints.region import NEAR, Region
from backtest.types import Floats

NAMED = 8
"""Rules that a message names."""


@dataclass(frozen=True)
class Rule:
    """rows · x ≤ limits, with x the weights, their sizes |w| and the trades |w − current|, side by side `(3N,)`.

    To relax it by s is to add s · `slope` to each limit; `value` is what a person wrote, and `upwards` says whether a
    relaxation is a larger number.
    """

    said: str  # "max_weight 0.05 of 10 symbols"
    name: str  # "max_weight"
    value: float
    upwards: bool
    rows: Floats
    limits: Floats
    slope: float = 1.0
    can_change: bool = True
    written: bool = True  # by a person, and not what follows from nothing being written
    most: float = np.inf  # what it can be relaxed by: no change makes room for short positions, or for debt

    def changed(self, by: float) -> str:
        """Say the change that relaxes the rule by `by`, rounded to the side that works."""
        to = self.value + by if self.upwards else self.value - by
        return f"{'raise' if self.upwards else 'lower'} {self.name} from {self.value:g} to {rounded(to, self.upwards)}"


def rules_of(region: Region) -> list[Rule]:
    """Return the rules of a region, those on risk left out."""
    found = [*_bounds(region, 1.0), *_bounds(region, -1.0), *_rows(region)]
    sizes = np.repeat([0.0, 1.0, 0.0], region.n_assets)
    if np.isfinite(region.gross):
        found.append(_rule(f"gross {region.gross:g}", "gross", region.gross, True, sizes, region.gross))
    if np.isfinite(region.turnover) and region.current is not None:
        trades = np.repeat([0.0, 0.0, 0.5], region.n_assets)
        sold = f" ({region.outside:g} is sold in symbols that cannot be held)" if region.outside > NEAR else ""
        limit = region.turnover - region.outside / 2.0
        said = f"turnover {region.turnover:g}{sold}"
        found.append(_rule(said, "turnover", region.turnover, True, trades, limit))
    return found


def named(region: Region) -> str:
    """Say what was written, and what must be invested; rules on risk and on positions left out."""
    said = [
        rule.said
        for rule in rules_of(region)
        if rule.can_change and (rule.written or (rule.name == "net" and not rule.upwards))
    ]
    more = [f"and {len(said) - NAMED} more"] if len(said) > NAMED else []
    return "; ".join([*said[:NAMED], *more])


def rounded(value: float, upwards: bool) -> str:
    """Return a number in six digits, on the side of `value` that is asked for."""
    nudged = value - NEAR / 2.0 if upwards else value + NEAR / 2.0
    if abs(nudged) < NEAR:
        return "0"
    exact = Decimal(nudged)
    digit = Decimal(1).scaleb(exact.adjusted() - 5)
    return f"{float(exact.quantize(digit, ROUND_CEILING if upwards else ROUND_FLOOR)):g}"


def _bounds(region: Region, sign: float) -> Iterator[Rule]:
    """Return the bounds on one side, a rule for each value: bounds that were written together move together."""
    bounds = region.upper if sign > 0.0 else -region.lower
    fixed = (region.lower == 0.0) & (region.upper == 0.0)
    eye = np.hstack([np.eye(region.n_assets), np.zeros((region.n_assets, 2 * region.n_assets))])
    for value in np.unique(bounds[np.isfinite(bounds)]):
        of = bounds == value
        written = sign > 0.0 or value != 0.0
        name, whom = "max_weight" if sign > 0.0 else "min_weight", _whom(region, of & ~fixed)
        said = f"{name} {sign * value:g} of {whom}" if written else "no weight below 0"
        if written and not (of & ~fixed).any():
            said, written = "symbols kept at 0", False
        if not (of | fixed).all():
            name += f" of {whom}"
        limits = np.full(int(of.sum()), value)
        own = value < region.net[1] or region.net_given or sign < 0.0  # no bound is wider than the net exposure
        most = -float(value) if sign < 0.0 and (region.lower >= 0.0).all() else np.inf
        yield Rule(said, name, sign * float(value), sign > 0.0, sign * eye[of], limits, 1.0, written, own, most)


def _rows(region: Region) -> Iterator[Rule]:
    nothing = np.zeros(2 * region.n_assets)
    for row, low, high, name in zip(region.rows, region.row_lower, region.row_upper, region.names, strict=True):
        whole, own = np.concatenate([row, nothing]), name != "net" or region.net_given
        if np.isfinite(high):
            what = f"the most of {name}" if name != "net" else "net"
            rule = _rule(f"{name} of at most {high:g}", what, float(high), True, whole, float(high), own)
            yield replace(rule, most=region.ceiling - float(high)) if name == "net" and high <= region.ceiling else rule
        if np.isfinite(low):
            what = f"the least of {name}" if name != "net" else "net"
            yield _rule(f"{name} of at least {low:g}", what, float(low), False, -whole, -float(low), own)


def _rule(said: str, name: str, value: float, upwards: bool, row: Floats, limit: float, written: bool = True) -> Rule:
    return Rule(said, name, value, upwards, row[np.newaxis], np.array([limit]), written=written)


def _whom(region: Region, of: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> str:
    """Name the symbols when they are few, count them otherwise."""
    n = int(of.sum())
    if region.symbols is None or n > 3:
        return f"{n} symbol{'s' if n != 1 else ''}"
    return ", ".join(str(symbol) for symbol in region.symbols[of])

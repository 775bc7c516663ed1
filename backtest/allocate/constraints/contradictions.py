"""What clashes in constraints whatever the data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backtest.allocate.base import DEFAULT
from backtest.allocate.constraints.region import NEAR
from backtest.allocate.constraints.rules import rounded

if TYPE_CHECKING:
    from backtest.allocate.constraints.model import Constraints

FEW = 1e-6
"""Weights below this share of what must be invested are no way to invest it."""


def contradiction(rules: Constraints) -> str:
    """Return the first contradiction, in words with its numbers; nothing when there is none."""
    return next(_contradictions(rules), "")


def _contradictions(rules: Constraints) -> Iterator[str]:
    yield from _of_net(rules)
    yield from _of_signs(rules)
    yield from _of_weights(rules)
    yield from _of_positions(rules)
    yield from _of_groups(rules)


def _of_net(rules: Constraints) -> Iterator[str]:
    low, high = rules.net_range
    if rules.cash_reserve > 0.0 and low > 1.0 - rules.cash_reserve + NEAR:
        yield (
            f"net of at least {low:g} and cash_reserve {rules.cash_reserve:g} together are more than all there is: "
            f"lower net to {rounded(1.0 - rules.cash_reserve, False)}{_reserve(low)}"
        )
    if low > high:
        yield f"net [{low:g}, {high:g}]: the least is above the most"
    if rules.gross is not None and max(abs(low) if low * high > 0 else 0.0, low) > rules.gross + NEAR:
        size = low if low > 0.0 else -high
        nearest = rounded(rules.gross, False) if low > 0.0 else f"-{rounded(rules.gross, False)}"
        yield (
            f"net {low if low > 0.0 else high:g} is more than gross {rules.gross:g}: "
            f"raise gross to {rounded(size, True)}, or write net: {nearest}"
        )


def _of_signs(rules: Constraints) -> Iterator[str]:
    if rules.long_only:
        below = {name: weight for name, weight in _each(rules.min_weight) if weight < 0.0}
        if below:
            name, weight = next(iter(below.items()))
            yield f"min_weight{name} {weight:g} is a short position, and long_only is true"
        if rules.net_range[1] < 0.0:
            yield f"net {rules.net_range[1]:g} is below 0, and long_only is true"
        return
    limits = [weight for each in (rules.max_weight, rules.min_weight) for name, weight in _each(each) if name == ""]
    if rules.gross is None and not limits:
        yield (
            "long_only: false without a limit to what is sold short: give gross (1.6: the sizes of all weights add up "
            "to at most 160 %), max_weight (0.3: none is below -0.3 or above 0.3) or min_weight (-0.1: none is below)"
        )


def _of_weights(rules: Constraints) -> Iterator[str]:
    least, most = dict(_each(rules.min_weight)), dict(_each(rules.max_weight))
    for name in {**least, **most}:
        low, high = least.get(name, least.get("")), most.get(name, most.get(""))
        if low is not None and high is not None and low > high:
            own = name if name in most else ""
            yield (
                f"min_weight{name} {low:g} is above max_weight{own} {high:g}: "
                f"lower min_weight{name if name in least else ''} to {rounded(high, False)}, "
                f"or raise max_weight{own} to {rounded(low, True)}"
            )
        if high is not None and high > max(1.0, rules.net_range[1]) + NEAR and rules.long_only:
            yield f"max_weight{name} {high:g} is more than all there is; weights are fractions: 0.2 is 20 %"
        if high is not None and high < 0.0 and rules.long_only:
            yield f"max_weight{name} {high:g} is below 0, and long_only is true"


def _of_positions(rules: Constraints) -> Iterator[str]:
    number, low = rules.max_positions, rules.net_range[0]
    most = dict(_each(rules.max_weight))
    largest = max(most.values(), default=float("inf"))
    if "" in most and number is not None and number * largest < low - NEAR:
        enough = f", or max_positions to {_whole(low / largest)}" if largest > low * FEW else ""
        yield (
            f"max_positions {number} × max_weight {largest:g} = {number * largest:g} is less than net {low:g}: "
            f"raise max_weight to {rounded(low / number, True)}{enough}"
        )
    size = rules.min_position
    if "" in most and size > largest:
        yield (
            f"min_position {size:g} is above max_weight {largest:g}: "
            f"lower min_position to {rounded(largest, False)}, or raise max_weight to {rounded(size, True)}"
        )


def _of_groups(rules: Constraints) -> Iterator[str]:
    for key, groups in rules.groups.items():
        if not groups:
            yield f"groups.{key} names no group"
        least = sum(limits.min for limits in groups.values() if limits.min is not None)
        if rules.long_only and least > rules.net_range[1] + NEAR:
            over = rounded(least - rules.net_range[1], True)
            yield (
                f"groups.{key}: the least weights add up to {least:g}, more than net {rules.net_range[1]:g}: "
                f"lower them by {over} in all"
            )


def _each(weights: float | dict[str, float] | None) -> Iterator[tuple[str, float]]:
    """Return what is said of each symbol, by ``.NAME``, and of all others, by an empty name."""
    if isinstance(weights, dict):
        yield from (("" if name == DEFAULT else f".{name}", weight) for name, weight in weights.items())
    elif weights is not None:
        yield "", weights


def _reserve(low: float) -> str:
    """Say which reserve is small enough, where one is."""
    return f", or cash_reserve to {rounded(1.0 - low, False)}" if low <= 1.0 else ""


def _whole(number: float) -> int:
    return int(-(-(number - NEAR) // 1))

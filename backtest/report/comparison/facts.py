"""What rules ask of the facts of a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Any]

SAME = 0.005
"""Difference of two Sharpe ratios that two digits do not show: nobody leads by it."""

PRINTED = 4
"""Digits of a fraction that is printed in percent with two: whoever subtracts what stands there finds the same."""

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def best_of(facts: Facts) -> str | None:
    """Return the run with the highest Sharpe ratio; None when none has one."""
    first = str(facts["ranking"][0])
    return None if metric_of(facts, first, "sharpe") is None else first


def inside_of(facts: Facts) -> list[str]:
    """Return the runs that may be the best, the highest Sharpe ratio first."""
    return [str(name) for name in facts["ranking"] if name in facts["confidence_set"]["inside"]]


def names_of(facts: Facts) -> list[str]:
    """Return what the runs are called, in the order in which they were given."""
    return [str(each["name"]) for each in facts["variants"]]


def variant_of(facts: Facts, name: str) -> Mapping[str, Any]:
    """Return what is told of a run."""
    found: Mapping[str, Any] = facts["variants"][names_of(facts).index(name)]
    return found


def metric_of(facts: Facts, name: str, key: str) -> float | None:
    """Return a metric of a run, None when it is undefined."""
    found: float | None = variant_of(facts, name)["metrics"][key]
    return found


def lost_of(facts: Facts, name: str) -> float | None:
    """Return what costs took of a run's annual return: gross less net, both as printed; None when it is undefined.

    What is paid is a little less: it no longer grows.
    """
    gross, net = (metric_of(facts, name, key) for key in ("gross_annual_return", "annual_return"))
    if gross is None or net is None:
        return None
    return round(gross, PRINTED) - round(net, PRINTED)


def leader(facts: Facts, values: list[float | None], best: str) -> str | None:
    """Return who has the highest value: `best` unless another is clearly above; None where `best` has none."""
    known = {name: value for name, value in zip(names_of(facts), values, strict=True) if value is not None}
    if best not in known:
        return None
    first = max(known, key=lambda name: known[name])
    return first if known[first] - known[best] > SAME else best


def number(value: int) -> str:
    """Write a small count as a word."""
    return _NUMBERS[value] if value < len(_NUMBERS) else f"{value:,}"

"""Mixed cases whose assets have clocks of their own: other hours, other holidays, bars that began too early."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backtest.types import Ints
from tests.property.whole import whole_case

Floats = NDArray[np.float64]
Rng = np.random.Generator
OPENS = (0.0, 0.0, 8.0, 14.5, -1.0)  # hours of a row: around the clock, Tokyo, London, New York, and the evening before
LENGTHS = (24.0, 6.0, 8.5, 6.5, 6.0)
FIELDS = ("open", "high", "low", "close", "volume")


def clock_case(seed: int, **changes: Any) -> dict[str, Any]:
    """Return a mixed case of one to three groups of assets; `changes` hold for all of it."""
    case = whole_case(seed)
    rng = np.random.default_rng([seed, 4])
    if case["fill"] == "same_close":
        case["fill"] = "next_close" if rng.random() < 0.5 else "next_open"
    case["size"] = "at_decision"
    rows, assets = case["close"].shape
    clocks = int(rng.integers(2, 4))
    case["groups"] = rng.integers(0, clocks, assets)
    starts, ends = random_hours(rng, rows, clocks)
    close_groups(case, np.isnan(starts)[:, case["groups"]])
    if rng.random() < 0.2 and "exits" not in case:
        take_opens_away(case)
    case |= {"group_starts": starts, "group_ends": ends, "ends": np.nanmax(ends, axis=1) / 24.0}
    return case | changes


def random_hours(rng: Rng, rows: int, clocks: int) -> tuple[Floats, Floats]:
    """Draw when the groups open and close in each row, in hours; an hour moves with the season of each."""
    kinds = rng.integers(0, len(OPENS), clocks)
    shift = np.cumsum(rng.random((rows, clocks)) < 0.05, axis=0) % 2
    starts = 24.0 * np.arange(rows)[:, None] + np.array(OPENS)[kinds] + shift * (kinds > 1)
    ends = starts + np.array(LENGTHS)[kinds]
    ends -= 2.0 * (rng.random((rows, clocks)) < 0.1)  # a short day
    closed = rng.random((rows, clocks)) < rng.choice([0.0, 0.1, 0.4])
    closed[np.arange(rows), rng.integers(0, clocks, rows)] = False  # somebody is open
    for stamps in (starts, ends):
        stamps[closed] = np.nan
    return starts, ends


def close_groups(case: dict[str, Any], closed: NDArray[np.bool_]) -> None:
    """Take away the bars of groups that have no session."""
    for name in FIELDS:
        if case.get(name) is not None:
            case[name] = np.where(closed, np.nan, case[name])


def take_opens_away(case: dict[str, Any]) -> None:
    """Leave nothing but closes, and only what can be traded at them."""
    case |= {"open": None, "high": None, "low": None, "fill": "next_close"}
    for row, answer in case["answers"].items():
        kept = [order for order in answer.orders if order.kind in ("market", "sliced") and order.parent < 0]
        case["answers"][row] = type(answer)(answer.weights, kept, answer.cancels)


def permuted(case: dict[str, Any], clocks: Ints) -> dict[str, Any]:
    """Return the case with its groups in another order."""
    place = np.argsort(clocks)
    tables = {name: case[name][:, clocks] for name in ("group_starts", "group_ends")}
    return case | tables | {"groups": place[case["groups"]]}

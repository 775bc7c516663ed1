"""Mixed cases in which symbols change their names, give away others and pay dividends more often than in life."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.property.whole import whole_case
from tests.reference.mixed import FIELDS, Rng, end, split

Life = dict[int, tuple[int, int]]  # first row, and the row from which on it is gone


def moved_case(seed: int, **changes: Any) -> dict[str, Any]:
    """Return a mixed case with other actions: a chain of renames, spin-offs, dividends, splits, delistings."""
    case = whole_case(seed)
    rng = np.random.default_rng([seed, 1])
    rows, assets = case["close"].shape
    life: Life = dict.fromkeys(range(assets), (0, rows))
    actions = [*rename_some(rng, case, life)]
    for _ in range(int(rng.integers(2, 8))):
        actions += draw_action(rng, case, life, actions)
    case["actions"] = actions
    case["reinvest"] = bool(rng.random() < 0.6)
    return case | changes


def rename_some(rng: Rng, case: dict[str, Any], life: Life) -> list[tuple[Any, ...]]:
    """Rename up to two of the symbols, one after the other, or one twice."""
    rows, assets = case["close"].shape
    chain = rng.permutation(assets)[: int(rng.integers(1, 4))].tolist()
    days = np.sort(rng.choice(np.arange(1, rows), len(chain) - 1, replace=False)).tolist()
    actions = []
    for old, new, row in zip(chain, chain[1:], days, strict=False):
        end(case, row, old)
        for name in (*FIELDS, "volume"):
            case[name][:row, new] = np.nan
        life[old], life[new] = (life[old][0], row), (row, rows)
        actions.append((row, old, "rename", 0.0, new))
    return actions


def draw_action(rng: Rng, case: dict[str, Any], life: Life, before: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Draw one action that can have happened; none when the draw is of something that cannot."""
    rows, assets = case["close"].shape
    row, asset, other = (int(rng.integers(0, size)) for size in (rows, assets, assets))
    kind = str(
        rng.choice(["split", "dividend", "dividend", "spin_off", "spin_off", "delisting"], p=[0.2] * 4 + [0.1] * 2)
    )
    taken = any(each[0] == row and each[2] == kind and asset in (each[1], each[-1]) for each in before)
    if taken or not life[asset][0] <= row < life[asset][1]:
        return []
    price = float(np.nanmin(case["low"][:, asset], initial=10.0))
    if kind == "split":
        ratio = float(rng.choice([2.0, 0.1, 7.0 / 3.0]))
        split(case, row, asset, ratio)
        return [(row, asset, kind, ratio)]
    if kind == "dividend":
        return [(row, asset, kind, 0.05 * price)]
    if kind == "spin_off":
        can = other != asset and life[other][0] <= row < life[other][1]
        given = any(each[0] == row and each[2] == kind and each[4] == other for each in before)
        dear = float(np.nanmax(case["high"][:, other], initial=10.0))
        ratio = float(rng.uniform(0.01, 0.08)) * price / dear  # nobody gives away more than there is, splits included
        return [(row, asset, kind, ratio, other)] if can and not given else []
    if life[asset][1] < rows or any(each[0] > row and asset in (each[1], each[-1]) for each in before):
        return []
    end(case, row + int(rng.integers(0, 2)), asset)
    life[asset] = (life[asset][0], row + 1)
    return [(row, asset, kind, float(rng.choice([-1.0, -0.3, 0.0])))]

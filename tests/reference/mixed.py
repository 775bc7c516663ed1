"""Cases that mix everything: the arguments of `simulate` from a seed, for laws that hold whatever happens.

Prices follow the actions: they are quoted in new units after a split, go ex dividend, and end with a delisting.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import Account, Answer, Exits, Finance, Impact, Order, Trading, bracket
from .options import INTRABAR

Floats = NDArray[np.float64]
Rng = np.random.Generator
SYMBOLS = ("MSFT", "BTC", "a", "ZZZ", "AAPL", "B")
FIELDS = ("open", "high", "low", "close")


def mixed_case(seed: int, **changes: Any) -> dict[str, Any]:
    """Return the arguments of a case; the same seed gives the same case."""
    rng = np.random.default_rng(seed)
    rows, assets = int(rng.integers(5, 50)), int(rng.integers(1, 6))
    tables = random_bars(rng, rows, assets)
    actions = random_actions(rng, tables)
    on_margin = bool(rng.random() < 0.5)
    levels = float(rng.choice([1.0, 4.0])) if on_margin else 1.0
    case: dict[str, Any] = {
        **tables,
        "symbols": rng.permutation(SYMBOLS)[:assets].tolist(),
        "capital": float(10.0 ** rng.uniform(3.0, 7.0)),
        "fill": str(rng.choice(["next_open", "next_open", "next_close", "same_close"])),
        "size": str(rng.choice(["at_decision", "at_decision", "at_fill"])),
        "actions": actions,
        "max_gross": levels,
        "first": int(rng.integers(0, rows // 2)) if rng.random() < 0.3 else 0,
        "session": np.cumsum(rng.random(rows) < 0.6).tolist() if rng.random() < 0.4 else None,
        "month": np.cumsum(rng.random(rows) < 0.1).tolist(),
        "bands": (0.03,) if rng.random() < 0.5 else (),
        "all_events": bool(rng.random() < 0.3),
        "reinvest": bool(rng.random() < 0.3),
    }
    case["band_bits"] = (4,) * len(case["bands"])
    case["reapply_mask"] = 4
    if rng.random() < 0.3:
        case["cash_reserve"] = case["capital"] * rng.uniform(0.0, 0.2)
    case |= random_costs(rng, case)
    case |= random_rules(rng, case, on_margin)
    case["plan"] = random_plan(rng, case, on_margin)
    return case | changes


def random_bars(rng: Rng, rows: int, assets: int) -> dict[str, Floats]:
    """Return open, high, low, close and volume; some bars are absent."""
    scale, volatility = rng.uniform(5.0, 200.0, assets), float(rng.choice([0.01, 0.03, 0.15]))
    moves = rng.normal(0.0, volatility, (2, rows, assets)).clip(-1.0, 1.0)
    steps = np.cumsum(moves.sum(axis=0), axis=0).clip(-4.0, 4.0)
    closes, opens = scale * np.exp(steps), scale * np.exp(steps - moves[1])
    high = np.maximum(opens, closes) * np.exp(np.abs(rng.normal(0.0, volatility, (rows, assets))))
    low = np.minimum(opens, closes) * np.exp(-np.abs(rng.normal(0.0, volatility, (rows, assets))))
    tables = {"open": opens, "high": high, "low": low, "close": closes}
    absent = rng.random((rows, assets)) < rng.choice([0.0, 0.05, 0.2])
    if rng.random() < 0.3:
        absent |= np.arange(rows)[:, None] < rng.integers(0, 1 + rows // 2, assets)
    for table in tables.values():
        table[absent] = math.nan
    tables["volume"] = rng.lognormal(8.0, 1.0, (rows, assets))
    tables["volume"][absent] = math.nan
    return tables


def random_actions(rng: Rng, tables: dict[str, Floats]) -> list[tuple[Any, ...]]:
    """Draw actions and let the prices follow them."""
    rows, assets = tables["close"].shape
    actions: list[tuple[Any, ...]] = []
    for asset in range(assets):
        if rng.random() < 0.3:
            row, ratio = int(rng.integers(0, rows)), float(rng.choice([2.0, 0.1, 1.5, 7.0 / 3.0]))
            split(tables, row, asset, ratio)
            actions.append((row, asset, "split", ratio))
        if rng.random() < 0.3:
            row = int(rng.integers(0, rows))
            actions.append((row, asset, "dividend", 0.02 * float(np.nanmin(tables["low"][:, asset], initial=10.0))))
        if rng.random() < 0.15 and assets > 1:
            row, child = int(rng.integers(0, rows)), int((asset + 1) % assets)
            actions.append((row, asset, "spin_off", float(rng.uniform(0.01, 0.05)), child))
        if rng.random() < 0.15:
            row = int(rng.integers(0, rows))
            end(tables, row + int(rng.integers(0, 2)), asset)
            actions.append((row, asset, "delisting", float(rng.choice([-1.0, -0.3, 0.0]))))
    if assets > 1 and rng.random() < 0.15 and not any(a[2] in ("spin_off", "delisting") for a in actions):
        row = int(rng.integers(0, rows))
        end(tables, row, 0)
        for name in (*FIELDS, "volume"):
            tables[name][:row, 1] = math.nan
        actions.append((row, 0, "rename", 0.0, 1))
    return actions


def split(tables: dict[str, Floats], row: int, asset: int, ratio: float) -> None:
    """Quote prices and volume in new units."""
    for name in FIELDS:
        tables[name][row:, asset] /= ratio
    tables["volume"][row:, asset] *= ratio


def end(tables: dict[str, Floats], row: int, asset: int) -> None:
    """Take away the bars from a row on."""
    for name in (*FIELDS, "volume"):
        tables[name][row:, asset] = math.nan


def random_costs(rng: Rng, case: dict[str, Any]) -> dict[str, Any]:
    """Draw costs; some cases have none."""
    shape, capital = case["close"].shape, case["capital"]
    costs: dict[str, Any] = {}
    if rng.random() < 0.7:
        costs |= {"commission": 0.001, "slippage": 0.0003, "half_spread": 0.0005}
    if rng.random() < 0.2:
        costs["half_spread"] = rng.uniform(0.0, 0.002, shape)
    if rng.random() < 0.2:
        costs |= {"minimum": 1e-4 * capital, "per_trade": 1e-5 * capital}
    if rng.random() < 0.2:
        costs |= {"per_share": 0.005, "tiers": ((0.0, 0.002), (capital, 0.001), (3.0 * capital, 0.0005))}
    if rng.random() < 0.3:
        costs["impact"] = Impact(
            coefficient=0.5,
            sigma=rng.uniform(0.01, 0.03, shape),
            adv=rng.lognormal(9.0, 1.0, shape),
            temporary=1e-8,
            permanent=1e-8,
        )
    return costs


def random_rules(rng: Rng, case: dict[str, Any], on_margin: bool) -> dict[str, Any]:
    """Draw the account and how it trades."""
    rows, assets = case["close"].shape
    nothing, initial = math.nan, float(rng.choice([0.2, 0.5]))
    rules: dict[str, Any] = {
        "trading": Trading(
            intrabar=str(rng.choice(INTRABAR)) if rng.random() < 0.4 else "pessimistic",
            carry=int(rng.choice([0, 0, 1, 3, -1])),
            participation=float(rng.choice([math.inf, 0.5, 0.05])),
            ticks=float(rng.choice([0.0, 0.01, 0.25])),
            min_notional=float(rng.choice([0.0, 1e-3])) * case["capital"],
        ),
        "account": Account(
            "margin" if on_margin else "cash",
            initial=initial,
            maintenance=0.9 * initial,
            settlement=0 if on_margin else int(rng.choice([0, 0, 2])),
        ),
        "lots": rng.choice([0.0, 1.0, 10.0], assets).tolist() if rng.random() < 0.3 else None,
        "flows": {int(row): case["capital"] * rng.uniform(-0.3, 0.3) for row in rng.integers(0, rows, 2)},
    }
    drawn = rng.spawn(1)[0]  # of its own, so that everything else stays what it is
    if on_margin and math.isinf(rules["trading"].participation) and drawn.random() < 0.5:
        rules["trading"] = replace(rules["trading"], keep_net=True)
    if drawn.random() < 0.3:
        rules["flow_parts"] = {int(row): drawn.choice([-1.2, -0.1, 0.2]) for row in drawn.integers(0, rows, 2)}
    if rng.random() < 0.5:
        rules["finance"] = Finance(0.02, 0.06, 0.01, rng.uniform(0.0, 0.1, (rows, assets)))
        drawn = rng.spawn(1)[0]
        if on_margin and drawn.random() < 0.5:
            funding = drawn.uniform(-0.5, 0.5, (rows, assets))
            rules["finance"] = replace(rules["finance"], funding=funding, perpetual=drawn.random(assets) < 0.7)
    if rng.random() < 0.5:
        drawn = [float(rng.choice([nothing, rng.uniform(0.01, 0.1)])) for _ in range(3)]
        rules["exits"] = Exits(*drawn)
    if rng.random() < 0.2:
        rules["member"] = rng.random((1, assets)) < np.linspace(1.5, 0.5, rows)[:, None]
    return rules


def random_plan(rng: Rng, case: dict[str, Any], on_margin: bool) -> dict[int, Any]:
    """Draw what is answered: targets, orders, cancels, or several of them."""
    rows, assets = case["close"].shape
    often, plan = rng.choice([0.2, 0.6]), {}
    for row in range(case["first"], rows):
        if rng.random() > often:
            continue
        weights = None
        if rng.random() < 0.5:
            weights = rng.dirichlet(np.full(assets, 0.7)) * rng.choice([1.0, 0.5]) * case["max_gross"]
            if on_margin:
                weights = weights * rng.choice([1.0, -1.0], assets, p=[0.7, 0.3])
        orders: list[Order] = []
        for _ in range(int(rng.integers(0, 3))):
            orders += random_orders(rng, case, row, len(orders))
        plan[row] = Answer(weights, orders, rng.integers(0, 40, 2).tolist())
    return plan


def random_slices(rng: Rng, row: int) -> dict[str, Any]:
    """Draw over which rows an order is sliced, and how much of it is due when."""
    first, n = row + int(rng.integers(1, 4)), int(rng.integers(1, 7))
    curve = np.append(np.sort(rng.random(n - 1)), 1.0) if rng.random() < 0.4 else ()
    return {"first_row": first, "last_row": first + n - 1, "curve": tuple(map(float, curve))}


def random_orders(rng: Rng, case: dict[str, Any], row: int, place: int) -> Sequence[Order]:
    """Draw one order, or a bracket."""
    assets = len(case["symbols"])
    asset = int(rng.integers(0, assets))
    known = case["close"][: row + 1, asset]
    price = known[np.isfinite(known)][-1] if np.isfinite(known).any() else 50.0
    side, near = float(rng.choice([1.0, 1.0, -1.0])), float(rng.uniform(0.97, 1.03))
    quantity = side * case["capital"] * rng.uniform(0.02, 0.5) / price
    is_percent = bool(rng.random() < 0.5)
    trail = float(rng.uniform(0.01, 0.05)) * (1.0 if is_percent else price)
    order = Order(
        asset,
        quantity,
        kind=str(rng.choice(["market", "market_on_close", "limit", "stop", "stop_limit", "trailing", "sliced"])),
        limit=price * near,
        stop=price * float(rng.uniform(0.97, 1.03)),
        trail=trail,
        trail_is_percent=is_percent,
        reduce_only=bool(rng.random() < 0.3),
        tif=str(rng.choice(["day", "gtc", "gtc", "gtd"])),
        expires_row=row + int(rng.integers(1, 6)),
        group=int(rng.choice([-1, -1, -1, 1, 2])),
        replaces=int(rng.integers(0, 40)) if rng.random() < 0.1 else -1,
        tag=int(rng.integers(0, 9)),
    )
    if order.kind == "sliced":
        order = replace(order, **random_slices(rng, row))
    if order.reduce_only or rng.random() < 0.6:
        return [order]
    exits = {"stop": price * near * (1.0 - 0.03 * side), "target": price * near * (1.0 + 0.04 * side)}
    if rng.random() < 0.3:
        exits["trail"] = 0.02 * price
    return bracket(order, **exits, place=place)

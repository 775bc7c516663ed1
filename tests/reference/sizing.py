"""From wishes to orders: which quantities reach the target weights once their own cost is paid.

With E the equity, h the values held and w the targets, sizing looks for x, the equity that is left after costs, so that
asset i is worth w_i x afterwards: x = E - Σ cost_i(w_i x - h_i), summed over the assets that trade.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .costs import Costs, charge
from .rounding import round_to_lot


@dataclass(frozen=True)
class Sheet:
    """What sizing is given; lists have one entry an asset.

    `prices` are the marks at the decision, or the fill's prices (an untradable asset keeps its mark, NaN if it never
    had a bar). `by_name` lists the assets in the order of their symbols; every loop goes in that order.
    """

    targets: list[float]
    quantities: list[float]
    prices: list[float]
    tradable: list[bool]
    by_name: tuple[int, ...]
    equity: float
    costs: Costs
    lots: tuple[float, ...]
    min_trade: float
    costs_of: tuple[Costs, ...] | None = None  # one an asset, instead of the same for all

    def cost(self, asset: int, value: float) -> float:
        """Return what trading `value` of the asset costs."""
        costs = self.costs if self.costs_of is None else self.costs_of[asset]
        return charge(costs, value, self.prices[asset]).total

    def value(self, asset: int) -> float:
        """Return h: what the asset held is worth now, 0 when none is held."""
        return 0.0 if self.quantities[asset] == 0.0 else self.quantities[asset] * self.prices[asset]


@dataclass(frozen=True)
class Trade:
    """A quantity to trade, split at zero into a reducing and an opening part (units, signed)."""

    asset: int
    reducing: float
    opening: float


@dataclass(frozen=True)
class Sized:
    """What sizing answers, each list in the order of the symbols except `given_up`, which is in its own order."""

    trades: list[Trade]
    equity_after: float
    untradable: list[int]  # targets on assets that can neither be bought now nor are held
    given_up: list[tuple[int, float]]  # asset and |trade value|, dropped because its cost could not be paid


def size(sheet: Sheet) -> Sized:
    """Turn targets into trades. An account without equity trades nothing."""
    untradable = [i for i in sheet.by_name if sheet.targets[i] != 0.0 and not is_relevant(sheet, i)]
    if sheet.equity <= 0.0:
        return Sized([], sheet.equity, untradable, [])
    smallest = max(sheet.min_trade, 1e-9 * sheet.equity)
    movable = [i for i in sheet.by_name if sheet.tradable[i]]
    trading = [i for i in movable if abs(missing(sheet, i, sheet.equity)) > smallest]
    given_up: list[tuple[int, float]] = []
    while True:
        x = solve(sheet, trading)
        if x <= 0.0:  # not even with x = 0 could the costs be paid: the least important trade goes, for good
            least = smallest_trade(sheet, trading)
            given_up.append((least, abs(missing(sheet, least, sheet.equity))))
            trading.remove(least)
            movable.remove(least)
            continue
        added = [i for i in movable if i not in trading and abs(missing(sheet, i, x)) > smallest]
        if not added:
            break
        trading = [i for i in movable if i in trading or i in added]
    sent = [i for i in trading if abs(missing(sheet, i, x)) > 1e-9 * sheet.equity]  # what is less is rounding
    trades = [split_trade(sheet, i, aim(sheet, i, x)) for i in sent]
    return Sized([t for t in trades if t.reducing != 0.0 or t.opening != 0.0], x, untradable, given_up)


def smallest_trade(sheet: Sheet, trading: list[int]) -> int:
    """Return the asset with the smallest |trade value| at x = E; within 1e-9 E the first symbol wins.

    What one of two assets sells the other buys: such ties are common, and must not be decided by rounding.
    """
    least = trading[0]
    for i in trading[1:]:
        gap = abs(missing(sheet, least, sheet.equity)) - abs(missing(sheet, i, sheet.equity))
        if gap > 1e-9 * sheet.equity:
            least = i
    return least


def is_relevant(sheet: Sheet, asset: int) -> bool:
    """Whether a target on the asset means anything: it can be traded, or it is held and stays."""
    return sheet.tradable[asset] or sheet.quantities[asset] != 0.0


def aim(sheet: Sheet, asset: int, x: float) -> float:
    """Return the value that a tradable asset should have when the equity after costs is `x` > 0.

    Holdings that cannot be traded stay. They use up gross exposure, and what they leave is shared by the tradable
    assets in proportion to their targets; nobody gets more than w x.
    """
    stuck = [i for i in sheet.by_name if not sheet.tradable[i] and sheet.quantities[i] != 0.0]
    w = sheet.targets[asset]
    if w == 0.0:
        return 0.0
    if not stuck:
        return w * x
    held = math.fsum(abs(sheet.value(i)) for i in stuck)
    tradable = math.fsum(abs(sheet.targets[i]) for i in sheet.by_name if sheet.tradable[i])
    gross = tradable + math.fsum(abs(sheet.targets[i]) for i in stuck)
    return w * min(1.0, max(0.0, gross * x - held) / (tradable * x)) * x


def missing(sheet: Sheet, asset: int, x: float) -> float:
    """Return the value to trade (signed) so that the asset reaches its aim."""
    return aim(sheet, asset, x) - sheet.value(asset)


def solve(sheet: Sheet, trading: list[int]) -> float:
    """Return x with x = E - costs(x), or 0 when there is none.

    From x = E the iteration shrinks the error by the cost rate each time. Where costs are so high that it does not
    settle, or leaves the positive numbers, (0, E] is halved 200 times, keeping the side on which the sign changes.
    """
    equity = sheet.equity
    x = equity
    for _ in range(200):
        after = left_after_costs(sheet, trading, x)
        if abs(after - x) <= 1e-15 * equity:
            return after
        if after <= 0.0:
            break
        x = after
    low, high = 0.0, equity
    for _ in range(200):
        middle = (low + high) / 2.0
        if left_after_costs(sheet, trading, middle) > middle:
            low = middle
        else:
            high = middle
    return low


def left_after_costs(sheet: Sheet, trading: list[int], x: float) -> float:
    """Return E less what it costs to trade the chosen assets to their aims at `x`."""
    paid = [sheet.cost(i, missing(sheet, i, x)) for i in trading]
    return sheet.equity - math.fsum(paid)


def split_trade(sheet: Sheet, asset: int, goal: float) -> Trade:
    """Split the trade to `goal` (money) at zero and round each part to lots.

    A goal of 0, or on the other side of zero, closes the position to the last unit, odd lots included.
    """
    held, price, lot = sheet.quantities[asset], sheet.prices[asset], sheet.lots[asset]
    if held == 0.0:
        return Trade(asset, 0.0, round_to_lot(goal / price, lot))
    if goal == 0.0 or (goal > 0.0) != (held > 0.0):
        return Trade(asset, -held, round_to_lot(goal / price, lot))
    part = round_to_lot((goal - sheet.value(asset)) / price, lot)
    if abs(goal) < abs(sheet.value(asset)):
        return Trade(asset, part, 0.0)
    return Trade(asset, 0.0, part)

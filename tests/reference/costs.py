"""What a trade costs, one side at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Costs:
    """What one asset's trades in one row pay by.

    Rates are fractions of the traded value; `per_share` is money per unit, `per_trade` and `minimum` money per fill.
    `impact` multiplies sigma x sqrt(units / adv); `temporary` and `permanent` are money per unit squared.
    """

    commission: float = 0.0
    per_share: float = 0.0
    minimum: float = 0.0
    half_spread: float = 0.0
    slippage: float = 0.0
    per_trade: float = 0.0
    impact: float = 0.0
    sigma: float = 0.0
    adv: float = math.inf
    temporary: float = 0.0
    permanent: float = 0.0

    @property
    def is_proportional(self) -> bool:
        """Whether half of a trade costs half."""
        rest = (self.minimum, self.per_trade, self.impact, self.temporary, self.permanent)
        return all(part == 0.0 for part in rest)


@dataclass(frozen=True)
class Charge:
    """The cost of one trade, split by cause; all in money and never negative."""

    commission: float
    spread: float = 0.0
    slippage: float = 0.0
    impact: float = 0.0
    temporary: float = 0.0
    permanent: float = 0.0

    @property
    def total(self) -> float:
        """Everything that leaves the account besides the value traded."""
        return self.commission + self.spread + self.slippage + self.impact + self.temporary + self.permanent


def charge(costs: Costs, value: float, price: float, *, resting: bool = False) -> Charge:
    """Return what trading `value` (money, signed) at `price` costs. No trade costs nothing, not even the minimum.

    A limit order rested in the book: it pays its commission and nothing else.
    """
    if value == 0.0:
        return Charge(0.0)
    traded = abs(value)
    units = traded / price
    commission = max(costs.minimum, costs.commission * traded + costs.per_share * units + costs.per_trade)
    if resting:
        return Charge(commission)
    impact = 0.0
    if costs.impact != 0.0:
        impact = costs.impact * costs.sigma * math.sqrt(units / costs.adv) * traded
    paid = Charge(
        commission,
        costs.half_spread * traded,
        costs.slippage * traded,
        impact,
        costs.temporary * units * units,
        0.5 * costs.permanent * units * units,
    )
    if not math.isfinite(paid.total):
        raise ValueError("a trade where spread, sigma or volume is not known")
    return paid


@dataclass(frozen=True)
class CostTables:
    """The costs of all assets and rows. `tiers` are (money traded in the month from which on, commission), rising."""

    plain: Costs
    tiers: tuple[tuple[float, float], ...] = ()
    half_spread: list[list[float]] | None = None
    sigma: list[list[float]] | None = None
    adv: list[list[float]] | None = None
    temporary: tuple[float, ...] = ()
    permanent: tuple[float, ...] = ()

    def of(self, row: int, asset: int, month_volume: float) -> Costs:
        """Return what a trade pays by; `month_volume` is the money traded so far in the month."""
        plain = self.plain
        return Costs(
            commission=self.commission(month_volume),
            per_share=plain.per_share,
            minimum=plain.minimum,
            half_spread=plain.half_spread if self.half_spread is None else self.half_spread[row][asset],
            slippage=plain.slippage,
            per_trade=plain.per_trade,
            impact=plain.impact,
            sigma=0.0 if self.sigma is None else self.sigma[row][asset],
            adv=math.inf if self.adv is None else self.adv[row][asset],
            temporary=self.temporary[asset] if self.temporary else 0.0,
            permanent=self.permanent[asset] if self.permanent else 0.0,
        )

    def commission(self, month_volume: float) -> float:
        """Return the rate of the highest tier that has been reached; the whole trade pays it."""
        rate = self.plain.commission
        for reached, tier_rate in self.tiers:
            if month_volume >= reached:
                rate = tier_rate
        return rate

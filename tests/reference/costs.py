"""What a trade costs, one side at a time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Costs:
    """Rates as fractions of the traded value, `per_share` in money per unit, `minimum` in money per fill."""

    commission: float = 0.0
    per_share: float = 0.0
    minimum: float = 0.0
    half_spread: float = 0.0
    slippage: float = 0.0


@dataclass(frozen=True)
class Charge:
    """The cost of one trade, split by cause; all in money and never negative."""

    commission: float
    spread: float
    slippage: float

    @property
    def total(self) -> float:
        """Everything that leaves the account besides the value traded."""
        return self.commission + self.spread + self.slippage


def charge(costs: Costs, value: float, price: float) -> Charge:
    """Return what trading `value` (money, signed) at `price` costs. No trade costs nothing, not even the minimum."""
    if value == 0.0:
        return Charge(0.0, 0.0, 0.0)
    traded = abs(value)
    units = traded / price
    commission = max(costs.minimum, costs.commission * traded + costs.per_share * units)
    return Charge(commission, costs.half_spread * traded, costs.slippage * traded)

"""What one trade costs: the one formula that sizing, matching, posting and margin share.

`fees` is None in the lean form, where costs are six numbers; what asks for it is then compiled away.
"""

from typing import NamedTuple

import numpy as np

from backtest.kernels._jit import part
from backtest.types import CostShape, Fault


class Rates(NamedTuple):
    """What every asset pays alike at one moment."""

    commission: float  # fraction of the value; that of the tier which counts now
    per_share: float
    minimum: float  # money
    per_trade: float
    half_spread: float
    slippage: float
    shape: int  # of types.CostShape


@part
def read_rates(book, rule, fees):
    """Return what trades pay by now."""
    rate = rule["commission"]
    if fees is not None and rule["cost_shape"] != CostShape.FLAT:
        rate = book.record[0]["commission"]
    return Rates(
        rate, rule["per_share"], rule["minimum"], rule["per_trade"], rule["half_spread"], rule["slippage"],
        rule["cost_shape"],
    )  # fmt: skip


@part
def is_flat(rates):
    """Whether all assets pay the same rates, and nothing by the fill."""
    return rates.shape == CostShape.FLAT and rates.minimum == 0.0 and rates.per_trade == 0.0


@part
def is_linear(rates):
    """Whether half of a trade costs half."""
    return rates.shape != CostShape.CURVED and rates.minimum == 0.0 and rates.per_trade == 0.0


@part
def fill_cost(rates, fees, t, i, units, price, resting):
    """Return commission, spread, slippage and impact of `units` ≥ 0 of asset `i` at `price` in row `t`, in money.

    What is not known is NaN. A `resting` order (a limit that waited in the book) pays its commission alone.
    """
    value = units * price
    fee = commission(value, units, rates.commission, rates.per_share, rates.minimum, rates.per_trade)
    if resting:
        return fee, 0.0, 0.0, 0.0
    half_spread, impact = rates.half_spread, 0.0
    if fees is not None:
        half_spread = _at(fees.half_spread, t, i)
        impact = _at(fees.push, t, i) * np.sqrt(units) * value + _at(fees.curve, t, i) * units * units
    return fee, half_spread * value, rates.slippage * value, impact


@part
def whole_cost(rates, fees, t, i, value, price, resting):
    """Return everything that trading `value` ≥ 0 (money) of asset `i` at `price` costs; nothing costs nothing."""
    if value == 0.0:
        return 0.0
    if fees is not None and rates.shape != CostShape.FLAT:
        fee, spread, slippage, impact = fill_cost(rates, fees, t, i, value / price, price, resting)
        return fee + spread + slippage + impact
    spread_rate = 0.0 if resting else rates.half_spread + rates.slippage
    return trade_cost(value, rates.commission + rates.per_share / price, spread_rate, rates.minimum, rates.per_trade)


@part
def commission(value, quantity, rate, per_share, minimum, per_trade):
    """Money charged by the broker for a fill of `value` ≥ 0 (money) and `quantity` ≥ 0 (units)."""
    return max(minimum, rate * value + per_share * quantity + per_trade)


@part
def trade_cost(value, unit_rate, spread_rate, minimum, per_trade):
    """Whole cost of trading `value` ≥ 0 (money), with the per-share part already folded into `unit_rate`."""
    if value == 0.0:
        return 0.0
    return max(minimum, unit_rate * value + per_trade) + spread_rate * value


@part
def begin_tier(book, rule, fees, t):
    """Let the money traded in the month so far decide the commission of what comes next; the highest tier counts."""
    state = book.record[0]
    if fees.month.shape[0] > 0 and fees.month[t] != state["month"]:
        state["month"] = fees.month[t]
        state["month_volume"] = 0.0
    state["commission"] = rule["commission"]
    for k in range(fees.tiers.shape[0]):
        if state["month_volume"] >= fees.tiers[k, 0]:
            state["commission"] = fees.tiers[k, 1]


@part
def note_unknown(book, i):
    """Say that asset `i` trades where its spread, volatility or volume is not known: the run ends with this row."""
    state = book.record[0]
    if state["fault"] != Fault.COST:
        state["fault"] = Fault.COST
        state["fault_asset"] = i


@part
def _at(table, t, i):
    """Entry of a table that has a row for each bar, or one for all."""
    return table[t if table.shape[0] > 1 else 0, i]

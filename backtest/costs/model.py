"""The cost of a fill: commission (of the value, per unit, per trade, at least so much), half the spread, slippage.

The kernel charges the same formula (`kernels/costs.py`); this page states it in plain Python, for the docs and as the
answer the kernel is tested against. A later model (tiers, impact, borrow) adds its parameters here, or its own file
beside this one, and an entry in `COSTS`.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from backtest.costs.presets import PRESETS, PresetName
from backtest.parameters import Parameters
from backtest.types import Floats

BPS = 10_000.0
"""Basis points in one. Divided by, not multiplied with 1e-4: 3 bps is then 0.0003 to the last bit."""

Rate = Annotated[float, Field(ge=0.0)]


class Charge(NamedTuple):
    """The cost of one fill by cause, each in money and never negative."""

    commission: float
    spread: float
    slippage: float

    @property
    def total(self) -> float:
        """Everything that leaves the account beside the value traded."""
        return self.commission + self.spread + self.slippage


class Costs(Parameters):
    """What each fill costs, per side: buying and later selling pays everything twice."""

    preset: PresetName | None = None
    """Costs for a kind of market, by name; what is written beside it comes first.

    `{preset: crypto_spot, slippage_bps: 1}` is `crypto_spot` with less slippage; `costs: crypto_spot` is short for the
    name alone.
    """

    commission_bps: Rate = 0.0
    """Commission per side, in basis points (0.01 %) of the traded value.

    At 5, buying 100 units at 50 (worth 5000) costs 2.50, and so does selling them at 50.
    """

    commission_per_share: Rate = 0.0
    """Commission per side, in money per unit traded.

    At 0.005, buying 200 units costs 1.00 at any price. Added to `commission_bps`; refused on adjusted prices.
    """

    commission_per_trade: Rate = 0.0
    """Commission of a fill, in money, however large it is; added to the bps and per-share commission.

    At 2.00 with `commission_bps: 10`, a fill of 5000 costs 7.00, one of 50 costs 2.05. With `commission_minimum: 4` the
    small one costs 4.00 and the large one still 7.00.
    """

    commission_minimum: Rate = 0.0
    """Smallest commission of a fill, in money: the least that all its commissions together come to.

    At 1.00 with `commission_per_share: 0.005`, a fill of 50 units costs 1.00 instead of 0.25; one of 300 costs 1.50.
    """

    half_spread_bps: Rate = 0.0
    """Half the bid-ask spread, per side, in basis points of the traded value: from the middle price to the quote.

    At 2 (a spread of 4), buying for 10000 costs 2.00 and selling it again 2.00.
    """

    slippage_bps: Rate = 0.0
    """What the price moves away before the fill, per side, in basis points of the traded value.

    At 3, a fill of 10000 costs 3.00, on top of the spread.
    """

    @model_validator(mode="before")
    @classmethod
    def _expand_preset(cls, given: Any) -> Any:
        name = given.get("preset") if isinstance(given, dict) else None
        return {**PRESETS[name].values, **given} if isinstance(name, str) and name in PRESETS else given

    @model_validator(mode="after")
    def _refuse_ruin(self) -> Self:
        rate = self.commission_bps + self.half_spread_bps + self.slippage_bps
        if rate >= BPS:
            raise PydanticCustomError(
                "ruin", "together {rate} bps a side: selling would cost all that it brings", {"rate": f"{rate:g}"}
            )
        return self

    @property
    def are_zero(self) -> bool:
        """Whether trading costs nothing."""
        return not any(getattr(self, name) for name in COSTS)

    def fill_cost(self, quantity: float, price: float) -> Charge:
        """Return what a fill of `quantity` units (signed) at the reference `price` costs, by cause.

        A fill of nothing costs nothing, not even the minimum.
        """
        units = abs(quantity)
        if units == 0.0:
            return Charge(0.0, 0.0, 0.0)
        value = units * price
        commission = self.commission_bps / BPS * value + self.commission_per_share * units + self.commission_per_trade
        return Charge(
            commission=max(self.commission_minimum, commission),
            spread=self.half_spread_bps / BPS * value,
            slippage=self.slippage_bps / BPS * value,
        )

    def linear_rates(self, prices: Floats) -> Floats:
        """Return what a trade at each of `prices` `(N,)` costs, as a fraction of the value traded, per side.

        What `fill_cost` charges, without the money per fill: the minimum, and what is charged per trade. A cost that
        grows faster than the trade (impact) will be a second array beside this one.
        """
        rate = (self.commission_bps + self.half_spread_bps + self.slippage_bps) / BPS
        rates: Floats = rate + self.commission_per_share / prices
        return rates


COSTS: dict[str, str] = {
    name: field.description or "" for name, field in Costs.model_fields.items() if name != "preset"
}
"""Every cost by its name in YAML, with its description: the unit first, then a worked example."""

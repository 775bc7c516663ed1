"""The cost of a fill: commission (of the value, per unit, per trade, at least so much), spread, slippage, impact.

The kernel charges the same formula (`kernels/costs.py`); this page states it in plain Python, for the docs and as the
answer the kernel is tested against. What a market adds to it (spread, volatility and volume of each bar) is in
`tables.py`.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Any, NamedTuple, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from backtest.costs.presets import PRESETS, PresetName
from backtest.parameters import Parameters
from backtest.types import CostShape, Floats

BPS = 10_000.0
"""Basis points in one. Divided by, not multiplied with 1e-4: 3 bps is then 0.0003 to the last bit."""

Rate = Annotated[float, Field(ge=0.0)]


class Charge(NamedTuple):
    """The cost of one fill by cause, each in money and never negative."""

    commission: float
    spread: float
    slippage: float
    impact: float = 0.0

    @property
    def total(self) -> float:
        """Everything that leaves the account beside the value traded."""
        return self.commission + self.spread + self.slippage + self.impact


class Conditions(NamedTuple):
    """What the cost of a fill depends on besides its size and price; all of it known before the bar."""

    month_traded: float = 0.0  # money, in this month, by the whole account
    half_spread_bps: float = math.nan  # what a series says
    volatility: float = math.nan  # deviation of the return of a bar
    volume: float = math.nan  # units of an average bar


NOTHING_KNOWN = Conditions()


class Tier(Parameters):
    """The commission of those who have traded so much in a month."""

    from_money: float = Field(gt=0.0)
    """Money traded in the month, by the whole account, from which on this tier counts."""

    bps: float = Field(ge=0.0)
    """Commission per side in basis points of the traded value, in place of `commission_bps`."""


class SpreadSeries(Parameters):
    """A half spread that a series of the store tells, by symbol or for all of them."""

    series: str = Field(min_length=1)
    """Name of the series: half the bid-ask spread in basis points of the price; known at the end of the bar before."""

    times: float = Field(default=1.0, gt=0.0)
    """What each of its values is multiplied with: 0.5 where it holds whole spreads, 10000 where it holds fractions."""


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

    commission_tiers: tuple[Tier, ...] = ()
    """Commissions of those who trade much: a list of {from_money, bps}, rising.

    `[{from_money: 100000, bps: 3}]` with `commission_bps: 5`: 5 bps, and 3 from the bar on before which 100000 were
    traded in its month. The whole trade pays one rate; what is traded on the bar itself counts from the next one on.
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

    half_spread: SpreadSeries | None = None
    """Half the bid-ask spread from a series of the store, in place of `half_spread_bps`: {series: NAME}.

    A trade in a bar for which the series knows nothing yet is an error.
    """

    slippage_bps: Rate = 0.0
    """What the price moves away before the fill, per side, in basis points of the traded value.

    At 3, a fill of 10000 costs 3.00, on top of the spread.
    """

    impact_coefficient: Rate = 0.0
    """Impact by the square root: coefficient x volatility x √(units / average volume), a fraction of the traded value.

    At 1, with bars that move by 2 % and trade 10000 units, buying 100 units costs 1 x 2 % x √0.01 = 0.2 % of its value.
    Needs volume; refused on adjusted prices, whose units were never traded.
    """

    impact_volatility_bars: int = Field(default=21, ge=2)
    """Bars of the symbol before the fill over which impact takes volatility: the sample deviation of total returns.

    A trade before there is half of them is an error. A halt is passed over.
    """

    impact_volume_bars: int = Field(default=21, ge=1)
    """Bars of the symbol before the fill whose volumes impact averages; a trade before half of them is an error."""

    impact_eta: Rate = 0.0
    """Temporary impact of Almgren and Chriss, in money per unit squared: eta x units².

    At 0.0001, a fill of 100 units costs 1.00, one of 200 units 4.00. Refused where splits change what a unit is.
    """

    impact_gamma: Rate = 0.0
    """Permanent impact of Almgren and Chriss, in money per unit squared: a fill pays half of it, gamma x units² / 2.

    The other half would be paid by whoever trades later: prices are those of the data, and are not moved.
    """

    @model_validator(mode="after")
    def _expand_preset(self) -> Self:
        if self.preset is None:
            return self
        said = {*self.model_fields_set, *(["half_spread_bps"] if self.half_spread is not None else [])}
        for name, value in PRESETS[self.preset].values.items():
            if name not in said:  # written to a frozen model before anybody has seen it
                self.__dict__[name] = value
                self.__pydantic_fields_set__.add(name)
        return self

    @field_validator("commission_tiers")
    @classmethod
    def _refuse_falling(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        reached = [tier.from_money for tier in tiers]
        if any(later <= earlier for earlier, later in pairwise(reached)):
            said = ", ".join(f"{money:g}" for money in reached)
            raise PydanticCustomError("falling", "from_money does not rise: {said}", {"said": said})
        return tiers

    @model_validator(mode="after")
    def _refuse_two_spreads(self) -> Self:
        if self.half_spread is not None and self.half_spread_bps != 0.0:
            received = {"bps": f"{self.half_spread_bps:g}", "name": self.half_spread.series}
            raise PydanticCustomError(
                "two_spreads",
                "half_spread_bps is {bps}, and half_spread is the series {name}: leave one out",
                received,
            )
        return self

    @model_validator(mode="after")
    def _refuse_ruin(self) -> Self:
        commission = max([self.commission_bps, *(tier.bps for tier in self.commission_tiers)])
        rate = commission + self.half_spread_bps + self.slippage_bps
        if rate >= BPS:
            raise PydanticCustomError(
                "ruin", "together {rate} bps a side: selling would cost all that it brings", {"rate": f"{rate:g}"}
            )
        return self

    @property
    def are_zero(self) -> bool:
        """Whether trading costs nothing."""
        return not any(getattr(self, name) for name in COSTS if name not in WINDOWS)

    @property
    def shape(self) -> CostShape:
        """How costs depend on what is traded, and when."""
        if self.impact_coefficient or self.impact_eta or self.impact_gamma:
            return CostShape.CURVED
        return CostShape.TABLES if self.commission_tiers or self.half_spread is not None else CostShape.FLAT

    @property
    def history_rows(self) -> int:
        """Bars that must exist up to a decision, so that the windows before it are full."""
        if self.impact_coefficient == 0.0:
            return 1
        return max(self.impact_volatility_bars + 2, self.impact_volume_bars + 1)

    def times(self, factor: float) -> Costs:
        """Return costs that are `factor` times as high, whatever they are counted in."""
        changes: dict[str, Any] = {name: factor * getattr(self, name) for name in COSTS if name not in NOT_NUMBERS}
        changes["commission_tiers"] = tuple(
            Tier(from_money=tier.from_money, bps=factor * tier.bps) for tier in self.commission_tiers
        )
        if self.half_spread is not None:
            changes["half_spread"] = SpreadSeries(series=self.half_spread.series, times=factor * self.half_spread.times)
        return self.model_copy(update=changes)

    def commission_rate(self, month_traded: float) -> float:
        """Return the commission of the highest tier reached, as a fraction of the value."""
        bps = self.commission_bps
        for tier in self.commission_tiers:
            if month_traded >= tier.from_money:
                bps = tier.bps
        return bps / BPS

    def fill_cost(self, quantity: float, price: float, when: Conditions = NOTHING_KNOWN) -> Charge:
        """Return what a fill of `quantity` units (signed) at the reference `price` costs, by cause.

        A fill of nothing costs nothing, not even the minimum. What is not known `when` it is needed makes NaN.
        """
        units = abs(quantity)
        if units == 0.0:
            return Charge(0.0, 0.0, 0.0)
        value = units * price
        rate = self.commission_rate(when.month_traded)
        commission = rate * value + self.commission_per_share * units + self.commission_per_trade
        half_spread = self.half_spread_bps / BPS
        if self.half_spread is not None:
            half_spread = self.half_spread.times * when.half_spread_bps / BPS
        impact = (self.impact_eta + 0.5 * self.impact_gamma) * units * units
        if self.impact_coefficient != 0.0:
            impact += self.impact_coefficient * when.volatility * math.sqrt(units / when.volume) * value
        return Charge(
            commission=max(self.commission_minimum, commission),
            spread=half_spread * value,
            slippage=self.slippage_bps / BPS * value,
            impact=impact,
        )

    def linear_rates(self, prices: Floats, half_spread_bps: Floats | float = math.nan) -> Floats:
        """Return what a trade at each of `prices` `(N,)` costs, as a fraction of the value traded, per side.

        What `fill_cost` charges, without the money per fill (the minimum, and what is charged per trade) and without
        impact, at the commission of who has traded nothing this month. `half_spread_bps` is what a series says.
        """
        spread: Floats | float = self.half_spread_bps
        if self.half_spread is not None:
            spread = self.half_spread.times * half_spread_bps
        rates: Floats = (self.commission_bps + spread + self.slippage_bps) / BPS + self.commission_per_share / prices
        return rates


COSTS = tuple(name for name in Costs.model_fields if name != "preset")
"""Every cost by its name in YAML."""

WINDOWS = ("impact_volatility_bars", "impact_volume_bars")
NOT_NUMBERS = ("commission_tiers", "half_spread", *WINDOWS)
"""Keys that say something else than how much."""

"""Costs by one name, for a kind of market.

The numbers are plain assumptions of this package: round, meant to be rather too high than too low, and taken from no
broker's or exchange's price list. Who knows better writes it beside the name.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

PresetName = Literal["us_equity_retail", "crypto_spot", "crypto_perp", "frictionless"]

PERPETUAL: tuple[PresetName, ...] = ("crypto_perp",)
"""Presets of perpetual futures: `financing` has to say their funding."""


class Assumed(NamedTuple):
    """A number of a preset, in the unit of its key, and what it stands for."""

    value: float
    meaning: str


class Preset(NamedTuple):
    """Costs for a kind of market; what is not assumed has the default of its key."""

    about: str
    assumed: dict[str, Assumed]

    @property
    def values(self) -> dict[str, float]:
        """What the preset writes for its reader."""
        return {name: assumed.value for name, assumed in self.assumed.items()}


PRESETS: dict[PresetName, Preset] = {
    "us_equity_retail": Preset(
        "Large US shares, bought by a private person: 5 bps a side. Our assumption, no broker's price list.",
        {
            "commission_bps": Assumed(0.0, "The broker takes no commission."),
            "half_spread_bps": Assumed(2.0, "Bid and ask are 4 bps apart: 2 cents on a share of 50."),
            "slippage_bps": Assumed(3.0, "The price has moved on 3 bps when the order arrives."),
        },
    ),
    "crypto_spot": Preset(
        "Large coins on a spot exchange, without leverage: 15 bps a side. Our assumption, no exchange's price list.",
        {
            "commission_bps": Assumed(10.0, "The exchange takes 10 bps from whoever takes its liquidity."),
            "half_spread_bps": Assumed(2.0, "Bid and ask are 4 bps apart."),
            "slippage_bps": Assumed(3.0, "The price has moved on 3 bps when the order arrives."),
        },
    ),
    "crypto_perp": Preset(
        "Perpetual futures on large coins: 10 bps a side, and funding, which financing has to say. Our assumption.",
        {
            "commission_bps": Assumed(5.0, "The exchange takes 5 bps from whoever takes its liquidity."),
            "half_spread_bps": Assumed(2.0, "Bid and ask are 4 bps apart."),
            "slippage_bps": Assumed(3.0, "The price has moved on 3 bps when the order arrives."),
        },
    ),
    "frictionless": Preset(
        "Nothing costs anything, and this is meant.",
        {
            "commission_bps": Assumed(0.0, "No commission."),
            "half_spread_bps": Assumed(0.0, "No spread."),
            "slippage_bps": Assumed(0.0, "No slippage."),
        },
    ),
}

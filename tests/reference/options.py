"""How the account trades, in small groups. A value for all assets may be one number; `per_asset` spreads it out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .costs import CostTables

Each = float | Sequence[float]  # one number for all assets, or one an asset
Table = Iterable[Iterable[float]]  # `(T, N)`

INTRABAR = ("pessimistic", "optimistic", "open_high_low_close", "open_low_high_close")
GTC = -1


def per_asset(value: Each, assets: int) -> tuple[float, ...]:
    """Return one number an asset."""
    if isinstance(value, (int, float)):
        return (float(value),) * assets
    numbers = tuple(float(entry) for entry in value)
    if len(numbers) != assets:
        raise ValueError(f"{len(numbers)} values for {assets} assets")
    return numbers


@dataclass(frozen=True)
class Trading:
    """How orders meet bars.

    Parameters
    ----------
    intrabar
        What is assumed about the way of the price inside a bar.
    carry
        How many real bars a target order may meet; 0 = the next row, bar or no bar; -1 = until it is filled.
    participation
        The largest part of a bar's volume that all fills of an asset in that row may take together.
    ticks
        Money per tick of limit and stop levels, 0 = none.
    min_notional
        Money; an order worth less is not sent.
    keep_net
        On margin: what reduces is cut by the same factor as what opens. Not with a participation cap.
    """

    intrabar: str = "pessimistic"
    carry: int = 0
    participation: float = math.inf
    ticks: Each = 0.0
    min_notional: float = 0.0
    keep_net: bool = False


@dataclass(frozen=True)
class Exits:
    """Declared exits as fractions of the entry price, NaN = none. They watch every position of the account."""

    stop: Each = math.nan
    target: Each = math.nan
    trail: Each = math.nan


@dataclass(frozen=True)
class Account:
    """A cash account, or one on margin with the part of each position that own money must cover.

    `settlement` is the number of sessions after which the cash of a sale can pay for something (cash account).
    """

    kind: str = "cash"  # or "margin"
    initial: Each = 0.5
    maintenance: Each = 0.25
    settlement: int = 0


@dataclass(frozen=True)
class Impact:
    """What trading moves against itself. Row t of a table is what a trade in row t pays by: its maker has lagged it.

    Parameters
    ----------
    coefficient
        Of the square root: coefficient x sigma x sqrt(|q| / adv) x |value|.
    sigma, adv
        `(T, N)` volatility of a day as a fraction, and average volume in units of that row.
    temporary, permanent
        Money per unit squared: temporary x q², and half of permanent x q².
    """

    coefficient: float = 0.0
    sigma: Table | None = None
    adv: Table | None = None
    temporary: Each = 0.0
    permanent: Each = 0.0


@dataclass(frozen=True)
class Finance:
    """Rates a year as fractions: a number, or a series `(T,)`; `borrow` and `funding` may be `(T, N)` or one an asset.

    A series is known at the end of its row: what is paid on row t goes by row t - 1. With `funding` the assets are
    perpetual futures: all of them, or those that `perpetual` `(N,)` says.
    """

    cash: float | Sequence[float] = 0.0
    loan: float | Sequence[float] = 0.0
    rebate: float | Sequence[float] = 0.0
    borrow: Each | Table = 0.0
    funding: Each | Table | None = None
    perpetual: Sequence[bool] | None = None

    def perpetuals(self, assets: int) -> tuple[bool, ...]:
        """Say which assets are perpetual futures."""
        if self.funding is None:
            return (False,) * assets
        return (True,) * assets if self.perpetual is None else tuple(bool(each) for each in self.perpetual)


@dataclass(frozen=True)
class Rules:
    """Everything that stays the same from row to row. Bits of triggers are masks (1, 2, 4, ...), money is money."""

    fill: str  # "next_open", "next_close", "same_close"
    size: str  # "at_decision", "at_fill"
    costs: CostTables
    lots: tuple[float, ...]  # per asset, 0 = fractional
    min_trade: float
    cash_reserve: float
    max_gross: float
    max_stale: int
    wake_mask: int
    reapply_mask: int
    bands: tuple[float, ...]
    band_bits: tuple[int, ...]
    on_event: tuple[tuple[str, int], ...] = ()  # bits that fire when an event of a kind has happened
    trading: Trading = field(default_factory=Trading)
    ticks: tuple[float, ...] = ()
    exits: tuple[tuple[float, float, float], ...] = ()  # stop, target and trail of each asset
    on_margin: bool = False
    initial: tuple[float, ...] = ()
    maintenance: tuple[float, ...] = ()
    settlement: int = 0
    reinvest: bool = False
    all_events: bool = False
    perpetual: tuple[bool, ...] = ()  # per asset; empty: none

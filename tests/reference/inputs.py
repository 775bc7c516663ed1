"""From arguments to the market, the rules and an empty book; what cannot be simulated is refused here."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .bars import Bars
from .book import Book, Slot
from .costs import Costs, CostTables
from .options import INTRABAR, Account, Exits, Impact, Rules, Table, per_asset


def new_book(capital: float, assets: int) -> Book:
    """Return an account with nothing but cash."""
    return Book(
        cash=float(capital),
        equity=float(capital),
        quantities=[0.0] * assets,
        marks=[math.nan] * assets,
        last_bar=[-1] * assets,
        flagged_stale=[False] * assets,
        delisted=[False] * assets,
        slots=[Slot() for _ in range(assets)],
        exited=[False] * assets,
        base=float(capital),
    )


def read_table(table: Table | None) -> list[list[float]] | None:
    """Copy anything of shape `(T, N)` into lists of Python floats; None stays None."""
    return None if table is None else [[float(entry) for entry in row] for row in table]


def read_costs(
    plain: Costs, half_spread: float | Table, tiers: Sequence[tuple[float, float]], impact: Impact, assets: int
) -> CostTables:
    """Collect rates and tables."""
    return CostTables(
        plain=plain,
        tiers=tuple((float(reached), float(rate)) for reached, rate in tiers),
        half_spread=None if isinstance(half_spread, (int, float)) else read_table(half_spread),
        sigma=read_table(impact.sigma),
        adv=read_table(impact.adv),
        temporary=per_asset(impact.temporary, assets),
        permanent=per_asset(impact.permanent, assets),
    )


def read_exits(exits: Exits, assets: int) -> tuple[tuple[float, float, float], ...]:
    """Return stop, target and trail of each asset."""
    columns = (per_asset(each, assets) for each in (exits.stop, exits.target, exits.trail))
    return tuple(zip(*columns, strict=True))


def check_modes(bars: Bars, rules: Rules, account: Account, *, is_asked: bool) -> None:
    """Refuse what cannot be simulated."""
    if rules.fill not in ("next_open", "next_close", "same_close") or rules.size not in ("at_decision", "at_fill"):
        raise ValueError(f"unknown fill {rules.fill!r} or size {rules.size!r}")
    if rules.trading.intrabar not in INTRABAR or account.kind not in ("cash", "margin"):
        raise ValueError(f"unknown intrabar {rules.trading.intrabar!r} or account {account.kind!r}")
    if rules.fill == "next_open" and bars.open is None:
        raise ValueError("next_open needs opening prices")
    if len(bars.clock.sessions) > 1 and (rules.fill == "same_close" or rules.size == "at_fill"):
        raise ValueError("several clocks have no close of all assets to decide on, and no one moment to size at")
    if rules.wake_mask != 0 and not is_asked:
        raise ValueError("wake_mask is set, but there is nobody to ask")
    if not bars.has_ranges and any(not math.isnan(level) for levels in rules.exits for level in levels):
        raise ValueError("declared exits need open, high and low")
    if rules.costs.plain.impact != 0.0 and (rules.costs.sigma is None or rules.costs.adv is None):
        raise ValueError("impact needs sigma and adv")
    if math.isfinite(rules.trading.participation) and bars.volume is None:
        raise ValueError("a participation cap needs volume")
    if rules.trading.keep_net and (account.kind != "margin" or math.isfinite(rules.trading.participation)):
        raise ValueError("keep_net is for margin accounts without a participation cap")
    if account.settlement > 0 and account.kind != "cash":
        raise ValueError("a settlement lag is for cash accounts")

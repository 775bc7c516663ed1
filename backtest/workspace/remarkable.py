"""What a person should hear of a run when it has ended, beside its numbers."""

from __future__ import annotations

import numpy as np

from backtest.allocate.names import methods_in
from backtest.config import Config
from backtest.simulate.portfolio import Simulated
from backtest.simulate.result import Result
from backtest.types import CancelReason, EventKind, Floats
from backtest.workspace.said import remarks

SMALL_BASKET = 0.001
"""Of equity: a basket whose buys come to less is not worth a warning when its cash does not suffice."""

YEAR = 366
"""Days up to which views that do not change are those of one moment."""


def remarkable(config: Config, simulated: Simulated) -> list[str]:
    """Warn on the terminal of what the report finds among fills and events."""
    result = simulated.result
    said = []
    ruined = result.events[result.events["kind"] == EventKind.BANKRUPT]
    if len(ruined):
        row = int(ruined["row"][0])
        end = "the money ran out" if result.flow[row - result.first] < 0.0 else "the account was ruined"
        said.append(f"{end} on {result.market.day(row)}")
    called = result.events[result.events["kind"] == EventKind.MARGIN_CALL]
    if len(called):
        times = "once" if len(called) == 1 else f"{len(called)} times, the first"
        said.append(f"a margin call {times} on {result.market.day(int(called['row'][0]))}")
    if result.cash.min() < -1e-9 * config.capital and not config.account.is_margin:
        row = int(result.cash.argmin()) + result.first
        said.append(
            f"cash fell to {result.cash.min():,.2f} on {result.market.day(row)}: sales cost more than they brought"
        )
    short = result.events[
        (result.events["kind"] == EventKind.CASH_FLOW) & (result.events["reason"] == CancelReason.CUT)
    ]
    if len(short) > len(ruined):
        times = "1 withdrawal" if len(short) == 1 else f"{len(short)} withdrawals"
        said.append(f"{times} could not be paid whole, the first on {result.market.day(int(short['row'][0]))}")
    if not len(result.fills):
        said.append("nothing was traded; rebalances.parquet and events.parquet say why")
    return [*said, *_cut(config, result), *_fixed_views(config, result), *remarks(simulated.driven.notes)]


def cut_baskets(config: Config, result: Result) -> Floats:
    """Return the factors below `execution.warn_below` by which buys were cut that were worth speaking of."""
    cut = np.flatnonzero(result.decisions["scale"] < config.execution.warn_below)
    if not len(cut):
        return np.empty(0)
    lines = result.decisions[cut]
    targets = result.targets[cut]
    side = np.sign(targets) if config.account.is_margin else 1.0  # a short that is missing was to be sold
    missing = np.fmax(side * (targets - result.weights()[lines["row"] - result.first]), 0.0).sum(axis=1)
    filled = lines["done_row"] == lines["row"]  # at the very close, whose weights have what was bought
    wanted = np.where(filled, missing / (1.0 - lines["scale"]), missing)
    factors: Floats = lines["scale"][wanted >= SMALL_BASKET]
    return factors


def _cut(config: Config, result: Result) -> list[str]:
    """Warn of baskets that were cut; the report finds them in the manifest."""
    below, limit = cut_baskets(config, result), config.execution.warn_below
    if not len(below):
        return []
    baskets = "1 basket" if len(below) == 1 else f"{len(below)} baskets"
    several = result.market.n_clocks > 1
    why = "; what opens first is not paid from what is sold later: constraints.cash_reserve" if several else ""
    return [f"{baskets} paid for less than {limit:.0%} of the buys; the least was {below.min():.2%}{why}"]


def _fixed_views(config: Config, result: Result) -> list[str]:
    """Warn of views that were written once and held through a run of more than a year."""
    viewed = any(getattr(method, "views", ()) for method in methods_in(config.allocation))
    days = int(result.market.session[-1] - result.market.session[result.first])
    if not viewed or days <= YEAR:
        return []
    span = f"{result.market.day(result.first)} to {result.market.day(result.market.n_rows - 1)}"
    return [
        f"allocation.views are the same from {span}: one that nobody could have at the start looks ahead; a strategy "
        "gives views that change: ctx.allocate(views=...)"
    ]

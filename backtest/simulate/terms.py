"""From what a person writes to the one record of rules that the kernel reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backtest.config import own_units, unfit_prices, unfit_rates
from backtest.config.model import MAX_STALE, NO_EXITS, Execution, Exits
from backtest.config.node import path_text
from backtest.costs import CASH, FREE, Account, Costs, Financing
from backtest.costs.model import BPS
from backtest.costs.rates import rates_of
from backtest.costs.tables import fees_of
from backtest.errors import ConfigError, Problem
from backtest.kernels.book import Fees, Rates
from backtest.market.market import Market
from backtest.market.stream.lazy import LazyRows
from backtest.schedule import Flow, Watch, flows_by_row
from backtest.simulate.engine import NOTHING, Terms, fixed
from backtest.types import RULES, Fill, Floats, Intrabar, Records, Size

WHOLE = 1.0
UNTIL_FILLED = -1


def make_terms(
    market: Market,
    first: int,
    costs: Costs,
    execution: Execution,
    watch: Watch,
    max_stale: int = MAX_STALE,
    account: Account = CASH,
    financing: Financing = FREE,
    exits: Exits = NO_EXITS,
    flows: Sequence[Flow] = (),
    all_events: bool = False,
) -> Terms:
    """Resolve costs, execution, exits, account, flows and triggers for a market that is simulated from row `first`.

    Triggers that events fire are looked at in the whole bar only. `all_events` are those that a `Story` tells.
    """
    refuse_impossible(market, costs, execution, financing, exits)
    lots = lots_of(market, execution)
    rule: Records = np.zeros(1, RULES)
    rule["fill"] = Fill[execution.fill.upper()]
    rule["size"] = Size[execution.size.upper()]
    rule["commission"] = costs.commission_bps / BPS
    rule["per_share"] = costs.commission_per_share
    rule["minimum"] = costs.commission_minimum
    rule["per_trade"] = costs.commission_per_trade
    rule["half_spread"] = costs.half_spread_bps / BPS
    rule["slippage"] = costs.slippage_bps / BPS
    rule["cost_shape"] = costs.shape
    rule["min_trade"] = execution.min_trade
    rule["cash_reserve"] = execution.cash_reserve
    _write_account(rule, account, financing)
    moved = flows_by_row(flows, market, first)
    rule["flowing"] = moved.size > 0
    rule["max_stale"] = max_stale
    rule["lots"] = lots.any()
    _write_bar(rule, market, execution, exits)
    rule["first"] = first
    rule["wake_mask"] = watch.wake_mask
    rule["reapply_mask"] = watch.reapply_mask
    rule["all_events"] = all_events or watch.event_kinds != 0
    rule["event_kinds"], rule["event_bit"] = watch.event_kinds, watch.event_bit
    rule["event_from"] = watch.event_from
    rule["whole"] |= watch.event_kinds != 0
    fees, rates, levels = _fees(costs, market), _rates(financing, market, first), levels_of(market, exits)
    return Terms(
        rule,
        lots,
        watch.fires,
        watch.bands,
        watch.band_bits,
        account,
        fees,
        rates=rates,
        exits=levels,
        ticks=ticks_of(market, execution),
        flows=moved,
    )


def _write_bar(rule: Records, market: Market, execution: Execution, exits: Exits) -> None:
    """Write what happens inside a bar; it is played whole where anything asks for that.

    Leaving a universe is an explicit order, and so asks for it too.
    """
    rule["opens"] = market.open is not None
    rule["ranges"] = market.open is not None and market.high is not None and market.low is not None
    rule["intrabar"] = Intrabar[execution.intrabar.upper()]
    rule["carry"] = UNTIL_FILLED if execution.carry == "gtc" else execution.carry
    rule["participation"] = execution.participation or 0.0
    rule["min_notional"] = execution.min_order
    rule["reinvest"] = execution.dividends == "reinvest"
    rule["exits"] = not exits.are_none
    rule["keep_net"] = execution.keep_net
    asks = any(rule[name][0] for name in ("carry", "participation", "min_notional", "exits", "settlement", "keep_net"))
    rule["whole"] = asks or market.member is not None


def levels_of(market: Market, exits: Exits) -> Floats:
    """Declared stop, target and trail of each symbol as fractions of the entry price, `(3, N)`, NaN where none is."""
    given = [np.nan if each is None else each for each in (exits.stop, exits.target, exits.trail)]
    levels: Floats = np.repeat(np.array(given)[:, None], market.n_assets, axis=1)
    return levels


def _write_account(rule: Records, account: Account, financing: Financing) -> None:
    """Write what the account may hold, and what holding earns and costs."""
    rule["max_gross"] = account.most_gross
    rule["margin"] = account.is_margin
    rule["initial"], rule["maintenance"] = account.initial or 0.0, account.maintenance or 0.0
    rule["financed"] = not financing.are_zero
    rule["settlement"] = account.settlement_days


def _fees(costs: Costs, market: Market) -> Fees | None:
    found = fees_of(costs, market)
    if found is None:
        return None
    return Fees(*(_fixed(block) for block in found))


def _rates(financing: Financing, market: Market, first: int) -> Rates | None:
    found = rates_of(financing, market, first)
    return None if found is None else Rates(*(_fixed(table) for table in found))


def _fixed(table: Any) -> Any:
    """Return a table as the kernel takes it; what only exists row by row comes to it with the rows."""
    return table if isinstance(table, LazyRows) else fixed(table, table.dtype)


def silent_watch(n_rows: int) -> Watch:
    """No triggers: for targets that are known ahead."""
    none = np.zeros(n_rows, np.int64)
    return Watch(none, np.empty(0), np.empty(0, np.int64), (), 0, 0)


def refuse_impossible(market: Market, costs: Costs, execution: Execution, financing: Financing, exits: Exits) -> None:
    """Raise when the market cannot give what execution, exits, costs and financing ask for."""
    unfit_ones = (*unfit_prices(market, costs, execution, exits), *unfit_rates(market, financing))
    problems = [Problem(path_text(unfit.keys), unfit.message, unfit.received, unfit.allowed) for unfit in unfit_ones]
    if problems:
        raise ConfigError(problems)


def lots_of(market: Market, execution: Execution) -> Floats:
    """Units per lot, `(N,)`, 0 where any quantity will do."""
    if execution.lots == "store":
        own: Floats = fixed(own_units(market, "lot"))
        return own
    units = 0.0 if execution.lots == "fractional" else WHOLE if execution.lots == "whole" else execution.lots
    lots: Floats = fixed(np.full(market.n_assets, units))
    return lots


def ticks_of(market: Market, execution: Execution) -> Floats:
    """Return the steps of levels in money, `(N,)`, 0 where any price will do; none at all when nothing is rounded."""
    if execution.ticks == "store":
        return own_units(market, "tick")
    ticks: Floats = NOTHING[0] if execution.ticks == "any" else np.full(market.n_assets, execution.ticks)
    return ticks

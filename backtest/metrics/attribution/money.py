"""Who earned the money: by asset, group, strategy, trade, cost and financing, adding up to what was earned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from backtest import stats
from backtest.errors import InputError, RunError, unknown
from backtest.metrics.attribution.groups import Groups, groups_by, sectors
from backtest.metrics.attribution.rows import (
    PAYING,
    carry_by_row,
    costs_by_asset,
    costs_by_row,
    dividends_of,
    equity_before,
    fills_of,
    names_of,
    owners_of,
    payments_by_row,
    returns_of,
    values_of,
    weighted_profit,
)
from backtest.metrics.handovers import handled_assets, handovers
from backtest.metrics.ledger import COSTS, Outcome, financed, gain, has_flows, last_row, paid_in
from backtest.metrics.trips import trips
from backtest.types import Floats

TOLERANCE = 1e-9
"""Largest share of the money that moved by which the parts may miss the whole."""

LEVELS = ("asset", "strategy", "trade", "cost")

HOLDING = "financing"
"""Level, and name of the line, of what holding money and shorts earned and cost: no asset and no trade has it."""


def attribution(result: Outcome, strategies: Sequence[str] = ()) -> pd.DataFrame:
    """Return one row a part: level, name, and what it earned; this is `attribution.parquet`.

    Levels: "asset"; "group" (the sectors of the market's properties, when it has them); "strategy" (when more than one
    traded, by the names in `strategies`, owner 0 first, else by number); "cost" (one row a kind); "financing" (one row
    a kind, where holding money and shorts earned or cost anything); "flow" ("withdrawals", where one was paid inside a
    bar: it earns no money, but what came after it was earned on less); "total".

    - profit: money before costs. Closing value, less what was bought and plus what was sold at reference prices, plus
      dividends, delisting payouts and what a spin-off gave away, which the child begins with. Of a cost ≤ 0, of
      financing what was earned, negative where paid; of the total the change of equity that is not a flow. Asset +
      cost + financing = total; group and strategy rows add up the asset rows once more.
    - contribution: profit / all money paid in, the initial capital first; adds up in the same way. Without flows that
      is the total return.
    - linked: profit of each bar / equity before it, linked over time (Carino, 1999); adds up, with "flow", to the total
      return, time-weighted, and a gain early counts as much as one late, when the account was larger. NaN for a ruined
      account.
    - cost, net: what was paid for trading the part, and profit − cost. Of the total: all costs, and its profit. Asset
      rows alone add up to the total. NaN in rows of cost and financing.
    """
    profit, paid, carry = asset_profit(result), costs_by_asset(result).sum(axis=1), carry_by_row(result)
    kinds = np.array([result.fills[kind].sum() for kind in COSTS])
    total = gain(result)
    _check_sum(result, float(profit.sum() - kinds.sum() + carry.sum()), total)
    factors = _factors(result)
    linked = weighted_profit(result, factors / equity_before(result))
    linked_costs = 0.0 - stats.link(costs_by_row(result) / equity_before(result)[:, None], factors)
    parts = [_part("asset", map(str, result.market.symbols), profit, linked, paid)]
    parts += _sectors(result, profit, linked, paid)
    parts += _strategies(result, factors, strategies)
    parts.append(_part("cost", COSTS, 0.0 - kinds, linked_costs, np.full(len(COSTS), np.nan)))
    linked_carry = stats.link(carry / equity_before(result)[:, None], factors)
    unpaid = np.full(carry.shape[1], np.nan)
    parts += [_part(HOLDING, financed(result), carry.sum(axis=0), linked_carry, unpaid)] if unpaid.size else []
    paying = stats.link(payments_by_row(result), factors)
    nothing = np.zeros(paying.size)
    parts += [_part("flow", (PAYING,), nothing, paying, nothing + np.nan)] if paying.size else []
    earned = stats.compound(returns_of(result)) if has_flows(result) else total / result.capital
    whole = np.array([earned if np.isfinite(factors).all() else np.nan])
    parts.append(_part("total", ("total",), np.array([total]), whole, kinds.sum(keepdims=True)))
    frame = pd.concat(parts, ignore_index=True)
    net = frame["profit"] - frame["cost"].where(frame["level"] != "total", 0.0)
    frame = frame.assign(contribution=frame["profit"] / paid_in(result), net=net)
    return frame[["level", "name", "profit", "contribution", "linked", "cost", "net"]]


def asset_profit(result: Outcome, owner: int | None = None) -> Floats:
    """Return the money each asset made before costs, `(N,)`, of one strategy or of all together."""
    n = result.market.n_assets
    fills, paid = fills_of(result, owner), dividends_of(result, owner)
    if fills.size == result.fills.size:
        end = last_row(result)
        quantity = result.positions()[end]
        value = np.where(quantity != 0.0, quantity * result.marks()[end], 0.0)
    else:
        value = values_of(result, owner)[-1]
    spent = np.bincount(fills["asset"], weights=fills["quantity"] * fills["price"], minlength=n)
    dividends = np.bincount(paid["asset"], weights=paid["value"], minlength=n)
    return np.asarray(value - spent + dividends + handovers(result, owner).summed(n))


def profit_by(result: Outcome, by: str = "asset", strategies: Sequence[str] = ()) -> pd.DataFrame:
    """Return what each part earned, in money: "asset", "strategy", "trade", "cost" or a property such as "sector".

    Columns: gross (before costs), dividends (the part of it), commission, spread, slippage, impact, cost (their sum),
    net (gross − cost), contribution (net / all money paid in). Net adds up to what was earned whichever way it is
    cut; rows that never traded are left out, and a last row "financing" has what holding money and shorts earned or
    cost, where it did ("cost" has a row a kind, what was earned negative). "trade" has no split of dividends and costs,
    and has symbol, opened, closed (NaT while open) in front: trips from nothing to nothing as in `trades`. "cost" has
    cost and net alone. "strategy" goes by the names in `strategies`, owner 0 first, else by number.
    """
    earned = float(carry_by_row(result).sum())
    _check_sum(result, float(asset_profit(result).sum() - costs_by_asset(result).sum() + earned), _change(result))
    if by == "trade":
        return _trades(result)
    if by == "cost":
        paid = np.array([*(result.fills[kind].sum() for kind in COSTS), *(0.0 - carry_by_row(result).sum(axis=0))])
        names = pd.Index([*COSTS, *financed(result)], name="cost")
        return _net(pd.DataFrame({"cost": paid}, index=names), 0.0, result)
    if by == "strategy":
        rows = [_money(result, owner).sum(axis=0) for owner in owners_of(result)]
        return _frame(result, np.array(rows).reshape(-1, 6), names_of(owners_of(result), strategies), by)
    table = _money(result, None)
    if by == "asset":
        seen = handled_assets(result)
        return _frame(result, table[seen], np.asarray(result.market.symbols)[seen].tolist(), by)
    groups = _known(result, by)
    seen = np.unique(groups.of[handled_assets(result)])
    return _frame(result, groups.sum(table.T).T[seen], np.array(groups.names)[seen].tolist(), by)


def _known(result: Outcome, by: str) -> Groups:
    properties = result.market.properties
    columns = [] if properties is None else [str(name) for name in properties.columns]
    if by not in columns:
        raise InputError(f"by: {unknown('way to cut the profit', by, [*LEVELS, *columns])}")
    return groups_by(result, by)


def _money(result: Outcome, owner: int | None) -> Floats:
    """Return gross, dividends and the four costs of each asset, `(N, 6)`."""
    paid = dividends_of(result, owner)
    dividends = np.bincount(paid["asset"], weights=paid["value"], minlength=result.market.n_assets)
    return np.column_stack((asset_profit(result, owner), dividends, costs_by_asset(result, owner)))


def _frame(result: Outcome, table: Floats, names: Sequence[Any], by: str) -> pd.DataFrame:
    if financed(result):
        table = np.vstack((table, [carry_by_row(result).sum(), *(0.0,) * (table.shape[1] - 1)]))
        names = [*names, HOLDING]
    frame = pd.DataFrame(table, columns=["gross", "dividends", *COSTS], index=pd.Index(names, name=by))
    return _net(frame.assign(cost=table[:, 2:].sum(axis=1)), frame["gross"], result)


def _trades(result: Outcome) -> pd.DataFrame:
    found, times, end = trips(result), result.times, last_row(result)
    order = np.argsort(found.opened, kind="stable")
    closed = pd.Series(times[np.where(found.is_open, end, found.closed)]).where(~found.is_open)
    symbol = np.asarray(result.market.symbols)[found.asset]
    frame = pd.DataFrame({"symbol": symbol, "opened": times[found.opened], "closed": closed})
    gross = found.profit + found.cost
    frame = _net(frame.assign(gross=gross, cost=found.cost), gross, result).iloc[order]
    if financed(result):
        held = _held(result, frame)
        frame = held if frame.empty else pd.concat((frame, held))
    return frame.reset_index(drop=True).rename_axis("trade")


def _held(result: Outcome, trades: pd.DataFrame) -> pd.DataFrame:
    """Return the line of what holding money and shorts earned or cost, with the columns of the trades."""
    earned = pd.Series([float(carry_by_row(result).sum())])
    never = pd.Series([pd.NaT], dtype=trades["closed"].dtype)
    line = pd.DataFrame({"symbol": [HOLDING], "opened": result.times[:1], "closed": never})
    return _net(line.assign(gross=earned, cost=0.0), earned, result)


def _net(frame: pd.DataFrame, gross: Any, result: Outcome) -> pd.DataFrame:
    net = gross - frame["cost"]
    return frame.assign(net=net, contribution=net / paid_in(result))


def _part(level: str, names: Any, profit: Floats, linked: Floats, cost: Floats) -> pd.DataFrame:
    return pd.DataFrame({"level": level, "name": list(names), "profit": profit, "linked": linked, "cost": cost})


def _sectors(result: Outcome, *columns: Floats) -> list[pd.DataFrame]:
    groups = sectors(result)
    return [] if groups is None else [_part("group", groups.names, *(groups.sum(column) for column in columns))]


def _strategies(result: Outcome, factors: Floats, strategies: Sequence[str]) -> list[pd.DataFrame]:
    owners = owners_of(result)
    if owners.size < 2:
        return []
    weight = factors / equity_before(result)
    profit = np.array([asset_profit(result, owner).sum() for owner in owners])
    linked = np.array([weighted_profit(result, weight, owner).sum() for owner in owners])
    paid = np.array([costs_by_row(result, owner).sum() for owner in owners])
    return [_part("strategy", names_of(owners, strategies), profit, linked, paid)]


def _factors(result: Outcome) -> Floats:
    return stats.linking_factors(returns_of(result))


def _change(result: Outcome) -> float:
    return gain(result)


def _check_sum(result: Outcome, parts: float, total: float) -> None:
    """An account whose parts do not make the whole has a fault in its ledger: say so rather than show it."""
    moved = float(np.abs(result.fills["quantity"] * result.fills["price"]).sum())
    if abs(parts - total) > TOLERANCE * max(paid_in(result), abs(float(result.equity[-1])), moved):
        raise RunError(
            f"attribution: assets and costs add up to {parts!r}, but {total!r} was earned; "
            "the ledger of this run is inconsistent, please report it"
        )

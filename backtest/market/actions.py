"""Corporate actions: from dates and symbols to records on rows, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from backtest.errors import DataError
from backtest.market.market import Market
from backtest.market.parquet import as_ints
from backtest.market.rows import iso
from backtest.types import ACTION, ActionKind, Bools, Floats, Ints, Records

KINDS: Mapping[str, ActionKind] = {kind.name.lower(): kind for kind in ActionKind}


@dataclass(frozen=True)
class DatedActions:
    """Actions as they are announced: a session date (days since 1970), a symbol, a kind, a value."""

    day: Ints
    symbol: tuple[str, ...]
    kind: Ints
    value: Floats


NO_DATED_ACTIONS = DatedActions(np.empty(0, np.int64), (), np.empty(0, np.int64), np.empty(0))


def action_records(actions: DatedActions, symbols: Sequence[str], session: Ints) -> Records:
    """Put actions on rows: each is effective on the first row whose session is its date or later.

    Records are sorted by row, asset and kind. Actions of symbols that are not asked for, of days before the first
    session (nothing could be held then) and after the last one are left out.
    """
    column = {symbol: k for k, symbol in enumerate(symbols)}
    asset = np.array([column.get(symbol, -1) for symbol in actions.symbol], np.int64)
    row = np.searchsorted(session, actions.day, side="left")
    kept = (asset >= 0) & (actions.day >= session[0]) & (row < session.shape[0])
    records = np.zeros(int(kept.sum()), ACTION)
    for name, values in (("row", row), ("asset", asset), ("kind", actions.kind), ("value", actions.value)):
        records[name] = values[kept]
    return merged(records, symbols)


def merged(records: Records, symbols: Sequence[str]) -> Records:
    """Sort by row, asset and kind, with one record of each: splits multiplied, dividends added.

    The kernel counts on it when it asks for room to write events.
    """
    ordered = records[np.lexsort((records["kind"], records["asset"], records["row"]))]
    kept: list[Any] = []
    for record in ordered:
        if kept and all(record[name] == kept[-1][name] for name in ("row", "asset", "kind")):
            if record["kind"] == ActionKind.DELISTING:
                raise DataError(f"actions: {symbols[int(record['asset'])]} is delisted twice in one row")
            together = record["value"] * kept[-1]["value"], record["value"] + kept[-1]["value"]
            kept[-1]["value"] = together[int(record["kind"] == ActionKind.DIVIDEND)]
        else:
            kept.append(record.copy())
    return np.array([tuple(record) for record in kept], ACTION)


def refuse_bars_after_delisting(symbols: Sequence[str], session: Ints, real: Bools, actions: Records) -> None:
    """What has left the market has no bars any more."""
    for action in actions[actions["kind"] == ActionKind.DELISTING]:
        row, asset = int(action["row"]), int(action["asset"])
        after = real[row + 1 :, asset]
        if after.any():
            first = row + 1 + int(after.argmax())
            raise DataError(
                f"actions: {symbols[asset]} is delisted on {iso(int(session[row]))} and has {int(after.sum())} bars "
                f"after it, the first on {iso(int(session[first]))}; correct the date, or give the later bars a symbol "
                "of their own"
            )


def refuse_large_dividends(market: Market) -> None:
    """A dividend is smaller than the price it is paid from."""
    factors = market.action_factors
    wrong = ~(factors.dividend > 0.0)
    if wrong.any():
        k = int(wrong.argmax())
        raise DataError(
            f"actions: the dividend of {market.symbols[factors.asset[k]]} on {market.day(int(factors.row[k]))} is not "
            "smaller than the price before it; allowed: 0 < dividend < last price, in money per unit"
        )


def actions_table(market: Market) -> pa.Table:
    """Return the actions of a market as they are kept in a store."""
    row = market.actions["row"]
    inside = (row > 0) & (market.session[row] == market.session[row - 1])
    if inside.any():
        k = int(inside.argmax())
        raise DataError(
            f"actions: {market.symbols[market.actions['asset'][k]]} on {market.day(int(row[k]))} is not on the first "
            "row of its session; a store keeps actions by session"
        )
    kinds = [ActionKind(kind).name.lower() for kind in market.actions["kind"]]
    return pa.table(
        {
            "time": pa.array(market.session[row].astype(np.int32), pa.date32()),
            "symbol": [str(market.symbols[asset]) for asset in market.actions["asset"]],
            "kind": pa.array(kinds, pa.string()),
            "value": np.array(market.actions["value"]),
        }
    )


def actions_from(table: pa.Table) -> DatedActions:
    """Return the actions of a store."""
    kinds = np.array([KINDS[kind] for kind in table.column("kind").to_pylist()], np.int64)
    symbols = tuple(table.column("symbol").to_pylist())
    return DatedActions(as_ints(table.column("time")), symbols, kinds, table.column("value").to_numpy())

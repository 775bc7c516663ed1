"""Corporate actions: from dates and symbols to records on rows, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from backtest.errors import DataError
from backtest.market.market import Market
from backtest.market.parquet import as_ints
from backtest.market.rows import iso
from backtest.market.transfers import ENDINGS, TRANSFERS
from backtest.types import ACTION, ActionKind, Bools, Floats, Ints, Records

KINDS: Mapping[str, ActionKind] = {kind.name.lower(): kind for kind in ActionKind}
NO_OTHER = -1  # column of actions that concern one asset


@dataclass(frozen=True)
class DatedActions:
    """Actions as they are announced: a session date (days since 1970), a symbol, a kind, a value.

    `other` is the symbol that a spin-off gives away, or the new name; "" for other actions.
    """

    day: Ints
    symbol: tuple[str, ...]
    kind: Ints
    value: Floats
    other: tuple[str, ...]


NO_DATED_ACTIONS = DatedActions(np.empty(0, np.int64), (), np.empty(0, np.int64), np.empty(0), ())


def action_table(rows: Iterable[Sequence[Any]]) -> Records:
    """Return records of (row, asset, kind, value) or (row, asset, kind, value, other), in order."""
    return in_order(np.array([(*row, NO_OTHER)[:5] for row in rows], ACTION))


def in_order(records: Records) -> Records:
    """Sort actions by row, and within a row as they apply.

    Renames come first. Then, asset by asset, splits, dividends and delistings; but what concerns two assets waits for
    both: spin-offs come after all dividends, and in a row with spin-offs all delistings come after those.
    """
    kind, spun = records["kind"], records["row"][records["kind"] == ActionKind.SPIN_OFF]
    phase = np.ones(len(records), np.int64)
    phase[kind == ActionKind.RENAME] = 0
    phase[kind == ActionKind.SPIN_OFF] = 2
    phase[(kind == ActionKind.DELISTING) & np.isin(records["row"], spun)] = 3
    ordered: Records = records[np.lexsort((records["other"], kind, records["asset"], phase, records["row"]))]
    return ordered


def action_records(actions: DatedActions, symbols: Sequence[str], session: Ints, since: int = 0) -> Records:
    """Put actions on rows: each is effective on the first row whose session is its date or later.

    Records are in order. Actions of symbols that are not asked for, of days before the first session (nothing could be
    held then) and after the last one are left out; but who is asked for from row `since` on must not vanish into a
    symbol that is not.
    """
    column = {symbol: k for k, symbol in enumerate(symbols)}
    asset = np.array([column.get(symbol, NO_OTHER) for symbol in actions.symbol], np.int64)
    other = np.array([column.get(symbol, NO_OTHER) for symbol in actions.other], np.int64)
    row = np.searchsorted(session, actions.day, side="left")
    kept = (asset >= 0) & (actions.day >= session[0]) & (row < session.shape[0])
    lost = kept & np.isin(actions.kind, TRANSFERS) & (other < 0)
    if (lost & (row >= since)).any():
        raise DataError(_not_asked_for(actions, int((lost & (row >= since)).argmax())))
    kept &= ~lost
    records = np.zeros(int(kept.sum()), ACTION)
    columns = {"row": row, "asset": asset, "kind": actions.kind, "value": actions.value, "other": other}
    for name, values in columns.items():
        records[name] = values[kept]
    return merged(records, symbols)


def _not_asked_for(actions: DatedActions, k: int) -> str:
    """Say that a symbol goes over into one that is not there."""
    does = "becomes" if actions.kind[k] == ActionKind.RENAME else "gives its holders"
    symbol, other = actions.symbol[k], actions.other[k]
    return (
        f"actions: {symbol} {does} {other} on {iso(int(actions.day[k]))}, and {other} is not among the symbols; "
        f"allowed: both {symbol} and {other}, or neither"
    )


def merged(records: Records, symbols: Sequence[str]) -> Records:
    """Put actions in order, with one record of each: splits multiplied, dividends added.

    The kernel counts on it when it asks for room to write events.
    """
    kept: list[Any] = []
    for record in in_order(records):
        if kept and all(record[name] == kept[-1][name] for name in ("row", "asset", "kind", "other")):
            kind = ActionKind(int(record["kind"]))
            if kind not in (ActionKind.SPLIT, ActionKind.DIVIDEND):
                word = kind.name.lower()
                raise DataError(f"actions: {symbols[int(record['asset'])]} has the same {word} twice in one row")
            together = record["value"] * kept[-1]["value"], record["value"] + kept[-1]["value"]
            kept[-1]["value"] = together[int(kind == ActionKind.DIVIDEND)]
        else:
            kept.append(record.copy())
    return np.array([tuple(record) for record in kept], ACTION)


def refuse_bars_after_end(symbols: Sequence[str], session: Ints, real: Bools, actions: Records) -> None:
    """What has left the market, or has another name, has no bars any more."""
    for action in actions[np.isin(actions["kind"], ENDINGS)]:
        row, asset = int(action["row"]), int(action["asset"])
        renamed = action["kind"] == ActionKind.RENAME
        after = real[row if renamed else row + 1 :, asset]
        if after.any():
            first = row + (0 if renamed else 1) + int(after.argmax())
            what = f"renamed to {symbols[int(action['other'])]}" if renamed else "delisted"
            raise DataError(
                f"actions: {symbols[asset]} is {what} on {iso(int(session[row]))} and has {int(after.sum())} bars "
                f"{'from then on' if renamed else 'after it'}, the first on {iso(int(session[first]))}; correct the "
                f"date, or give the later bars {'to the new name' if renamed else 'a symbol of their own'}"
            )


def refuse_large_dividends(market: Market) -> None:
    """What is paid, or given away, is worth less than the price it comes from."""
    ruinous = market.action_factors.ruinous
    if ruinous.any():
        raise DataError("actions: " + told_ruinous(market, int(ruinous.argmax())))


def told_ruinous(market: Market, k: int) -> str:
    """Say that factor `k`, of a dividend or a spin-off, leaves nothing of the price."""
    factors = market.action_factors
    what = ActionKind(int(factors.kind[k])).name.lower()
    unit = "in money per unit" if what == "dividend" else "as ratio x price of what is given"
    return (
        f"the {what} of {market.symbols[factors.asset[k]]} on {market.day(int(factors.row[k]))} is not smaller than "
        f"the price before it; allowed: 0 < {what} < last price, {unit}"
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
    others = [None if other < 0 else str(market.symbols[other]) for other in market.actions["other"]]
    return pa.table(
        {
            "time": pa.array(market.session[row].astype(np.int32), pa.date32()),
            "symbol": [str(market.symbols[asset]) for asset in market.actions["asset"]],
            "kind": pa.array(kinds, pa.string()),
            "value": np.array(market.actions["value"]),
            "other": pa.array(others, pa.string()),
        }
    )


def actions_from(table: pa.Table) -> DatedActions:
    """Return the actions of a store; one written before there were spin-offs has no column `other`."""
    kinds = np.array([KINDS[kind] for kind in table.column("kind").to_pylist()], np.int64)
    symbols = tuple(table.column("symbol").to_pylist())
    others = table.column("other").to_pylist() if "other" in table.column_names else [None] * len(symbols)
    named = tuple(other or "" for other in others)
    return DatedActions(as_ints(table.column("time")), symbols, kinds, table.column("value").to_numpy(), named)

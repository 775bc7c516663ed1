"""Tables of what was held: its weights and risk, and each trade."""

from __future__ import annotations

import numpy as np

from backtest.report.numbers import RunNumbers
from backtest.report.tables.table import Table, left_out
from backtest.report.words import NOTHING, count, day, money, percent

MOST_ASSETS = 1_000
MOST_TRADES = 400
STAMPS = "datetime64[ns]"


def assets(run: RunNumbers) -> Table:
    """Return weight and risk of each asset that was ever held, the largest share of risk first."""
    columns = ["Asset", "Sector", "Average weight", "Weight at the end", "Share of risk"]
    title, worded = "Weights and risk", frozenset({0, 1})
    if run.assets is None:
        return Table("assets", title, columns, [], worded)
    held = run.assets[run.assets["average_weight"] > 0.0]
    by_size = held.sort_values("average_weight", ascending=False, kind="stable")
    shown = by_size.sort_values("share", ascending=False, kind="stable").head(MOST_ASSETS)
    sectors = [group if isinstance(group, str) and group else NOTHING for group in shown["group"]]
    shares = [[percent(value, 2) for value in shown[name]] for name in ("average_weight", "weight", "share")]
    rows = [list(cells) for cells in zip(map(str, shown["symbol"]), sectors, *shares, strict=True)]
    note = left_out(len(shown), len(held), "assets.parquet")
    return Table("assets", title, columns, rows, worded, note)


def trades(run: RunNumbers) -> Table:
    """Return the trades, of very many those that won or lost most money."""
    columns = ["Asset", "Side", "Opened", "Closed", "Days", "Put in", "Profit", "Return", "Worst", "Best"]
    worded = frozenset({0, 1, 2, 3})
    if run.trades is None:
        return Table("trades", "Trades", columns, [], worded)
    total, table = len(run.trades), run.trades
    if total > MOST_TRADES:
        table = table.loc[table["profit"].abs().nlargest(MOST_TRADES).index]
    opened, closed = (table[name].to_numpy(STAMPS).astype(np.int64) for name in ("opened", "closed"))
    rows = [
        [str(trade["symbol"]), str(trade["side"]), day(int(first), run.intraday),
         "open" if trade["open"] else day(int(last), run.intraday), count(trade["days"]), money(trade["entered"]),
         money(trade["profit"], sign=True), percent(trade["return"], sign=True), percent(trade["mae"]),
         percent(trade["mfe"])]
        for trade, first, last in zip(table.to_dict("records"), opened.tolist(), closed.tolist(), strict=True)
    ]  # fmt: skip
    note = left_out(len(rows), total, "trades.parquet")
    return Table("trades", f"Trades ({count(total)})", columns, rows, worded, note, dates=frozenset({2, 3}))

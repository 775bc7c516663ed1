"""Realised and unrealised profit: the ledger cut into lots, what was bought together, by one way to choose them.

Costs belong to the trade that caused them: a unit bought has cost more than its price, a unit sold has brought less.
Which lot a sale takes changes when a profit is realised, never how much there is: realised + unrealised + dividends is
what each asset earned after costs, whatever the method.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from backtest.metrics.attribution.lot_parts import LotParts, lot_parts
from backtest.metrics.attribution.rows import dividends_of
from backtest.metrics.ledger import Outcome, last_row


def lots(result: Outcome, method: str = "fifo") -> pd.DataFrame:
    """List each part of a lot: closed ones in the order in which they were closed, then open ones from the oldest on.

    Methods: "fifo" takes the oldest lot first, "lifo" the youngest, "highest_cost" the one that earns least (a long
    that cost most, a short that brought least; of equal ones the oldest), "average" knows one lot a position, at the
    average of what was opened and as old as its oldest part.

    Columns: symbol, owner, side ("long", "short"), opened, closed (times; NaT while open), bars, days, quantity
    (signed, in units of the day when it was closed; of an open one at the end), basis (money paid in buying it, costs
    included), proceeds (money from selling it, after costs), realised and unrealised (proceeds − basis; one of them
    is 0), open. Of an open lot the side that is still to come is its value at the last mark, without costs.
    """
    parts = lot_parts(result, method)
    times, is_open, profit = result.times, parts.is_open, parts.proceeds - parts.basis
    until = np.where(is_open, last_row(result), parts.closed)
    return pd.DataFrame(
        {
            "symbol": pd.Index(np.asarray(result.market.symbols).tolist(), dtype="str").take(parts.asset),
            "owner": parts.owner,
            "side": pd.Index(["short", "long"], dtype="str").take((parts.units > 0.0).astype(np.int64)),
            "opened": times[parts.opened],
            "closed": pd.Series(times[until]).where(~is_open),
            "bars": until - parts.opened,
            "days": np.asarray((times[until] - times[parts.opened]) / pd.Timedelta(days=1)),
            "quantity": parts.units,
            "basis": parts.basis,
            "proceeds": parts.proceeds,
            "realised": np.where(is_open, 0.0, profit),
            "unrealised": np.where(is_open, profit, 0.0),
            "open": is_open,
        }
    )


def realised_profit(result: Outcome, method: str = "fifo") -> pd.DataFrame:
    """Return what each symbol that was traded has earned, in money: realised, unrealised, dividends, and net.

    Methods as in `lots`. Net is the sum of the three, after costs: that of `profit_by`. The quantity is what is held.
    """
    parts = lot_parts(result, method)
    profit, is_open = parts.proceeds - parts.basis, parts.is_open
    paid = dividends_of(result)
    table = pd.DataFrame(
        {
            "quantity": _by_asset(result, parts, np.where(is_open, parts.units, 0.0)),
            "realised": _by_asset(result, parts, np.where(is_open, 0.0, profit)),
            "unrealised": _by_asset(result, parts, np.where(is_open, profit, 0.0)),
            "dividends": np.bincount(paid["asset"], weights=paid["value"], minlength=result.market.n_assets),
        },
        index=pd.Index(np.asarray(result.market.symbols).tolist(), name="symbol"),
    )
    table["net"] = table["realised"] + table["unrealised"] + table["dividends"]
    return table[np.isin(np.arange(len(table)), np.concatenate((result.fills["asset"], parts.asset)))]


def _by_asset(result: Outcome, parts: LotParts, amount: np.ndarray) -> np.ndarray:
    return np.bincount(parts.asset, weights=amount, minlength=result.market.n_assets).astype(np.float64)

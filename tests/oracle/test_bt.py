"""Parity with bt: equal weights each month on twenty US stocks, filled at the close on which they are decided.

Both let costs reduce what is invested. We solve for the equity x after *all* costs and hold w × x in each asset; bt
takes each asset's own costs out of that asset: w × E − its costs. Without costs the two are the same; with costs the
money invested still is, and only its split differs. The same trades give the same account, costs or not.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import backtest
from backtest.market.market import Market
from backtest.market.store import load
from backtest.schedule import Calendar, Rebalance, compile_watch
from backtest.simulate.result import Result

from .peers import peer

bt = peer("bt")
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # a peer's own warnings are its own

DATA = Path(__file__).parents[2] / "data"
CAPITAL = 1_000_000.0
PARITY = 1e-9


@pytest.fixture(scope="module")
def market() -> Market:
    return load(DATA, "us20", start="2013-01-01", end="2022-12-28", rows_before=0)


def closes(market: Market) -> pd.DataFrame:
    days = pd.DatetimeIndex(market.session.astype("datetime64[D]").astype("datetime64[ns]"))
    return pd.DataFrame(market.close, days, market.symbols)


def monthly_rows(market: Market) -> Any:
    return np.flatnonzero(compile_watch(Rebalance(any=(Calendar(calendar="month"),)), market, 0, 0).fires)


def ours(market: Market, bps: float) -> Result:
    rows = monthly_rows(market)
    weights = np.full((len(rows), market.n_assets), 1.0 / market.n_assets)
    execution = {"fill": "same_close"}
    return backtest.simulate(
        market, (rows, weights), costs={"commission_bps": bps}, execution=execution, capital=CAPITAL
    )


def theirs(market: Market, bps: float, algos: list[Any]) -> Any:
    """Run a bt strategy with fractional positions and proportional commissions."""
    test = bt.Backtest(
        bt.Strategy("peer", algos),
        closes(market),
        initial_capital=CAPITAL,
        commissions=lambda quantity, price: abs(quantity) * price * bps / 1e4,
        integer_positions=False,
        progress_bar=False,
    )
    bt.run(test)
    return test.strategy


def equal_weight() -> list[Any]:
    return [bt.algos.RunMonthly(), bt.algos.SelectAll(), bt.algos.WeighEqually(), bt.algos.Rebalance()]


def equity(strategy: Any) -> Any:
    """Values per row, without the one that bt puts before the first."""
    return strategy.values.to_numpy()[1:]


def test_both_rebalance_on_the_same_days(market: Market) -> None:
    strategy = theirs(market, 0.0, equal_weight())
    traded = strategy.get_transactions().index.get_level_values("Date").unique()
    assert traded.equals(closes(market).index[monthly_rows(market)])


def test_without_costs_equity_is_the_same(market: Market) -> None:
    np.testing.assert_allclose(equity(theirs(market, 0.0, equal_weight())), ours(market, 0.0).equity, rtol=PARITY)


@pytest.mark.parametrize("bps", [0.0, 10.0])
def test_the_same_trades_give_the_same_account(market: Market, bps: float) -> None:
    result = ours(market, bps)
    trades: dict[Any, list[tuple[str, float]]] = defaultdict(list)
    days = closes(market).index
    for fill in result.fills:
        trades[days[fill["row"]]].append((market.symbols[fill["asset"]], fill["quantity"]))

    class Trade(bt.Algo):  # type: ignore[misc, name-defined]
        def __call__(self, target: Any) -> bool:
            for symbol, quantity in trades.get(target.now, ()):
                target.transact(quantity, child=symbol)
            return True

    strategy = theirs(market, bps, [Trade()])
    np.testing.assert_allclose(equity(strategy), result.equity, rtol=PARITY)
    np.testing.assert_allclose(strategy.fees.sum(), result.fills["commission"].sum(), rtol=PARITY)


def test_what_the_split_of_costs_amounts_to(market: Market) -> None:
    """At each rebalance money of at most the costs C lies in other assets than ours do, and sums to nothing.

    To first order it earns until the next one at most C times the spread between the best and the worst asset, and
    costs at most 2 C times the rate to put right.
    """
    result = ours(market, 10.0)
    rows, after = result.decisions["row"], result.decisions["equity_after"]
    share = 1.0 - after / result.decisions["equity"]
    spread = [
        np.ptp(market.close[start : stop + 1] / market.close[start], axis=1).max()
        for start, stop in zip(rows, [*rows[1:], market.n_rows], strict=True)
    ]
    bound = float((share * (np.array(spread) + 2 * 0.001)).sum())
    apart = np.abs(equity(theirs(market, 10.0, equal_weight())) / result.equity - 1.0)
    assert apart[0] < 1e-12  # both are invested in full, net of the same costs
    assert 1e-9 < apart.max() < bound < 3e-3
    assert apart.max() < 2e-5  # what it amounts to here: 1.7e-5 of equity after ten years

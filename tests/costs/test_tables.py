"""What a market adds to costs: known before the row, by hand and by the plainest loop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backtest.costs import Costs
from backtest.costs.tables import Volatilities, Volumes, conditions, fees_of, months_of, spreads
from backtest.market.build import make_market
from backtest.market.cut import ended
from backtest.market.market import Market, Series
from backtest.market.stream.lazy import LazyRows
from tests.market.stream.streaming import random_cuts, streamed

DAY = 86_400 * 10**9
NAN = float("nan")


def market(rows: int = 40, assets: int = 3, seed: int = 0) -> Market:
    """Raw prices with gaps, a split, dividends and volume."""
    rng = np.random.default_rng(seed)
    close = 50.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, (rows, assets)), axis=0))
    volume = rng.uniform(1e3, 1e5, (rows, assets))
    close[20:, 0] /= 4.0
    volume[20:, 0] *= 4.0
    gone = rng.random((rows, assets)) < 0.1
    close[gone] = volume[gone] = np.nan
    symbols = ["A", "B", "C", "D", "E"][:assets]
    actions = [(20, "A", "split", 4.0), (12, "A", "dividend", 1.0), (25, "B", "dividend", 2.0)]
    return make_market(close=close, volume=volume, symbols=symbols, price_kind="raw", actions=actions)


def test_volatility_and_volume_are_those_of_the_rows_before() -> None:
    """By the plainest loop, on prices and volumes adjusted as of the row."""
    made = market()
    assert made.volume is not None
    vol, units = Volatilities(made, 6)[:], Volumes(made, 5)[:]
    for i in range(made.n_assets):
        for t in range(made.n_rows):
            level, held, last, returns, traded = 1.0, 1.0, NAN, [], []
            for s in range(t):
                for action in made.actions[(made.actions["row"] == s) & (made.actions["asset"] == i)]:
                    if action["kind"] == 0:
                        level, held, last = level / action["value"], held * action["value"], last / action["value"]
                    else:
                        last -= action["value"]
                price = made.close[s, i]
                returns.append(price / last - 1.0)
                traded.append(made.volume[s, i] / held)
                last = price if price == price else last
            ahead = made.actions[(made.actions["row"] == t) & (made.actions["asset"] == i)]
            held *= np.prod(ahead["value"][ahead["kind"] == 0])
            seen = np.array(returns)[~np.isnan(returns)][-6:]
            expected = seen.std(ddof=1) if len(seen) >= 3 else NAN
            assert vol[t, i] == pytest.approx(expected, rel=1e-9, nan_ok=True), (t, i)
            sold = np.array(traded)[~np.isnan(traded)][-5:]
            expected = sold.mean() * held if len(sold) >= 3 else NAN
            assert units[t, i] == pytest.approx(expected, rel=1e-9, nan_ok=True), (t, i)


def test_nothing_of_a_row_or_after_it_is_in_its_tables() -> None:
    made, costs = market(), Costs(impact_coefficient=1.0, impact_volatility_bars=5, impact_volume_bars=7)
    whole = fees_of(costs, made)
    assert whole is not None
    for row in (8, 20, 33):
        cut = fees_of(costs, ended(made, row))
        assert cut is not None
        np.testing.assert_array_equal(cut.push, whole.push[: row + 1])
        noise = np.where(np.arange(made.n_rows) >= row, 3.0, 1.0)[:, None]
        other = fees_of(costs, replace(made, close=made.close * noise, volume=made.volume * noise))
        assert other is not None
        np.testing.assert_array_equal(other.push[: row + 1], whole.push[: row + 1])


def test_an_asset_that_nobody_trades_has_no_average() -> None:
    made = make_market(close=np.full((6, 1), 5.0), volume=np.zeros((6, 1)))
    assert np.isnan(Volumes(made, 2)[:]).all()


def test_a_spread_counts_from_the_row_after_it_was_known() -> None:
    """Of the whole market, and of one symbol; the first row knows what was known when it began."""
    made = make_market(close=np.ones((4, 3)), symbols=["A", "B", "C"])
    start, end = made.start[:, 0], made.end[:, 0]
    asset = np.array([-1, 1, 1], np.int64)
    known = np.array([start[0], end[1], end[1] + 1], np.int64)
    series = Series("spreads", known, known, asset, np.array([5.0, 7.0, 9.0]))
    told = replace(made, series={"spreads": series})
    assert spreads(told, "spreads")[:].tolist() == [[5, 5, 5], [5, 5, 5], [5, 7, 5], [5, 9, 5]]
    fees = fees_of(Costs(half_spread={"series": "spreads", "times": 2.0}), told)
    assert fees is not None
    assert fees.half_spread[2].tolist() == pytest.approx([0.001, 0.0014, 0.001])
    assert conditions(Costs(half_spread={"series": "spreads"}), told, 3, 1).half_spread_bps == 9.0


def test_a_month_is_that_of_the_session() -> None:
    made = make_market(close=np.ones((60, 1)))  # from 2000-01-01 on
    assert (np.flatnonzero(np.diff(months_of(made))) + 1).tolist() == [31]


def test_flat_costs_have_no_tables() -> None:
    assert fees_of(Costs(commission_bps=5, commission_minimum=1), market()) is None


@pytest.mark.parametrize("seed", range(6))
def test_tables_of_a_stream_have_the_bits_of_whole_ones(seed: int) -> None:
    """Wherever the market is cut, and in whatever order its rows are asked for; gaps may be longer than a window."""
    rng = np.random.default_rng(seed)
    made = market(rows=60, assets=5, seed=seed)
    assert made.volume is not None
    close, volume = made.close.copy(), made.volume.copy()
    close[15:35, 3] = volume[15:35, 3] = np.nan
    close[:9, 4] = volume[:9, 4] = close[50:, 4] = volume[50:, 4] = np.nan
    whole = replace(made, close=close, volume=volume)
    costs = Costs(impact_coefficient=1.0, impact_volatility_bars=7, impact_volume_bars=4)
    expected = fees_of(costs, whole)
    assert expected is not None
    stream = streamed(whole, random_cuts(whole, seed))
    found = fees_of(costs, stream)
    assert found is not None
    rows: Any = found.push
    assert isinstance(rows, LazyRows)
    for order in (range(60), rng.permutation(60).tolist()):
        assert b"".join(rows[row].tobytes() for row in order) == expected.push[list(order)].tobytes()
    assert rows[:].tobytes() == expected.push.tobytes()
    assert np.isfinite(expected.push).sum() > 100

"""The window: history as of the wake, what can be traded, side series, allocation, random numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest.allocate import History, Method, Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.methods.equal_weight import EqualWeight
from backtest.allocate.methods.inverse_volatility import InverseVolatility
from backtest.errors import AllocationError, DataError, StrategyError
from backtest.kernels.book import Own
from backtest.market.build import make_market
from backtest.market.market import Market, Series
from backtest.simulate.book import new_book
from backtest.strategy import Context
from backtest.strategy.allocator import Allocator
from backtest.strategy.state import State

NAN = float("nan")
DAY = 86_400_000_000_000


def context(market: Market, row: int, method: Method | None = None, seed: int = 0, reasons: int = 1) -> Context:
    ctx = Context(
        market, Allocator(method or EqualWeight()), ("start", "calendar month first", "drift 5 %"), State({}), seed
    )
    ctx.move_to(row, reasons, new_book(market.n_assets, 1000.0))
    return ctx


def test_it_stands_at_the_end_of_its_row(market: Market) -> None:
    ctx = context(market, 10)
    assert ctx.time == pd.Timestamp("2020-01-12", tz="UTC")  # the bar of the 11th ends at midnight
    assert ctx.row == 10
    assert list(ctx.symbols) == ["AAA", "BBB", "CCC", "DDD"]


def test_reasons_are_the_labels_of_the_bits(market: Market) -> None:
    assert context(market, 10, reasons=0b101).reasons == ("start", "drift 5 %")
    assert context(market, 10, reasons=0).reasons == ()


def test_history_ends_at_the_wake(market: Market) -> None:
    closes = context(market, 10).history("close", 3)
    np.testing.assert_array_equal(closes, market.close[8:11])
    with pytest.raises(ValueError, match="read-only"):
        closes[0, 0] = 1.0


@pytest.mark.parametrize(
    ("n", "said"), [(0, "at least 1"), (-1, "at least 1"), (12, "only 11 bars exist up to 2020-01-12")]
)
def test_history_that_does_not_exist(market: Market, n: int, said: str) -> None:
    with pytest.raises(StrategyError, match=rf"history\('close', {n}\): .*{said}"):
        context(market, 10).history("close", n)


def test_all_of_history_can_be_asked_for(market: Market) -> None:
    assert context(market, 10).history("close", 11).shape == (11, 4)


def test_a_field_that_is_not_there(market: Market) -> None:
    with pytest.raises(DataError, match="has no field 'volume'; it has: close"):
        context(market, 10).history("volume", 2)


def test_a_split_is_no_crash_and_only_known_once_it_happened() -> None:
    close = np.array([[100.0], [102.0], [51.0], [52.0]])
    split = make_market(close=close, symbols=["A"], price_kind="raw", actions=[(2, "A", "split", 2.0)])
    np.testing.assert_array_equal(context(split, 1).history("close", 2)[:, 0], [100.0, 102.0])
    np.testing.assert_array_equal(context(split, 3).history("close", 4)[:, 0], [50.0, 51.0, 51.0, 52.0])
    np.testing.assert_array_equal(context(split, 3).history("close", 4, adjust="none")[:, 0], close[:, 0])


def test_tradable_is_a_real_bar_now() -> None:
    gaps = make_market(close=np.array([[1.0, 2.0], [NAN, 2.0], [1.0, NAN]]), symbols=["A", "B"])
    assert context(gaps, 1).tradable.tolist() == [False, True]
    assert context(gaps, 2).tradable.tolist() == [True, False]


def with_series(market: Market) -> Market:
    at = int(market.end[5, 0])
    records = [(at, at, 0, 1.0), (at, at + DAY, 0, 2.0), (at, at + 2 * DAY, 1, 3.0), (at, at, -1, 9.0)]
    records.sort(key=lambda record: record[1])
    time, known, asset = (np.array([record[k] for record in records], np.int64) for k in range(3))
    caps = Series("caps", time, known, asset, np.array([record[3] for record in records]))
    return replace(market, series={"caps": caps})


def test_series_are_joined_by_when_they_were_known(market: Market) -> None:
    known = with_series(market)
    assert np.isnan(context(known, 4).series("caps")).all()
    assert context(known, 5).series("caps").tolist() == [1.0, 9.0, 9.0, 9.0]
    assert context(known, 6).series("caps").tolist() == [2.0, 9.0, 9.0, 9.0]
    assert context(known, 7).series("caps").tolist() == [2.0, 3.0, 9.0, 9.0]


def test_a_series_that_is_not_there(market: Market) -> None:
    with pytest.raises(StrategyError, match=r"series\('cap'\): the store has no such series; it has: caps"):
        context(with_series(market), 5).series("cap")


def test_allocate_over_everything_and_over_some(market: Market) -> None:
    ctx = context(market, 10)
    assert ctx.allocate().tolist() == [0.25] * 4
    assert ctx.allocate(["DDD", "AAA"]).tolist() == [0.5, 0.0, 0.0, 0.5]
    assert ctx.allocate(ctx.symbols[1:2]).tolist() == [0.0, 1.0, 0.0, 0.0]
    assert ctx.allocate(["AAA", "AAA"]).tolist() == [1.0, 0.0, 0.0, 0.0]


def test_allocate_over_nothing_is_cash_and_says_so(market: Market) -> None:
    ctx = context(market, 10)
    assert ctx.allocate([]).tolist() == [0.0] * 4
    (said,) = ctx.notes
    assert (said.status, said.method) == ("nothing can be traded", "equal_weight")


@pytest.mark.parametrize(
    ("symbols", "said"),
    [(["AAA", "AAB"], "'AAB', which is not in the market; did you mean 'AAA'"), ("AAA", "expected a list of symbols")],
)
def test_allocate_over_what_is_not_there(market: Market, symbols: Any, said: str) -> None:
    with pytest.raises(StrategyError, match=said):
        context(market, 10).allocate(symbols)


def test_allocate_leaves_out_what_cannot_be_traded_now() -> None:
    gaps = make_market(close=np.array([[1.0, 2.0, 3.0], [NAN, 2.0, 3.0]]), symbols=["A", "B", "C"])
    assert context(gaps, 1).allocate().tolist() == [0.0, 0.5, 0.5]
    assert context(gaps, 1).allocate(["A", "B"]).tolist() == [0.0, 1.0, 0.0]
    assert context(gaps, 1).allocate(["A"]).tolist() == [0.0, 0.0, 0.0]


def test_allocate_gives_the_method_the_returns_up_to_now(market: Market) -> None:
    ctx = context(market, 50, InverseVolatility(lookback=20))
    returns = market.close[31:51] / market.close[30:50] - 1.0
    expected = 1.0 / returns.std(axis=0, ddof=1)
    np.testing.assert_allclose(ctx.allocate(), expected / expected.sum(), rtol=1e-12)


def test_notes_are_the_status_and_the_warnings_and_start_afresh() -> None:
    close = np.array([[10.0, 5.0], [11.0, 5.0], [10.0, 5.0], [11.0, 5.0]])
    ctx = context(make_market(close=close, symbols=["A", "B"]), 3, InverseVolatility(lookback=3))
    ctx.allocate()
    (said,) = ctx.notes
    assert (said.method, said.status, said.warnings) == (
        "inverse_volatility", "ok", ("without weight, as their returns are all the same: B",),
    )  # fmt: skip
    ctx.move_to(3, 1, new_book(2, 1.0))
    assert ctx.notes == []


class TooMuch(Method):
    """A method that is wrong."""

    def weigh(self, history: History, region: Region) -> Weights:  # noqa: ARG002
        return Weights(np.ones(len(history.symbols)))

    optimises = True


def test_what_a_method_says_is_verified(market: Market) -> None:
    with pytest.raises(AllocationError, match="add up to 4"):
        context(market, 3, TooMuch()).allocate()


def test_random_numbers_depend_on_seed_and_row_alone(market: Market) -> None:
    first = context(market, 10, seed=1)
    first.rng.normal()
    drawn = context(market, 10, seed=1).rng.normal()
    first.move_to(11, 1, new_book(4, 1.0))
    first.rng.normal(size=3)
    first.move_to(10, 1, new_book(4, 5.0))
    assert first.rng.normal() == drawn
    assert first.rng.normal() != drawn  # one generator a wake, not one a call
    assert context(market, 11, seed=1).rng.normal() != drawn
    assert context(market, 10, seed=2).rng.normal() != drawn


def test_its_own_book(market: Market) -> None:
    ctx = context(market, 10)
    book = new_book(4, 1000.0)
    book.owned[0, Own.QUANTITY, 1] = 5.0
    book.mark[:] = [10.0, 20.0, 30.0, 0.0]
    book.owners["cash"][0] = 900.0
    ctx.move_to(10, 1, book)
    assert (ctx.equity, ctx.cash) == (1000.0, 900.0)
    assert ctx.quantities.tolist() == [0.0, 5.0, 0.0, 0.0]
    assert ctx.weights.tolist() == [0.0, 0.1, 0.0, 0.0]
    ctx.quantities[1] = 7.0
    assert ctx.quantities[1] == 5.0  # a copy: a strategy cannot trade by assignment


def test_nothing_else_can_be_kept_on_it(market: Market) -> None:
    with pytest.raises(AttributeError):
        context(market, 10).peak = 3.0  # type: ignore[attr-defined]


def test_history_of_coarser_bars_ends_with_the_last_that_is_over() -> None:
    close = np.arange(1.0, 49.0)[:, None]
    hours = make_market(close=close, symbols=["A"], times=pd.date_range("2024-01-01", periods=48, freq="h"))
    ctx = context(hours, 30)
    assert ctx.history("close", 1, every="session").tolist() == [[24.0]]
    assert ctx.history("close", 2, every="6h").tolist() == [[24.0], [30.0]]
    ctx.move_to(47, 1, new_book(1, 1000.0))
    assert ctx.history("close", 2, every="session").tolist() == [[24.0], [48.0]]
    with pytest.raises(DataError, match="history of 3 bars of 'session' up to 2024-01-03 00:00 UTC"):
        ctx.history("close", 3, every="session")

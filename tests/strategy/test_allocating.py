"""`ctx.allocate`: what a method is shown at a wake, forecasts, fallbacks, and decisions that are shared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest.allocate import Constraints, History, Method, MethodChoice, Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.methods.equal_weight import EqualWeight
from backtest.allocate.methods.inverse_volatility import InverseVolatility
from backtest.allocate.methods.market_cap import MarketCap
from backtest.allocate.methods.mean_variance import MeanVariance
from backtest.allocate.methods.min_variance import MinVariance
from backtest.allocate.methods.mixed import Mixed
from backtest.costs import Costs
from backtest.errors import AllocationError, InputError, StrategyError
from backtest.kernels.book import Own
from backtest.market.build import make_market
from backtest.market.market import Market, Series
from backtest.simulate.book import new_book
from backtest.stats.periods import periods_per_year
from backtest.strategy import Context
from backtest.strategy.allocator import Allocator, Decisions
from backtest.strategy.observe import bars_a_year
from backtest.strategy.state import State

SEEN: list[History] = []
NO_CAPS = MarketCap()
"""A method that gives up in a market without the series."""


class Looks(Method):
    """Keeps what it is shown."""

    rows: int = 5

    @property
    def history_rows(self) -> int:
        return self.rows + 1

    def weigh(self, history: History, region: Region) -> Weights:  # noqa: ARG002
        SEEN.append(history)
        return Weights(np.full(len(history.symbols), 1.0 / len(history.symbols)))


def context(market: Market, row: int, allocator: Allocator, decisions: Decisions | None = None) -> Context:
    ctx = Context(market, allocator, ("start",), State({}), 0, decisions)
    ctx.move_to(row, 1, new_book(market.n_assets, 1000.0))
    return ctx


def seen(market: Market, row: int, symbols: Any = None, book: Any = None, **own: Any) -> History:
    SEEN.clear()
    ctx = context(market, row, Allocator(Looks(), **own))
    if book is not None:
        ctx.move_to(row, 1, book)
    ctx.allocate(symbols)
    return SEEN[0]


def test_returns_prices_and_rows_are_those_up_to_the_wake(market: Market) -> None:
    shown = seen(market, 50, ["DDD", "AAA"])
    assert shown.symbols.tolist() == ["AAA", "DDD"]
    closes = market.close[45:51][:, [0, 3]]
    np.testing.assert_array_equal(shown.returns, closes[1:] / closes[:-1] - 1.0)
    np.testing.assert_array_equal(shown.prices, closes[-1])
    assert shown.first_row == 46
    assert seen(market, 50, risk_free=0.03, costs=Costs(commission_bps=7.0)).risk_free == 0.03
    assert SEEN[0].costs == Costs(commission_bps=7.0)


def test_missing_bars_are_missing_returns() -> None:
    close = np.full((9, 2), 10.0)
    close[4, 0] = np.nan
    shown = seen(make_market(close=close, symbols=["A", "B"]), 7)
    assert np.isnan(shown.returns[:, 0]).tolist() == [False, True, True, False, False]
    assert not np.isnan(shown.returns[:, 1]).any()


@pytest.mark.parametrize("row", [1, 20, 59, 60, 61, 119])
def test_bars_a_year_are_counted_up_to_the_wake_alone(market: Market, row: int) -> None:
    expected = periods_per_year(market.end[: row + 1].max(axis=1)).per_year
    assert bars_a_year(market, row) == pytest.approx(expected, rel=1e-15)


def test_one_bar_has_no_year(market: Market) -> None:
    assert bars_a_year(market, 0) is None


def test_what_is_held_now_and_what_will_be_sold(market: Market) -> None:
    book = new_book(4, 1000.0)
    book.owned[0, Own.QUANTITY, :2] = [2.0, 5.0]
    book.mark[:2] = [50.0, 40.0]
    shown = seen(market, 50, ["AAA", "CCC"], book, constraints=Constraints(turnover=0.9))
    assert shown.current is not None
    assert shown.current.tolist() == [0.1, 0.0]
    assert shown.outside == pytest.approx(0.2, rel=1e-15)


def capped(market: Market) -> Market:
    end = market.end[:, 0]
    known = np.array([end[10], end[10], end[40]], np.int64)
    series = Series("market_cap", known, known, np.array([0, 1, 0]), np.array([30.0, 10.0, 90.0]))
    return replace(market, series={"market_cap": series})


def test_caps_are_those_known_at_the_wake(market: Market) -> None:
    assert seen(market, 20).caps is None
    for row, first in ((9, np.nan), (39, 30.0), (40, 90.0)):
        shown = seen(capped(market), row)
        assert shown.caps is not None
        np.testing.assert_array_equal(shown.caps, [first, np.nan if row == 9 else 10.0, np.nan, np.nan])
    weights = context(capped(market), 39, Allocator(NO_CAPS)).allocate()
    np.testing.assert_allclose(weights, [0.75, 0.25, 0.0, 0.0])


def test_groups_are_the_labels_of_the_symbols(market: Market) -> None:
    table = pd.DataFrame({"sector": ["X", None, "Y", "X"], "lot": [1.0] * 4}, index=list(market.symbols))
    labelled = replace(market, properties=table)
    assert {name: labels.tolist() for name, labels in seen(labelled, 20, ["CCC", "BBB"]).groups.items()} == {
        "sector": ["", "Y"]
    }
    limits = Constraints(groups={"sector": {"X": {"max": 0.2}}})  # type: ignore[dict-item]
    weights = context(labelled, 20, Allocator(EqualWeight(), constraints=limits)).allocate()
    np.testing.assert_allclose(weights, [0.1, 0.4, 0.4, 0.1], atol=1e-12)


def test_a_mean_by_name_by_order_and_for_some(market: Market) -> None:
    own = Allocator(MeanVariance(risk_aversion=1e-6, lookback=20))
    assert context(market, 50, own).allocate(mean=[0.1, 0.2, 0.5, 0.3]).argmax() == 2
    assert context(market, 50, own).allocate(["DDD", "BBB"], mean=[0.1, 0.2]).argmax() == 1
    ctx = context(market, 50, own)
    weights = ctx.allocate(mean={"DDD": 0.1, "AAA": 0.2})
    np.testing.assert_allclose(weights, [1.0, 0.0, 0.0, 0.0], atol=1e-9)
    unsaid = "without weight, as the mean or covariance that was given does not say theirs: BBB, CCC"
    assert ctx.notes[0].warnings == (unsaid,)


def test_a_covariance_takes_the_place_of_the_estimate(market: Market) -> None:
    frame = pd.DataFrame(np.diag([0.01, 0.04]), ["CCC", "AAA"], ["CCC", "AAA"])
    weights = context(market, 50, Allocator(MinVariance())).allocate(["AAA", "CCC"], covariance=frame)
    np.testing.assert_allclose(weights, [0.2, 0.0, 0.8, 0.0], atol=1e-9)
    weights = context(market, 50, Allocator(MinVariance())).allocate(["AAA", "CCC"], covariance=np.diag([0.01, 0.04]))
    np.testing.assert_allclose(weights, [0.8, 0.0, 0.2, 0.0], atol=1e-9)


def test_symbols_may_be_anything_that_lists_them(market: Market) -> None:
    own = Allocator(MinVariance(lookback=20))
    one = context(market, 50, own).allocate(["AAA", "CCC"])
    other = context(market, 50, own).allocate(name for name in ("AAA", "CCC"))  # type: ignore[arg-type]
    np.testing.assert_array_equal(one, other)
    assert one.sum() == pytest.approx(1.0)


def test_views_on_what_is_not_allocated_are_dropped(market: Market) -> None:
    SEEN.clear()
    ctx = context(market, 50, Allocator(Looks()))
    views = [{"holdings": {"AAA": 1, "BBB": -1}, "return": 0.1}, {"holdings": {"DDD": 1}, "return": 0.2}]
    ctx.allocate(["AAA", "BBB"], views=views, confidences=[0.5, 0.6])
    heard = SEEN[0].forecast.views
    assert heard is not None
    assert heard.confidences is not None
    assert (heard.holdings.tolist(), heard.returns.tolist(), heard.confidences.tolist()) == (
        [[1.0, -1.0]],
        [0.1],
        [0.5],
    )
    assert ctx.notes[0].warnings == (
        "views dropped, because they are on symbols that are not allocated: 1 of 2",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mean": [0.1, 0.2]}, "mean: expected 4 numbers"),
        ({"mean": {"AAB": 0.1}}, "mean: 'AAB', which is not in the market; did you mean 'AAA'"),
        ({"covariance": np.eye(3)}, r"covariance: expected shape \(4, 4\); received \(3, 3\)"),
        ({"covariance": np.triu(np.ones((4, 4)))}, "covariance: not symmetric"),
        ({"confidences": [0.5]}, "confidences: there are no views"),
        ({"mean": {"AAA": "high"}}, "mean: AAA: not a number: received 'high'"),
        ({"mean": [1j] * 4}, "mean: not numbers: received complex numbers"),
        ({"covariance": np.ones((4, 4), np.bool_)}, "covariance: not numbers: received true and false"),
        ({"covariance": "sample"}, "covariance: not numbers: received 'sample'"),
        ({"views": "AAA up"}, "views: received 'AAA up'; expected a list of"),
        ({"views": [{"holdings": {}, "return": 0.1}]}, "view 0: a view on a portfolio of nothing"),
        ({"symbols": 3}, "allocate: received 3; expected a list of symbols"),
    ],
)
def test_a_forecast_that_cannot_be_read(market: Market, given: Any, said: str) -> None:
    with pytest.raises((InputError, StrategyError), match=said):
        context(market, 50, Allocator(MinVariance(lookback=20))).allocate(**given)


def test_numbers_of_a_symbol_that_is_asked_for_twice(market: Market) -> None:
    with pytest.raises(InputError, match="'AAA' is asked for more than once"):
        context(market, 50, Allocator(EqualWeight())).allocate(["AAA", "AAA"], mean=[0.1, 0.2])


def test_a_fallback_says_who_gave_up_and_why(market: Market) -> None:
    chain = (MethodChoice(parameters=InverseVolatility(lookback=20)),)
    ctx = context(market, 50, Allocator(NO_CAPS, chain))
    assert ctx.allocate().sum() == pytest.approx(1.0)
    (said,) = ctx.notes
    assert (said.method, said.gave_up) == ("inverse_volatility", ("market_cap",))
    assert said.status.startswith("fell back to inverse_volatility: market_cap gave up: market_cap: no market caps")


def test_hold_leaves_everything_alone(market: Market) -> None:
    ctx = context(market, 50, Allocator(NO_CAPS, ("hold",)))
    assert np.isnan(ctx.allocate(["AAA"])).all()
    assert (ctx.notes[0].status, ctx.notes[0].method, ctx.notes[0].gave_up) == ("hold", "hold", ("market_cap",))


@pytest.mark.parametrize(
    ("own", "hint"),
    [
        ({}, "allocation.fallback would say what to do instead"),
        ({"fallback": (MethodChoice(),), "strict": True}, "allocation.strict is true"),
        ({"fallback": (MethodChoice(parameters=NO_CAPS),)}, "so did every fallback"),
    ],
)
def test_without_an_answer_the_error_says_what_could_be_done(market: Market, own: Any, hint: str) -> None:
    with pytest.raises(AllocationError, match=f"no market caps are known.*{hint}"):
        context(market, 50, Allocator(NO_CAPS, **own)).allocate()


def test_a_decision_of_the_market_alone_is_taken_once(market: Market) -> None:
    shared = Decisions(market)
    one, other = (context(market, 50, Allocator(MinVariance(lookback=20)), shared) for _ in range(2))
    np.testing.assert_array_equal(one.allocate(), other.allocate())
    assert len(shared.found) == 1
    assert one.notes[0] is other.notes[0]
    assert one.notes[0] is not context(market, 50, Allocator(MinVariance(lookback=20))).notes
    for different in (
        Allocator(MinVariance(lookback=21)),
        Allocator(MinVariance(lookback=20), risk_free=0.01),
        Allocator(MinVariance(lookback=20), constraints=Constraints(max_weight=0.3)),
    ):
        context(market, 50, different, shared).allocate()
    other.allocate(["AAA", "BBB"])
    other.allocate(covariance=np.eye(4))
    other.move_to(51, 1, new_book(4, 1.0))
    other.allocate()
    assert len(shared.found) == 7


@pytest.mark.parametrize(
    "own",
    [
        Allocator(EqualWeight(), constraints=Constraints(turnover=0.5)),
        Allocator(MinVariance(lookback=20, cost_horizon=5), costs=Costs(commission_bps=1.0)),
        Allocator(Mixed(of=(MethodChoice(parameters=MinVariance(lookback=20, cost_horizon=5)).model_dump(),))),  # type: ignore[arg-type]
        Allocator(EqualWeight(), (MethodChoice(parameters=MinVariance(lookback=20, cost_horizon=5)),)),
        Allocator(Looks()),
    ],
)
def test_a_decision_that_may_depend_on_the_book_is_not_shared(market: Market, own: Allocator) -> None:
    shared = Decisions(market)
    assert own.reads_book
    context(market, 50, own, shared).allocate()
    assert not shared.found


def test_a_method_that_may_be_shared_is_not_told_what_is_held(market: Market) -> None:
    own = Allocator(MinVariance(lookback=20))
    assert not own.reads_book
    ctx = context(market, 50, own)
    assert ctx.allocate().sum() == pytest.approx(1.0)


def test_decisions_of_another_market_are_not_used(market: Market, make: Any) -> None:
    shared = Decisions(make(seed=1))
    context(market, 50, Allocator(EqualWeight()), shared).allocate()
    assert not shared.found

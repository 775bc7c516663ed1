"""Who is woken when, what an answer becomes, and what a wrong one is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtest import Strategy
from backtest.errors import AllocationError, StrategyError
from backtest.market.market import Market
from backtest.schedule import Calendar, Drift, Rebalance
from backtest.simulate.drive import drive
from backtest.types import Source
from simulate.driving import DAILY, asked_for, driven

NAN = float("nan")
MONTHLY = Rebalance(any=(Calendar(calendar="month"),))
SEEN: list[int] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


class Momentum(Strategy):
    """Hold the strongest."""

    lookback: int = 10
    top: int = 2

    @property
    def history_rows(self) -> int:
        return self.lookback + 1

    def decide(self, ctx: Any) -> Any:
        SEEN.append(ctx.row)
        closes = ctx.history("close", self.lookback + 1)
        return ctx.allocate(ctx.symbols[(closes[-1] / closes[0]).argsort()[-self.top :]])


class Says(Strategy):
    """Give the same answer always."""

    answer: Any = None

    def decide(self, ctx: Any) -> Any:
        SEEN.append(ctx.row)
        return self.answer


def test_wakes_are_the_start_and_the_calendar(market: Market) -> None:
    """120 days from 2020-01-01: months begin on rows 31, 60 and 91."""
    done = driven(Momentum(), market, MONTHLY)
    assert SEEN == [10, 31, 60, 91]
    assert done.n_wakes == 4
    assert done.result.decisions["row"].tolist() == SEEN
    assert (done.result.decisions["source"] == Source.ANSWER).all()
    assert np.flatnonzero(done.result.reasons).tolist() == SEEN
    assert done.result.labels == ("start", "calendar month first")


def test_targets_are_what_was_answered_and_fills_come_a_row_later(market: Market) -> None:
    result = driven(Momentum(), market, MONTHLY).result
    assert set(result.fills["row"].tolist()) <= {11, 32, 61, 92}
    strength = market.close[31] / market.close[21]
    expected = np.zeros(4)
    expected[strength.argsort()[-2:]] = 0.5
    np.testing.assert_array_equal(result.targets[1], expected)


def test_nothing_is_woken_before_the_first_simulated_row(market: Market) -> None:
    result = driven(Momentum(), market, MONTHLY, first=40).result
    assert SEEN == [40, 60, 91]
    assert result.n_rows == 80
    assert result.times[0] == market.times[40]


def test_drift_sends_the_last_targets_again_without_a_wake(market: Market) -> None:
    result = driven(Says(answer={"AAA": 0.5, "BBB": 0.5}), market, Rebalance(any=(Drift(drift=0.02),))).result
    assert SEEN == [0]
    reapplied = result.decisions["source"] == Source.REAPPLY
    assert reapplied.sum() > 1
    np.testing.assert_array_equal(result.targets[reapplied], np.tile([0.5, 0.5, 0.0, 0.0], (reapplied.sum(), 1)))


def test_drift_wakes_when_told_to(market: Market) -> None:
    rule = Rebalance(any=(Drift(drift=0.02, then="decide"),))
    result = driven(Says(answer={"AAA": 0.5, "BBB": 0.5}), market, rule).result
    assert len(SEEN) > 2
    assert result.decisions["row"].tolist() == SEEN
    assert (result.drift[np.array(SEEN[1:])] > 0.02).all()


def test_none_leaves_everything_alone(market: Market) -> None:
    result = driven(Says(), market).result
    assert len(SEEN) == 120
    assert len(result.decisions) == len(result.fills) == 0
    assert (result.equity == 10_000.0).all()


def test_an_empty_answer_goes_to_cash(market: Market) -> None:
    class InThenOut(Strategy):
        def decide(self, ctx: Any) -> Any:
            return {"AAA": 1.0} if ctx.row < 50 else {}

    result = driven(InThenOut(), market).result
    assert result.positions()[49, 0] > 0.0
    assert (result.positions()[51:] == 0.0).all()
    assert (result.equity[51:] == result.cash[51:]).all()


def test_a_symbol_that_is_not_named_gets_nothing(market: Market) -> None:
    result = driven(Says(answer={"CCC": 0.25}), market, MONTHLY).result
    np.testing.assert_array_equal(result.targets[0], [0.0, 0.0, 0.25, 0.0])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"AAA": NAN}, "the weight of AAA is NaN"),
        (np.array([0.1, NAN, 0.1, 0.1]), "the weight of BBB is NaN"),
        (np.full(4, 0.75), "the weights add up to 3"),
        ({"AAA": 0.6, "BBB": -0.6}, "the weights add up to 1.2"),
        ({"AAA": float("inf")}, "the weights add up to inf"),
        (np.zeros(3), r"array of shape \(3,\)"),
        ({"AAX": 0.5}, "'AAX', which is not in the market; did you mean 'AAA'"),
        ([0.25] * 4, "answered with list"),
        ({"AAA": "x"}, "'x' as the weight of AAA"),
    ],
)
def test_wrong_answers_name_strategy_and_time(market: Market, answer: Any, said: str) -> None:
    with pytest.raises(StrategyError, match=f"^strategy 'mine' on 2020-01-02 00:00: .*{said}"):
        driven(Says(answer=answer), market)


def test_a_whole_row_of_nan_is_none(market: Market) -> None:
    assert len(driven(Says(answer=np.full(4, NAN)), market).result.decisions) == 0


def test_what_a_strategy_raises_is_one_error_with_its_line(market: Market) -> None:
    class Raises(Strategy):
        def decide(self, ctx: Any) -> Any:
            if ctx.row == 31:
                raise KeyError("sector")
            return None

    line = Raises.decide.__code__.co_firstlineno + 2
    with pytest.raises(
        StrategyError, match=rf"^strategy 'mine' on 2020-02-02 00:00: {__file__}:{line}: KeyError: 'sector'$"
    ):
        driven(Raises(), market)


def test_our_own_errors_keep_their_words_and_get_a_line(market: Market) -> None:
    class TooLong(Strategy):
        def decide(self, ctx: Any) -> Any:
            return ctx.history("close", 50)

    line = TooLong.decide.__code__.co_firstlineno + 1
    with pytest.raises(StrategyError, match=rf"{__file__}:{line}: history\('close', 50\): only 1 bars exist"):
        driven(TooLong(), market)


def test_a_field_that_the_data_lack_is_the_strategys_error(market: Market) -> None:
    class WantsVolume(Strategy):
        def decide(self, ctx: Any) -> Any:
            return ctx.history("volume", 1)

    with pytest.raises(StrategyError, match="has no field 'volume'"):
        driven(WantsVolume(), market)


def test_a_method_that_gives_up_stays_an_allocation_error(make: Any) -> None:
    from backtest.allocate.methods.inverse_volatility import InverseVolatility

    flat = make(close=np.ones((120, 4)))
    with pytest.raises(AllocationError, match=r"strategy 'mine' on 2020-01-22 00:00: .*nothing to hold"):
        driven(Momentum(lookback=20), flat, method=InverseVolatility(lookback=20))


@pytest.mark.parametrize("declared", [None, {"a": "text"}, [("a", 1)]])
def test_a_wrong_initial_state(market: Market, declared: Any) -> None:
    class Forgetful(Says):
        def initial_state(self, symbols: Any) -> Any:  # noqa: ARG002
            return declared

    with pytest.raises(StrategyError, match=r"^strategy 'mine' in initial_state\(\): "):
        driven(Forgetful(), market)


def test_setting_an_attribute_says_where_to_keep_it(market: Market) -> None:
    class Remembers(Strategy):
        def decide(self, ctx: Any) -> Any:  # noqa: ARG002
            self.peak = 3.0

    with pytest.raises(StrategyError, match=r"Remembers\.peak cannot be set.*ctx\.state\.peak"):
        driven(Remembers(), market)


class Counts(Strategy):
    """Alternate by what is remembered."""

    def initial_state(self, symbols: Any) -> Any:
        return {"n": 0, "last": np.zeros(len(symbols))}

    def decide(self, ctx: Any) -> Any:
        ctx.state.n += 1
        ctx.state.last = ctx.history("close", 1)[0]
        return {"AAA": 0.9} if ctx.state.n % 2 else {"BBB": 0.9}


def test_state_goes_from_wake_to_wake_and_each_run_starts_afresh(market: Market) -> None:
    strategy = Counts()
    one, two = driven(strategy, market, MONTHLY).result, driven(strategy, market, MONTHLY).result
    assert one.targets[:, 0].tolist() == [0.9, 0.0, 0.9, 0.0]
    np.testing.assert_array_equal(one.equity, two.equity)


def test_snapshots_hold_state_and_book_from_before_the_decision(market: Market) -> None:
    kept = driven(Counts(), market, MONTHLY, keep=(31, 91)).snapshots
    assert [(each.row, int(each.state["n"])) for each in kept] == [(31, 1), (91, 3)]
    assert kept[1].answer.tolist() == [0.0, 0.9, 0.0, 0.0]
    assert kept[0].book.owners["cash"][0] < 10_000.0


class Ahead(Momentum):
    """The same as Momentum, known ahead."""

    def prepare(self, panel: Any) -> Any:
        closes = panel.field("close")
        out = np.full(closes.shape, NAN)
        for t in range(self.lookback, len(closes)):
            strength = closes[t] / closes[t - self.lookback]
            out[t] = 0.0
            out[t, strength.argsort()[-self.top :]] = 1.0 / self.top
        return out


@pytest.mark.parametrize("rebalance", [DAILY, MONTHLY])
def test_a_plan_and_the_same_targets_from_decide_give_the_same_bits(market: Market, rebalance: Rebalance) -> None:
    decided, planned = driven(Momentum(), market, rebalance), driven(Ahead(), market, rebalance)
    assert (planned.n_wakes, decided.n_wakes) == (0, len(SEEN))
    for name in ("equity", "cash", "targets"):
        np.testing.assert_array_equal(getattr(decided.result, name), getattr(planned.result, name))
    for name in decided.result.fills.dtype.names:
        np.testing.assert_array_equal(decided.result.fills[name], planned.result.fills[name])
    assert (planned.result.decisions["source"] == Source.PLAN).all()


def test_a_plan_is_asked_again_when_drift_decides(market: Market) -> None:
    rule = Rebalance(any=(Calendar(calendar="month"), Drift(drift=0.01, then="decide")))
    one, other = driven(Momentum(), market, rule).result, driven(Ahead(), market, rule).result
    np.testing.assert_array_equal(one.equity, other.equity)
    assert {Source.PLAN, Source.ANSWER} == {Source(source) for source in other.decisions["source"]}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "answered with shape"),
        (np.zeros((3, 4)), r"answered with shape \(3, 4\); expected \(120, 4\)"),
        ({"AAA": 1.0}, "answered with dict"),
        (np.full((120, 4), 0.5), "2020-01-02 00:00.*the weights add up to 2"),
        (np.tile([0.1, NAN, 0.1, 0.1], (120, 1)), "2020-01-02 00:00.*the weight of BBB is NaN"),
    ],
)
def test_wrong_plans(market: Market, answer: Any, said: str) -> None:
    class Plans(Says):
        def prepare(self, panel: Any) -> Any:  # noqa: ARG002
            return self.answer

    with pytest.raises(StrategyError, match=rf"^strategy 'mine'.*{said}"):
        driven(Plans(answer=answer), market)


def test_what_prepare_raises_is_one_error_with_its_line(market: Market) -> None:
    class Raises(Strategy):
        def prepare(self, panel: Any) -> Any:
            return panel.field("close") / panel.nothing

    line = Raises.prepare.__code__.co_firstlineno + 1
    with pytest.raises(StrategyError, match=rf"^strategy 'mine' in prepare\(\): {__file__}:{line}: AttributeError"):
        driven(Raises(), market)


def test_notes_are_kept_by_row(market: Market) -> None:
    notes = driven(Momentum(), market, MONTHLY).notes
    assert list(notes) == [10, 31, 60, 91]
    assert {(said.status, said.method) for (said,) in notes.values()} == {("ok", "equal_weight")}


def test_progress_hears_of_each_wake(market: Market) -> None:
    asked, watch, terms = asked_for(Momentum(), market, MONTHLY)
    heard: list[int] = []
    drive(market, asked, watch, terms, 10_000.0, progress=heard.append)
    assert heard == [10, 31, 60, 91]


def test_a_class_that_no_file_holds_is_blamed_without_a_line(market: Market) -> None:
    """As in a notebook, where Python cannot say where a class was written."""

    def decide(self: Any, ctx: Any) -> None:  # noqa: ARG001
        raise KeyError("GLD")

    noted = type("Noted", (Strategy,), {"decide": decide, "__module__": "__main__"})
    with pytest.raises(StrategyError, match=r"^strategy 'mine' on 2\d{3}-\S+ \d\d:\d\d: KeyError: 'GLD'$"):
        driven(noted(), market)

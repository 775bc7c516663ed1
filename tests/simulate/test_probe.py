"""The look-ahead probe: strategies that peek are named, honest ones pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtest import Strategy
from backtest.errors import LookAheadError
from backtest.market.build import make_market
from backtest.market.cut import Scrambled, ended
from backtest.market.market import Market, Series
from backtest.schedule import Calendar, Drift, Rebalance
from backtest.simulate.probe import MOST, rows_to_keep
from simulate.driving import driven, probed

MONTHLY = Rebalance(any=(Calendar(calendar="month"),))


@pytest.fixture
def rich(make: Any) -> Market:
    """Opens, volume, and a side series known a day after it is dated."""
    plain = make()
    rng = np.random.default_rng(9)
    whole = make(open=plain.close * 1.001, volume=rng.uniform(100.0, 1000.0, plain.close.shape))
    at = whole.end[:, 0].copy()
    each = np.arange(len(at)) % 4
    caps = Series("caps", at, at + 86_400_000_000_000, each, rng.uniform(1.0, 2.0, len(at)))
    return Market(**{**vars(whole), "series": {"caps": caps}})


def slice_for(values: Any) -> Any:
    """Answer so that every number matters."""
    return {"AAA": 0.1 + 0.8 * float(values) % 1.0 * 0.8}


class Honest(Strategy):
    """Everything that may be looked at."""

    def initial_state(self, symbols: Any) -> Any:
        return {"seen": 0, "sum": np.zeros(len(symbols))}

    def decide(self, ctx: Any) -> Any:
        ctx.state.seen += 1
        ctx.state.sum += ctx.history("close", 1)[0]
        known = np.nan_to_num(ctx.series("caps")).sum() + ctx.history("volume", 1).sum() + ctx.history("open", 1).sum()
        raw = ctx.rng.uniform(size=4) + (ctx.state.sum + known + ctx.equity + ctx.weights) % 1.0
        return raw / raw.sum()


class PeeksClose(Strategy):
    """Tomorrow's close."""

    def decide(self, ctx: Any) -> Any:
        market = ctx._market
        return slice_for(market.close[min(ctx.row + 1, market.n_rows - 1)].sum())


class PeeksVolume(Strategy):
    """Tomorrow's volume, clipped at whatever the end of the data is."""

    def decide(self, ctx: Any) -> Any:
        market = ctx._market
        return slice_for(market.volume[min(ctx.row + 1, market.n_rows - 1)].sum())


class PeeksSeries(Strategy):
    """The newest value by date, known or not."""

    def decide(self, ctx: Any) -> Any:
        series = ctx._market.series["caps"]
        dated = np.flatnonzero(series.time <= ctx._market.end[ctx.row, 0])
        return slice_for(series.value[dated[-1]] if len(dated) else 0.0)


class PeeksLength(Strategy):
    """How much data there is: no number is read, and yet."""

    def decide(self, ctx: Any) -> Any:
        return {"AAA": 0.5 if ctx.row < ctx._market.n_rows / 2 else 0.25}


class PeeksAndWaits(Strategy):
    """Reads tomorrow today, and acts on it at the next decision."""

    def initial_state(self, symbols: Any) -> Any:  # noqa: ARG002
        return {"tomorrow": 0.0}

    def decide(self, ctx: Any) -> Any:
        answer = slice_for(ctx.state.tomorrow)
        market = ctx._market
        ctx.state.tomorrow = float(market.close[min(ctx.row + 1, market.n_rows - 1), 0])
        return answer


class Global(Strategy):
    """Random numbers that no seed repeats."""

    def decide(self, ctx: Any) -> Any:  # noqa: ARG002
        return slice_for(np.random.uniform())  # noqa: NPY002


KEPT: list[int] = []


class Remembers(Strategy):
    """What it remembers is not in ctx.state."""

    def decide(self, ctx: Any) -> Any:
        KEPT.append(ctx.row)
        return slice_for(len(KEPT) * 0.37)


@pytest.mark.parametrize("mode", ["sampled", "full"])
def test_an_honest_strategy_passes(rich: Market, mode: str) -> None:
    seen = probed(Honest(), rich, mode=mode)
    assert seen.mode == mode
    assert seen.checked == (12 if mode == "sampled" else 120)
    assert seen.seconds > 0.0
    assert seen.prepare_checked == 0


@pytest.mark.parametrize(
    ("strategy", "field"),
    [(PeeksClose, "close"), (PeeksVolume, "volume"), (PeeksSeries, "caps"), (PeeksAndWaits, "close")],
)
def test_a_peek_is_named_with_strategy_time_and_field(rich: Market, strategy: type[Strategy], field: str) -> None:
    with pytest.raises(
        LookAheadError, match=rf"^strategy 'mine' looks ahead: its decision of 2020-\d\d-\d\d 00:00 .*`{field}` did"
    ) as caught:
        probed(strategy(), rich)
    assert str(caught.value).count("`") == 2


def test_a_peek_at_the_length_of_the_data(rich: Market) -> None:
    with pytest.raises(LookAheadError, match=r"looks ahead: its decision of .* changed when the data ended there"):
        probed(PeeksLength(), rich)


@pytest.mark.parametrize("strategy", [Global, Remembers])
def test_what_differs_on_the_same_data_is_told_apart(rich: Market, strategy: type[Strategy]) -> None:
    with pytest.raises(
        LookAheadError, match=r"differs when it is taken again from the same data.*ctx\.rng.*ctx\.state"
    ):
        probed(strategy(), rich)


def test_off_looks_at_nothing(rich: Market) -> None:
    seen = probed(PeeksClose(), rich, mode="off")
    assert (seen.mode, seen.checked, seen.seconds) == ("off", 0, 0.0)


def test_full_finds_what_happens_once(rich: Market) -> None:
    class Once(PeeksClose):
        def decide(self, ctx: Any) -> Any:
            return super().decide(ctx) if ctx.row == 62 else {"AAA": 0.5}

    with pytest.raises(LookAheadError, match="2020-03-04"):
        probed(Once(), rich, mode="full")
    assert 62 not in rows_to_keep(np.arange(120), "sampled")


def test_the_last_decision_is_probed_even_when_drift_asked_for_it(market: Market) -> None:
    rule = Rebalance(any=(Drift(drift=0.01, then="decide"),))

    class Two(Strategy):
        def decide(self, ctx: Any) -> Any:  # noqa: ARG002
            return {"AAA": 0.5, "BBB": 0.5}

    done = driven(Two(), market, rule, keep=(0,))
    rows = done.result.decisions["row"]
    assert len(rows) > 3
    assert [kept.row for kept in done.snapshots] == [0, *rows[[1, 4, 16]], rows[-1]]


def test_a_peek_in_the_last_decision_alone_is_found(market: Market) -> None:
    rule = Rebalance(any=(Drift(drift=0.01, then="decide"),))

    class Late(Strategy):
        def decide(self, ctx: Any) -> Any:
            weight = 0.5 if ctx.row == 0 else 0.3 + 0.4 * float(ctx._market.close[-1, 0] % 1.0)
            return {"AAA": weight, "BBB": 1.0 - weight}

    with pytest.raises(LookAheadError):
        probed(Late(), market, rule)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 20, 119, 160, 161, 5000])
def test_rows_to_keep_has_first_and_last(n: int) -> None:
    rows = np.arange(n) * 3 + 7
    kept = rows_to_keep(rows, "sampled")
    assert len(kept) <= MOST
    assert len(kept) == len(kept & set(rows.tolist()))
    if n:
        assert {int(rows[0]), int(rows[-1])} <= kept
    assert rows_to_keep(rows, "full") == set(rows.tolist())
    assert rows_to_keep(rows, "off") == set()


class Average(Strategy):
    """Above its own mean so far: honest, known ahead."""

    def prepare(self, panel: Any) -> Any:
        closes = panel.field("close")
        so_far = np.cumsum(closes, axis=0) / np.arange(1, len(closes) + 1)[:, None]
        return np.where(closes > so_far, 0.25, 0.0)


class FullSample(Strategy):
    """Above the mean of the whole sample."""

    def prepare(self, panel: Any) -> Any:
        closes = panel.field("close")
        return 0.25 * closes / closes.mean(axis=0) / 4.0


class Shifted(Strategy):
    """Up tomorrow, with the last row filled in."""

    def prepare(self, panel: Any) -> Any:
        closes = panel.field("close")
        return np.where(np.vstack([closes[1:], closes[-1:]]) > closes, 0.25, 0.1)


class Product(Strategy):
    """A product of matrices, whose rounding depends on how many rows there are."""

    def prepare(self, panel: Any) -> Any:
        closes = panel.field("close")
        mixed = closes @ np.linspace(0.1, 1.0, 16).reshape(4, 4) @ np.linspace(1.0, 0.3, 16).reshape(4, 4)
        return mixed / mixed.sum(axis=1, keepdims=True)


class Chance(Strategy):
    """Not a function of the panel."""

    def prepare(self, panel: Any) -> Any:
        return np.random.uniform(0.0, 0.25, panel.field("close").shape)  # noqa: NPY002


@pytest.mark.parametrize("strategy", [Average, Product])
@pytest.mark.parametrize("mode", ["sampled", "full"])
def test_an_honest_plan_passes(market: Market, strategy: type[Strategy], mode: str) -> None:
    seen = probed(strategy(), market, mode=mode)
    assert seen.prepare_checked == (2 if mode == "sampled" else 16)
    assert (seen.checked, seen.seconds) == (0, 0.0)
    assert seen.prepare_seconds > 0.0


@pytest.mark.parametrize("strategy", [FullSample, Shifted])
def test_a_plan_that_peeks_is_named(market: Market, strategy: type[Strategy]) -> None:
    when = r"2020-\d\d-\d\d 00:00"
    said = (
        rf"^strategy 'mine' looks ahead: the weight of \w+ that prepare\(\) gives for {when} depends on `close` after"
    )
    with pytest.raises(LookAheadError, match=said):
        probed(strategy(), market)


def test_a_plan_by_chance_is_told_apart(market: Market) -> None:
    with pytest.raises(LookAheadError, match=r"prepare\(\) answers differently for .* on the same data"):
        probed(Chance(), market)


def test_a_plan_that_needs_the_whole_length(market: Market) -> None:
    class Fixed(Strategy):
        def prepare(self, panel: Any) -> Any:  # noqa: ARG002
            return np.full((120, 4), 0.25)

    with pytest.raises(LookAheadError, match="only when later data are different, or missing"):
        probed(Fixed(), market)


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("strategy", [Average, None])
def test_very_short_markets(rows: int, strategy: type[Strategy] | None, make: Any) -> None:
    class Half(Strategy):
        def decide(self, ctx: Any) -> Any:  # noqa: ARG002
            return {"AAA": 0.5}

    probed((strategy or Half)(), make(rows))


def test_a_market_that_ends_is_the_market_up_to_there(rich: Market) -> None:
    short = ended(rich, 50)
    assert (short.n_rows, short.session_end.shape, short.end.shape) == (51, (51,), (51, 1))
    np.testing.assert_array_equal(short.close, rich.close[:51])
    assert short.series["caps"].known_at.max() <= rich.end[50, 0]
    assert np.shares_memory(short.close, rich.close)


def test_actions_after_the_end_are_gone() -> None:
    raw = make_market(
        close=np.ones((6, 1)), symbols=["A"], price_kind="raw", actions=[(2, "A", "split", 2.0), (4, "A", "split", 3.0)]
    )
    assert ended(raw, 3).actions["row"].tolist() == [2]
    assert ended(raw, 4).actions["row"].tolist() == [2, 4]


def test_a_scrambled_market_keeps_the_past_and_the_gaps(make: Any) -> None:
    close = make().close.copy()
    close[70:75, 1] = np.nan
    gaps = make(close=close)
    scrambled = Scrambled(gaps, seed=1)
    for row in (0, 30, 72, 118):
        other = scrambled.after(row)
        np.testing.assert_array_equal(other.close[: row + 1], gaps.close[: row + 1])
        later, real = other.close[row + 1 :], gaps.close[row + 1 :]
        np.testing.assert_array_equal(np.isnan(later), np.isnan(real))
        assert not (later == real)[~np.isnan(real)].any()
    np.testing.assert_array_equal(gaps.close, close)


def test_only_one_field_is_scrambled_when_asked(rich: Market) -> None:
    other = Scrambled(rich, 1, "volume").after(50)
    np.testing.assert_array_equal(other.close, rich.close)
    np.testing.assert_array_equal(other.series["caps"].value, rich.series["caps"].value)
    assert other.volume is not None
    assert rich.volume is not None
    assert not (other.volume[51:] == rich.volume[51:]).any()


def test_side_series_are_scrambled_by_when_they_are_known(rich: Market) -> None:
    series, other = rich.series["caps"], Scrambled(rich, 1).after(50).series["caps"]
    known = series.known_at <= rich.end[50, 0]
    assert (other.value[known] == series.value[known]).all()
    assert not (other.value[~known] == series.value[~known]).any()


def test_the_probe_is_a_small_part_of_a_run(make: Any) -> None:
    """Loosely: a decision is taken again twice for each tenth one, so that a slow strategy costs a fifth more."""
    from time import perf_counter, sleep

    class Slow(Strategy):
        def decide(self, ctx: Any) -> Any:  # noqa: ARG002
            sleep(0.0005)
            return {"AAA": 0.5}

    start = perf_counter()
    seen = probed(Slow(), make(800))
    assert seen.checked == MOST
    assert seen.seconds < 0.2 * (perf_counter() - start - seen.seconds)

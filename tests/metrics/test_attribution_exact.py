"""Attribution to the letter: limits, labels, arguments that are handed on, and every message."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import metrics, stats
from backtest.errors import InputError, RunError
from backtest.metrics import (
    active_split,
    attribution,
    brinson,
    contributions,
    factor_attribution,
    gross_to_net,
    profit_by,
    segments,
    segments_of,
    trades,
)
from backtest.metrics.attribution.groups import groups_by, sectors
from backtest.metrics.attribution.periods import cut, same_days
from backtest.metrics.attribution.rows import costs_by_row, equity_before
from backtest.metrics.attribution.segments import NOT_HELD, Segments
from backtest.metrics.ledger import COSTS, asset_returns, cost_by_row, drag_by_row, turnover_by_row
from backtest.stats.linking import LINKINGS, Linking
from backtest.types import ActionKind, EventKind

from .results import Ledger, random_ledger
from .test_attribution import ruined, sectored

DAYS = pd.date_range("2020-01-01", periods=60)
RNG = np.random.default_rng(31)
FACTORS = pd.DataFrame(RNG.normal(0.0, 0.01, (60, 2)), DAYS, ["market", "size"])
VALUES = 0.001 + 0.8 * FACTORS["market"].to_numpy() + RNG.normal(0.0, 0.002, 60)
RETURNS = pd.Series(VALUES, DAYS)
MARKET = FACTORS["market"]


@pytest.mark.parametrize("function", [factor_attribution, active_split])
def test_series_are_matched_by_time_however_the_times_are_given(function: Any) -> None:
    other = FACTORS if function is factor_attribution else MARKET
    wanted = function(RETURNS, other)
    pd.testing.assert_frame_equal(function(RETURNS, other[::-1]), wanted, check_exact=True)
    pd.testing.assert_frame_equal(function(VALUES, other[::-1], times=DAYS), wanted, check_exact=True)
    pd.testing.assert_frame_equal(function(RETURNS, other, risk_free=0.0), wanted, check_exact=True)
    assert wanted.index.name == ("factor" if function is factor_attribution else "part")


@pytest.mark.parametrize("linking", LINKINGS)
def test_factors_by_hand(linking: Linking) -> None:
    """Each bar's return is cash, alpha, β F and the rest; bars are linked by the plain function."""
    cash = stats.per_period(0.05, 250.0)
    table = factor_attribution(RETURNS, FACTORS, risk_free=0.05, periods_per_year=250.0, linking=linking)
    design = np.column_stack((np.ones(60), FACTORS))
    alpha, *betas = np.linalg.lstsq(design, VALUES - cash, rcond=None)[0]
    parts = np.column_stack((np.full(60, cash), np.full(60, alpha), FACTORS * betas))
    parts = np.column_stack((parts, VALUES - parts.sum(axis=1)))
    linked = stats.link(parts, stats.linking_factors(VALUES, None, linking))
    assert table["linked"].tolist() == pytest.approx([*linked, np.prod(1.0 + VALUES) - 1.0], abs=1e-12)
    assert table["annual"].tolist() == pytest.approx([*parts.mean(axis=0) * 250.0, VALUES.mean() * 250.0], abs=1e-12)
    assert table.loc[["market", "size"], "exposure"].tolist() == pytest.approx(betas, rel=1e-9)


@pytest.mark.parametrize("linking", LINKINGS)
def test_an_active_return_by_hand(linking: Linking) -> None:
    cash, theirs = stats.per_period(0.05, 250.0), MARKET.to_numpy()
    table = active_split(RETURNS, MARKET, risk_free=0.05, periods_per_year=250.0, linking=linking)
    beta, alpha = np.polyfit(theirs - cash, VALUES - cash, 1)
    exposure = (beta - 1.0) * (theirs - cash)
    parts = np.column_stack((exposure, np.full(60, alpha), VALUES - theirs - exposure - alpha))
    linked = stats.link(parts, stats.linking_factors(VALUES, theirs, linking))
    assert table["linked"].iloc[:3].tolist() == pytest.approx(linked, abs=1e-12)
    active = VALUES - theirs
    assert table["annual"].tolist() == pytest.approx([*parts.mean(axis=0) * 250.0, active.mean() * 250.0], abs=1e-12)


def test_methods_of_linking_are_not_the_same() -> None:
    """So that a method which is not handed on is seen by the tests above and below."""
    for function, other in ((factor_attribution, FACTORS), (active_split, MARKET)):
        found = [function(RETURNS, other, linking=method)["linked"].iloc[1] for method in LINKINGS]
        assert len({round(value, 9) for value in found}) == len(LINKINGS)


@pytest.mark.parametrize("linking", LINKINGS)
def test_the_steps_from_gross_to_net_are_linked_as_asked(linking: Linking) -> None:
    ledger = random_ledger(3)
    net = stats.returns_from_equity(ledger.equity, ledger.capital)
    before = np.concatenate(([ledger.capital], ledger.equity[:-1]))
    cost = np.zeros((ledger.equity.size, 4))
    for fill in ledger.fills:
        cost[fill["row"] - ledger.first] += [fill[kind] for kind in COSTS]
    cost /= before[:, None]
    gross = net + cost.sum(axis=1)
    steps = gross_to_net(ledger, linking)
    wanted = stats.link(cost, stats.linking_factors(gross, net, linking))
    assert steps.loc[list(COSTS), "linked"].tolist() == pytest.approx((-wanted).tolist(), abs=1e-14)
    assert steps.index.name == "step"
    assert steps["contribution"].tolist() == pytest.approx((steps["profit"] / ledger.capital).tolist())


@pytest.mark.parametrize(("loss", "cost"), [(990.0, 10.0), (995.0, 10.0)])
def test_an_account_that_costs_alone_ended_has_no_annual_step(loss: float, cost: float) -> None:
    """Gross something is left, net nothing or less: no rate a year leads to that."""
    ledger = Ledger(np.array([[1000.0], [1000.0], [1000.0 - loss]]))
    ledger.trade(0, 0, 1.0, 1000.0)
    ledger.shut(0)
    ledger.shut(1)
    ledger.trade(2, 0, -1.0, 1000.0 - loss, spread=cost)
    ledger.shut(2)
    steps = gross_to_net(ledger, "grap")
    assert steps["annual"].isna().all()
    assert steps.loc["gross", "linked"] == pytest.approx(-loss / 1000.0)
    assert steps.loc["net", "linked"] == pytest.approx(-(loss + cost) / 1000.0)
    assert steps.loc["spread", "linked"] == pytest.approx(-cost / 1000.0)


def ledger_of(prices: list[list[float]], **options: Any) -> Ledger:
    return Ledger(np.array(prices), **options)


def test_two_actions_of_one_row_act_both() -> None:
    actions = [
        (2, 0, ActionKind.SPLIT, 2.0),
        (2, 0, ActionKind.SPLIT, 3.0),
        (2, 1, ActionKind.DIVIDEND, 1.0),
        (2, 1, ActionKind.DIVIDEND, 0.5),
    ]
    ledger = ledger_of([[9.0, 9.0], [60.0, 10.0], [11.0, 9.0]], first=1, actions=actions)
    ledger.shut(1)
    ledger.mark = np.array([10.0, 8.5])
    ledger.shut(2)
    np.testing.assert_allclose(asset_returns(ledger), [[6.0 * 11.0 / 60.0 - 1.0, 10.5 / 10.0 - 1.0]])


def test_an_asset_that_ends_in_the_first_row_has_no_returns() -> None:
    ledger = ledger_of([[9.0], [10.0], [10.0]], first=1, actions=[(1, 0, ActionKind.DELISTING, -0.5)])
    ledger.shut(1)
    ledger.shut(2)
    assert np.isnan(asset_returns(ledger)).all()
    before = ledger_of([[9.0], [10.0], [10.0]], first=1, actions=[(0, 0, ActionKind.DELISTING, -0.5)])
    before.shut(1)
    before.shut(2)
    assert asset_returns(before).tolist() == [[0.0]]


def test_a_mark_of_zero_has_no_return() -> None:
    ledger = ledger_of([[1.0], [0.0], [2.0]])
    for row in range(3):
        ledger.shut(row)
    found = asset_returns(ledger)
    assert found[0, 0] == -1.0
    assert math.isnan(found[1, 0])


def test_nothing_is_spent_of_an_account_that_is_gone() -> None:
    ledger = ledger_of([[100.0], [50.0], [50.0]])
    ledger.trade(0, 0, 20.0, 100.0)
    for row in range(3):
        ledger.shut(row)
    assert ledger.equity.tolist() == [1000.0, 0.0, 0.0]
    for found in (turnover_by_row(ledger), drag_by_row(ledger), cost_by_row(ledger)):
        assert found[1:].tolist() == [0.0, 0.0]
        assert found.dtype == np.float64
    assert turnover_by_row(ledger)[0] == 1.0


def many(n: int = 40) -> Ledger:
    """So many assets, one opened a row or three; more of a row than a sort keeps in order by chance."""
    rng = np.random.default_rng(2)
    close = np.full((4, n), 10.0)
    ledger = Ledger(close, capital=1e5)
    opened = rng.integers(0, 2, n)
    for row in range(4):
        for asset in range(n):
            if opened[asset] == row:
                ledger.trade(row, asset, 1.0 + asset, 10.0)
            if row == 3 and asset % 3 == 0:
                ledger.trade(row, asset, -1.0 - asset, 10.0 + asset)
        ledger.shut(row)
    return ledger


def test_trades_of_one_row_stand_in_the_order_of_the_assets() -> None:
    ledger = many()
    for table in (trades(ledger), profit_by(ledger, "trade")):
        found = [(opened, int(symbol[1:])) for opened, symbol in zip(table["opened"], table["symbol"], strict=True)]
        assert found == sorted(found)
        assert table.index.tolist() == list(range(40))
    assert profit_by(ledger, "trade").index.name == "trade"
    assert profit_by(ledger, "trade").columns.tolist() == [
        *("symbol", "opened", "closed", "gross", "cost", "net", "contribution")
    ]
    assert trades(ledger).columns.tolist() == [
        *("symbol", "side", "opened", "closed", "bars", "days", "entered", "profit", "cost", "return"),
        *("mae", "mfe", "open"),
    ]
    whole = profit_by(ledger, "trade")
    assert whole["closed"].isna().tolist() == trades(ledger)["open"].tolist()
    assert (whole["closed"].dropna() == ledger.times[3]).all()


def test_a_trade_of_a_later_row_counts_its_own_bars_and_one_for_nothing_has_no_return() -> None:
    ledger = ledger_of([[10.0, 10.0], [10.0, 10.0], [10.0, 10.0], [10.0, 10.0]])
    ledger.shut(0)
    ledger.trade(1, 0, 1.0, 10.0)
    ledger.trade(1, 1, 1.0, 0.0)
    ledger.shut(1)
    ledger.shut(2)
    ledger.trade(3, 0, -1.0, 12.0)
    ledger.shut(3)
    table = trades(ledger)
    assert table["bars"].tolist() == [2, 2]
    assert table["return"].tolist() == [pytest.approx(0.2), pytest.approx(math.nan, nan_ok=True)]
    assert table[["mae", "mfe"]].iloc[1].isna().all()


def test_tables_are_named_by_what_they_are_cut_by() -> None:
    ledger = sectored(2, 2)
    for by in ("asset", "strategy", "cost", "sector"):
        assert profit_by(ledger, by).index.name == by
    assert profit_by(ledger, "cost").index.tolist() == list(COSTS)
    assert contributions(ledger, "strategy").periods.columns.tolist() == ["0", "1", *COSTS]
    found = contributions(ledger, "sector")
    assert (found.periods.columns.name, found.linked.index.name) == ("sector", "sector")
    assert (found.returns.name, found.linked.name) == ("return", "contribution")
    assert found.periods.index.name == "period"
    parts = brinson(ledger, sectored(2))
    assert parts.periods.index.names == ["period", "part"]
    assert parts.split.name == "active return"
    assert profit_by(ledger, "asset").columns.tolist() == [
        *("gross", "dividends", "commission", "spread", "slippage", "impact", "cost", "net", "contribution")
    ]


def test_numbers_of_any_kind_are_weights_and_returns() -> None:
    """Tables that were read as objects are as good as tables of floats."""
    returns = pd.DataFrame({"Tech": [0.1, 0.2], "cash": [0.01, 0.02]})
    weights = pd.DataFrame({"Tech": [0.5, 0.25], "cash": [0.5, 0.75]})
    wanted = segments(weights, returns)
    for w, r in ((weights.astype(object), returns), (weights, returns.astype(object))):
        found = segments(w, r)
        for name in ("weights", "contributions", "returns"):
            assert getattr(found, name).dtype == np.float64
            np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))
    series = segments(pd.Series({"Tech": 0.5, "cash": 0.5}, dtype=object), returns)
    np.testing.assert_array_equal(series.weights, [[0.5, 0.5], [0.5, 0.5]])
    np.testing.assert_allclose(wanted.contributions, [[0.05, 0.005], [0.05, 0.015]], rtol=1e-15)


def test_a_weight_that_is_rounding_needs_no_return() -> None:
    returns = pd.DataFrame({"Tech": [0.1], "Oil": [np.nan]})
    side = segments(pd.Series({"Tech": 0.5, "Oil": NOT_HELD}), returns)
    assert side.contributions[0].tolist() == [0.05, 0.0, 0.0]
    with pytest.raises(InputError) as caught:
        segments(pd.Series({"Tech": 0.5, "Oil": 1.1 * NOT_HELD}), returns)
    assert str(caught.value) == "segments: expected a weight in every cell, and a return wherever there is one"


def side(rows: int, **columns: list[float]) -> Segments:
    index = pd.date_range("2024-01-31", periods=rows, freq="ME")
    returns = pd.DataFrame(columns, index)
    return segments(pd.Series({name: 1.0 / len(columns) for name in columns}), returns)


def test_segments_that_one_side_lacks_have_no_weight_there() -> None:
    found = brinson(side(1, Oil=[0.1], Tech=[0.2]), side(1, Food=[0.05], Oil=[0.0]), every="bar", model="hood_beebower")
    assert found.linked.index.tolist() == ["Food", "Oil", "Tech", "cash", "timing", "cost", "total"]
    assert found.linked["weight"].tolist()[:4] == [0.0, 0.5, 0.5, 0.0]
    assert found.linked["benchmark_weight"].tolist()[:4] == [0.5, 0.5, 0.0, 0.0]
    # Brinson, Hood and Beebower: allocation (w − v) s, selection v (r − s), interaction (w − v)(r − s).
    assert found.linked.loc["Oil", ["allocation", "selection", "interaction"]].tolist() == pytest.approx([0, 0.05, 0])
    assert found.linked.loc["Food", "allocation"] == pytest.approx(-0.025)
    assert found.linked.loc["total", "total"] == pytest.approx(0.15 - 0.025)


def test_a_ruined_side_is_all_cash_from_there_on() -> None:
    bad = ruined()
    bad.market = replace(bad.market, properties=pd.DataFrame({"sector": ["Tech"]}, index=["A0"]))
    found = segments_of(bad)
    assert found.weights[2].tolist() == [0.0, 1.0]
    for name in ("contributions", "returns"):
        assert getattr(found, name)[2].tolist() == [0.0, 0.0]
    assert (found.timing[2], found.cost[2]) == (0.0, 0.0)
    assert found.weights[1].tolist() == [-2.0, 3.0]
    two = pd.DataFrame({"sector": ["Oil", "Tech"]}, index=["A0", "A1"])
    gone = ledger_of([[100.0, 5.0], [160.0, 5.0], [90.0, 5.0]], properties=two)
    gone.trade(0, 0, -20.0, 100.0)
    for row in range(3):
        gone.shut(row)
    gone.event_rows.append((1, -1, 0, EventKind.BANKRUPT, -1, -200.0))
    assert segments_of(gone).weights[2].tolist() == [0.0, 0.0, 1.0]


def test_a_group_called_cash_is_not_the_cash() -> None:
    ledger = ledger_of([[10.0], [11.0]], properties=pd.DataFrame({"sector": ["cash"]}, index=["A0"]))
    ledger.trade(0, 0, 10.0, 10.0)
    ledger.shut(0)
    ledger.shut(1)
    assert segments_of(ledger).names == ("cash (sector)", "cash")


def test_groups_are_in_order_and_of_every_asset() -> None:
    properties = pd.DataFrame({"sector": ["Oil", None], "size": [2, 1]}, index=["A1", "A0"])
    ledger = ledger_of([[10.0, 10.0, 10.0]], properties=properties)
    assert groups_by(ledger, "sector").names == ("Oil", "unclassified")
    assert groups_by(ledger, "sector").of.tolist() == [1, 0, 1]
    assert groups_by(ledger, "size").names == ("1.0", "2.0", "unclassified")
    found = sectors(ledger)
    assert found is not None
    assert found.of.tolist() == [1, 0, 1]
    np.testing.assert_array_equal(found.sum(np.array([[1.0, 2.0, 4.0], [0.0, 1.0, 0.5]])), [[2.0, 5.0], [1.0, 0.5]])
    np.testing.assert_array_equal(found.sum(np.array([1.0, 2.0, 4.0])), [2.0, 5.0])
    assert sectors(ledger_of([[10.0]])) is None
    assert sectors(ledger_of([[10.0]], properties=pd.DataFrame({"size": [1]}, index=["A0"]))) is None


def test_days_are_compared_by_date_and_without_times_by_number() -> None:
    closes = pd.DatetimeIndex(["2020-01-02 21:00", "2020-01-03 21:00"], tz="UTC")
    midnights = pd.DatetimeIndex(["2020-01-03", "2020-01-04"], tz="UTC")
    dates = pd.DatetimeIndex(["2020-01-02", "2020-01-03"])
    assert same_days(closes, dates)
    assert same_days(midnights, dates)
    assert not same_days(closes, midnights.tz_localize(None))
    assert not same_days(closes, closes[:1])
    assert same_days(pd.RangeIndex(2), dates)
    assert not same_days(closes, pd.DatetimeIndex(["2020-01-02", "2020-01-04"]))
    assert not same_days(dates, dates + pd.Timedelta(1, "D"))


@pytest.mark.parametrize(
    ("every", "labels", "starts"),
    [
        ("bar", None, [0, 1, 2, 3]),
        ("month", ["2019-12", "2020-01", "2020-04"], [0, 1, 3]),
        ("quarter", ["2019Q4", "2020Q1", "2020Q2"], [0, 1, 3]),
        ("year", ["2019", "2020"], [0, 1]),
        ("all", ["all"], [0]),
    ],
)
def test_periods_begin_where_the_calendar_says(every: Any, labels: list[str] | None, starts: list[int]) -> None:
    index = pd.DatetimeIndex(["2019-12-31", "2020-01-01", "2020-01-31", "2020-04-01"])
    found = cut(index, every)
    assert found.starts.tolist() == starts
    assert found.labels.astype(str).tolist() == (labels or index.astype(str).tolist())


def test_costs_stop_where_the_account_does() -> None:
    ledger = ledger_of([[100.0], [160.0], [160.0]])
    ledger.trade(0, 0, -20.0, 100.0, commission=2.0, impact=0.5)
    ledger.shut(0)
    ledger.shut(1)
    ledger.event_rows.append((1, -1, 0, EventKind.BANKRUPT, -1, 0.0))
    ledger.trade(2, 0, 20.0, 160.0, commission=7.0)
    ledger.shut(2)
    assert costs_by_row(ledger).tolist() == [[2.0, 0.0, 0.0, 0.5], [0.0, 0.0, 0.0, 0.0]]
    assert equity_before(ledger).tolist() == [1000.0, 997.5]


def of_a_million(largest: str) -> Ledger:
    """A ledger in which the capital, the equity at the end or what was traded is 1e6, and the others are small."""
    capital = 1e6 if largest == "capital" else 1000.0
    ledger = ledger_of([[4.0], [{"capital": 1e6, "equity": 1e6, "traded": 4.0}[largest]]], capital=capital)
    ledger.trade(0, 0, {"capital": -1.0, "equity": 1.0, "traded": 125_000.0}[largest], 4.0)
    if largest == "traded":
        ledger.trade(0, 0, -125_000.0, 4.0)
    ledger.shut(0)
    ledger.shut(1)
    return ledger


@pytest.mark.parametrize("largest", ["capital", "equity", "traded"])
def test_a_ledger_may_miss_its_sum_by_rounding_and_no_more(largest: str) -> None:
    """The limit is 1e-9 of the largest of capital, equity and what was traded: 1e-3 of a million."""
    for missed, allowed in ((0.9e-3, True), (-0.9e-3, True), (1.1e-3, False), (-1.1e-3, False)):
        ledger = of_a_million(largest)
        change = float(ledger.equity[-1]) - ledger.capital
        equity, *rest = ledger.rows[-1]
        ledger.rows[-1] = (equity + missed, *rest)
        for function in (attribution, profit_by):
            if allowed:
                function(ledger)  # type: ignore[operator]
            else:
                with pytest.raises(RunError) as caught:
                    function(ledger)  # type: ignore[operator]
                total = float(ledger.equity[-1]) - ledger.capital
                assert str(caught.value) == (
                    f"attribution: assets and costs add up to {change!r}, but equity changed by {total!r}; "
                    "the ledger of this run is inconsistent, please report it"
                )


def test_a_strategy_of_its_own_sees_every_split() -> None:
    """Two hold one asset, 1 and 2 units; a split of 2 and one of 3 make 6 and 12, worth 20 each."""
    actions = [(1, 0, ActionKind.SPLIT, 2.0), (2, 0, ActionKind.SPLIT, 3.0)]
    ledger = ledger_of([[60.0], [30.0], [20.0]], actions=actions)
    for owner in (0, 1):
        ledger.trade(0, 0, 1.0 + owner, 60.0)
        ledger.fill_rows[-1]["owner"] = owner
    ledger.shut(0)
    for row in (1, 2):
        ledger.act(row, 0, ActionKind.SPLIT, float(row + 1))
        ledger.shut(row)
    assert profit_by(ledger, "strategy")["net"].tolist() == pytest.approx([60.0, 120.0])


def three() -> Segments:
    return side(3, Oil=[0.1, 0.0, 0.0])


MESSAGES: list[tuple[Any, str]] = [
    (
        lambda: brinson(three(), side(2, Oil=[0.1, 0.0])),
        "benchmark: expected the 3 bars of the portfolio, 2024-01-31 00:00:00 to 2024-03-31 00:00:00; received 2, "
        "2024-01-31 00:00:00 to 2024-02-29 00:00:00",
    ),
    (
        lambda: brinson(three(), side(0, Oil=[])),
        "benchmark: expected the 3 bars of the portfolio, 2024-01-31 00:00:00 to 2024-03-31 00:00:00; received 0, none",
    ),
    (
        lambda: brinson(three(), three(), model="hood"),  # type: ignore[arg-type]
        "brinson: unknown model 'hood'; known: fachler, hood_beebower",
    ),
    (
        lambda: brinson(three(), three(), linking="carinho"),  # type: ignore[arg-type]
        "linking: unknown linking method 'carinho'; known: carino, grap, menchero; did you mean 'carino'?",
    ),
    (
        lambda: brinson(three(), three(), every="months"),  # type: ignore[arg-type]
        "every: unknown period 'months'; known: all, bar, month, quarter, year; did you mean 'month'?",
    ),
    (
        lambda: cut(pd.RangeIndex(3), "quarter"),
        "every: a quarter needs the times of the rows; give frames with dates, or 'bar' or 'all'",
    ),
    (
        lambda: segments(pd.Series({"Oil": 1.0}), pd.DataFrame({"Tech": [0.1]})),
        "segments: expected the same rows and columns in weights and returns",
    ),
    (
        lambda: segments(pd.DataFrame({"Oil": [1.0]}), pd.DataFrame({"Oil": [0.1]}, index=[1])),
        "segments: expected the same rows and columns in weights and returns",
    ),
    (
        lambda: segments(pd.Series({"Oil": math.nan}), pd.DataFrame({"Oil": [0.1]})),
        "segments: expected a weight in every cell, and a return wherever there is one",
    ),
    (
        lambda: factor_attribution(RETURNS, FACTORS[[]]),
        "factors: expected at least one column; received none",
    ),
    (
        lambda: profit_by(random_ledger(1), "assets"),
        "by: unknown way to cut the profit 'assets'; known: asset, cost, strategy, trade; did you mean 'asset'?",
    ),
    (
        lambda: contributions(sectored(1), "secto"),
        "by: unknown property of the market 'secto'; known: sector; did you mean 'sector'?",
    ),
    (
        lambda: segments_of(random_ledger(1)),
        "by: unknown property of the market 'sector'; known: none exist yet",
    ),
    (
        lambda: metrics.run_risk(random_ledger(1), "sector"),
        "by: unknown property of the market 'sector'; known: none exist yet",
    ),
]


@pytest.mark.parametrize(("call", "message"), MESSAGES)
def test_a_message_says_what_where_received_and_allowed(call: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize("linking", LINKINGS)
def test_months_are_linked_as_the_whole_is(linking: Linking) -> None:
    ledger = random_ledger(6)
    bars = contributions(ledger, every="bar")
    effects, returns = bars.periods.to_numpy(), bars.returns.to_numpy()
    january = np.asarray(ledger.times < "2020-02-01")
    months = contributions(ledger, linking=linking).periods.to_numpy()
    for month, rows in zip(months, (january, ~january), strict=True):
        wanted = stats.link(effects[rows], stats.linking_factors(returns[rows], None, linking))
        np.testing.assert_allclose(month, wanted, atol=1e-15)
    rng = np.random.default_rng(1)
    mine, theirs = (side(6, Oil=rng.normal(0, 0.1, 6).tolist(), Tech=rng.normal(0, 0.1, 6).tolist()) for _ in range(2))
    found = brinson(mine, theirs, every="quarter", linking=linking).periods
    plain = stats.brinson(mine.weights, mine.returns, theirs.weights, theirs.returns, "fachler")
    for quarter, label in ((slice(0, 3), "2024Q1"), (slice(3, 6), "2024Q2")):
        factors = stats.linking_factors(mine.total[quarter], theirs.total[quarter], linking)
        wanted = stats.link(plain.selection[quarter], factors)
        got = found.xs(pd.Period(label), level="period").loc[["Oil", "Tech"], "selection"]
        assert got.tolist() == pytest.approx(wanted[:2].tolist(), abs=1e-15)


def test_an_active_return_is_cut_by_the_property_that_was_asked_for() -> None:
    sides = []
    for seed in (1, 2):
        ledger = random_ledger(seed)
        size = pd.DataFrame({"size": ["small", "large", "small", "large"]}, index=["A0", "A1", "A2", "A3"])
        ledger.market = replace(ledger.market, properties=size)
        sides.append(ledger)
    found = brinson(*sides, by="size")
    assert found.linked.index.tolist() == ["large", "small", "cash", "timing", "cost", "total"]

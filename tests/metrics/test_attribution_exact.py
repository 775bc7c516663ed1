"""Attribution to the letter: limits, labels, arguments that are handed on, and every message."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import metrics, stats
from backtest.errors import InputError, RunError
from backtest.metrics import (
    attribution,
    brinson,
    contributions,
    factor_attribution,
    profit_by,
    segments,
    segments_of,
)
from backtest.metrics.attribution.periods import cut
from backtest.metrics.attribution.rows import costs_by_row, equity_before
from backtest.metrics.attribution.segments import Segments
from backtest.metrics.ledger import COSTS
from backtest.stats.linking import LINKINGS, Linking
from backtest.types import ActionKind, EventKind

from .results import Ledger, ledger_of, random_ledger, side
from .test_attribution import sectored


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
                    f"attribution: assets and costs add up to {change!r}, but {total!r} was earned; "
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
        lambda: factor_attribution([0.01, 0.02], pd.DataFrame(index=range(2))),
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

"""Flows: in which rows how much moves."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from backtest.market.market import Market
from backtest.schedule import Flow, flows_by_row, read_flows

from .markets import market_of, weekdays


def moved(flow: Flow, market: Market, first: int = 0) -> dict[str, float]:
    """Money by day."""
    table = flows_by_row([flow], market, first)
    return {market.day(int(row)): float(table[row, 0]) for row in np.flatnonzero(table[:, 0])}


def test_the_first_session_of_each_month_but_not_the_first_of_all() -> None:
    market = market_of(weekdays("2021-12-27", "2022-03-05"))
    flow = Flow(amount=5.0, every="month")
    assert moved(flow, market) == {"2022-01-03": 5.0, "2022-02-01": 5.0, "2022-03-01": 5.0}
    start = market.session.tolist().index(np.datetime64("2022-01-03").astype(int))
    assert moved(flow, market, start) == {"2022-02-01": 5.0, "2022-03-01": 5.0}


def test_limits_are_included() -> None:
    market = market_of(weekdays("2021-12-27", "2022-06-05"))
    flow = Flow(amount=-5.0, every="month", on="last", start=date(2022, 1, 31), end=date(2022, 3, 31))
    assert list(moved(flow, market)) == ["2022-01-31", "2022-02-28", "2022-03-31"]


def test_a_date_rolls_forward_to_a_session() -> None:
    market = market_of(weekdays("2021-12-27", "2022-03-05"))
    assert moved(Flow(amount=5.0, date=date(2022, 1, 1)), market) == {"2022-01-03": 5.0}
    assert moved(Flow(amount=5.0, date=date(2021, 12, 27)), market) == {}
    assert moved(Flow(amount=5.0, date=date(2022, 3, 5)), market) == {}


def test_on_intraday_bars_it_is_there_before_the_session_opens() -> None:
    market = market_of(weekdays("2022-01-27", "2022-02-04"), rows_each=3)
    table = flows_by_row([Flow(amount=5.0, every="month")], market, 0)
    (row,) = np.flatnonzero(table[:, 0])
    assert (market.day(int(row)), row % 3) == ("2022-02-01", 0)


def test_an_amount_rises_once_a_year_after_its_first_payment() -> None:
    market = market_of(weekdays("2020-01-01", "2022-04-05"))
    flow = Flow(amount=-100.0, every="quarter", growth_annual=0.1, start=date(2020, 7, 1))
    assert list(moved(flow, market).values()) == pytest.approx([-100.0] * 4 + [-110.0] * 4, rel=1e-15)


def test_a_fraction_a_year_is_cut_into_its_payments() -> None:
    market = market_of(weekdays("2021-12-27", "2023-01-05"))
    for every, payments in (("week", 52), ("month", 12), ("quarter", 4), ("year", 1)):
        table = flows_by_row([Flow(fraction_annual=-0.04, every=every)], market, 0)
        parts = table[table[:, 1] != 0.0, 1]
        assert set(parts.tolist()) == {-0.04 / payments}
        assert not table[:, 0].any()
    once = flows_by_row([Flow(fraction_annual=-0.5, date=date(2022, 5, 2))], market, 0)
    assert once[once[:, 1] != 0.0, 1].tolist() == [-0.5]


def test_flows_of_one_session_add_up_and_none_are_no_table() -> None:
    market = market_of(weekdays("2021-12-27", "2022-02-05"))
    flows = [Flow(amount=5.0, every="month"), Flow(amount=-2.0, date=date(2022, 2, 1))]
    table = flows_by_row(flows, market, 0)
    assert table[:, 0].sum() == 5.0 + 3.0
    assert flows_by_row([], market, 0).shape == (0, 2)


def test_lines_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "flows.csv"
    file.write_text("Date, Amount\n2022-02-01, 1_000\n2022-01-03,-2.5\n", encoding="utf-8")
    assert read_flows(file) == (Flow(amount=1000.0, date=date(2022, 2, 1)), Flow(amount=-2.5, date=date(2022, 1, 3)))


def test_words() -> None:
    assert Flow(amount=1000.0, every="month").told == "1,000 paid in on the first session of each month"
    assert Flow(amount=-2.5, every="day", end=date(2022, 1, 3)).told == "2.50 taken out on each session to 2022-01-03"
    assert Flow(fraction_annual=-0.04, every="year", on="last").told == (
        "0.04 of the equity a year taken out on the last session of each year"
    )
    rising = Flow(amount=-100.0, every="month", growth_annual=0.02).told
    assert rising == "100, +0.02 each year, taken out on the first session of each month"

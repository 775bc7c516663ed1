"""Several stores as one market: a union clock, and for each calendar a clock of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtest.errors import DataError
from backtest.market.actions import action_table
from backtest.market.aggregate import aggregated, bins_of
from backtest.market.build import make_market
from backtest.market.daily import by_session
from backtest.market.join import first_rows, join, join_markets, with_one_clock
from backtest.market.market import Market
from backtest.market.save import save
from backtest.market.stores import content_of, load_source
from backtest.market.universe import Universe
from backtest.schedule import Calendar
from backtest.strategy.observe import bars_a_year, returns_until
from backtest.types import ActionKind
from tests.market.exchanges import exchange, hourly
from tests.market.markets import FIRST, daily, series

WINTER = ("2022-11-21", "2022-12-02")  # Thanksgiving on the 24th, a short day on the 25th


def us_and_coins(first: str = WINTER[0], last: str = WINTER[1]) -> Market:
    return join([exchange("XNYS", first, last, "AB"), exchange("24/7", first, last, "CDE")], "x")


def day(market: Market, row: int) -> str:
    return market.day(row)


def utc(stamp: int) -> str:
    return f"{pd.Timestamp(int(stamp)):%m-%d %H:%M}"


def test_a_row_for_each_session_of_any_calendar() -> None:
    market = us_and_coins()
    assert [day(market, row)[5:] for row in range(market.n_rows)] == [
        *("11-21", "11-22", "11-23", "11-24", "11-25", "11-26", "11-27", "11-28", "11-29", "11-30", "12-01", "12-02")
    ]
    assert market.calendars == ("24/7", "XNYS")
    assert market.group.tolist() == [1, 1, 0, 0, 0]
    closed = [day(market, row)[5:] for row in np.flatnonzero(~market.opens[:, 1])]
    assert closed == ["11-24", "11-26", "11-27"]
    assert np.isnan(market.close[3, :2]).all()
    assert np.isfinite(market.close[:, 2:]).all()
    assert market.complete.tolist() == market.opens.all(axis=1).tolist()


def test_each_calendar_keeps_its_hours_and_a_row_is_decided_at_its_latest_end() -> None:
    market = us_and_coins()
    assert [utc(market.start[4, 1]), utc(market.end[4, 1])] == ["11-25 14:30", "11-25 18:00"]
    assert [utc(stamp) for stamp in (*market.start[4, :1], *market.end[4, :1])] == ["11-25 00:00", "11-26 00:00"]
    assert f"{market.times[4]:%m-%d %H:%M}" == "11-26 00:00"
    assert utc(market.start[5].min()) == "11-26 00:00"  # who is closed has neither the first start nor the last end


def test_the_clock_changes_where_it_does() -> None:
    market = us_and_coins("2022-11-03", "2022-11-08")
    assert [utc(stamp)[6:] for stamp in market.start[market.opens[:, 1], 1]] == ["13:30", "13:30", "14:30", "14:30"]


def test_days_and_nights_of_three_exchanges() -> None:
    span = ("2022-01-03", "2022-01-14")
    names = ("XTKS", "XLON", "XNYS")
    market = join([exchange(name, *span, letter) for name, letter in zip(names, "ABC", strict=True)], "x")
    order = np.argsort(market.start[market.opens.all(axis=1)], axis=1)
    assert {market.calendars[k] for k in order[:, 0]} == {"XTKS"}
    assert {market.calendars[k] for k in order[:, 2]} == {"XNYS"}
    assert (np.diff(market.end.max(axis=1)) > 0).all()


def test_shared_rows_are_those_in_which_all_that_have_begun_have_a_session() -> None:
    late = join([exchange("XNYS", *WINTER, "AB"), exchange("24/7", "2022-11-25", WINTER[1], "C")], "x")
    assert [day(late, row)[5:] for row in late.shared] == [
        *("11-21", "11-22", "11-23", "11-25", "11-28", "11-29", "11-30", "12-01", "12-02")
    ]
    assert late.n_shared(5) == 4  # a Sunday: up to Friday
    assert late.row_with(5) == 6  # the Monday after it
    assert late.row_with(100) == late.n_rows


def test_a_monday_return_of_a_coin_has_the_weekend_in_it() -> None:
    market = us_and_coins()
    monday, friday = 7, 4
    found = returns_until(market, monday, 2, np.arange(5))
    assert found[-1] == pytest.approx(market.close[monday] / market.close[friday] - 1.0)
    assert np.isfinite(found).all()
    sunday = returns_until(market, 6, 1, np.arange(5))
    assert sunday[-1] == pytest.approx(market.close[friday] / market.close[2] - 1.0)


def test_bars_shared_by_all_are_made_of_what_lies_between() -> None:
    market = us_and_coins()
    bins = bins_of(market, "shared")
    opened, high, volume = (aggregated(market, bins, name, 7, 1)[0] for name in ("open", "high", "volume"))
    assert opened[2] == market.open[5, 2]  # Saturday
    assert opened[0] == market.open[7, 0]
    assert high[2] == market.high[5:8, 2].max()
    assert volume.tolist() == [1e6, 1e6, 3e6, 3e6, 3e6]


def test_periods_of_estimates_are_shared_rows_and_those_of_a_book_all_rows() -> None:
    market = us_and_coins("2021-01-04", "2022-12-30")
    assert bars_a_year(market, market.n_rows - 1) == pytest.approx(252.0, abs=1.5)
    assert market.n_rows / 2.0 == pytest.approx(362.0, abs=1.0)


def test_who_can_be_traded_on_a_saturday_had_a_bar_on_friday() -> None:
    nyse = exchange("XNYS", *WINTER, "AB")
    halted = {name: np.where(np.arange(9)[:, None] == 3, [[np.nan, 1.0]], 1.0) * getattr(nyse, name) for name in
              ("open", "high", "low", "close", "volume")}  # fmt: skip
    market = join([replace(nyse, **halted), exchange("24/7", *WINTER, "C")], "x")
    assert day(market, 5) == "2022-11-26"
    assert market.tradable(5).tolist() == [False, True, True]
    assert market.tradable(7).tolist() == [True, True, True]


def test_it_ends_where_the_first_of_the_data_end_and_knows_what_comes_after() -> None:
    market = join([exchange("XNYS", "2022-11-21", "2022-12-09", "A"), exchange("24/7", *WINTER, "B")], "x")
    assert day(market, market.n_rows - 1) == "2022-12-02"
    coins, shares = market.own_sessions_after
    assert str(shares[0].astype("datetime64[D]")) == "2022-12-05"
    assert str(coins[0].astype("datetime64[D]")) == "2022-12-03"
    cut = first_rows(market, 7)
    assert [str(after[0].astype("datetime64[D]")) for after in cut.own_sessions_after] == ["2022-11-28"] * 2


def test_calendar_triggers_run_on_the_sessions_of_most_symbols_or_of_whom_they_name() -> None:
    first, last = "2022-12-27", "2023-07-07"
    most_coins = us_and_coins(first, last)
    most_shares = join([exchange("XNYS", first, last, "ABF"), exchange("24/7", first, last, "CD")], "x")

    def months(market: Market, sessions: str | None = None, on: str = "first") -> list[str]:
        rows = np.flatnonzero(Calendar(calendar="month", on=on, sessions=sessions).rows(market))
        return [day(market, row)[5:] for row in rows]

    assert months(most_coins) == ["01-01", "02-01", "03-01", "04-01", "05-01", "06-01", "07-01"]
    assert months(most_shares) == ["01-03", "02-01", "03-01", "04-03", "05-01", "06-01", "07-03"]
    assert months(most_coins, "XNYS") == months(most_shares)
    assert months(most_shares, "24/7") == months(most_coins)
    assert months(most_shares, on="last")[:4] == ["12-30", "01-31", "02-28", "03-31"]
    with pytest.raises(DataError, match="unknown calendar 'XNSY'; known: 24/7, XNYS; did you mean 'XNYS'"):
        months(most_shares, "XNSY")
    one = exchange("XNYS", first, last, "A")
    assert months(one, "XNYS") == months(most_shares)
    with pytest.raises(DataError, match="unknown calendar '24/7'"):
        months(one, "24/7")


def test_what_does_not_fit_together_is_one_clear_error() -> None:
    nyse, coins = exchange("XNYS", *WINTER, "AB"), exchange("24/7", *WINTER, "CD")
    with pytest.raises(DataError, match=r"'xnys' and '24_7': money is USD and EUR; allowed: one currency"):
        join([nyse, replace(coins, currency="EUR")], "x")
    with pytest.raises(DataError, match=r"'xnys' and '24_7': prices are raw and total return; allowed: one kind"):
        join([nyse, replace(coins, price_kind="total_return")], "x")
    with pytest.raises(DataError, match=r"'xnys' and '24_7' both have the symbol 'A'"):
        join([nyse, exchange("24/7", *WINTER, "XA")], "x")
    with pytest.raises(DataError, match=r"bars are of a session and 01:00:00; .*bars: session"):
        join([nyse, hourly("24/7", ["2022-11-21", "2022-11-22"], 0.0, 24, "C")], "x")
    with pytest.raises(DataError, match=r"'24_7' begins 2022-12-05, when the data of another have ended 2022-12-02"):
        join([nyse, exchange("24/7", "2022-12-05", "2022-12-09", "C")], "x")


def test_calendars_too_far_apart_to_be_decided_one_after_the_other_are_refused() -> None:
    late, early = exchange("24/7", *WINTER, "A"), exchange("XNYS", *WINTER, "B")
    shifted = replace(late, start=late.start + 86_400_000_000_000, end=late.end + 86_400_000_000_000)
    kept = np.flatnonzero(late.session % 2 == 0)
    few = replace(shifted, **{name: getattr(shifted, name)[kept] for name in ("start", "end", "session", "session_end",
                  "open", "high", "low", "close", "volume", "listed", "complete")})  # fmt: skip
    with pytest.raises(DataError, match="end no earlier than those of"):
        join([few, early], "x")


def test_only_fields_of_all_are_there() -> None:
    closes = replace(exchange("24/7", *WINTER, "C"), open=None, high=None, low=None, volume=None)
    market = join([exchange("XNYS", *WINTER, "A"), closes], "x")
    assert market.open is None
    assert market.volume is None


def test_names_series_and_actions_keep_their_columns() -> None:
    at = (FIRST + 3) * 86_400_000_000_000
    table = pd.DataFrame({"sector": ["Tech", "Oil"]}, index=pd.Index(["A", "B"], name="symbol"))
    one = daily(
        np.full((8, 2), 10.0), ["A", "B"], [(4, 1, ActionKind.SPLIT, 2.0)], properties=table, name="one", calendar="P",
        series={"caps": series([(at, at, 0, 1.0), (at, at, 1, 2.0)]), "cash": series([(at, at, -1, 0.02)], "cash")},
    )  # fmt: skip
    other = daily(
        np.full((8, 1), 20.0), ["C"], [(2, 0, ActionKind.DIVIDEND, 1.0)], name="other", calendar="Q",
        series={"caps": series([(at, at + 1, 0, 3.0)]), "cash": series([(at, at, -1, 0.02)], "cash")},
    )  # fmt: skip
    market = join([one, other], "x")
    assert market.properties["sector"].tolist() == ["Tech", "Oil", None]
    assert market.properties["calendar"].tolist() == ["P", "P", "Q"]
    assert [(int(a["row"]), int(a["asset"])) for a in market.actions] == [(2, 2), (4, 1)]
    caps = market.series["caps"]
    assert dict(zip(caps.asset.tolist(), caps.value.tolist(), strict=True)) == {0: 1.0, 1: 2.0, 2: 3.0}
    assert market.series["cash"].value.tolist() == [0.02]
    told = {"cash": series([(at, at, -1, 0.05)], "cash")}
    with pytest.raises(DataError, match="series 'cash': two stores say different things of the whole market"):
        join([one, replace(other, series=told)], "x")


def test_stores_that_only_know_their_data_have_a_clock_each() -> None:
    one = daily(np.full((6, 1), 10.0), ["A"], name="one")
    other = daily(np.full((6, 1), 10.0), ["B"], name="other")
    assert join([one, other], "x").calendars == ("data of one", "data of other")
    same = [exchange("XNYS", *WINTER, letter) for letter in "AB"]
    assert join(same, "x").n_clocks == 1


def test_bars_within_the_day_meet_where_they_end() -> None:
    days = ["2022-11-21", "2022-11-22"]
    market = join([hourly("24/7", days, 0.0, 24, "C"), hourly("half", days, 14.5, 6, "A")], "x")
    assert market.n_rows == 2 * (24 + 6)
    assert not market.opens.all(axis=1).any()  # on the hour, and at half past
    aligned = join([hourly("24/7", days, 0.0, 24, "C"), hourly("full", days, 15.0, 6, "A")], "x")
    assert aligned.n_rows == 48
    assert aligned.opens.all(axis=1).sum() == 12
    assert aligned.session_end.sum() == 2


def test_bars_of_a_session_are_made_of_finer_ones() -> None:
    hours = hourly("24/7", ["2022-11-21", "2022-11-22"], 0.0, 24, "CD")
    market = by_session(hours)
    assert market.n_rows == 2
    assert market.open[1].tolist() == hours.open[24].tolist()
    assert market.close[0].tolist() == hours.close[23].tolist()
    assert [utc(market.start[1, 0]), utc(market.end[1, 0])] == ["11-22 00:00", "11-23 00:00"]
    within = replace(hours, actions=action_table([(5, 1, ActionKind.SPLIT, 2.0)]))
    with pytest.raises(DataError, match="something happens to D within its session of 2022-11-21"):
        by_session(within)


def test_markets_in_memory_are_joined_by_name() -> None:
    days = pd.to_datetime(["2024-01-05", "2024-01-08", "2024-01-09"])
    shares = make_market(close=pd.DataFrame({"A": [10.0, 11.0, 12.0]}, days))
    coins = make_market(close=pd.DataFrame({"C": [1.0, 2.0, 3.0, 4.0]}, pd.date_range("2024-01-05", periods=4)))
    market = join_markets({"shares": shares, "coins": coins})
    assert market.calendars == ("data of coins", "data of shares")
    assert market.name == "shares + coins"
    assert market.n_rows == 4
    assert len(market.content_hash) == 32
    with pytest.raises(DataError, match="'shares' and 'more' both have the symbol 'A'"):
        join_markets({"shares": shares, "more": shares})
    with pytest.raises(DataError, match="no market to join"):
        join_markets({})


def test_one_clock_for_who_holds_one_symbol() -> None:
    market = us_and_coins()
    one = with_one_clock(market)
    assert one.n_clocks == 1
    assert one.opens.all()
    assert (one.end[:, 0] == market.end.max(axis=1)).all()


def test_stores_are_read_joined_and_known_by_their_content(tmp_path) -> None:
    nyse, coins = exchange("XNYS", *WINTER, "AB"), exchange("24/7", *WINTER, "CD")
    for market in (nyse, coins):
        save(market, tmp_path)
    source = ("xnys", "24_7")
    both = load_source(tmp_path, source)
    assert both.symbols.tolist() == ["A", "B", "C", "D"]
    assert both.name == "xnys + 24_7"
    assert both.content_hash == content_of(tmp_path, source) != content_of(tmp_path, source[::-1])
    assert load_source(tmp_path, "xnys").content_hash == nyse.content_hash
    few = load_source(tmp_path, source, ["D", "A"], start="2022-11-25", end="2022-11-29")
    assert few.symbols.tolist() == ["A", "D"]
    assert few.day(few.n_rows - 1) == "2022-11-29"
    assert load_source(tmp_path, source, ["C"]).n_clocks == 1
    with pytest.raises(DataError, match=r"store 'xnys \+ 24_7' has no symbol 'Z'"):
        load_source(tmp_path, source, ["Z"])
    with pytest.raises(DataError, match="start 2010-01-01 is outside the data"):
        load_source(tmp_path, source, start="2010-01-01")
    with pytest.raises(DataError, match="are not streamed"):
        load_source(tmp_path, source, look_back=3)
    stays = Universe(("A", "D"), (0, int(nyse.session[3])), (int(nyse.session[2]), 2**30), "file.csv")
    dated = load_source(tmp_path, source, stays)
    assert dated.content_hash == content_of(tmp_path, source, stays)
    assert dated.member[:, 0].tolist() == (dated.session <= nyse.session[2]).tolist()
    assert dated.member[:, 1].tolist() == (dated.session >= nyse.session[3]).tolist()

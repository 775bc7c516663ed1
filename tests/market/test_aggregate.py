"""Coarser bars, held to the plainest way of making them; nothing of a bar that is not over is seen."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from backtest.errors import DataError
from backtest.market.adjust import history
from backtest.market.aggregate import aggregated, bins_of
from backtest.market.build import make_market
from backtest.market.cut import ended
from backtest.market.market import FIELDS, Market

NAN = float("nan")
EVERY = ("session", "1h", "2h", "90min", "1D")


def minutes(seed: int, rows: int = 400) -> Market:
    """Half-hourly bars from 9:30 to 16:00 of two symbols, with rows and bars missing, and a split on the third day."""
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2024-03-04", periods=rows // 10)
    stamps = [day + pd.Timedelta(minutes=570 + 30 * k) for day in days for k in range(13)]
    times = pd.DatetimeIndex([stamps[k] for k in np.sort(rng.choice(len(stamps), rows, replace=False))])
    close = rng.uniform(90.0, 110.0, (len(times), 2))
    missing = rng.random(close.shape) < 0.2
    fields = {
        "open": close * rng.uniform(0.99, 1.01, close.shape),
        "high": close * 1.02,
        "low": close * 0.98,
        "volume": rng.uniform(1.0, 9.0, close.shape),
    }
    market = make_market(
        close=np.where(missing, NAN, close),
        **{name: np.where(missing, NAN, values) for name, values in fields.items()},
        symbols=["A", "B"],
        times=times,
        price_kind="raw",
        actions=[(rows // 2, "A", "split", 2.0)],
    )
    assert market.n_rows == len(times)
    return market


def plainly(market: Market, every: str, field: str, row: int) -> list[list[float]]:
    """All coarser bars that are over at `row`, made by walking over the rows."""
    values = history(market, field, row, row + 1)  # type: ignore[arg-type]
    groups: dict[tuple[int, int], list[int]] = {}
    begun: dict[int, int] = {}
    limits: dict[tuple[int, int], int] = {}
    for t in range(row + 1):
        session = int(market.session[t])
        begun.setdefault(session, int(market.start[t, 0]))
        number, limit = 0, 2**62
        if every != "session":
            length = pd.Timedelta(every).value
            number = (int(market.start[t, 0]) - begun[session]) // length
            limit = begun[session] + (number + 1) * length
        groups.setdefault((session, number), []).append(t)
        limits[session, number] = limit
    found = []
    for key, rows in groups.items():
        last = rows[-1]
        if not (last < row or market.session_end[last] or int(market.end[last, 0]) >= limits[key]):
            continue
        line = []
        for asset in range(market.n_assets):
            known = [float(values[t, asset]) for t in rows if not math.isnan(values[t, asset])]
            made = {
                "open": lambda known: known[0],
                "close": lambda known: known[-1],
                "high": max,
                "low": min,
                "volume": math.fsum,
            }
            line.append(float(made[field](known)) if known else NAN)
        found.append(line)
    return found


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize("field", FIELDS)
def test_they_are_what_walking_over_the_rows_makes(every: str, field: str) -> None:
    market = minutes(1)
    bins = bins_of(market, every)
    checked = 0
    for row in (13, 40, 199, 200, 201, 202, 350, market.n_rows - 1):
        expected = plainly(market, every, field, row)
        ours = aggregated(market, bins, field, row, len(expected))  # type: ignore[arg-type]
        np.testing.assert_allclose(ours, expected, rtol=1e-14)
        np.testing.assert_array_equal(aggregated(market, bins, field, row, 1), ours[-1:])  # type: ignore[arg-type]
        with pytest.raises(DataError, match=f"{len(expected)} are complete"):
            aggregated(market, bins, field, row, len(expected) + 1)  # type: ignore[arg-type]
        checked += len(expected)
    assert checked > 80


@pytest.mark.parametrize("every", EVERY)
def test_what_comes_later_changes_nothing(every: str) -> None:
    market = minutes(2)
    whole = bins_of(market, every)
    for row in range(20, market.n_rows, 7):
        cut = ended(market, row)
        now = bins_of(cut, every)
        n = int(np.searchsorted(whole.done, row, side="right"))
        assert n == int(np.searchsorted(now.done, row, side="right"))
        np.testing.assert_array_equal(aggregated(market, whole, "close", row, n), aggregated(cut, now, "close", row, n))


def test_a_day_of_hours_by_hand() -> None:
    hours = pd.date_range("2024-01-01", periods=24, freq="h")
    close = np.arange(1.0, 25.0)[:, None]
    market = make_market(close=close, open=close - 0.5, symbols=["A"], times=hours)
    bins = bins_of(market, "4h")
    assert aggregated(market, bins, "close", 7, 2)[:, 0].tolist() == [4.0, 8.0]
    assert aggregated(market, bins, "close", 10, 2)[:, 0].tolist() == [4.0, 8.0]  # the third is not over
    assert aggregated(market, bins, "open", 11, 2)[:, 0].tolist() == [4.5, 8.5]
    with pytest.raises(ValueError, match="read-only"):
        aggregated(market, bins, "close", 7, 2)[0, 0] = 1.0


@pytest.mark.parametrize("every", ["fortnight", "0h", "-1h", ""])
def test_what_is_no_length(every: str) -> None:
    with pytest.raises(DataError, match=r"is not a length of bars; allowed: 'session'"):
        bins_of(minutes(3), every)


@pytest.mark.parametrize("every", ["20min", "45min"])
def test_bars_that_do_not_fit(every: str) -> None:
    with pytest.raises(DataError, match=r"lasts 0 days 00:30:00 and lies in two of them"):
        bins_of(minutes(3), every)

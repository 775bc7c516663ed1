"""Pages stay small: 1 MB for 20 assets over ten years, 3 MB for 500 assets over thirty, or for a million bars."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from backtest.report.numbers import RunNumbers, read_run
from backtest.report.page import render
from backtest.report.shell import ASSETS

from .runs import worth

MINUTE = 60 * 10**9


def lengthened(run: RunNumbers, times: np.ndarray, every: int) -> RunNumbers:
    """Give a run other times: equity walks at random; each `every` bars something is decided and all assets trade."""
    rng, rows, n = np.random.default_rng(5), times.size, len(run.symbols)
    equity = run.capital * np.cumprod(1.0 + rng.normal(2e-6, 0.01 / np.sqrt(every), rows))
    weights = rng.dirichlet(np.ones(n), rows)
    turnover = np.where(np.arange(rows) % every == 0, 0.05, 0.0)
    stamps = pd.to_datetime(times[::every], utc=True)
    log = repeated(run.decisions, stamps.size).assign(time=stamps, until=stamps, done=stamps)
    symbols = np.tile(np.array(run.symbols), stamps.size)
    fills = repeated(run.fills, symbols.size).assign(symbol=symbols)
    return replace(
        worth(run, equity),
        times=times,
        cash=0.01 * equity,
        turnover=turnover,
        cost=turnover * 10.0,
        benchmark=equity[::-1].copy(),
        weight_times=times,
        weights=weights,
        rebalances=log,
        fills=fills,
    )


def repeated(table: pd.DataFrame, times: int) -> pd.DataFrame:
    """Return the first row so many times."""
    return table.iloc[np.zeros(times, np.int64)].reset_index(drop=True)


def size(run: RunNumbers) -> int:
    return len(render(run).encode())


def test_twenty_assets_over_ten_years(plain: RunNumbers) -> None:
    assert len(plain.symbols) == 20
    assert plain.times.size == 2520
    assert size(plain) < 1_000_000


def test_five_hundred_assets_over_thirty_years(folders: dict[str, Path]) -> None:
    days = pd.bdate_range("1993-01-04", periods=7_560, tz="UTC").as_unit("ns").asi8
    assert size(lengthened(read_run(folders["many"]), days, 21)) < 3_000_000


def test_a_million_bars(folders: dict[str, Path]) -> None:
    minutes = pd.Timestamp("2022-01-03", tz="UTC").value + MINUTE * np.arange(1_000_000)
    assert size(lengthened(read_run(folders["hourly"]), minutes, 1_440)) < 3_000_000


def test_the_script_is_small() -> None:
    assert (ASSETS / "page.js").stat().st_size < 30_000

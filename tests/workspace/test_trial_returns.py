"""What the register keeps of the returns of a trial, by day."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest.workspace.trial_returns import DailyReturns, by_day, keep, kept, side_by_side


def test_hours_compound_to_days_and_midnight_ends_the_day_before() -> None:
    times = pd.date_range("2021-03-01 12:00", periods=4, freq="12h").as_unit("ns").asi8
    daily = by_day(np.array([0.1, 0.2, np.nan, -0.5]), times)
    first = pd.Timestamp("2021-03-01").value // (86_400 * 10**9)
    assert daily.days.tolist() == [first, first + 1]
    np.testing.assert_allclose(daily.returns, [1.1 * 1.2 - 1.0, -0.5], rtol=1e-15)


def test_returns_come_back_to_seven_digits(tmp_path: Path) -> None:
    daily = DailyReturns(np.arange(10_000, 10_500), np.random.default_rng(0).normal(0.0, 0.01, 500))
    keep(tmp_path, "key", daily)
    again = kept(tmp_path, "key")
    assert again is not None
    assert again.days.tolist() == daily.days.tolist()
    np.testing.assert_allclose(again.returns, daily.returns, rtol=1e-7)
    assert os.listdir(tmp_path) == ["key.parquet"]
    assert (tmp_path / "key.parquet").stat().st_size < 4_000


@pytest.mark.parametrize("content", [None, b"", b"nonsense"])
def test_returns_that_are_not_there(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "key.parquet").write_bytes(content)
    assert kept(tmp_path, "key") is None


@pytest.mark.parametrize("columns", [{"day": [1]}, {"day": [1], "return": ["much"]}])
def test_returns_of_another_kind_are_not_there_either(tmp_path: Path, columns: dict[str, Any]) -> None:
    pq.write_table(pa.table(columns), tmp_path / "key.parquet")
    assert kept(tmp_path, "key") is None


def test_side_by_side_on_every_day() -> None:
    one = DailyReturns(np.array([1, 2]), np.array([0.1, 0.2]))
    other = DailyReturns(np.array([2, 4]), np.array([0.3, 0.4]))
    nan = np.nan
    np.testing.assert_array_equal(side_by_side([one, None, other]), [[0.1, nan, nan], [0.2, nan, 0.3], [nan, nan, 0.4]])

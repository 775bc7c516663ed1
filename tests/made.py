"""A small made market and a small workspace, for tests of any folder; `conftest.py` hands them out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from textwrap import dedent
from typing import Any

import numba
import numpy as np
import pandas as pd
import pytest
import yaml

from backtest.market.build import make_market
from backtest.market.market import Market

REPOSITORY = Path(__file__).parents[1]
SYMBOLS = ("AAA", "BBB", "CCC", "DDD")
CONFIG: dict[str, Any] = {
    "name": "small",
    "market": {"source": "tiny"},
    "capital": 10_000.0,
    "rebalance": {"calendar": "month"},
    "execution": {"fill": "next_close"},
    "report": {"html": False, "png": False},
}
FEW = 100
"""Resamples where nothing is compiled: a thousand of a hundred bars take seconds in plain Python."""


def made_market(rows: int = 120, seed: int = 0, **fields: Any) -> Market:
    """Four random walks on consecutive days from 2020-01-01."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, (rows, len(SYMBOLS))), axis=0))
    times = pd.date_range("2020-01-01", periods=rows, freq="D")
    return make_market(**{"close": close, "symbols": SYMBOLS, "times": times, **fields})


@dataclass(frozen=True)
class Place:
    """A workspace in a temporary directory, with the store `tiny` (AAA … DDD, 120 days from 2020-01-01)."""

    root: Path

    def config(self, **changes: Any) -> dict[str, Any]:
        """Return a small configuration without a report, with top-level keys changed."""
        return {**CONFIG, **changes}

    def strategy(self, name: str, text: str) -> Path:
        """Write a strategy file."""
        file = self.root / "strategies" / f"{name}.py"
        file.write_text(dedent(text), encoding="utf-8")
        return file

    def yaml(self, name: str = "small", **changes: Any) -> Path:
        """Write a configuration file."""
        file = self.root / "configs" / f"{name}.yaml"
        file.write_text(yaml.safe_dump(self.config(**changes), sort_keys=False), encoding="utf-8")
        return file

    def runs(self) -> list[str]:
        """Names of everything under reports/, hidden or not."""
        reports = self.root / "reports"
        return sorted(os.listdir(reports)) if reports.is_dir() else []


def make_place(root: Path, store: Path) -> Place:
    """Make a workspace with the strategies of the repository and a copy of `store`, called `tiny`."""
    for folder in ("strategies", "configs", "data", "reports"):
        (root / folder).mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.backtest]\n", encoding="utf-8")
    for file in (REPOSITORY / "strategies").glob("*.py"):
        shutil.copyfile(file, root / "strategies" / file.name)
    shutil.copytree(store, root / "data" / "tiny")
    return Place(root)


@contextmanager
def few_resamples() -> Iterator[None]:
    """Let whole runs and comparisons of this process resample `FEW` times where nothing is compiled."""
    with pytest.MonkeyPatch.context() as patch:
        if numba.config.DISABLE_JIT:
            from backtest.stats import inference
            from backtest.study import measure, tell_apart

            users = {"headline": measure, "sharpe_family": tell_apart, "confidence_set": tell_apart.inference}
            for name, user in {"histories": inference, **users}.items():
                patch.setattr(user, name, partial(getattr(user, name), draws=FEW))
        yield

"""A small made market and a small workspace, for tests of any folder; `conftest.py` hands them out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pandas as pd
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

"""A finished comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from backtest.errors import InputError, unknown
from backtest.simulate.callbacks import CallbackError


@dataclass(frozen=True)
class Study:
    """Runs side by side, and the folder that holds them. Numbers by name: `study["hrp"]["sharpe"]`.

    `comparison` is what `comparison.json` holds; `verdict` is the paragraph at the head of the page.
    """

    folder: Path
    comparison: Mapping[str, Any]
    verdict: str
    warnings: tuple[str, ...]
    callback_errors: tuple[CallbackError, ...] = ()

    def __getitem__(self, name: str) -> Mapping[str, float | None]:
        """Return the metrics of the run called `name`."""
        found = {each["name"]: each["metrics"] for each in self.comparison["variants"]}
        if name not in found:
            raise InputError(unknown("variant", name, found))
        metrics: Mapping[str, float | None] = found[name]
        return metrics

    @property
    def names(self) -> tuple[str, ...]:
        """What the runs are called, the highest Sharpe ratio first."""
        return tuple(self.comparison["ranking"])

    @property
    def runs(self) -> dict[str, Path]:
        """Folder of each run."""
        return {each["name"]: self.folder / each["run"] for each in self.comparison["variants"]}

    @property
    def ranking(self) -> pd.DataFrame:
        """One row a run, the highest Sharpe ratio first: its metrics, and whether it is in the confidence set."""
        inside = self.comparison["confidence_set"]["inside"]
        rows = {name: {**self[name], "may_be_best": name in inside} for name in self.names}
        return pd.DataFrame.from_dict(rows, orient="index")

    @property
    def pairs(self) -> pd.DataFrame:
        """One row a pair: difference of the annual Sharpe ratios, its error, p-value, and the p-value adjusted."""
        return pd.DataFrame(self.comparison["pairs"]["tests"])

"""How far the weights strayed from what the last rebalance attained, and what each rebalance was made for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest.report.numbers import RunNumbers
from backtest.types import Floats, Ints

BLOCK = 2_000_000
"""Weights worked on at once: 16 MB a temporary array."""

MOST_CAUSES = 5
OTHER_CAUSES = "other triggers"


@dataclass(frozen=True)
class Drift:
    """The largest distance of any weight from its attained one, at each moment; NaN before the first basket."""

    times: Ints  # (W,)
    drift: Floats
    bands: tuple[float, ...]  # those that trigger a rebalance
    rebalances: Ints  # (D,) when something was decided
    causes: list[str]  # (D,) what fired, in words
    kinds: list[str]  # the causes, the most frequent first

    @property
    def largest(self) -> float:
        """Return the largest drift, 0 when there is none."""
        return float(np.nanmax(self.drift)) if np.isfinite(self.drift).any() else 0.0


def drift(run: RunNumbers) -> Drift:
    """Measure drift as the trigger does, on the weights that the run folder keeps."""
    decided = run.decisions
    stamps = np.asarray(decided["time"].to_numpy("datetime64[ns]").astype(np.int64))
    causes = [" + ".join(map(str, fired)) or str(source) for fired, source in zip(
        decided["triggers"], decided["source"], strict=True)]  # fmt: skip
    kinds = [cause for cause, _ in Counter(causes).most_common()]
    if len(kinds) > MOST_CAUSES:
        kept = kinds[: MOST_CAUSES - 1]
        causes = [cause if cause in kept else OTHER_CAUSES for cause in causes]
        kinds = [*kept, OTHER_CAUSES]
    return Drift(run.weight_times, _strayed(run), tuple(bands(run.config)), stamps, causes, kinds)


def bands(config: Mapping[str, Any]) -> list[float]:
    """Return the drift bands among the triggers of a resolved configuration."""
    rule = config.get("rebalance")
    triggers = rule.get("any", []) if isinstance(rule, Mapping) else []
    found = [trigger.get("drift") for trigger in triggers if isinstance(trigger, Mapping)]
    return sorted({float(band) for band in found if isinstance(band, int | float)})


def _strayed(run: RunNumbers) -> Floats:
    done = run.decisions["done"].dropna().to_numpy("datetime64[ns]").astype(np.int64)
    attained = np.unique(np.searchsorted(run.weight_times, np.sort(done)))
    attained = attained[attained < run.weight_times.size]
    last = np.searchsorted(attained, np.arange(run.weight_times.size), side="right") - 1
    strayed = np.full(run.weight_times.size, np.nan)
    renamed = _renamed(run)
    step = max(BLOCK // max(len(run.symbols), 1), 1)
    end = int(np.searchsorted(run.weight_times, run.times[run.alive - 1], side="right")) if run.symbols else 0
    if run.alive < run.times.size:
        end -= 1  # a ruined account has no weights
    for start in range(0, end, step):
        rows = np.arange(start, min(start + step, end))
        rows = rows[last[rows] >= 0]
        reference = run.weights[attained[last[rows]]]
        for at, old, new in renamed:
            moved = (rows >= at) & (attained[last[rows]] < at)
            reference[moved, new], reference[moved, old] = reference[moved, old], 0.0
        strayed[rows] = np.abs(run.weights[rows] - reference).max(axis=1, initial=0.0)
    return strayed


def _renamed(run: RunNumbers) -> list[tuple[int, int, int]]:
    """Return from which row on which column stands for which: what had a weight under the old name has it now."""
    column = {symbol: k for k, symbol in enumerate(run.symbols)}
    events = run.events[run.events["kind"] == "rename"]
    stamps = events["time"].to_numpy("datetime64[ns]").astype(np.int64)
    at = np.searchsorted(run.weight_times, stamps).tolist()
    names = zip(at, events["symbol"], events["reason"], strict=True) if "reason" in events else ()
    return [(row, column[old], column[new]) for row, old, new in names if old in column and new in column]

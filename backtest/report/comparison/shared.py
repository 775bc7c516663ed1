"""What all runs of a comparison take for granted alike: fills, prices, what trading costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.numbers import RunNumbers

NO_RATES = ("preset", "_bars")
"""Ends of keys that say where rates come from, or over how many bars something is measured."""


def shared(study: StudyNumbers) -> list[str]:
    """Return what every run says of itself, and the rates that all of them pay; what differs has a table of its own."""
    runs = [run for run in study.runs if isinstance(run, RunNumbers)]
    if not runs:
        return []
    first, *others = runs
    said = [text for text in told_of(first) if all(text in told_of(run) for run in others)]
    return [*_costs(runs), *said]


def told_of(run: RunNumbers) -> list[str]:
    """Return the assumptions of a run."""
    return [str(text) for text in run.manifest.get("assumptions", ())]


def _costs(runs: list[RunNumbers]) -> list[str]:
    """Say the rates of trading, by the names that they have in a configuration."""
    sections: list[Mapping[str, Any]] = [run.config.get("costs") or {} for run in runs]
    rates = {key: rate for key, rate in sections[0].items() if rate and not key.endswith(NO_RATES)}
    if not rates or any(section != sections[0] for section in sections):
        return []
    return [f"Each trade pays, a side: {', '.join(f'{key} {_told(rate)}' for key, rate in rates.items())}."]


def _told(rate: Any) -> str:
    """Write a rate; a table, or a model of several numbers, as it stands in the configuration."""
    return f"{rate:g}" if isinstance(rate, int | float) else str(rate)
